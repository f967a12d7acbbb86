//! How many reconciliations each namespace runs. It may use any number of quota scopes, because a pool's id may name any
//! region; so the limit of each scope does not bound them.

use std::{collections::HashMap, time::Duration};

use crate::access::ownership::split_key;

/// How many reconciliations of one namespace may run at the same time.
pub const MAX_RUNNING_PER_NAMESPACE: usize = 256;
/// The time between the retries of objects that found their namespace full.
const RETRY_GAP: Duration = Duration::from_millis(4);

/// The namespaces with running reconciliations.
#[derive(Debug, Default)]
pub(super) struct Namespaces(HashMap<Box<str>, Namespace>);

#[derive(Debug, Default)]
struct Namespace {
    running: usize,
    /// When the last object is retried that found the namespace full.
    last_retry: Duration,
}

impl Namespaces {
    /// Records that the reconciliation of an object starts; or else returns when it is to be retried, because its
    /// namespace runs as many as it may.
    pub fn start(&mut self, key: &str, now: Duration) -> Result<(), Duration> {
        let namespace = self.0.entry(split_key(key).0.into()).or_default();
        if namespace.running >= MAX_RUNNING_PER_NAMESPACE {
            namespace.last_retry = namespace.last_retry.max(now) + RETRY_GAP;
            return Err(namespace.last_retry);
        }
        namespace.running += 1;
        Ok(())
    }

    /// Records that the reconciliation of an object ended.
    pub fn end(&mut self, key: &str) {
        let name = split_key(key).0;
        let Some(namespace) = self.0.get_mut(name) else { return };
        namespace.running = namespace.running.saturating_sub(1);
        if namespace.running == 0 {
            self.0.remove(name);
        }
    }
}
