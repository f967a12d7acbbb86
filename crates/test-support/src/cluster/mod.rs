//! Helpers for tests on a real control plane.

pub mod deadline;
pub mod deletion;
pub mod install;
pub mod kubectl;
pub mod namespace;
pub mod objects;
pub mod operator;
