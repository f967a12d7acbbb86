//! Keeps the MFA and passkey settings of Amazon Cognito user pools equal to Kubernetes objects.
//!
//! The crate `cognito-mfa-core` decides what to do and does no I/O. In this crate, `aws` calls Cognito, `controller`
//! watches and reconciles the objects, `ops` serves logs, metrics and health, `kubeconfig` finds the cluster, and `cli` has the commands for people and
//! pipelines.

pub mod aws;
pub mod cli;
pub mod controller;
pub mod kubeconfig;
pub mod ops;
