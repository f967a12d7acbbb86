//! Whether this replica leads, for every part that asks. The rules are in
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

/// A handle that answers whether this replica leads. Without an election it always does.
#[derive(Clone, Debug)]
pub struct Leadership(Option<Arc<Standing>>);

/// The state of this replica in the election, shared with the elector.
#[derive(Debug)]
pub(super) struct Standing {
    candidate: Mutex<Candidate>,
    /// Whether objects were skipped because this replica did not lead.
    skipped: AtomicBool,
}

impl Leadership {
    /// The leadership of the only replica.
    #[must_use]
    pub fn alone() -> Self {
        Self(None)
    }

    /// The leadership of a replica that takes part in an election, and its state for the elector.
    pub(super) fn of(identity: String, timing: Timing) -> (Self, Arc<Standing>) {
        let candidate = Mutex::new(Candidate::new(identity, timing));
        let standing = Arc::new(Standing { candidate, skipped: AtomicBool::new(false) });
        (Self(Some(standing.clone())), standing)
    }

    /// Whether this replica leads. If not, the caller skips its object, which is requeued when this replica becomes leader.
    #[must_use]
    pub fn leads(&self) -> bool {
        let leads = self.is_leading();
        if let Some(standing) = self.0.as_ref().filter(|_| !leads) {
            standing.skipped.store(true, Ordering::SeqCst);
        }
        leads
    }

    /// Whether this replica leads, for a caller that skips no object.
    #[must_use]
    pub fn is_leading(&self) -> bool {
        self.0.as_ref().is_none_or(|standing| standing.ask(|candidate, now| candidate.leads(now)))
    }

    /// Whether work of up to `longest` may start now: only if the lease lasts longer than the work.
    #[must_use]
    pub fn may_begin(&self, longest: Duration) -> bool {
        self.0
            .as_ref()
            .is_none_or(|standing| standing.ask(|candidate, now| candidate.may_begin(now, longest)))
    }

    /// A number that changes whenever another replica may have led in between.
    #[must_use]
    pub fn term(&self) -> u32 {
        self.0.as_ref().map_or(0, |standing| standing.ask(|candidate, _| candidate.term()))
    }

    /// Waits until all work that [`Self::may_begin`] allowed must have ended.
    pub async fn wait_until_idle(&self) {
        let busy_for = self.0.as_ref().map(|standing| standing.ask(|candidate, now| candidate.busy_for(now)));
        tokio::time::sleep(busy_for.unwrap_or_default()).await;
    }
}

impl Standing {
    /// Calls the candidate with the time of now.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&mut Candidate, Duration) -> T) -> T {
        let mut candidate = self.candidate.lock();
        // The clock is read under the lock: a time from before the wait for the lock would be too old.
        question(&mut candidate, now())
    }

    /// Whether objects were skipped since the last call.
    pub(super) fn take_skipped(&self) -> bool {
        self.skipped.swap(false, Ordering::SeqCst)
    }
}

/// The time since the machine started, including time suspended: a laptop that slept through its lease must notice when it
/// wakes up.
fn now() -> Duration {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    // On macOS and FreeBSD the monotonic clock already counts suspended time.
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    Duration::try_from(rustix::time::clock_gettime(clock)).expect("the time since a start is not negative")
}
