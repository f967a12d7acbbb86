//! Helpers that the tests of several crates share.
#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    reason = "test helpers panic where a test cannot go on, and take json!() by value to keep calls short"
)]

pub mod arbitrary;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod fixtures;
pub mod invariants;
pub mod kstatus;
pub mod scenarios;
pub mod simulated_pool;
pub mod simulated_world;
