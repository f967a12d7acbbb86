//! What holds for any spec, any pool and any status.

mod arbitrary;
mod holding;
mod meaning;
mod robust;
mod settling;
mod telling;
