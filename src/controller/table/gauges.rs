//! What the metrics show of each object.

use std::{collections::BTreeMap, time::Duration};

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{Reason, UserPoolMfaConfig},
    status::other_operator::is_in_conflict,
};
use tokio::time::Instant;

use super::Table;

/// What the metrics show of one object, since this replica leads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gauge {
    /// The term in which this was recorded.
    term: u32,
    /// The reason of Ready. None while the object has no status, or one with a reason that this build does not know.
    reason: Option<Reason>,
    /// When this process last read the pool in this term, or else when it first saw the object.
    checked: Instant,
    /// Whether another operator acts on the object, too.
    in_conflict: bool,
}

/// What the metrics show of all objects.
#[derive(Debug, Default)]
pub struct Gauges {
    /// How many objects have each reason of Ready.
    pub by_reason: BTreeMap<&'static str, i64>,
    /// The age of the oldest check of a pool that is checked.
    pub oldest_check_age: Duration,
    /// How many objects another operator acts on, too.
    pub in_conflict: i64,
}

impl Table {
    /// Records the reason of an object's Ready condition. `read` says whether its pool was read just now.
    pub fn record_reason(&self, key: &str, reason: Option<Reason>, read: bool) {
        self.with_gauge(key, reason, |gauge| {
            gauge.reason = reason;
            if read {
                gauge.checked = Instant::now();
            }
        });
    }

    /// Records an object that is not due yet. What is already known of it stays.
    pub fn record_reason_if_new(&self, key: &str, reason: Option<Reason>) {
        self.with_gauge(key, reason, |_| {});
    }

    /// Records whether an object's status says that several operators write it.
    pub fn record_conflict(&self, object: &UserPoolMfaConfig) {
        let in_conflict = is_in_conflict(object);
        self.with_gauge(&object_key(object), None, |gauge| gauge.in_conflict = in_conflict);
    }

    /// Forgets what the metrics show of an object, `namespace/name`.
    pub fn remove_gauge(&self, key: &str) {
        self.with_row(key, |row| row.gauge = None);
    }

    /// What the metrics show of all objects that this replica has seen since it leads.
    pub fn gauges(&self) -> Gauges {
        let (term, rows) = (self.leadership.term(), self.rows());
        let mut gauges = Gauges::default();
        for gauge in rows.values().filter_map(|row| row.gauge.filter(|gauge| gauge.term == term)) {
            *gauges.by_reason.entry(gauge.reason.map_or("Pending", Reason::as_str)).or_default() += 1;
            gauges.in_conflict += i64::from(gauge.in_conflict);
            // The pool of an object for which no call is made is never read, so its age would only grow.
            if !gauge.reason.is_some_and(Reason::makes_no_call) {
                gauges.oldest_check_age = gauges.oldest_check_age.max(gauge.checked.elapsed());
            }
        }
        gauges
    }

    fn with_gauge(&self, key: &str, reason: Option<Reason>, change: impl FnOnce(&mut Gauge)) {
        let term = self.leadership.term();
        let new = || Gauge { term, reason, checked: Instant::now(), in_conflict: false };
        self.with_row(key, |row| {
            let known = row.gauge.filter(|gauge| gauge.term == term);
            change(row.gauge.insert(known.unwrap_or_else(new)));
        });
    }
}
