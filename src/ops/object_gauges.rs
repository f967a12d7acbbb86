//! The objects as the metrics page counts them.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use cognito_mfa_core::api::v1alpha1::Reason;
use parking_lot::{Mutex, MutexGuard};

/// The objects, by `namespace/name`.
#[derive(Debug, Default)]
pub struct ObjectGauges(Mutex<HashMap<String, Gauged>>);

/// The reason of an object's Ready, and when its pool was last read, or the object first seen.
#[derive(Debug)]
struct Gauged {
    /// None while no operator has reported on the object, or a newer one gave a reason that this build does not know.
    reason: Option<Reason>,
    checked: Instant,
}

impl ObjectGauges {
    /// Records the reason of an object's Ready. `read` says whether the pool was read just now.
    pub fn record(&self, object: &str, reason: Option<Reason>, read: bool) {
        let mut objects = self.objects();
        let before = objects.get(object).map(|gauged| gauged.checked);
        let checked = before.filter(|_| !read).unwrap_or_else(Instant::now);
        objects.insert(object.to_owned(), Gauged { reason, checked });
    }

    /// Records an object that is not due yet, unless it is known.
    pub fn record_if_new(&self, object: &str, reason: Option<Reason>) {
        let new = || Gauged { reason, checked: Instant::now() };
        self.objects().entry(object.to_owned()).or_insert_with(new);
    }

    /// Forgets an object that is gone.
    pub fn remove(&self, object: &str) {
        self.objects().remove(object);
    }

    /// Forgets all objects.
    pub fn clear(&self) {
        self.objects().clear();
    }

    /// How many objects there are of each reason, and the age of the oldest drift check.
    #[must_use]
    pub fn count(&self) -> (HashMap<Option<Reason>, i64>, Duration) {
        let objects = self.objects();
        let mut reasons = HashMap::new();
        for gauged in objects.values() {
            *reasons.entry(gauged.reason).or_default() += 1;
        }
        // Objects for which no call is made are never read, and must not raise the alarm.
        let checked = |gauged: &&Gauged| !gauged.reason.is_some_and(Reason::makes_no_call);
        let ages = objects.values().filter(checked).map(|gauged| gauged.checked.elapsed());
        (reasons, ages.max().unwrap_or_default())
    }

    fn objects(&self) -> MutexGuard<'_, HashMap<String, Gauged>> {
        self.0.lock()
    }
}
