//! What the operator decides, and its custom resource: no I/O, no clock, no async. Time comes in as a value.

pub mod access;
pub mod api;
pub mod calls;
pub mod digest;
pub mod elapsed;
pub mod leader_election;
pub mod names;
pub mod plan;
pub mod schedule;
pub mod settings;
pub mod status;
pub mod text;
