//! The pools that only one object may reconcile at a time.
//!
//! When another object becomes the owner of a pool, a write of the previous owner may still be in flight.

use std::{collections::HashMap, time::Duration};

use super::ObjectKey;

/// The pools that are being reconciled, or blocked.
#[derive(Debug, Default)]
pub(super) struct Pools(HashMap<String, Pool>);

#[derive(Debug, Default)]
struct Pool {
    running: bool,
    /// The last write may still reach Cognito until then.
    blocked_until: Duration,
    /// The objects that wait for the pool.
    parked: Vec<ObjectKey>,
}

/// Whether a pool may be reconciled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Availability {
    Free,
    /// It is being reconciled for another object.
    Busy,
    /// The last write to it may still reach Cognito until then.
    Blocked(Duration),
}

impl Pools {
    /// Whether the pool may be reconciled now.
    pub fn availability(&self, pool: &str, now: Duration) -> Availability {
        match self.0.get(pool) {
            Some(pool) if pool.running => Availability::Busy,
            Some(pool) if pool.blocked_until > now => Availability::Blocked(pool.blocked_until),
            Some(_) | None => Availability::Free,
        }
    }

    /// Has an object wait until the pool is free.
    pub fn park(&mut self, pool: &str, key: ObjectKey) {
        self.0.entry(pool.to_owned()).or_default().parked.push(key);
    }

    /// Records that the reconciliation of a pool starts.
    pub fn start(&mut self, pool: &str) {
        self.0.entry(pool.to_owned()).or_default().running = true;
    }

    /// Records that the reconciliation of a pool ended. Returns the objects that wait for it.
    pub fn end(&mut self, pool: &str, free_at: Duration, now: Duration) -> Vec<ObjectKey> {
        self.0.retain(|_, pool| pool.running || pool.blocked_until > now);
        let Some(state) = self.0.get_mut(pool) else { return Vec::new() };
        (state.running, state.blocked_until) = (false, free_at);
        std::mem::take(&mut state.parked)
    }

    /// Takes an object from those that wait for the pool.
    pub fn leave(&mut self, pool: &str, key: &ObjectKey) {
        if let Some(pool) = self.0.get_mut(pool) {
            pool.parked.retain(|parked| parked != key);
        }
    }

    /// Whether any pool is blocked.
    pub fn any_blocked(&self, now: Duration) -> bool {
        self.0.values().any(|pool| pool.blocked_until > now)
    }
}
