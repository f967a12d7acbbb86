//! The commands beside `run`.

pub mod report;
