//! The retries and the next check of each object. A restart may lose them.

use std::time::Duration;

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
use tokio::time::Instant;

use super::{Table, version};

/// The retries and the next check of one object.
#[derive(Clone, Debug)]
pub(super) struct ObjectState {
    uid: Option<String>,
    generation: Option<i64>,
    /// The object's resource version when this state was recorded.
    version: Option<u64>,
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

impl Table {
    /// Counts a retry of an object, `namespace/name`, and returns the backoff. The reason is an error of the API server, a
    /// panic, a write that came too late again and again, or a watch that lags.
    pub fn record_retry(&self, key: &str) -> Duration {
        let attempt = self.with_row(key, |row| {
            row.retries = row.retries.saturating_add(1);
            row.retries - 1
        });
        requeue::after_api_error(key, attempt.unwrap_or_default())
    }

    /// Resets the backoff of an object, `namespace/name`, because its status was written.
    pub fn reset_retries(&self, key: &str) {
        self.with_row(key, |row| row.retries = 0);
    }

    /// Resets the failures of an object, `namespace/name`, which were those of its former pool.
    pub fn reset_failures(&self, key: &str) {
        self.with_row(key, |row| {
            row.retries = 0;
            if let Some(state) = &mut row.state {
                (state.failures, state.passing_failures, state.next) = (0, 0, Instant::now());
            }
        });
    }

    /// Resets the failures of all objects that failed, and makes these objects due now.
    pub fn retry_failed(&self) {
        let mut rows = self.rows();
        let states = rows.values_mut().filter_map(|row| row.state.as_mut());
        for state in states.filter(|state| state.failures > 0) {
            (state.failures, state.next) = (0, Instant::now());
        }
    }

    /// The time until the object is due, if this process has recorded one in this term. It is zero for another generation,
    /// even where the status is of that one: etcd may have been restored.
    pub fn wait_left(&self, object: &UserPoolMfaConfig) -> Option<Duration> {
        self.current_state(object, |state| {
            let is_same = state.generation == object.metadata.generation;
            if is_same { state.next.saturating_duration_since(Instant::now()) } else { Duration::ZERO }
        })
    }

    /// The content of the object's status when this process looked at it last in this term; or else as the object has it.
    pub fn last_seen(&self, object: &UserPoolMfaConfig) -> Content {
        self.current_state(object, |state| state.content).unwrap_or_else(|| content(object))
    }

    /// Records the status that this process has seen, or written, without a reconciliation of the pool.
    pub fn record_seen(&self, object: &UserPoolMfaConfig) {
        let seen = (content(object), version(&object.metadata));
        self.with_row(&object_key(object), |row| {
            if let Some(state) = &mut row.state {
                (state.content, state.version) = seen;
            }
        });
    }

    /// Whether this process has already seen the object at a later version. A watch may lag.
    pub fn is_behind(&self, object: &UserPoolMfaConfig) -> bool {
        let rows = self.rows();
        let state = rows.get(object_key(object).as_str()).and_then(|row| row.state.as_ref());
        let state = state.filter(|state| state.uid == object.metadata.uid);
        state.is_some_and(|state| {
            version(&object.metadata).is_some_and(|version| Some(version) < state.version)
        })
    }

    /// The failures in a row of the object at this generation.
    pub fn failures(&self, object: &UserPoolMfaConfig) -> u32 {
        let of_generation = |state: &ObjectState| state.generation == object.metadata.generation;
        self.current_state(object, |state| of_generation(state).then_some(state.failures))
            .flatten()
            .unwrap_or(0)
    }

    /// What is known of the object's recent checks.
    pub fn recent_checks(&self, object: &UserPoolMfaConfig, interval: Duration) -> RecentChecks {
        let known = self.current_state(object, |state| (state.last_good.elapsed(), state.passing_failures));
        let (last_good_age, passing_failures) = known.unwrap_or_default();
        RecentChecks { last_good_age, passing_failures, interval }
    }

    /// Records how a reconciliation ended, and the wait before the next one. With None only a change of the object makes
    /// it due, and then at once.
    pub fn record_outcome(&self, object: &UserPoolMfaConfig, outcome: &Outcome, wait: Option<Duration>) {
        let failed = matches!(outcome, Outcome::Failed(..) | Outcome::Unresolved(_));
        let failures = if failed { self.failures(object).saturating_add(1) } else { 0 };
        let mut state = self.new_state(object, failures, wait.unwrap_or_default(), None);
        state.passing_failures = if outcome.is_passing_failure() { state.passing_failures + 1 } else { 0 };
        if outcome.observed().is_some() {
            state.last_good = Instant::now();
        }
        self.set_state(object, state);
    }

    /// Records an object that changed during a reconciliation, and the wait before the next one. The outcome says nothing
    /// about the new object.
    pub fn record_superseded(&self, fresh: &UserPoolMfaConfig, wait: Duration) {
        let state = self.new_state(fresh, self.failures(fresh), wait, None);
        self.set_state(fresh, state);
    }

    /// Keeps the outcome of a write that Cognito accepted, or may have accepted, until its status can be written. The next
    /// read finds every other outcome again.
    pub fn keep_pending(&self, object: &UserPoolMfaConfig, outcome: &Outcome, at: Timestamp) {
        if outcome.may_have_written().is_some() {
            let pending =
                Some(Box::new(PendingStatus { planned: object.clone(), outcome: outcome.clone(), at }));
            let state = self.new_state(object, self.failures(object), Duration::ZERO, pending);
            self.set_state(object, state);
        }
    }

    /// Takes the outcome of an earlier reconciliation of this object whose status could not be written.
    pub fn take_pending(&self, object: &UserPoolMfaConfig) -> Option<PendingStatus> {
        let term = self.leadership.term();
        let mut rows = self.rows();
        let state = rows.get_mut(object_key(object).as_str())?.state.as_mut()?;
        let is_current = state.uid == object.metadata.uid && state.term == term;
        state.pending.take_if(|_| is_current).map(|pending| *pending)
    }

    /// Whether the status of an earlier reconciliation of this object could not be written yet.
    pub fn has_pending(&self, object: &UserPoolMfaConfig) -> bool {
        self.current_state(object, |state| state.pending.is_some()).unwrap_or_default()
    }

    /// Records that the deletion of an object has turned MFA off.
    pub fn record_pool_off(&self, object: &UserPoolMfaConfig, off: &Outcome) {
        let mut state = self.new_state(object, 0, Duration::ZERO, None);
        state.pool_off = Some(Box::new(off.clone()));
        self.set_state(object, state);
    }

    /// The outcome after the deletion of the object turned MFA off, if it has.
    pub fn pool_off(&self, object: &UserPoolMfaConfig) -> Option<Outcome> {
        self.current_state(object, |state| state.pool_off.as_deref().cloned()).flatten()
    }

    /// Records the wait of an object that this process has not reconciled yet. Its scheduled check is computed once: if it
    /// were computed again when due, it would always be a whole interval away.
    pub fn record_wait(&self, object: &UserPoolMfaConfig, wait: Duration) {
        if self.wait_left(object).is_none() {
            let state = self.new_state(object, 0, wait, None);
            self.set_state(object, state);
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
        let earlier = self.current_state(object, |state| (state.passing_failures, state.last_good));
        let (passing_failures, last_good) = earlier.unwrap_or((0, now));
        ObjectState {
            uid,
            generation,
            version: version(&object.metadata),
            content: content(object),
            term: self.leadership.term(),
            failures,
            passing_failures,
            last_good,
            next: now + wait,
            pending,
            pool_off: None,
        }
    }

    /// The answer of the object's state, if it is of this object and was recorded in this term.
    fn current_state<T>(
        &self,
        object: &UserPoolMfaConfig,
        answer: impl FnOnce(&ObjectState) -> T,
    ) -> Option<T> {
        let term = self.leadership.term();
        let rows = self.rows();
        let state = rows.get(object_key(object).as_str())?.state.as_ref()?;
        (state.uid == object.metadata.uid && state.term == term).then(|| answer(state))
    }

    fn set_state(&self, object: &UserPoolMfaConfig, state: ObjectState) {
        self.with_row(&object_key(object), |row| row.state = Some(state));
    }
}

impl ObjectState {
    pub(super) fn version(&self) -> Option<u64> {
        self.version
    }

    pub(super) fn forget_version(&mut self) {
        self.version = None;
    }
}
