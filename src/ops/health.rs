//! The operator's health, as `/healthz` and `/readyz` report it.

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;
use tokio::time::Instant;

pub use super::watch_states::{WatchState, WatchStates};

/// After this long without any answer, not even an error, a watch counts as dead.
///
/// A black hole alone must not take as long. Its first request is sent at most 30 s after the last answer: as long as a
/// watch lasts, or its backoff. The request fails after 40 s, and after 30 s of backoff the next attempt to connect, which
/// counts as an answer, takes 10 s. These are 110 s.
const DEAD_AFTER: Duration = Duration::from_mins(2);

/// The state that the probes report.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// One for each watch.
    pub pulses: Vec<Pulse>,
    /// The state of each watch.
    pub watches: WatchStates,
    /// Whether the operator writes nothing to AWS.
    pub observe_only: bool,
    /// Why the operator cannot start to reconcile.
    blocked: Arc<Mutex<Option<String>>>,
    /// Why the Lease cannot be read or written, and what to do.
    lease_failure: Arc<Mutex<Option<String>>>,
}

impl Health {
    /// Sets the reason why the operator cannot start to reconcile. `None` clears it.
    pub fn block(&self, reason: Option<String>) {
        *self.blocked.lock() = reason;
    }

    /// The reason why the operator cannot start to reconcile, if there is one.
    #[must_use]
    pub fn blocked(&self) -> Option<String> {
        self.blocked.lock().clone()
    }

    /// Sets the reason why the Lease cannot be read or written. `None` clears it.
    pub fn set_lease_failure(&self, reason: Option<String>) {
        *self.lease_failure.lock() = reason;
    }

    /// The reason why the Lease cannot be read or written, if there is one.
    #[must_use]
    pub fn lease_failure(&self) -> Option<String> {
        self.lease_failure.lock().clone()
    }
}

/// When a watch last got an answer. An error counts as an answer, and so does a connection that is not established in time:
/// a restart does not bring the API server back. Only silence on established connections is no answer, or a watch that
/// asks for nothing any more.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Instant>>);

impl Default for Pulse {
    /// A new watch has the full time until it must get its first answer.
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Pulse {
    /// Records that an answer came just now.
    pub fn beat(&self) {
        *self.0.lock() = Instant::now();
    }

    /// Whether the last answer is less than two minutes old.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.0.lock().elapsed() < DEAD_AFTER
    }
}
