//! Gauges over everything that the controller knows. They are computed when the page is read.

use std::{collections::BTreeMap, fmt, sync::OnceLock, time::Duration};

use cognito_mfa_core::calls::failure::Operation;
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use super::types::{FloatGauge, Labels};

/// What the controller knows at one moment. A replica that does not lead shows no objects: the leader shows them.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// How many objects have each reason of Ready.
    pub by_reason: BTreeMap<&'static str, i64>,
    /// The age of the oldest drift check.
    pub oldest_check_age: Duration,
    /// How many objects another operator writes, too.
    pub operator_conflicts: i64,
    /// How many objects wait for the hourly limit on weakening writes.
    pub on_hold: i64,
    /// The greatest factor by which an interval is stretched.
    pub interval_stretch: f64,
    /// The calls per second of each operation, in the account and region where AWS throttles most.
    pub rates: Vec<(Operation, f64)>,
    /// The name of each watch that has ever failed, and whether it fails now. Where nothing fails, the page names no
    /// namespace.
    pub watches: Vec<(String, bool)>,
}

/// Takes the snapshot.
type Source = Box<dyn Fn() -> Snapshot + Send + Sync>;

/// The gauges, and where their values come from.
#[derive(Default)]
pub struct SnapshotGauges {
    source: OnceLock<Source>,
    by_reason: Family<Labels<1>, Gauge>,
    oldest_check_age: FloatGauge,
    operator_conflicts: Gauge,
    on_hold: Gauge,
    interval_stretch: FloatGauge,
    rates: Family<Labels<1>, FloatGauge>,
    /// The label is bounded by `--watch-namespaces`.
    failing_watches: Family<Vec<(&'static str, String)>, Gauge>,
}

impl SnapshotGauges {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        let help = "Objects, by the reason of their Ready condition";
        registry.register("objects", help, gauges.by_reason.clone());
        let help = "Age of the oldest drift check";
        registry.register_with_unit("oldest_check_age", help, Unit::Seconds, gauges.oldest_check_age.clone());
        let help = "Objects on which another operator acts, too";
        registry.register("operator_conflicts", help, gauges.operator_conflicts.clone());
        let help = "Objects whose write is on hold because the hourly limit on weakening writes is used up";
        registry.register("lowerings_held", help, gauges.on_hold.clone());
        let help = "Factor by which drift check intervals are stretched to fit the quota, in the namespace, account and region where it is greatest (1: none is stretched)";
        registry.register("interval_stretch_ratio", help, gauges.interval_stretch.clone());
        let help = "Limit on calls per second, in the account and region where AWS throttles most";
        registry.register("aws_call_rate_limit", help, gauges.rates.clone());
        let help = "1 while the watch of a namespace fails, and changes of its objects go unnoticed";
        registry.register("watch_failing", help, gauges.failing_watches.clone());
        gauges
    }

    /// Sets where the values come from. Without a source the gauges are zero.
    pub fn set_source(&self, source: impl Fn() -> Snapshot + Send + Sync + 'static) {
        // There is one controller in a process.
        let _ = self.source.set(Box::new(source));
    }

    pub(super) fn refresh(&self) {
        let Some(source) = self.source.get() else { return };
        let Snapshot {
            by_reason,
            oldest_check_age,
            operator_conflicts,
            on_hold,
            interval_stretch,
            rates,
            watches,
        } = source();
        self.by_reason.clear();
        for (state, objects) in by_reason {
            self.by_reason.get_or_create(&[("state", state)]).set(objects);
        }
        self.oldest_check_age.set(oldest_check_age.as_secs_f64());
        self.operator_conflicts.set(operator_conflicts);
        self.on_hold.set(on_hold);
        self.interval_stretch.set(interval_stretch);
        for (operation, rate) in rates {
            self.rates.get_or_create(&[("operation", operation.as_str())]).set(rate);
        }
        for (namespace, failing) in watches {
            self.failing_watches.get_or_create(&vec![("watched", namespace)]).set(failing.into());
        }
    }
}

impl fmt::Debug for SnapshotGauges {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SnapshotGauges").finish_non_exhaustive()
    }
}
