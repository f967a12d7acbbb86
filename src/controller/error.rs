use std::time::Duration;

/// Why a reconciliation did not finish. It is retried.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server refused the call or did not answer.
    #[error("the Kubernetes API server: {0}")]
    Kubernetes(#[from] kube::Error),
    /// A call about the Lease took longer than the time between two renewals allows.
    #[error("the Kubernetes API server did not answer within {0:?}")]
    Late(Duration),
    /// A bug in this program. Other objects are not affected.
    #[error("a reconciliation panicked, which is a bug in the operator: please report it")]
    Panicked,
}
