//! The table of objects: one row for each, with everything that this process knows about it.

mod finalizer_state;
mod gauges;
pub mod object_state;
mod stored_object;

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{ALLOW_LOWERING, RECONCILE_REQUESTED_AT, UserPoolMfaConfig},
    schedule::queue::ObjectKey,
};
use finalizer_state::FinalizerState;
use gauges::Gauge;
pub use gauges::Gauges;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use object_state::ObjectState;
use parking_lot::{Mutex, MutexGuard};
use stored_object::StoredObject;
use tokio_util::sync::CancellationToken;

use super::{leader_election::leadership::Leadership, watch::Object};

/// The watch misses something after this many runs in a row whose reads do not fit it, where the last one has a newer object
/// than the watch shows. A watch may lag while it lists a large fleet.
const MISSED_AFTER_NEWER: u32 = 6;
/// The same where the last read has no such object. The first time the watch may be about to show the deletion.
const MISSED_AFTER_GONE: u32 = 2;

/// The objects, each in a row.
pub struct Table {
    leadership: Leadership,
    rows: Mutex<HashMap<ObjectKey, Row>>,
}

/// What this process knows about an object.
struct Row {
    object: StoredObject,
    /// The [`spec_fingerprint`] of the object.
    fingerprint: u64,
    /// The resource version that a watch showed last.
    version: Option<u64>,
    /// How many runs in a row read that there is no such object, or one that is newer than the watch shows.
    unseen: u32,
    state: Option<ObjectState>,
    /// The retries in a row since the status was last written.
    retries: u32,
    finalizer: FinalizerState,
    /// How many runs in a row planned a write that could not be sent before the pool had to be read again.
    writes_due: u32,
    running: Option<Running>,
    gauge: Option<Gauge>,
}

/// A reconciliation that runs.
struct Running {
    /// That of the object for which it runs.
    fingerprint: u64,
    token: CancellationToken,
    /// Whether it is counted in `unseen`. One run reads the object several times within milliseconds.
    unseen: bool,
}

impl Table {
    /// A table without any object yet.
    pub fn new(leadership: Leadership) -> Self {
        Self { leadership, rows: Mutex::default() }
    }

    /// The key of an object: the one that its row has, so that each name is kept once.
    pub fn key(&self, object: &Object) -> ObjectKey {
        let key = object_key(object);
        self.rows().get_key_value(key.as_str()).map_or_else(|| key.into(), |(known, _)| known.clone())
    }

    /// Records an object as a watch shows it. Returns whether its [`spec_fingerprint`] has changed. A reconciliation of an
    /// earlier version is then cancelled, so that the new spec does not wait for the old one's turn.
    pub fn record_object(&self, key: &ObjectKey, object: Object) -> bool {
        let fingerprint = fingerprint(&object);
        let version = version(object.meta());
        let object = StoredObject::of(object);
        let mut rows = self.rows();
        let Some(row) = rows.get_mut(key) else {
            rows.insert(key.clone(), Row { version, ..Row::new(object, fingerprint) });
            return true;
        };
        let changed = row.fingerprint != fingerprint;
        if changed {
            row.finalizer = FinalizerState::default();
        }
        (row.object, row.fingerprint, row.version, row.unseen) = (object, fingerprint, version, 0);
        if let Some(running) = &row.running
            && running.fingerprint != fingerprint
        {
            running.token.cancel();
        }
        changed
    }

    /// The object as a watch showed it last.
    pub fn object(&self, key: &str) -> Option<Object> {
        self.rows().get(key).map(|row| row.object.object(key))
    }

    /// The newest resource version of the object that this process has seen.
    pub fn seen_version(&self, key: &str) -> Option<u64> {
        self.rows()
            .get(key)
            .and_then(|row| row.version.max(row.state.as_ref().and_then(ObjectState::version)))
    }

    /// Records an answer of the API server about the object. Returns whether its watch misses something: the answer is older
    /// than what this process had seen before it asked; or in one run after the other there is no such object, or one that
    /// the watch does not show.
    pub fn record_answer(&self, key: &str, answer: Option<&ObjectMeta>, seen: Option<u64>) -> bool {
        self.with_row(key, |row| {
            let answered = answer.map(version);
            let is_shown =
                answered.is_some_and(|version| row.version.is_none_or(|shown| version <= Some(shown)));
            if is_shown {
                row.unseen = 0;
            } else if !row.running.as_mut().is_some_and(|run| std::mem::replace(&mut run.unseen, true)) {
                row.unseen += 1;
            }
            let is_older = answered.flatten().is_some_and(|version| Some(version) < seen);
            is_older || row.unseen >= if answer.is_none() { MISSED_AFTER_GONE } else { MISSED_AFTER_NEWER }
        })
        .unwrap_or_default()
    }

    /// Forgets which versions this process has seen: the API server has gone back in time.
    pub fn forget_versions(&self) {
        for row in self.rows().values_mut() {
            (row.version, row.unseen) = (None, 0);
            if let Some(state) = &mut row.state {
                state.forget_version();
            }
        }
    }

    /// Removes an object that was deleted, and cancels its reconciliation.
    pub fn remove(&self, key: &str) {
        if let Some(running) = self.rows().remove(key).and_then(|row| row.running) {
            running.token.cancel();
        }
    }

    /// The objects whose keys satisfy the condition.
    pub fn keys(&self, mut condition: impl FnMut(&str) -> bool) -> Vec<ObjectKey> {
        self.rows().keys().filter(|key| condition(key)).cloned().collect()
    }

    /// Records that a reconciliation of the object starts, which this token cancels. Returns the object, and whether its
    /// write is due. None when it has been deleted.
    pub fn begin_run(&self, key: &str, token: CancellationToken) -> Option<(Object, bool)> {
        let mut rows = self.rows();
        let row = rows.get_mut(key)?;
        row.running = Some(Running { fingerprint: row.fingerprint, token, unseen: false });
        Some((row.object.object(key), row.writes_due > 0))
    }

    /// Records that the reconciliation of the object ended, perhaps with a write that is due. Returns how many in a row ended
    /// like that; None when the object has been deleted.
    pub fn end_run(&self, key: &str, write_due: bool) -> Option<u32> {
        self.with_row(key, |row| {
            row.running = None;
            row.writes_due = if write_due { row.writes_due + 1 } else { 0 };
            row.writes_due
        })
    }

    /// Whether the write of the object's pool is due.
    pub fn is_write_due(&self, key: &str) -> bool {
        self.rows().get(key).is_some_and(|row| row.writes_due > 0)
    }

    /// Cancels the reconciliation of an object, if it runs.
    pub fn cancel(&self, key: &str) {
        if let Some(running) = self.rows().get(key).and_then(|row| row.running.as_ref()) {
            running.token.cancel();
        }
    }

    /// Cancels all reconciliations that run now.
    pub fn cancel_all(&self) {
        let rows = self.rows();
        rows.values().filter_map(|row| row.running.as_ref()).for_each(|running| running.token.cancel());
    }

    fn with_row<T>(&self, key: &str, change: impl FnOnce(&mut Row) -> T) -> Option<T> {
        self.rows().get_mut(key).map(change)
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<ObjectKey, Row>> {
        self.rows.lock()
    }
}

impl Row {
    fn new(object: StoredObject, fingerprint: u64) -> Self {
        Self {
            object,
            fingerprint,
            version: None,
            unseen: 0,
            state: None,
            retries: 0,
            finalizer: FinalizerState::default(),
            writes_due: 0,
            running: None,
            gauge: None,
        }
    }
}

fn version(meta: &ObjectMeta) -> Option<u64> {
    parse_version(meta.resource_version.as_deref())
}

/// A resource version. They grow (KEP-5504).
pub fn parse_version(version: Option<&str>) -> Option<u64> {
    version?.parse().ok()
}

/// The [`spec_fingerprint`] of an object. The pool of an invalid one is not known.
pub fn fingerprint(object: &Object) -> u64 {
    spec_fingerprint(object.meta(), object.0.as_ref().ok().and_then(UserPoolMfaConfig::pool_id))
}

/// A hash of what makes an object due at once: its identity, spec, pool, deletion and finalizers, and the annotations that
/// request a check or allow a weakening write. The operator's own status writes change none of these, except the pool of a
/// reference.
pub fn spec_fingerprint(meta: &ObjectMeta, pool: Option<&str>) -> u64 {
    let annotation = |name| meta.annotations.as_ref().and_then(|annotations| annotations.get(name));
    let mut hasher = DefaultHasher::new();
    let deleted = meta.deletion_timestamp.as_ref().map(|time| time.0);
    (
        &meta.uid,
        meta.generation,
        pool,
        deleted,
        &meta.finalizers,
        annotation(RECONCILE_REQUESTED_AT),
        annotation(ALLOW_LOWERING),
    )
        .hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
