//! The objects that a watch has reported, and the changes that are not printed yet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::{core::DynamicObject, runtime::watcher};
use serde::Serialize;

use super::order::{report, sorted};
use crate::cli::posture::PoolReport;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum WatchEvent {
    /// The object is new, or its report differs.
    Changed,
    Deleted,
}

#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) event: WatchEvent,
    /// The report on the object, also after its deletion.
    pub(super) pool: PoolReport,
}

/// The reports by namespace and name.
type Pools = BTreeMap<Key, PoolReport>;
type Key = (String, String);

#[derive(Default)]
pub(super) struct WatchState {
    pools: Pools,
    /// A list that is not complete. An object that is missing at its end was deleted.
    listing: Pools,
    is_listed: bool,
    changes: Vec<Change>,
}

impl WatchState {
    pub(super) fn handle(&mut self, event: watcher::Event<DynamicObject>, now: Timestamp) {
        match event {
            watcher::Event::Init => self.listing.clear(),
            watcher::Event::InitApply(object) => {
                let (key, pool) = with_key(object, now);
                self.listing.insert(key, pool);
            }
            watcher::Event::InitDone => self.complete_list(),
            watcher::Event::Apply(object) => {
                let (key, pool) = with_key(object, now);
                self.insert(key, pool);
            }
            watcher::Event::Delete(object) => self.remove(&with_key(object, now).0),
        }
    }

    /// Whether the first list is complete.
    pub(super) fn is_listed(&self) -> bool {
        self.is_listed
    }

    pub(super) fn pools(&self) -> Vec<PoolReport> {
        self.pools.values().cloned().collect()
    }

    /// The changes since the last call.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    fn complete_list(&mut self) {
        self.is_listed = true;
        let listed = std::mem::take(&mut self.listing);
        let deleted: Vec<_> = self.pools.keys().filter(|key| !listed.contains_key(*key)).cloned().collect();
        for key in &deleted {
            self.remove(key);
        }
        for pool in sorted(listed.into_values().collect()) {
            self.insert(key(&pool), pool);
        }
    }

    fn insert(&mut self, key: Key, pool: PoolReport) {
        if self.pools.get(&key) != Some(&pool) {
            self.changes.push(Change { event: WatchEvent::Changed, pool: pool.clone() });
            self.pools.insert(key, pool);
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(pool) = self.pools.remove(key) {
            self.changes.push(Change { event: WatchEvent::Deleted, pool: pool.into_deleted() });
        }
    }
}

fn with_key(object: DynamicObject, now: Timestamp) -> (Key, PoolReport) {
    let pool = report(&object.into(), now);
    (key(&pool), pool)
}

fn key(pool: &PoolReport) -> Key {
    (pool.namespace.clone(), pool.name.clone())
}
