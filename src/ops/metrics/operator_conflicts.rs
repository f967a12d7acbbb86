//! The objects that another operator writes, too.

use std::collections::HashSet;

use parking_lot::{Mutex, MutexGuard};
use prometheus_client::{metrics::gauge::Gauge, registry::Registry};

/// The objects, by `namespace/name`, whose status says that several operators write it, and their number.
#[derive(Debug, Default)]
pub struct OperatorConflicts {
    objects: Mutex<HashSet<String>>,
    number: Gauge,
}

impl OperatorConflicts {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let conflicts = Self::default();
        let help = "Objects on which another operator acts, too";
        registry.register("operator_conflicts", help, conflicts.number.clone());
        conflicts
    }

    /// Records whether an object's status says that several operators write it.
    pub fn record(&self, object: &str, is_in_conflict: bool) {
        let mut objects = self.objects.lock();
        if is_in_conflict {
            objects.insert(object.to_owned());
        } else {
            objects.remove(object);
        }
        self.show(&objects);
    }

    /// Removes an object that was deleted.
    pub fn remove(&self, object: &str) {
        self.record(object, false);
    }

    /// Removes all objects.
    pub fn clear(&self) {
        let mut objects = self.objects.lock();
        objects.clear();
        self.show(&objects);
    }

    fn show(&self, objects: &MutexGuard<'_, HashSet<String>>) {
        self.number.set(i64::try_from(objects.len()).unwrap_or(i64::MAX));
    }
}
