//! The custom resource, a module for each version.

pub mod v1alpha1;
