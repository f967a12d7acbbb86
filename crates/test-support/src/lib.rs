//! What the tests of several crates share.
#![allow(
    missing_docs,
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    reason = "helpers of tests: a test that cannot go on panics, and reads better with json!() as it is"
)]

pub mod arbitrary;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod fixtures;
pub mod invariants;
pub mod kstatus;
pub mod scenarios;
pub mod simulated_pool;
