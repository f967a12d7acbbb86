//! Reports why the Lease cannot be read or written: in the log, in the metrics and on `/readyz`.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::leader_election::LeaseFailure;

use crate::{
    controller::client::is_timeout,
    ops::{health::Health, metrics::Metrics},
};

/// Why a request for the Lease failed. It is tried again at the next round.
#[derive(Debug, thiserror::Error)]
pub(super) enum LeaseError {
    /// The API server refused, or the connection failed.
    #[error("the Kubernetes API server: {0}")]
    Kubernetes(#[from] kube::Error),
    /// The API server did not answer in time.
    #[error("the Kubernetes API server did not answer within {0:.1?}")]
    TimedOut(Duration),
}

impl LeaseError {
    /// The kind of the failure. None if another replica was faster, or the Lease was deleted.
    pub(super) fn failure(&self) -> Option<LeaseFailure> {
        let error = match self {
            Self::TimedOut(_) => return Some(LeaseFailure::TimedOut),
            Self::Kubernetes(error) => error,
        };
        match error {
            kube::Error::Api(status) => LeaseFailure::of_status(status),
            kube::Error::Auth(_) => Some(LeaseFailure::Unauthorized),
            kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => Some(LeaseFailure::ServerError),
            error if is_timeout(error) => Some(LeaseFailure::TimedOut),
            // All others are of the client, which has no answer.
            _ => Some(LeaseFailure::Unreachable),
        }
    }
}

/// Where the failures of the election are reported, and what was last reported.
pub(super) struct FailureReport {
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) timeout: Duration,
    pub(super) metrics: Arc<Metrics>,
    pub(super) health: Health,
    pub(super) reported: Option<LeaseFailure>,
}

impl FailureReport {
    /// Reports the result of an attempt. Attempts follow each other within seconds, so only a change is reported: the
    /// first failure, one of another kind, and the end of the failures.
    pub(super) fn record(&mut self, result: &Result<(), LeaseError>) {
        let failure = result.as_ref().err().and_then(LeaseError::failure);
        if failure == self.reported {
            return;
        }
        let advice = failure.map(|failure| failure.advice(&self.namespace, &self.name, self.timeout));
        self.reported = failure;
        self.metrics.lease_failures.set(failure);
        self.health.set_lease_failure(advice.clone());
        if let (Some(advice), Err(error)) = (advice, result) {
            let (namespace, lease) = (&self.namespace, &self.name);
            tracing::warn!(%error, namespace, lease, "the Lease cannot be read or written: {advice}");
        } else {
            tracing::info!("the Lease can be reached again");
        }
    }
}

#[cfg(test)]
mod tests {
    use kube::{Api, Client, Config};

    use super::*;
    use k8s_openapi::api::coordination::v1::Lease;
    use tokio::net::TcpListener;

    fn report() -> FailureReport {
        FailureReport {
            namespace: "operators".into(),
            name: "lease".into(),
            timeout: Duration::from_secs(3),
            metrics: Arc::default(),
            health: Health::default(),
            reported: None,
        }
    }

    fn api_error(code: u16, resource: &str) -> LeaseError {
        let status = serde_json::json!({"code": code, "reason": "NotFound", "details": {"kind": resource}});
        kube::Error::Api(serde_json::from_value(status).unwrap()).into()
    }

    fn shown(report: &FailureReport) -> Vec<String> {
        let page = report.metrics.page();
        let failing = page.lines().filter(|line| line.contains("lease_failing{") && line.ends_with(" 1"));
        failing.map(|line| line.split('"').nth(1).unwrap().to_owned()).collect()
    }

    #[test]
    fn metrics_and_health_follow_the_kind_of_the_failure_until_it_ends() {
        let mut report = report();
        report.record(&Err(api_error(404, "namespaces")));
        assert_eq!(shown(&report), ["namespace_missing"]);
        assert!(report.health.lease_failure().unwrap().contains("namespace operators does not exist"));
        report.record(&Err(LeaseError::TimedOut(Duration::from_secs(3))));
        assert_eq!(shown(&report), ["timed_out"]);
        assert!(report.health.lease_failure().unwrap().contains("within 3.0s"));
        report.record(&Ok(()));
        assert_eq!((shown(&report).len(), report.health.lease_failure()), (0, None));
        assert_eq!(report.metrics.page().matches("lease_failing{").count(), 7, "zeros are shown");
    }

    #[test]
    fn a_lost_race_is_not_reported() {
        let mut report = report();
        report.record(&Err(api_error(404, "leases")));
        assert_eq!((shown(&report).len(), report.reported), (0, None));
    }

    async fn failure_of(listener: TcpListener, accepts: bool) -> Option<LeaseFailure> {
        let address = listener.local_addr().unwrap();
        let mut config = Config::new(format!("http://{address}").parse().unwrap());
        config.default_retry = false;
        config.read_timeout = Some(Duration::from_millis(50));
        let leases: Api<Lease> = Api::namespaced(Client::try_from(config).unwrap(), "operators");
        let _open = accepts.then_some(listener);
        LeaseError::from(leases.get("lease").await.unwrap_err()).failure()
    }

    #[tokio::test]
    async fn silence_is_a_timeout_and_a_refused_connection_is_not() {
        let listen = async || TcpListener::bind("127.0.0.1:0").await.unwrap();
        assert_eq!(failure_of(listen().await, true).await, Some(LeaseFailure::TimedOut));
        assert_eq!(failure_of(listen().await, false).await, Some(LeaseFailure::Unreachable));
    }
}
