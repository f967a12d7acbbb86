//! Gauges over all objects, computed when the page is read.

use std::{collections::HashMap, time::Instant};

use cognito_mfa_core::api::v1alpha1::Reason;
use parking_lot::{Mutex, MutexGuard};
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use super::types::{FloatGauge, Labels};

/// The objects that this replica knows, by `namespace/name`, and the gauges over them.
#[derive(Debug, Default)]
pub struct ObjectGauges {
    objects: Mutex<HashMap<String, ObjectGauge>>,
    by_reason: Family<Labels<1>, Gauge>,
    oldest_check_age: FloatGauge,
}

#[derive(Debug)]
struct ObjectGauge {
    /// The reason of Ready. None while the object has no status, or one with a reason that this build does not know.
    reason: Option<Reason>,
    /// When this process last read the pool, or else when it first saw the object.
    checked: Instant,
}

impl ObjectGauges {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let gauges = Self::default();
        registry.register(
            "objects",
            "Objects, by the reason of their Ready condition",
            gauges.by_reason.clone(),
        );
        registry.register_with_unit(
            "oldest_check_age",
            "Age of the oldest drift check",
            Unit::Seconds,
            gauges.oldest_check_age.clone(),
        );
        gauges
    }

    /// Records the reason of an object's Ready condition. `read` says whether its pool was read just now.
    pub fn record(&self, object: &str, reason: Option<Reason>, read: bool) {
        let mut objects = self.objects();
        let previous = objects.get(object).map(|gauge| gauge.checked);
        let checked = previous.filter(|_| !read).unwrap_or_else(Instant::now);
        objects.insert(object.to_owned(), ObjectGauge { reason, checked });
    }

    /// Records an object that is not due yet. An object that is already known keeps its entry.
    pub fn record_if_new(&self, object: &str, reason: Option<Reason>) {
        let new = || ObjectGauge { reason, checked: Instant::now() };
        self.objects().entry(object.to_owned()).or_insert_with(new);
    }

    /// Removes an object that was deleted.
    pub fn remove(&self, object: &str) {
        self.objects().remove(object);
    }

    /// Removes all objects.
    pub fn clear(&self) {
        self.objects().clear();
    }

    /// Sets the gauges to what the objects are now.
    pub(super) fn refresh(&self) {
        let objects = self.objects();
        self.by_reason.clear();
        for object in objects.values() {
            let state = object.reason.map_or("Pending", Reason::as_str);
            self.by_reason.get_or_create(&[("state", state)]).inc();
        }
        // The pool of an object for which no call is made is never read, so its age would only grow.
        let read = objects.values().filter(|object| !object.reason.is_some_and(Reason::makes_no_call));
        let oldest = read.map(|object| object.checked.elapsed()).max();
        self.oldest_check_age.set(oldest.unwrap_or_default().as_secs_f64());
    }

    fn objects(&self) -> MutexGuard<'_, HashMap<String, ObjectGauge>> {
        self.objects.lock()
    }
}
