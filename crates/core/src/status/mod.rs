//! The status, its conditions and the events that follow from the outcome of a reconciliation.

pub mod conditions;
pub mod event;
pub mod next_status;
pub mod open_weakenings;
pub mod outcome;
pub mod passing_failure;
pub mod summary;
