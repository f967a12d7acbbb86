//! Keeps the MFA and passkey settings of Amazon Cognito user pools equal to Kubernetes objects.
//!
//! Data flows one way: object, live settings, plan, act, status. `core` decides and does no I/O; `aws` and `kube`
//! are the edges.

pub mod api;
pub mod aws;
pub mod core;
