//! Why the controller ends before it is asked to.

/// Why the controller ends before it is asked to.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration of the API server's client cannot be used.
    #[error("the Kubernetes client cannot be configured: {0}")]
    Client(#[from] kube::Error),
    /// A defect in this program: without an election this replica would stand by for ever.
    #[error("the leader election panicked, which is a defect of the operator: please report it")]
    ElectionPanicked,
}
