//! Writes that weaken a pool, and corrections of drift.

use cognito_mfa_core::{
    plan::step::Cause,
    status::{open_weakenings::OpenWeakenings, outcome::Outcome},
};
use parking_lot::Mutex;
use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::types::Labels;

/// The metrics about weakening writes. Their public names call such a write a lowering.
#[derive(Debug, Default)]
pub struct WeakeningMetrics {
    writes: Family<Labels<1>, Counter>,
    corrections: Family<Labels<1>, Counter>,
    open: Mutex<OpenWeakenings>,
}

impl WeakeningMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let help = "Writes that weakened a pool, or may have, by cause";
        registry.register("lowerings", help, metrics.writes.clone());
        let help = "Corrections of drift, by whether they weakened the pool";
        registry.register("drift_corrections", help, metrics.corrections.clone());
        metrics.show_zeros();
        metrics
    }

    /// Alerts ask for an increase of these counters. Prometheus sees none if a counter appears with its first event.
    fn show_zeros(&self) {
        for cause in Cause::all() {
            drop(self.writes.get_or_create(&[("cause", cause.as_str())]));
        }
        for weakened in [false, true] {
            drop(self.corrections.get_or_create(&[lowered(weakened)]));
        }
    }

    /// Counts the outcome of a reconciliation of an object, `namespace/name`: a write that weakened its pool, or may have
    /// because its end is open, and a correction of drift that Cognito accepted.
    pub fn record_outcome(&self, object: &str, generation: i64, outcome: &Outcome) {
        if let Some(cause) = self.open.lock().record(object, generation, outcome) {
            self.writes.get_or_create(&[("cause", cause.as_str())]).inc();
        }
        if outcome.correction().is_some() {
            self.corrections.get_or_create(&[lowered(!outcome.weakened().is_empty())]).inc();
        }
    }

    /// Removes an object, `namespace/name`, that was deleted.
    pub fn remove(&self, object: &str) {
        self.open.lock().remove(object);
    }
}

fn lowered(weakened: bool) -> (&'static str, &'static str) {
    ("lowered", if weakened { "true" } else { "false" })
}
