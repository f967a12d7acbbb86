//! The retries and the next check of each object.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::UserPoolMfaConfig,
    schedule::requeue,
    status::{
        other_operator::{Content, content},
        outcome::Outcome,
        passing_failure::RecentChecks,
    },
};
use jiff::Timestamp;
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

use crate::controller::leader_election::leadership::Leadership;

/// The state of each object, by `namespace/name`.
pub struct ObjectStates {
    leadership: Leadership,
    states: Mutex<HashMap<String, ObjectState>>,
    /// The API errors in a row.
    api_errors: Mutex<HashMap<String, u32>>,
    /// The objects whose finalizer could not be added or removed.
    finalizer_missing: Mutex<HashSet<String>>,
}

/// The retries and the next check of one object. A restart may lose them.
#[derive(Clone, Debug)]
struct ObjectState {
    uid: Option<String>,
    generation: Option<i64>,
    /// The object's resource version when this state was recorded. Resource versions grow (KEP-5504).
    revision: Option<u64>,
    /// The content of the object's status when this state was recorded.
    content: Content,
    /// The term in which this replica recorded the state. What another leader did afterwards is not known here.
    term: u32,
    failures: u32,
    /// The failures in a row that pass without a person.
    passing_failures: u32,
    /// When Cognito last answered a read; before the first answer in this term, when this state was first recorded.
    last_good: Instant,
    next: Instant,
    /// An outcome whose status could not be written yet. If a write were lost here, it would be repeated, and what a revert
    /// of it lowers would not count as edited.
    pending: Option<Box<PendingStatus>>,
    /// The outcome after the object's deletion turned MFA off. What happens to the pool afterwards is not the object's
    /// concern any more.
    pool_off: Option<Box<Outcome>>,
}

/// An outcome whose status could not be written yet.
#[derive(Clone, Debug)]
pub struct PendingStatus {
    /// The object as the reconciliation planned for it.
    pub planned: UserPoolMfaConfig,
    /// How the reconciliation ended.
    pub outcome: Outcome,
    /// When it ended. The status must show this time, not that of the late write.
    pub at: Timestamp,
}

impl ObjectStates {
    /// Without any object yet.
    pub fn new(leadership: Leadership) -> Self {
        Self {
            leadership,
            states: Mutex::default(),
            api_errors: Mutex::default(),
            finalizer_missing: Mutex::default(),
        }
    }

    /// Counts an API error of an object, `namespace/name`, and returns the backoff.
    pub fn record_api_error(&self, key: &str) -> Duration {
        let mut api_errors = self.api_errors();
        let count = api_errors.entry(key.to_owned()).or_default();
        requeue::after_api_error(key, std::mem::replace(count, count.saturating_add(1)))
    }

    /// Resets the backoff of an object, `namespace/name`, because its status was written.
    pub fn record_written(&self, key: &str) {
        self.api_errors().remove(key);
    }

    /// Removes an object, `namespace/name`, that was deleted.
    pub fn remove(&self, key: &str) {
        self.states().remove(key);
        self.api_errors().remove(key);
        self.record_finalizer_added(key);
    }

    /// Records that the finalizer of an object, `namespace/name`, could not be written. Returns true the first time.
    pub fn record_finalizer_missing(&self, key: &str) -> bool {
        self.finalizer_missing.lock().insert(key.to_owned())
    }

    /// Records that the finalizer of an object, `namespace/name`, was written.
    pub fn record_finalizer_added(&self, key: &str) {
        self.finalizer_missing.lock().remove(key);
    }

    /// Resets the failures of all objects that failed, and makes these objects due now.
    pub fn retry_failed(&self) {
        for state in self.states().values_mut().filter(|state| state.failures > 0) {
            (state.failures, state.next) = (0, Instant::now());
        }
    }

    /// The time until the object is due, if this process has recorded one in this term.
    pub fn wait_left(&self, object: &UserPoolMfaConfig) -> Option<Duration> {
        let states = self.states();
        let state = states.get(&object_key(object)).filter(|state| self.is_current(state, object))?;
        Some(state.next.saturating_duration_since(Instant::now()))
    }

    /// The content of the object's status when this process looked at it last in this term; or else as the object has it.
    pub fn last_seen(&self, object: &UserPoolMfaConfig) -> Content {
        let (term, states) = (self.leadership.term(), self.states());
        let state = states.get(&object_key(object));
        state
            .filter(|state| state.uid == object.metadata.uid && state.term == term)
            .map_or_else(|| content(object), |state| state.content)
    }

    /// Records the status that this process has seen, or written, without a reconciliation of the pool.
    pub fn record_seen(&self, object: &UserPoolMfaConfig) {
        let (content, revision) = (content(object), revision(object));
        if let Some(state) = self.states().get_mut(&object_key(object)) {
            (state.content, state.revision) = (content, revision);
        }
    }

    /// Whether this process has already seen the object at a later revision. A watch may lag.
    pub fn is_behind(&self, object: &UserPoolMfaConfig) -> bool {
        let states = self.states();
        let state = states.get(&object_key(object)).filter(|state| state.uid == object.metadata.uid);
        state.is_some_and(|state| revision(object).is_some_and(|revision| Some(revision) < state.revision))
    }

    /// The failures in a row of the object at this generation.
    pub fn failures(&self, object: &UserPoolMfaConfig) -> u32 {
        self.states()
            .get(&object_key(object))
            .filter(|state| state.is_of(object, self.leadership.term()))
            .map_or(0, |state| state.failures)
    }

    /// What is known of the object's recent checks.
    pub fn recent_checks(&self, object: &UserPoolMfaConfig, interval: Duration) -> RecentChecks {
        let states = self.states();
        let state = states.get(&object_key(object)).filter(|state| self.is_current(state, object));
        RecentChecks {
            last_good_age: state.map_or(Duration::ZERO, |state| state.last_good.elapsed()),
            passing_failures: state.map_or(0, |state| state.passing_failures),
            interval,
        }
    }

    /// Records how a reconciliation ended, and the wait before the next one. With None only a change of the object makes
    /// it due, and then at once.
    pub fn record_outcome(&self, object: &UserPoolMfaConfig, outcome: &Outcome, wait: Option<Duration>) {
        let failed = matches!(outcome, Outcome::Failed(..));
        let failures = if failed { self.failures(object).saturating_add(1) } else { 0 };
        let mut state = self.new_state(object, failures, wait.unwrap_or_default(), None);
        state.passing_failures = if outcome.is_passing_failure() { state.passing_failures + 1 } else { 0 };
        if outcome.observed().is_some() {
            state.last_good = Instant::now();
        }
        self.states().insert(object_key(object), state);
    }

    /// Records an object that changed during a reconciliation, and the wait before the next one. The outcome says nothing
    /// about the new object.
    pub fn record_superseded(&self, fresh: &UserPoolMfaConfig, wait: Duration) {
        let state = self.new_state(fresh, self.failures(fresh), wait, None);
        self.states().insert(object_key(fresh), state);
    }

    /// Keeps the outcome of a write that Cognito accepted, or may have accepted, until its status can be written. The next
    /// read finds every other outcome again.
    pub fn keep_pending(&self, object: &UserPoolMfaConfig, outcome: &Outcome, at: Timestamp) {
        if outcome.may_have_written().is_some() {
            let pending =
                Some(Box::new(PendingStatus { planned: object.clone(), outcome: outcome.clone(), at }));
            let state = self.new_state(object, self.failures(object), Duration::ZERO, pending);
            self.states().insert(object_key(object), state);
        }
    }

    /// Takes the outcome of an earlier reconciliation of this object whose status could not be written.
    pub fn take_pending(&self, object: &UserPoolMfaConfig) -> Option<PendingStatus> {
        let term = self.leadership.term();
        let mut states = self.states();
        let state = states.get_mut(&object_key(object))?;
        let is_current = state.uid == object.metadata.uid && state.term == term;
        state.pending.take_if(|_| is_current).map(|pending| *pending)
    }

    /// Records that the deletion of an object has turned MFA off.
    pub fn record_pool_off(&self, object: &UserPoolMfaConfig, off: &Outcome) {
        let mut state = self.new_state(object, 0, Duration::ZERO, None);
        state.pool_off = Some(Box::new(off.clone()));
        self.states().insert(object_key(object), state);
    }

    /// The outcome after the deletion of the object turned MFA off, if it has.
    pub fn pool_off(&self, object: &UserPoolMfaConfig) -> Option<Outcome> {
        let states = self.states();
        let state = states.get(&object_key(object)).filter(|state| self.is_current(state, object))?;
        state.pool_off.as_deref().cloned()
    }

    /// Records the wait of an object that this process has not reconciled yet. Its scheduled check is computed once: if it
    /// were computed again when due, it would always be a whole interval away.
    pub fn record_wait(&self, object: &UserPoolMfaConfig, wait: Duration) {
        if self.wait_left(object).is_none() {
            let state = self.new_state(object, 0, wait, None);
            self.states().insert(object_key(object), state);
        }
    }

    fn new_state(
        &self,
        object: &UserPoolMfaConfig,
        failures: u32,
        wait: Duration,
        pending: Option<Box<PendingStatus>>,
    ) -> ObjectState {
        let (uid, generation, now) =
            (object.metadata.uid.clone(), object.metadata.generation, Instant::now());
        let states = self.states();
        let earlier = states.get(&object_key(object)).filter(|state| self.is_current(state, object));
        ObjectState {
            uid,
            generation,
            revision: revision(object),
            content: content(object),
            term: self.leadership.term(),
            failures,
            passing_failures: earlier.map_or(0, |state| state.passing_failures),
            last_good: earlier.map_or(now, |state| state.last_good),
            next: now + wait,
            pending,
            pool_off: None,
        }
    }

    /// Whether the state is of this object, and was recorded in this term.
    fn is_current(&self, state: &ObjectState, object: &UserPoolMfaConfig) -> bool {
        state.uid == object.metadata.uid && state.term == self.leadership.term()
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
mod tests;
