//! Where each object stands in its retries and checks.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use cognito_mfa_core::{
    access::ownership::object_key, api::v1alpha1::UserPoolMfaConfig, schedule::requeue,
    status::outcome::Outcome,
};
use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::controller::leader_election::leadership::Leadership;

/// Where each object stands, by `namespace/name`.
pub struct ObjectStates {
    leadership: Leadership,
    states: Mutex<HashMap<String, ObjectState>>,
    /// The failures of the API server in a row.
    api_errors: Mutex<HashMap<String, u32>>,
    /// Whose finalizer could not be put on.
    finalizer_missing: Mutex<HashSet<String>>,
}

/// Where an object stands in its retries and checks; lost at a restart, as it may be.
#[derive(Clone, Debug)]
struct ObjectState {
    uid: Option<String>,
    generation: Option<i64>,
    /// The resource version that this process left it at, or met it at: a number that grows (KEP-5504).
    revision: Option<u64>,
    /// Under which term of this replica: what another leader has done since is not known here.
    term: u32,
    failures: u32,
    next: Instant,
    /// What a pass found and could not write yet. An accepted Set must not be lost with a status write: it would
    /// be set again.
    pending: Option<Box<PendingStatus>>,
    /// What the last look showed at a pool that the deletion of its object has turned off. Whatever becomes of the pool
    /// since, the object has nothing more to say of it.
    pool_off: Option<Box<Outcome>>,
}

/// What a pass found, and when.
#[derive(Clone, Debug)]
pub struct PendingStatus {
    /// The object that the pass was planned for.
    pub planned: UserPoolMfaConfig,
    /// How it ended.
    pub outcome: Outcome,
    /// When it did: told late, it must not look as if it had just been.
    pub at: Timestamp,
}

impl ObjectStates {
    /// Nothing is known of any object.
    pub fn new(leadership: Leadership) -> Self {
        Self {
            leadership,
            states: Mutex::default(),
            api_errors: Mutex::default(),
            finalizer_missing: Mutex::default(),
        }
    }

    /// Counts a failure of the API server; returns the wait that follows so many in a row.
    pub fn record_api_error(&self, name: &str) -> Duration {
        let mut stumbles = self.api_errors();
        let count = stumbles.entry(name.to_owned()).or_default();
        requeue::after_api_error(name, std::mem::replace(count, count.saturating_add(1)))
    }

    /// Ends the row of failures of an object, `namespace/name`: its status could be written.
    pub fn record_written(&self, name: &str) {
        self.api_errors().remove(name);
    }

    /// Forgets an object, `namespace/name`, that is gone.
    pub fn remove(&self, name: &str) {
        self.states().remove(name);
        self.api_errors().remove(name);
        self.record_finalizer_added(name);
    }

    /// Takes note that the finalizer of an object, `namespace/name`, could not be put on. Returns whether that is news.
    pub fn record_finalizer_missing(&self, name: &str) -> bool {
        self.finalizer_missing.lock().insert(name.to_owned())
    }

    /// Takes note that it could.
    pub fn record_finalizer_added(&self, name: &str) {
        self.finalizer_missing.lock().remove(name);
    }

    /// Makes what failed due now, as if it never had.
    pub fn retry_failed(&self) {
        self.states().values_mut().filter(|track| track.failures > 0).for_each(|track| {
            (track.failures, track.next) = (0, Instant::now());
        });
    }

    /// The wait that the last pass over this object left.
    pub fn wait_left(&self, object: &UserPoolMfaConfig) -> Option<Duration> {
        let tracks = self.states();
        let track = tracks
            .get(&object_key(object))
            .filter(|track| track.uid == object.metadata.uid && track.term == self.leadership.term())?;
        Some(track.next.saturating_duration_since(Instant::now()))
    }

    /// Whether this process has left the object at a later revision than this one, which a watch that lags shows.
    pub fn is_behind(&self, object: &UserPoolMfaConfig) -> bool {
        let tracks = self.states();
        let left = tracks.get(&object_key(object)).filter(|track| track.uid == object.metadata.uid);
        left.is_some_and(|track| revision(object).is_some_and(|shown| Some(shown) < track.revision))
    }

    /// The failures in a row of this object at its generation.
    pub fn failures(&self, object: &UserPoolMfaConfig) -> u32 {
        self.states()
            .get(&object_key(object))
            .filter(|track| track.is_of(object, self.leadership.term()))
            .map_or(0, |track| track.failures)
    }

    /// Remembers how a pass ended and when the next one is. After None only a change of an object brings it, and
    /// then at once.
    pub fn record_outcome(&self, object: &UserPoolMfaConfig, outcome: &Outcome, wait: Option<Duration>) {
        let failed = matches!(outcome, Outcome::Failed(..));
        let failures = if failed { self.failures(object).saturating_add(1) } else { 0 };
        let track = self.new_state(object, failures, wait.unwrap_or_default(), None);
        self.states().insert(object_key(object), track);
    }

    /// Remembers what an object has become during a pass, and when the next one is. How the pass ended is no word about
    /// that.
    pub fn record_superseded(&self, fresh: &UserPoolMfaConfig, wait: Duration) {
        let track = self.new_state(fresh, self.failures(fresh), wait, None);
        self.states().insert(object_key(fresh), track);
    }

    /// Keeps an accepted Set until its status can be written; all else that a pass found can be found again.
    pub fn keep_pending(&self, object: &UserPoolMfaConfig, outcome: &Outcome, at: Timestamp) {
        if matches!(outcome, Outcome::Written { .. }) {
            let unsaid =
                Some(Box::new(PendingStatus { planned: object.clone(), outcome: outcome.clone(), at }));
            let track = self.new_state(object, self.failures(object), Duration::ZERO, unsaid);
            self.states().insert(object_key(object), track);
        }
    }

    /// The Set of an earlier pass over this object, as it was then, that could not be written.
    pub fn take_pending(&self, object: &UserPoolMfaConfig) -> Option<PendingStatus> {
        let term = self.leadership.term();
        let mut tracks = self.states();
        let same = |track: &&mut ObjectState| track.uid == object.metadata.uid && track.term == term;
        let track = tracks.get_mut(&object_key(object)).filter(same)?;
        track.pending.take().map(|unsaid| *unsaid)
    }

    /// Remembers that the pool of an object that is being deleted is seen to.
    pub fn record_pool_off(&self, object: &UserPoolMfaConfig, off: &Outcome) {
        let mut track = self.new_state(object, 0, Duration::ZERO, None);
        track.pool_off = Some(Box::new(off.clone()));
        self.states().insert(object_key(object), track);
    }

    /// What the pool of an object showed when its deletion had seen to it, if it has.
    pub fn pool_off(&self, object: &UserPoolMfaConfig) -> Option<Outcome> {
        let (term, tracks) = (self.leadership.term(), self.states());
        let track = tracks.get(&object_key(object))?;
        track
            .pool_off
            .clone()
            .filter(|_| track.uid == object.metadata.uid && track.term == term)
            .map(|off| *off)
    }

    /// Remembers the wait of an object that this process has not passed over yet. Its slot is reckoned once: reckoned
    /// again when it has come, it would always be a whole interval away.
    pub fn record_wait(&self, object: &UserPoolMfaConfig, wait: Duration) {
        if self.wait_left(object).is_none() {
            let track = self.new_state(object, 0, wait, None);
            self.states().insert(object_key(object), track);
        }
    }

    fn new_state(
        &self,
        object: &UserPoolMfaConfig,
        failures: u32,
        wait: Duration,
        unsaid: Option<Box<PendingStatus>>,
    ) -> ObjectState {
        let (uid, generation) = (object.metadata.uid.clone(), object.metadata.generation);
        let (term, next) = (self.leadership.term(), Instant::now() + wait);
        ObjectState {
            uid,
            generation,
            revision: revision(object),
            term,
            failures,
            next,
            pending: unsaid,
            pool_off: None,
        }
    }

    fn states(&self) -> MutexGuard<'_, HashMap<String, ObjectState>> {
        self.states.lock()
    }

    fn api_errors(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        self.api_errors.lock()
    }
}

impl ObjectState {
    fn is_of(&self, object: &UserPoolMfaConfig, term: u32) -> bool {
        self.term == term && self.uid == object.metadata.uid && self.generation == object.metadata.generation
    }
}

fn revision(object: &UserPoolMfaConfig) -> Option<u64> {
    object.metadata.resource_version.as_ref()?.parse().ok()
}

#[cfg(test)]
#[path = "object_state_tests.rs"]
mod tests;
