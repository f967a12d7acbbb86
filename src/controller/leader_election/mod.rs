//! The election of the one replica that reconciles.

mod failure_report;
pub mod leadership;
pub mod lease;
