//! Keeps the MFA and passkey settings of Amazon Cognito user pools equal to Kubernetes objects.
//!
//! Data flows one way: object, live settings, plan, act, status. `core` decides and does no I/O; `aws` and
//! `cluster` are the edges; `pass` joins them; `ops` is what an administrator sees, `cli` the commands for a
//! person or a pipeline; `fleet` says, without I/O, what the statuses of a fleet prove.

pub mod aws;
pub mod cli;
pub mod controller;
pub mod ops;
