//! The state that all connections share, with its clock and its change notifications.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::watch;

use crate::state::EmulatorState;

/// A handle on the state. Clones share it.
#[derive(Clone, Debug)]
pub struct Shared {
    state: Arc<Mutex<EmulatorState>>,
    changes: watch::Sender<()>,
    started: Instant,
}

impl Shared {
    pub fn new(state: EmulatorState) -> Self {
        Self { state: Arc::new(Mutex::new(state)), changes: watch::Sender::new(()), started: Instant::now() }
    }

    /// Locks the state. A test whose assertion fails under the lock poisons it; later locks ignore that.
    pub fn state(&self) -> MutexGuard<'_, EmulatorState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// Wakes the tasks that wait for a change of the call log.
    pub fn notify(&self) {
        self.changes.send_replace(());
    }

    pub fn subscribe(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}
