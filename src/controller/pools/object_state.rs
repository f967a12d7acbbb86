//! Where each object stands in its retries and checks.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use cognito_mfa_core::{
    access::ownership::key, api::v1alpha1::UserPoolMfaConfig, schedule::requeue, status::outcome::Outcome,
};
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{controller::leader_election::leadership::Leadership, locked::locked};

/// Where each object stands, by `namespace/name`.
pub struct Tracks {
    leadership: Leadership,
    tracks: Mutex<HashMap<String, Track>>,
    /// The failures of the API server in a row.
    stumbles: Mutex<HashMap<String, u32>>,
    /// Whose finalizer could not be put on.
    unheld: Mutex<HashSet<String>>,
}

/// Where an object stands in its retries and checks; lost at a restart, as it may be.
#[derive(Clone, Debug)]
struct Track {
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
    unsaid: Option<Box<Unsaid>>,
    /// What the last look showed at a pool that the deletion of its object has turned off. Whatever becomes of the pool
    /// since, the object has nothing more to say of it.
    off: Option<Box<Outcome>>,
}

/// What a pass found, and when.
#[derive(Clone, Debug)]
pub struct Unsaid {
    /// The object that the pass was planned for.
    pub planned: UserPoolMfaConfig,
    /// How it ended.
    pub outcome: Outcome,
    /// When it did: told late, it must not look as if it had just been.
    pub at: Timestamp,
}

impl Tracks {
    /// Nothing is known of any object.
    pub fn new(leadership: Leadership) -> Self {
        Self { leadership, tracks: Mutex::default(), stumbles: Mutex::default(), unheld: Mutex::default() }
    }

    /// Counts a failure of the API server; returns the wait that follows so many in a row.
    pub fn stumbled(&self, name: &str) -> Duration {
        let mut stumbles = self.stumbles();
        let count = stumbles.entry(name.to_owned()).or_default();
        requeue::after_api_failure(name, std::mem::replace(count, count.saturating_add(1)))
    }

    /// Ends the row of failures of an object, `namespace/name`: its status could be written.
    pub fn written(&self, name: &str) {
        self.stumbles().remove(name);
    }

    /// Forgets an object, `namespace/name`, that is gone.
    pub fn forget(&self, name: &str) {
        self.tracks().remove(name);
        self.stumbles().remove(name);
        self.held(name);
    }

    /// Takes note that the finalizer of an object, `namespace/name`, could not be put on. Returns whether that is news.
    pub fn unheld(&self, name: &str) -> bool {
        locked(&self.unheld).insert(name.to_owned())
    }

    /// Takes note that it could.
    pub fn held(&self, name: &str) {
        locked(&self.unheld).remove(name);
    }

    /// Makes what failed due now, as if it never had.
    pub fn retry_failed(&self) {
        self.tracks().values_mut().filter(|track| track.failures > 0).for_each(|track| {
            (track.failures, track.next) = (0, Instant::now());
        });
    }

    /// The wait that the last pass over this object left.
    pub fn left(&self, object: &UserPoolMfaConfig) -> Option<Duration> {
        let tracks = self.tracks();
        let track = tracks
            .get(&key(object))
            .filter(|track| track.uid == object.metadata.uid && track.term == self.leadership.term())?;
        Some(track.next.saturating_duration_since(Instant::now()))
    }

    /// Whether this process has left the object at a later revision than this one, which a watch that lags shows.
    pub fn is_behind(&self, object: &UserPoolMfaConfig) -> bool {
        let tracks = self.tracks();
        let left = tracks.get(&key(object)).filter(|track| track.uid == object.metadata.uid);
        left.is_some_and(|track| revision(object).is_some_and(|shown| Some(shown) < track.revision))
    }

    /// The failures in a row of this object at its generation.
    pub fn failures(&self, object: &UserPoolMfaConfig) -> u32 {
        self.tracks()
            .get(&key(object))
            .filter(|track| track.is_of(object, self.leadership.term()))
            .map_or(0, |track| track.failures)
    }

    /// Remembers how a pass ended and when the next one is. After None only a change of an object brings it, and
    /// then at once.
    pub fn ended(&self, object: &UserPoolMfaConfig, outcome: &Outcome, wait: Option<Duration>) {
        let failed = matches!(outcome, Outcome::Failed(..));
        let failures = if failed { self.failures(object).saturating_add(1) } else { 0 };
        let track = self.track(object, failures, wait.unwrap_or_default(), None);
        self.tracks().insert(key(object), track);
    }

    /// Remembers what an object has become during a pass, and when the next one is. How the pass ended is no word about
    /// that.
    pub fn superseded(&self, fresh: &UserPoolMfaConfig, wait: Duration) {
        let track = self.track(fresh, self.failures(fresh), wait, None);
        self.tracks().insert(key(fresh), track);
    }

    /// Keeps an accepted Set until its status can be written; all else that a pass found can be found again.
    pub fn keep_unsaid(&self, object: &UserPoolMfaConfig, outcome: &Outcome, at: Timestamp) {
        if matches!(outcome, Outcome::Set { .. }) {
            let unsaid = Some(Box::new(Unsaid { planned: object.clone(), outcome: outcome.clone(), at }));
            let track = self.track(object, self.failures(object), Duration::ZERO, unsaid);
            self.tracks().insert(key(object), track);
        }
    }

    /// The Set of an earlier pass over this object, as it was then, that could not be written.
    pub fn take_unsaid(&self, object: &UserPoolMfaConfig) -> Option<Unsaid> {
        let term = self.leadership.term();
        let mut tracks = self.tracks();
        let same = |track: &&mut Track| track.uid == object.metadata.uid && track.term == term;
        let track = tracks.get_mut(&key(object)).filter(same)?;
        track.unsaid.take().map(|unsaid| *unsaid)
    }

    /// Remembers that the pool of an object that is being deleted is seen to.
    pub fn keep_off(&self, object: &UserPoolMfaConfig, off: &Outcome) {
        let mut track = self.track(object, 0, Duration::ZERO, None);
        track.off = Some(Box::new(off.clone()));
        self.tracks().insert(key(object), track);
    }

    /// What the pool of an object showed when its deletion had seen to it, if it has.
    pub fn off(&self, object: &UserPoolMfaConfig) -> Option<Outcome> {
        let (term, tracks) = (self.leadership.term(), self.tracks());
        let track = tracks.get(&key(object))?;
        track.off.clone().filter(|_| track.uid == object.metadata.uid && track.term == term).map(|off| *off)
    }

    /// Remembers the wait of an object that this process has not passed over yet. Its slot is reckoned once: reckoned
    /// again when it has come, it would always be a whole interval away.
    pub fn await_turn(&self, object: &UserPoolMfaConfig, wait: Duration) {
        if self.left(object).is_none() {
            let track = self.track(object, 0, wait, None);
            self.tracks().insert(key(object), track);
        }
    }

    fn track(
        &self,
        object: &UserPoolMfaConfig,
        failures: u32,
        wait: Duration,
        unsaid: Option<Box<Unsaid>>,
    ) -> Track {
        let (uid, generation) = (object.metadata.uid.clone(), object.metadata.generation);
        let (term, next) = (self.leadership.term(), Instant::now() + wait);
        Track { uid, generation, revision: revision(object), term, failures, next, unsaid, off: None }
    }

    fn tracks(&self) -> MutexGuard<'_, HashMap<String, Track>> {
        locked(&self.tracks)
    }

    fn stumbles(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        locked(&self.stumbles)
    }
}

impl Track {
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
