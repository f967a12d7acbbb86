//! The operator's decisions and its custom resource. The crate does no I/O, reads no clock and is not async: callers pass
//! the time as a value.

pub mod access;
pub mod api;
pub mod calls;
pub mod digest;
pub mod doctor;
pub mod elapsed;
pub mod leader_election;
pub mod names;
pub mod plan;
pub mod pool_id;
pub mod reference;
pub mod schedule;
pub mod settings;
pub mod status;
pub mod text;
