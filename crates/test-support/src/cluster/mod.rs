//! Helpers for a test on a real control plane.

pub mod deletion;
pub mod install;
pub mod kubectl;
pub mod objects;
pub mod operator;
pub mod rig;
