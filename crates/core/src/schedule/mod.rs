//! When a pool is reconciled, and when a call may be made.

pub mod check_load;
pub mod interval;
pub mod jitter;
pub mod queue;
pub mod quota;
pub mod requeue;
pub mod scheduled_check;
