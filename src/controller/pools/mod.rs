//! What this process remembers of pools and of the objects that declare them.

pub mod cancellation;
pub mod object_state;
pub mod pool_lock;
pub mod weakening_budget;
