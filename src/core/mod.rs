//! What is decided, and nothing else: no I/O, no clock, no async. Time comes in as a value.

pub mod failure;
pub mod live;
pub mod text;
