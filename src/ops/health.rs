//! Whether the operator makes progress.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// A watch that got no answer, not even a refusal, for this long hangs.
const HUNG: Duration = Duration::from_secs(90);

/// What the probes ask for.
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// One pulse for each watch.
    pub pulses: Vec<Pulse>,
    /// Whether every watch has listed.
    pub listed: Arc<AtomicBool>,
    /// What keeps the operator from beginning at all.
    blocked: Arc<Mutex<Option<String>>>,
}

impl Health {
    /// Says what keeps the operator from beginning; None when nothing does any more.
    pub fn block(&self, why: Option<String>) {
        *self.blocked.lock() = why;
    }

    /// What keeps the operator from beginning.
    #[must_use]
    pub fn blocked(&self) -> Option<String> {
        self.blocked.lock().clone()
    }
}

/// When a client last had an answer. A refusal counts: restarting the operator does not bring the API server back,
/// but it does mend a connection that is only half open.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Instant>>);

impl Default for Pulse {
    /// A pulse that beat just now.
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Pulse {
    /// There was an answer now.
    pub fn beat(&self) {
        *self.0.lock() = Instant::now();
    }

    /// Whether there was an answer lately.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.0.lock().elapsed() < HUNG
    }
}
