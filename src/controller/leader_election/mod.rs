//! The election of the replica that reconciles.

pub mod leadership;
pub mod lease;
