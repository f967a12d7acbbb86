//! Why a reconciliation could not be finished.

/// One variant for each step that may fail. The object is reconciled again after a backoff.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The object as it is now could not be read.
    #[error("the object could not be read from the API server: {0}")]
    ReadObject(#[source] kube::Error),
    /// Whether the namespace or the CustomResourceDefinition is being deleted could not be read.
    #[error("the API server does not say whether the namespace or the CRD is being deleted: {0}")]
    ReadParents(#[source] kube::Error),
    /// The finalizer could not be added or removed.
    #[error("the finalizer could not be written to the API server: {0}")]
    WriteFinalizer(#[source] kube::Error),
    /// The status could not be written.
    #[error("the status could not be written to the API server: {0}")]
    WriteStatus(#[source] kube::Error),
    /// A defect in this program. Other objects are not affected.
    #[error("the reconciliation panicked, which is a defect of the operator: please report it")]
    Panicked,
}
