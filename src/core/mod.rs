//! What is decided, and nothing else: no I/O, no clock, no async. Time comes in as a value.

pub mod accounts;
mod accounts_file;
pub mod bound;
pub mod breaker;
pub mod canonical;
pub mod conditions;
pub mod contested;
pub mod digest;
pub mod failure;
pub mod fields;
pub mod gate;
pub mod lease;
pub mod live;
pub mod lowering;
pub mod notice;
pub mod outcome;
pub mod ownership;
pub mod pace;
pub mod plan;
pub mod queue;
pub mod quota;
pub mod release;
pub mod schedule;
pub mod section;
pub mod status;
pub mod text;
pub mod verdict;
