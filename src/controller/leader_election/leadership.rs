//! Whether this replica leads, for all who ask. What that follows from is decided in
//! [`cognito_mfa_core::leader_election`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cognito_mfa_core::leader_election::{Candidate, Timing};
use parking_lot::Mutex;

/// Whether this replica leads, for all who ask.
#[derive(Clone, Debug)]
pub struct Leadership(Option<Arc<Standing>>);

/// How this replica stands for election.
#[derive(Debug)]
pub(super) struct Standing {
    candidate: Mutex<Candidate>,
    /// Somebody asked whether this replica leads and was told that it does not.
    turned_away: AtomicBool,
}

impl Leadership {
    /// Without an election this replica leads.
    #[must_use]
    pub fn alone() -> Self {
        Self(None)
    }

    /// The standing of this replica, and who may ask for it.
    pub(super) fn of(identity: String, timing: Timing) -> (Self, Arc<Standing>) {
        let candidate = Mutex::new(Candidate::new(identity, timing));
        let standing = Arc::new(Standing { candidate, turned_away: AtomicBool::new(false) });
        (Self(Some(standing.clone())), standing)
    }

    /// Whether this replica leads. Who is told that it does not is woken when it does.
    #[must_use]
    pub fn leads(&self) -> bool {
        let Some(standing) = &self.0 else { return true };
        let leads = standing.ask(|candidate, now| candidate.leads(now));
        if !leads {
            standing.turned_away.store(true, Ordering::SeqCst);
        }
        leads
    }

    /// Whether work that may last for `longest` may begin now: the lease outlasts it.
    #[must_use]
    pub fn may_begin(&self, longest: Duration) -> bool {
        self.0
            .as_ref()
            .is_none_or(|standing| standing.ask(|candidate, now| candidate.may_begin(now, longest)))
    }

    /// Stays the same while no other replica can have led.
    #[must_use]
    pub fn term(&self) -> u32 {
        self.0.as_ref().map_or(0, |standing| standing.ask(|candidate, _| candidate.term()))
    }

    /// Waits until all work that was allowed must be over.
    pub async fn rest(&self) {
        let busy = self.0.as_ref().map(|standing| standing.ask(|candidate, now| candidate.busy_for(now)));
        tokio::time::sleep(busy.unwrap_or_default()).await;
    }
}

impl Standing {
    /// Asks the candidate, or tells it something, at the time it is now.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&mut Candidate, Duration) -> T) -> T {
        let mut candidate = self.candidate.lock();
        // Read under the lock: who waited for it would ask about a time that has passed.
        question(&mut candidate, now())
    }

    /// Whether anybody was turned away since this was last asked.
    pub(super) fn turned_away(&self) -> bool {
        self.turned_away.swap(false, Ordering::SeqCst)
    }
}

/// The time since the machine started, what it was suspended for included: a laptop that slept through its lease must
/// know when it wakes.
fn now() -> Duration {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    // Elsewhere (macOS, FreeBSD) the monotonic clock counts suspended time itself.
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    Duration::try_from(rustix::time::clock_gettime(clock)).expect("the time since a start is not negative")
}
