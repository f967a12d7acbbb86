//! When a pool is reconciled, and when a call may be made.

pub mod queue;
pub mod quota;
pub mod requeue;
pub mod slots;
