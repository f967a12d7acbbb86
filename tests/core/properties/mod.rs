//! What holds for any spec, any pool and any status.

pub mod arbitrary;
mod holding;
mod meaning;
mod proving;
mod robust;
mod round_trips;
pub mod settling;
mod telling;
