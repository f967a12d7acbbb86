//! What a watch has seen so far, and what of it is new.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kube::{core::DynamicObject, runtime::watcher};
use serde::Serialize;

use super::{in_order, pool};
use crate::cli::posture::Pool;

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WatchEvent {
    /// It is there, and was not so before.
    Changed,
    /// It is gone.
    Deleted,
}

/// What became of an object, and how it stands.
#[derive(Clone, Debug)]
pub struct Change {
    /// What.
    pub event: WatchEvent,
    /// How it stands, or stood at last.
    pub pool: Pool,
}

type Pools = BTreeMap<(String, String), Pool>;

/// What a watch has seen.
#[derive(Default)]
pub struct WatchState {
    pools: Pools,
    /// A list that is under way: what it lacks at its end is gone.
    listing: Pools,
    listed: bool,
    changes: Vec<Change>,
}

impl WatchState {
    /// Takes what the watch says.
    pub fn handle(&mut self, event: watcher::Event<DynamicObject>, now: Timestamp) {
        match event {
            watcher::Event::Init => self.listing.clear(),
            watcher::Event::InitApply(object) => {
                let (key, pool) = keyed(object, now);
                self.listing.insert(key, pool);
            }
            watcher::Event::InitDone => self.list(),
            watcher::Event::Apply(object) => {
                let (key, pool) = keyed(object, now);
                self.put(key, pool);
            }
            watcher::Event::Delete(object) => self.remove(&keyed(object, now).0),
        }
    }

    /// Whether all objects were listed once.
    pub fn is_listed(&self) -> bool {
        self.listed
    }

    /// The objects as they are.
    pub fn pools(&self) -> Vec<Pool> {
        self.pools.values().cloned().collect()
    }

    /// What is new since this was asked last.
    pub fn changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    fn list(&mut self) {
        self.listed = true;
        let listed = std::mem::take(&mut self.listing);
        let gone: Vec<_> = self.pools.keys().filter(|key| !listed.contains_key(*key)).cloned().collect();
        for key in &gone {
            self.remove(key);
        }
        for pool in in_order(listed.into_values().collect()) {
            self.put((pool.namespace.clone(), pool.name.clone()), pool);
        }
    }

    fn put(&mut self, key: (String, String), pool: Pool) {
        if self.pools.get(&key) != Some(&pool) {
            self.changes.push(Change { event: WatchEvent::Changed, pool: pool.clone() });
            self.pools.insert(key, pool);
        }
    }

    fn remove(&mut self, key: &(String, String)) {
        if let Some(pool) = self.pools.remove(key) {
            self.changes.push(Change { event: WatchEvent::Deleted, pool: pool.gone() });
        }
    }
}

fn keyed(object: DynamicObject, now: Timestamp) -> ((String, String), Pool) {
    let pool = pool(&object.into(), now);
    ((pool.namespace.clone(), pool.name.clone()), pool)
}
