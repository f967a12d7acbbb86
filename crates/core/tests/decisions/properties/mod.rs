//! What holds for any spec, any pool and any status.

mod holding;
mod meaning;
mod robust;
pub mod settling;
mod telling;
