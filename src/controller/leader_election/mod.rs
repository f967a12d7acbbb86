//! The election of the one replica that reconciles.

pub mod leadership;
pub mod lease;
