//! The metrics page. No label grows with the number of objects.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cognito_mfa_core::{api::v1alpha1::Reason, calls::failure::Operation, plan::step::Cause};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use super::object_gauges::ObjectGauges;

/// Upper bounds in seconds: a call takes tens of milliseconds, and at most its timeout.
const CALL_SECONDS: [f64; 10] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

/// Upper bounds in seconds: alone, a call waits a fraction of a second; when 1,000 objects are new, minutes.
const WAIT_SECONDS: [f64; 9] = [0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0];

/// All metrics.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    reconciliations: Family<OutcomeLabel, Counter>,
    calls: Family<CallLabel, Counter>,
    durations: Family<OperationLabel, Histogram, fn() -> Histogram>,
    waits: Family<OperationLabel, Histogram, fn() -> Histogram>,
    rates: Family<OperationLabel, Gauge<f64, std::sync::atomic::AtomicU64>>,
    stretch: Gauge<f64, std::sync::atomic::AtomicU64>,
    corrections: Family<LoweredLabel, Counter>,
    lowerings: Family<CauseLabel, Counter>,
    held: Gauge,
    objects: Family<StateLabel, Gauge>,
    leader: Gauge,
    oldest: Gauge<f64, std::sync::atomic::AtomicU64>,
    accounts_valid: Family<NoLabels, Gauge>,
    accounts_loaded: Family<NoLabels, Gauge<f64, std::sync::atomic::AtomicU64>>,
    /// How the objects stand.
    pub object_gauges: ObjectGauges,
}

/// A family without labels is not shown before it has a value.
type NoLabels = [(&'static str, &'static str); 0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabel {
    operation: &'static str,
    code: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabel {
    operation: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LoweredLabel {
    lowered: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CauseLabel {
    cause: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            registry: Registry::default(),
            reconciliations: Family::default(),
            calls: Family::default(),
            durations: Family::new_with_constructor(|| Histogram::new(CALL_SECONDS)),
            waits: Family::new_with_constructor(|| Histogram::new(WAIT_SECONDS)),
            rates: Family::default(),
            stretch: Gauge::default(),
            corrections: Family::default(),
            lowerings: Family::default(),
            held: Gauge::default(),
            objects: Family::default(),
            leader: Gauge::default(),
            oldest: Gauge::default(),
            accounts_valid: Family::default(),
            accounts_loaded: Family::default(),
            object_gauges: ObjectGauges::default(),
        }
        .registered()
    }
}

impl Metrics {
    fn registered(mut self) -> Self {
        let page = self.registry.sub_registry_with_prefix("cognito_mfa_operator");
        page.register(
            "reconciliations",
            "Reconciliations, by the reason of Ready that they ended with",
            self.reconciliations.clone(),
        );
        page.register(
            "aws_calls",
            "Calls of the Cognito API, by operation and error code (OK when none)",
            self.calls.clone(),
        );
        let durations = self.durations.clone();
        page.register_with_unit(
            "aws_call_duration",
            "How long calls of the Cognito API took",
            Unit::Seconds,
            durations,
        );
        page.register(
            "drift_corrections",
            "Accepted corrections of drift, and whether they lowered protection",
            self.corrections.clone(),
        );
        page.register("objects", "Objects by the reason of Ready", self.objects.clone());
        page.register(
            "leader",
            "Whether this replica leads: 1, or 0 while it stands by",
            self.leader.clone(),
        );
        let help =
            "How long ago the pool was read that has not been read for longest, since the start at most";
        page.register_with_unit("oldest_check_age", help, Unit::Seconds, self.oldest.clone());
        self.with_quota().with_lowerings()
    }

    fn with_lowerings(mut self) -> Self {
        let page = self.registry.sub_registry_with_prefix("cognito_mfa_operator");
        let help = "Sets that took protection away from a pool, or may have where their end is not known, by what caused them";
        page.register("lowerings", help, self.lowerings.clone());
        let help = "Objects whose Set waits because the allowance of lowerings of an hour is used up";
        page.register("lowerings_held", help, self.held.clone());
        self.with_zeros()
    }

    /// A counter that appears with its first event shows no increase to Prometheus: the two that alerts ask about are
    /// there from the start.
    fn with_zeros(self) -> Self {
        for cause in Cause::all() {
            drop(self.lowerings.get_or_create(&CauseLabel { cause: cause.as_str() }));
        }
        for lowered in ["false", "true"] {
            drop(self.corrections.get_or_create(&LoweredLabel { lowered }));
        }
        self
    }

    fn with_quota(mut self) -> Self {
        let page = self.registry.sub_registry_with_prefix("cognito_mfa_operator");
        let help = "How long calls of the Cognito API waited for their turn within the quota";
        page.register_with_unit("aws_wait", help, Unit::Seconds, self.waits.clone());
        let help = "Calls of the Cognito API a second that are made at most, in the account and region where AWS has slowed them most";
        page.register("aws_call_rate_limit", help, self.rates.clone());
        let help = "By how much drift check intervals are stretched to fit the quota, in the account and region where they are most: 1 when they are not";
        page.register("interval_stretch_ratio", help, self.stretch.clone());
        self.with_accounts()
    }

    fn with_accounts(mut self) -> Self {
        let page = self.registry.sub_registry_with_prefix("cognito_mfa_operator");
        let help =
            "Whether the accounts file is right as it is now: 1, or 0 while the last good one stays in force";
        page.register("accounts_file_valid", help, self.accounts_valid.clone());
        let help = "When the accounts file that is in force was read, in seconds since 1970";
        let loaded = self.accounts_loaded.clone();
        page.register_with_unit("accounts_file_loaded_timestamp", help, Unit::Seconds, loaded);
        self
    }

    /// Shows whether the accounts file that was read just now is taken. Where there is none nothing is shown.
    pub fn accounts_file(&self, valid: bool) {
        self.accounts_valid.get_or_create(&[]).set(valid.into());
        if valid {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            self.accounts_loaded.get_or_create(&[]).set(now.as_secs_f64());
        }
    }

    /// Counts a reconciliation by the reason that it ended with.
    pub fn reconciliation(&self, reason: Reason) {
        self.reconciliations.get_or_create(&OutcomeLabel { outcome: reason.as_str() }).inc();
    }

    /// Notes whether this replica leads. The objects are another's to count while it does not.
    pub fn leader(&self, leads: bool) {
        self.leader.set(leads.into());
        if !leads {
            self.object_gauges.clear();
            self.lowerings_held(0);
        }
    }

    /// Counts a call of the API.
    pub fn call(&self, operation: Operation, code: &'static str, took: Duration) {
        let operation = operation.as_str();
        self.calls.get_or_create(&CallLabel { operation, code }).inc();
        self.durations.get_or_create(&OperationLabel { operation }).observe(took.as_secs_f64());
    }

    /// Counts how long a call waited for its turn.
    pub fn call_waited(&self, operation: Operation, wait: Duration) {
        self.waits
            .get_or_create(&OperationLabel { operation: operation.as_str() })
            .observe(wait.as_secs_f64());
    }

    /// Shows how many calls a second are made at most.
    pub fn rate(&self, operation: Operation, rate: f64) {
        self.rates.get_or_create(&OperationLabel { operation: operation.as_str() }).set(rate);
    }

    /// Shows by how much intervals are stretched.
    pub fn interval_stretch(&self, ratio: f64) {
        self.stretch.set(ratio);
    }

    /// Counts an accepted correction of drift.
    pub fn correction(&self, lowered: bool) {
        self.corrections
            .get_or_create(&LoweredLabel { lowered: if lowered { "true" } else { "false" } })
            .inc();
    }

    /// Counts an accepted Set that took protection away.
    pub fn lowering(&self, cause: Cause) {
        self.lowerings.get_or_create(&CauseLabel { cause: cause.as_str() }).inc();
    }

    /// Shows how many objects wait to lower their pools.
    pub fn lowerings_held(&self, objects: usize) {
        self.held.set(i64::try_from(objects).unwrap_or(i64::MAX));
    }

    /// The page, in the OpenMetrics text format.
    #[must_use]
    pub fn page(&self) -> String {
        self.count_objects();
        let mut page = String::new();
        // Writing to a string cannot fail.
        encode(&mut page, &self.registry).unwrap_or_default();
        page
    }

    fn count_objects(&self) {
        let (reasons, oldest) = self.object_gauges.count();
        self.objects.clear();
        for (reason, count) in reasons {
            let state = reason.map_or("Pending", Reason::as_str);
            self.objects.get_or_create(&StateLabel { state }).set(count);
        }
        self.oldest.set(oldest.as_secs_f64());
    }
}
