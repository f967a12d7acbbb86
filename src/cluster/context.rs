//! What all reconciliations share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kube::Client;
use tokio::time::Instant;

use super::{events::Events, turns::Turns};
use crate::{
    api::UserPoolMfaConfig,
    aws::Gateway,
    core::{
        outcome::Outcome,
        ownership::{Claims, key},
    },
    ops::metrics::Metrics,
};

/// What every reconciliation needs.
pub struct Context {
    /// For calls of the API server.
    pub client: Client,
    /// For calls of Cognito.
    pub gateway: Gateway,
    /// For Kubernetes Events.
    pub events: Events,
    /// For the metrics page.
    pub metrics: Arc<Metrics>,
    /// Who speaks for which pool.
    pub claims: Mutex<Claims>,
    /// Who may pass over which pool.
    pub turns: Turns,
    /// Where each object stands, by `namespace/name`.
    pub tracks: Mutex<HashMap<String, Track>>,
    /// The failures of the API server in a row, by `namespace/name`.
    pub stumbles: Mutex<HashMap<String, u32>>,
    /// How often a pool is checked where its object does not say.
    pub interval: Duration,
    /// The unknown settings that may be overwritten.
    pub tolerated: Vec<String>,
}

/// Where an object stands in its retries and checks; lost at a restart, as it may be.
#[derive(Clone, Debug)]
pub struct Track {
    uid: Option<String>,
    generation: Option<i64>,
    failures: u32,
    next: Instant,
    /// What a pass found and could not write yet. An accepted Set must not be lost with a status write: it would
    /// be set again.
    unsaid: Option<Box<(UserPoolMfaConfig, Outcome)>>,
}

impl Context {
    /// Who speaks for which pool.
    pub fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets an object, `namespace/name`, that is gone.
    pub fn forget(&self, name: &str) {
        self.tracks().remove(name);
        self.stumbles.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        self.metrics.gone(name);
    }

    /// Counts a failure of the API server; returns those in a row before it.
    pub fn stumbled(&self, name: &str) -> u32 {
        let mut stumbles = self.stumbles.lock().unwrap_or_else(PoisonError::into_inner);
        let count = stumbles.entry(name.to_owned()).or_default();
        std::mem::replace(count, count.saturating_add(1))
    }

    /// Notes how an object stands now that its status says so. `read` says whether the pool was read.
    pub fn stands(&self, object: &impl kube::Resource, reason: &str, read: bool) {
        self.stumbles.lock().unwrap_or_else(PoisonError::into_inner).remove(&key(object));
        self.metrics.stands(&key(object), reason, read);
    }

    /// The wait that the last pass over this object left.
    pub fn planned(&self, object: &UserPoolMfaConfig) -> Option<Duration> {
        let tracks = self.tracks();
        let track = tracks.get(&key(object)).filter(|track| track.uid == object.metadata.uid)?;
        Some(track.next.saturating_duration_since(Instant::now()))
    }

    /// The failures in a row of this object at its generation.
    pub fn failures(&self, object: &UserPoolMfaConfig) -> u32 {
        self.tracks().get(&key(object)).filter(|track| track.is_of(object)).map_or(0, |track| track.failures)
    }

    /// Remembers how a pass ended and when the next one is. After None only a change of an object brings it, and
    /// then at once.
    pub fn plan(&self, object: &UserPoolMfaConfig, outcome: &Outcome, wait: Option<Duration>) {
        let failed = matches!(outcome, Outcome::Failed(..));
        let failures = if failed { self.failures(object).saturating_add(1) } else { 0 };
        let track = Track::new(object, failures, wait.unwrap_or_default(), None);
        self.tracks().insert(key(object), track);
    }

    /// Keeps an accepted Set until its status can be written; all else that a pass found can be found again.
    pub fn keep_unsaid(&self, object: &UserPoolMfaConfig, outcome: &Outcome) {
        if matches!(outcome, Outcome::Set { .. }) {
            let unsaid = Some(Box::new((object.clone(), outcome.clone())));
            let track = Track::new(object, self.failures(object), Duration::ZERO, unsaid);
            self.tracks().insert(key(object), track);
        }
    }

    /// The Set of an earlier pass over this object, as it was then, that could not be written.
    pub fn take_unsaid(&self, object: &UserPoolMfaConfig) -> Option<(UserPoolMfaConfig, Outcome)> {
        let mut tracks = self.tracks();
        let track = tracks.get_mut(&key(object)).filter(|track| track.uid == object.metadata.uid)?;
        track.unsaid.take().map(|unsaid| *unsaid)
    }

    /// Remembers the wait of an object that this process has not passed over yet. Its slot is reckoned once: reckoned
    /// again when it has come, it would always be a whole interval away.
    pub fn await_turn(&self, object: &UserPoolMfaConfig, wait: Duration) {
        if self.planned(object).is_none() {
            self.tracks().insert(key(object), Track::new(object, 0, wait, None));
        }
    }

    fn tracks(&self) -> MutexGuard<'_, HashMap<String, Track>> {
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Track {
    fn new(
        object: &UserPoolMfaConfig,
        failures: u32,
        wait: Duration,
        unsaid: Option<Box<(UserPoolMfaConfig, Outcome)>>,
    ) -> Self {
        let (uid, generation, now) =
            (object.metadata.uid.clone(), object.metadata.generation, Instant::now());
        Self { uid, generation, failures, next: now + wait, unsaid }
    }

    fn is_of(&self, object: &UserPoolMfaConfig) -> bool {
        self.uid == object.metadata.uid && self.generation == object.metadata.generation
    }
}
