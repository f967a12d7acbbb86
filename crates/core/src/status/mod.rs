//! From how a reconciliation ended to the status, its conditions and the events.

pub mod conditions;
pub mod event;
pub mod next_status;
pub mod outcome;
pub mod summary;
