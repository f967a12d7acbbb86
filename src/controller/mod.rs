//! The Kubernetes side: watches, passes over objects, status and events.

mod accounts_file;
mod catch_panic;
pub mod client;
mod context;
mod events;
pub mod leader_election;
mod pools;
mod reconcile;
mod run;
mod watch;

pub use context::Options;
pub use run::run;
pub use watch::streams::{Watches, watches};

/// What keeps a pass from ending: it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server refused or did not answer.
    #[error("the Kubernetes API server: {0}")]
    Kubernetes(#[from] kube::Error),
    /// The API server did not answer in the time that there is.
    #[error("the Kubernetes API server did not answer within {0:?}")]
    Late(std::time::Duration),
    /// A defect in this program. The other objects go on.
    #[error("a pass panicked, which is a defect of the operator: please report it")]
    Panicked,
}
