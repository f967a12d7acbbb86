//! The status, its conditions and the events that follow from the outcome of a reconciliation.

pub mod conditions;
pub mod event;
mod hold_summary;
pub mod next_status;
pub mod observe_only;
pub mod open_weakenings;
pub mod other_operator;
pub mod outcome;
pub mod passing_failure;
mod remember;
pub mod summary;
