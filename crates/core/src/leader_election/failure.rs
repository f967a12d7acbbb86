//! Why the Lease cannot be read or written, and what to do about it.

use std::time::Duration;

use kube::core::Status;
use strum::{IntoStaticStr, VariantArray};

/// The kinds of failure of a request for the Lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum LeaseFailure {
    /// The operator lacks a right to the Lease.
    Forbidden,
    /// The operator has no credentials that the API server accepts.
    Unauthorized,
    /// The Lease's namespace does not exist, or is being deleted.
    NamespaceMissing,
    /// An admission policy, a webhook, a quota or the validation refuses the Lease.
    Refused,
    /// The API server fails, or something else answers in its place.
    ServerError,
    /// The API server does not answer in time.
    TimedOut,
    /// There is no connection to the API server.
    Unreachable,
}

impl LeaseFailure {
    /// Classifies an error that the API server returned. None if another replica was faster or the Lease was deleted:
    /// both are part of every election.
    #[must_use]
    pub fn of_status(status: &Status) -> Option<Self> {
        Some(match status.code {
            409 => return None,
            404 if is_about(status, "leases") => return None,
            404 if is_about(status, "namespaces") => Self::NamespaceMissing,
            401 => Self::Unauthorized,
            403 if is_terminating(status) => Self::NamespaceMissing,
            403 if denies_a_right(status) => Self::Forbidden,
            // A 404 without an object comes from a proxy, or from a server that does not serve Leases.
            404 | 429 => Self::ServerError,
            400..=499 => Self::Refused,
            _ => Self::ServerError,
        })
    }

    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The value of the `reason` label in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What happened to a request for the Lease, and what to do. `timeout` is that of the request.
    #[must_use]
    pub fn advice(self, namespace: &str, name: &str, timeout: Duration) -> String {
        match self {
            // RBAC answers before the API server looks for the namespace.
            Self::Forbidden => format!(
                "the operator may not get, create or update the Lease {namespace}/{name}: grant it the Role for leases of deploy/ in this namespace, or correct --leader-election-namespace if there is no such namespace"
            ),
            Self::Unauthorized => "the operator has no credentials that the API server accepts: check the token of its ServiceAccount, or its kubeconfig".into(),
            Self::NamespaceMissing => format!(
                "the namespace {namespace} does not exist or is being deleted: create it, or correct --leader-election-namespace"
            ),
            Self::Refused => format!(
                "the API server refuses the Lease {namespace}/{name}: look for an admission policy, a webhook or a quota that does not allow it; the log has the API server's words"
            ),
            Self::ServerError => "the API server is overloaded or fails, or a proxy answers in its place: the log has the answer, and the operator tries again".into(),
            Self::TimedOut => format!(
                "the API server did not answer within {timeout:.1?}: it is slow or not reachable, and the operator tries again"
            ),
            Self::Unreachable => "there is no connection to the API server: check its address, its certificate and the network policies; the operator tries again".into(),
        }
    }
}

/// Whether the API server names this resource as the one that the error is about.
fn is_about(status: &Status, resource: &str) -> bool {
    status.details.as_ref().is_some_and(|details| details.kind == resource)
}

fn is_terminating(status: &Status) -> bool {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.into_iter().any(|cause| cause.reason == "NamespaceTerminating")
}

/// Whether a 403 is about rights. Quotas and admission webhooks use the same code and the same reason, and only the words
/// differ: those about rights begin with the user.
fn denies_a_right(status: &Status) -> bool {
    status.message.contains("is forbidden: User ")
}
