//! Leader election by a Lease: what a candidate writes next, and which work its Lease allows.
//!
//! A candidate never compares the clocks of two machines:
//!
//! - Another replica's Lease has expired when this candidate has seen it unchanged for the Lease's duration, by its own
//!   clock.
//! - A holder counts from before it sent its last renewal, which is earlier.
//! - A write replaces exactly the version that was read, so the API server refuses one of two concurrent writes.
//!
//! Times are durations since a start of the candidate's own, on a clock that counts suspended time.

mod failure;
mod lease;
mod timing;

use std::time::Duration;

pub use failure::LeaseFailure;
use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};
use lease::{holder, transitions, version, written_duration};
pub use timing::Timing;

use crate::schedule::jitter::jittered;

/// A write of the Lease.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Creates the Lease, which does not exist.
    Create(Lease),
    /// Replaces the Lease, on condition that its resource version is still the one that was read.
    Replace(Lease),
}

/// A replica that leads, or waits to lead.
#[derive(Clone, Debug)]
pub struct Candidate {
    identity: String,
    timing: Timing,
    observed: Option<ObservedLease>,
    /// Whether `observed` may be replaced without another read.
    fresh: bool,
    /// When the last confirmed write began. None while the Lease is not this replica's.
    renewed: Option<Duration>,
    /// The last term in which this replica led.
    lease_term: Option<LeaseTerm>,
    /// How many terms this replica has led.
    term: u32,
    /// When the last of the allowed work ends.
    busy_until: Duration,
}

/// The Lease as last read or written. None means that there is no Lease.
#[derive(Clone, Debug)]
struct ObservedLease {
    lease: Option<Lease>,
    unchanged_since: Duration,
}

/// Identifies a term: every new holder increments the transitions, and a Lease that is created again has another UID.
#[derive(Clone, Debug, PartialEq)]
struct LeaseTerm {
    uid: Option<String>,
    transitions: i32,
}

impl Candidate {
    /// A candidate that has not read the Lease yet. No two candidates may ever have the same identity.
    #[must_use]
    pub fn new(identity: String, timing: Timing) -> Self {
        Self {
            identity,
            timing,
            observed: None,
            fresh: false,
            renewed: None,
            lease_term: None,
            term: 0,
            busy_until: Duration::ZERO,
        }
    }

    /// The holder identity that this replica writes into the Lease.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The durations of the election.
    #[must_use]
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Whether the Lease must be read before the next write.
    #[must_use]
    pub fn must_read(&self) -> bool {
        !self.fresh
    }

    /// Records a read of the Lease, None when there is none. `now` is when the response arrived.
    pub fn observe(&mut self, lease: Option<Lease>, now: Duration) {
        if lease.as_ref().is_some_and(|lease| holder(lease) != Some(&self.identity)) {
            self.renewed = None;
        }
        let is_unchanged = |last: &&ObservedLease| version(last.lease.as_ref()) == version(lease.as_ref());
        let unchanged_since =
            self.observed.as_ref().filter(is_unchanged).map_or(now, |last| last.unchanged_since);
        self.observed = Some(ObservedLease { lease, unchanged_since });
        self.fresh = true;
    }

    /// The write to send now, if any. Each call needs a read before it, unless the last write was confirmed.
    pub fn claim(&mut self, now: Duration, wall_clock: Timestamp) -> Option<Write> {
        let fresh = std::mem::take(&mut self.fresh);
        let observed = self.observed.as_ref().filter(|_| fresh)?;
        if !self.time_until_free(observed, now).is_zero() {
            return None;
        }
        Some(match &observed.lease {
            None => Write::Create(self.own_lease(Lease::default(), wall_clock)),
            Some(lease) => Write::Replace(self.own_lease(lease.clone(), wall_clock)),
        })
    }

    /// Records that the API server accepted the write that began at `began` and returned `lease`.
    pub fn wrote(&mut self, lease: Lease, began: Duration) {
        let lease_term = LeaseTerm { uid: lease.metadata.uid.clone(), transitions: transitions(&lease) };
        if self.lease_term.as_ref() != Some(&lease_term) {
            self.lease_term = Some(lease_term);
            self.term = self.term.saturating_add(1);
        }
        self.observed = Some(ObservedLease { lease: Some(lease), unchanged_since: began });
        self.fresh = true;
        self.renewed = Some(began);
    }

    /// The wait before the next attempt: the retry period, or less when another replica's Lease expires earlier. Jitter
    /// keeps the replicas from asking at the same time. `attempt` counts the attempts.
    #[must_use]
    pub fn wait(&self, now: Duration, attempt: u32) -> Duration {
        let retry = jittered(self.timing.retry, &self.identity, attempt);
        let until_free = self.observed.as_ref().map(|observed| self.time_until_free(observed, now));
        until_free.filter(|wait| !wait.is_zero()).map_or(retry, |wait| wait.min(retry))
    }

    /// Whether this replica leads.
    #[must_use]
    pub fn leads(&self, now: Duration) -> bool {
        self.renewed.is_some_and(|renewed| now.saturating_sub(renewed) < self.timing.deadline)
    }

    /// Whether work that lasts at most `longest` may begin: this replica must lead, and the work must end before another
    /// replica can lead.
    pub fn may_begin(&mut self, now: Duration, longest: Duration) -> bool {
        let end = now.saturating_add(longest);
        let lease_outlasts_work =
            self.renewed.is_some_and(|renewed| end <= renewed.saturating_add(self.timing.duration));
        let allowed = lease_outlasts_work && self.leads(now);
        if allowed {
            self.busy_until = self.busy_until.max(end);
        }
        allowed
    }

    /// How long the allowed work may still last.
    #[must_use]
    pub fn busy_for(&self, now: Duration) -> Duration {
        self.busy_until.saturating_sub(now)
    }

    /// The number of the term. While it is unchanged, no other replica can have led.
    #[must_use]
    pub fn term(&self) -> u32 {
        self.term
    }

    /// The identity of the Lease's holder, as last read.
    #[must_use]
    pub fn holder(&self) -> Option<&str> {
        self.observed.as_ref()?.lease.as_ref().and_then(holder)
    }

    /// Stops leading, and returns the Lease to write so that another replica can take it at once. None when the Lease is
    /// not known to be this replica's.
    pub fn release(&mut self) -> Option<Lease> {
        let fresh = std::mem::take(&mut self.fresh);
        self.renewed.take().filter(|_| fresh)?;
        let mut lease = self.observed.as_ref()?.lease.clone()?;
        lease.spec.get_or_insert_default().holder_identity = None;
        Some(lease)
    }

    /// The time until this replica may take the Lease.
    fn time_until_free(&self, observed: &ObservedLease, now: Duration) -> Duration {
        let valid_for = match &observed.lease {
            // The Lease was deleted, and its holder may not know that yet.
            None if !self.leads(now) => self.timing.duration,
            Some(lease) if holder(lease).is_some_and(|holder| holder != self.identity) => {
                written_duration(lease).unwrap_or(self.timing.duration)
            }
            _ => Duration::ZERO,
        };
        observed.unchanged_since.saturating_add(valid_for).saturating_sub(now)
    }

    /// The Lease with this replica as its holder. Its times are for people: no candidate compares them.
    fn own_lease(&self, mut lease: Lease, wall_clock: Timestamp) -> Lease {
        let is_new_holder = holder(&lease) != Some(&self.identity);
        let is_new_lease = lease.spec.is_none();
        let before = lease.spec.take().unwrap_or_default();
        let increment = i32::from(is_new_holder && !is_new_lease);
        lease.spec = Some(LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(self.timing.duration.as_secs()).ok(),
            lease_transitions: Some(before.lease_transitions.unwrap_or_default().saturating_add(increment)),
            acquire_time: before.acquire_time.filter(|_| !is_new_holder).or(Some(MicroTime(wall_clock))),
            renew_time: Some(MicroTime(wall_clock)),
            ..before
        });
        lease
    }
}

#[cfg(test)]
mod tests;
