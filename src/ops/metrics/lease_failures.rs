//! Whether the Lease can be read and written.

use cognito_mfa_core::leader_election::LeaseFailure;
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};

use super::types::Labels;

/// The reason why the Lease cannot be read or written.
#[derive(Debug, Default)]
pub struct LeaseFailures(Family<Labels<1>, Gauge>);

impl LeaseFailures {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let failures = Self::default();
        let help = "1 while this replica cannot read or write the Lease for this reason, else 0";
        registry.register("lease_failing", help, failures.0.clone());
        // All reasons are there from the start, so that an alert can tell "no failure" from "no such metric".
        failures.set(None);
        failures
    }

    /// Shows the failure. None: the Lease can be read and written.
    pub fn set(&self, failure: Option<LeaseFailure>) {
        for reason in LeaseFailure::all() {
            let is_current = failure == Some(reason);
            self.0.get_or_create(&[("reason", reason.as_str())]).set(is_current.into());
        }
    }
}
