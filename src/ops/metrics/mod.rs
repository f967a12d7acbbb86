//! The metrics page. No label names an object, so the page does not grow with the fleet.

mod accounts_file;
mod calls;
mod lease_failures;
mod snapshot;
mod types;
mod weakening;

use accounts_file::AccountsFileMetrics;
use calls::CallMetrics;
use cognito_mfa_core::api::v1alpha1::Reason;
use lease_failures::LeaseFailures;
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};
pub use snapshot::Snapshot;
use snapshot::SnapshotGauges;
use types::Labels;
use weakening::WeakeningMetrics;

/// All metrics of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    reconciliations: Family<Labels<1>, Counter>,
    leader: Gauge,
    observe_only: Gauge,
    /// Whether the Lease can be read and written.
    pub lease_failures: LeaseFailures,
    /// Calls to the Cognito API.
    pub calls: CallMetrics,
    /// Weakening writes, and corrections of drift.
    pub weakening: WeakeningMetrics,
    /// Gauges over everything that the controller knows.
    pub snapshot: SnapshotGauges,
    /// Whether the accounts file is valid.
    pub accounts_file: AccountsFileMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("cognito_mfa_operator");
        let (reconciliations, leader, observe_only) = (Family::default(), Gauge::default(), Gauge::default());
        let help = "Reconciliations, by the reason of the Ready condition that they ended with";
        registry.register("reconciliations", help, Family::clone(&reconciliations));
        registry.register("leader", "1 while this replica leads, 0 while it stands by", leader.clone());
        let build: Family<Labels<1>, Gauge> = Family::default();
        build.get_or_create(&[("version", env!("CARGO_PKG_VERSION"))]).set(1);
        registry.register("build_info", "Always 1. The label is the version of the operator", build);
        let help = "1 while the operator runs with --observe-only and writes nothing to AWS, else 0";
        registry.register("observe_only", help, observe_only.clone());
        Self {
            lease_failures: LeaseFailures::register(&mut registry),
            calls: CallMetrics::register(&mut registry),
            weakening: WeakeningMetrics::register(&mut registry),
            snapshot: SnapshotGauges::register(&mut registry),
            accounts_file: AccountsFileMetrics::register(&mut registry),
            reconciliations,
            leader,
            observe_only,
            registry,
        }
    }
}

impl Metrics {
    /// Counts a reconciliation by the reason that it ended with.
    pub fn reconciliation(&self, reason: Reason) {
        self.reconciliations.get_or_create(&[("outcome", reason.as_str())]).inc();
    }

    /// Shows whether this replica leads.
    pub fn set_leader(&self, leads: bool) {
        self.leader.set(leads.into());
    }

    /// Shows whether the operator writes nothing to AWS.
    pub fn set_observe_only(&self, observe_only: bool) {
        self.observe_only.set(observe_only.into());
    }

    /// The page, in the OpenMetrics text format.
    #[must_use]
    pub fn page(&self) -> String {
        self.snapshot.refresh();
        let mut page = String::new();
        // Writing to a string cannot fail.
        encode(&mut page, &self.registry).unwrap_or_default();
        page
    }
}
