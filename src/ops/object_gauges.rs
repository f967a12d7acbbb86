//! How the objects stand, for the metrics page to count.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use cognito_mfa_core::schedule::requeue::RESTING;

use crate::locked::locked;

/// The objects, by `namespace/name`.
#[derive(Debug, Default)]
pub struct Fleet(Mutex<HashMap<String, Seen>>);

/// How an object stands, and when its pool was last read, or the object first seen.
#[derive(Debug)]
struct Seen {
    state: String,
    checked: Instant,
}

impl Fleet {
    /// Notes how an object stands. `read` says whether the pool was read just now.
    pub fn stands(&self, object: &str, reason: &str, read: bool) {
        let mut fleet = self.seen();
        let before = fleet.get(object).map(|seen| seen.checked);
        let checked = before.filter(|_| !read).unwrap_or_else(Instant::now);
        fleet.insert(object.to_owned(), Seen { state: reason.to_owned(), checked });
    }

    /// Notes how an object stands that is not due yet.
    pub fn waiting(&self, object: &str, reason: &str) {
        let mut fleet = self.seen();
        fleet
            .entry(object.to_owned())
            .or_insert_with(|| Seen { state: reason.to_owned(), checked: Instant::now() });
    }

    /// Forgets an object that is gone.
    pub fn gone(&self, object: &str) {
        self.seen().remove(object);
    }

    /// Forgets all objects.
    pub fn clear(&self) {
        self.seen().clear();
    }

    /// How many objects stand in each state, and how long ago the pool was read that has not been read for longest.
    #[must_use]
    pub fn count(&self) -> (HashMap<String, i64>, Duration) {
        let fleet = self.seen();
        let mut states = HashMap::<String, i64>::new();
        for seen in fleet.values() {
            *states.entry(seen.state.clone()).or_default() += 1;
        }
        // Who rests is not read, and must not raise the alarm.
        let rests = |seen: &Seen| RESTING.contains(&seen.state.as_str());
        let ages = fleet.values().filter(|seen| !rests(seen)).map(|seen| seen.checked.elapsed());
        (states, ages.max().unwrap_or_default())
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<String, Seen>> {
        locked(&self.0)
    }
}
