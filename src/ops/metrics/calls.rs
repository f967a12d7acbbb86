//! Calls to the Cognito API, and how they fit the quota.

use std::time::Duration;

use cognito_mfa_core::calls::failure::Operation;
use prometheus_client::{
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::types::Labels;

/// Upper bounds in seconds: a call takes tens of milliseconds, and at most its timeout.
const DURATION_BUCKETS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

/// Upper bounds in seconds: a single call waits a fraction of a second, but with 1,000 new objects calls wait for
/// minutes.
const WAIT_BUCKETS: [f64; 9] = [0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0];

type Histograms = Family<Labels<1>, Histogram, fn() -> Histogram>;

/// The metrics about calls to the Cognito API.
#[derive(Debug)]
pub struct CallMetrics {
    calls: Family<Labels<2>, Counter>,
    durations: Histograms,
    waits: Histograms,
}

impl CallMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            calls: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(DURATION_BUCKETS)),
            waits: Family::new_with_constructor(|| Histogram::new(WAIT_BUCKETS)),
        };
        let help = "Calls to the Cognito API, by operation and error code (OK without an error)";
        registry.register("aws_calls", help, metrics.calls.clone());
        let help = "Duration of calls to the Cognito API";
        registry.register_with_unit("aws_call_duration", help, Unit::Seconds, metrics.durations.clone());
        let help = "Time that calls to the Cognito API waited for the quota";
        registry.register_with_unit("aws_wait", help, Unit::Seconds, metrics.waits.clone());
        metrics
    }

    /// Counts a call that ended. `code` must come from a bounded set, because it is a label.
    pub fn record_call(&self, operation: Operation, code: &'static str, duration: Duration) {
        let operation = ("operation", operation.as_str());
        self.calls.get_or_create(&[operation, ("code", code)]).inc();
        self.durations.get_or_create(&[operation]).observe(duration.as_secs_f64());
    }

    /// Records how long a call waited for the quota.
    pub fn record_wait(&self, operation: Operation, wait: Duration) {
        self.waits.get_or_create(&[("operation", operation.as_str())]).observe(wait.as_secs_f64());
    }
}
