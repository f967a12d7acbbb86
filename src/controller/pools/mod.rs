//! What this process remembers about pools and about the objects that declare them.

pub mod cancellation;
pub mod object_state;
pub mod pool_lock;
pub mod weakening_budget;
