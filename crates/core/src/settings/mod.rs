//! Settings: their sections and fields, what differs between two of them, and what fits into a status.

pub mod diff;
pub mod fields;
pub mod observed;
pub mod section;
pub mod truncate;
