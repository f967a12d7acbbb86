//! Who leads: what a candidate does next about the Lease, and what its lease allows.
//!
//! A candidate never compares the clocks of two machines. Another's lease has run out when its Lease was seen
//! unchanged for as long as it is good for, by the candidate's own clock; its holder counts from before it sent its
//! last renewal, which is earlier. Every write replaces the very version that was seen, so of two candidates that
//! take the same Lease one is refused.
//!
//! Times are durations since a start of the candidate's own, on a clock that counts suspended time.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::{
    api::coordination::v1::{Lease, LeaseSpec},
    apimachinery::pkg::apis::meta::v1::MicroTime,
};

use crate::schedule::slots::jittered;

/// How long a lease is good for and how it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long the others leave a Lease alone that does not change.
    pub duration: Duration,
    /// How old the last renewal of a leader may be, from when it began.
    pub deadline: Duration,
    /// The wait between two tries.
    pub retry: Duration,
}

impl Timing {
    /// Times that fit each other.
    ///
    /// # Errors
    /// A sentence that says what to write.
    pub fn new(duration: Duration, deadline: Duration, retry: Duration) -> Result<Self, String> {
        if duration.subsec_nanos() != 0 || i32::try_from(duration.as_secs()).is_err() {
            return Err(format!("--lease-duration {duration:?}: write whole seconds, such as 15s"));
        }
        if retry.is_zero() {
            return Err("--lease-retry-period: write more than nothing, such as 2s".into());
        }
        if deadline <= retry.saturating_mul(2) {
            return Err(format!(
                "--lease-renew-deadline {deadline:?} leaves no second try: write more than twice --lease-retry-period, which is {retry:?}"
            ));
        }
        if duration < deadline.saturating_add(retry.saturating_mul(2)) {
            return Err(format!(
                "--lease-duration {duration:?} is too short: write at least --lease-renew-deadline and twice --lease-retry-period, together {:?}",
                deadline.saturating_add(retry.saturating_mul(2))
            ));
        }
        Ok(Self { duration, deadline, retry })
    }
}

/// What a candidate writes.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// There is no Lease.
    Create(Lease),
    /// Over the version that was seen, and no other.
    Replace(Lease),
}

/// A replica that leads or would.
#[derive(Clone, Debug)]
pub struct Candidate {
    identity: String,
    timing: Timing,
    seen: Option<ObservedLease>,
    /// Whether `seen` may be written over without another look.
    fresh: bool,
    /// When the last write that was confirmed began. None when the Lease is not, or is no longer, this replica's.
    renewed: Option<Duration>,
    /// Which Lease this replica last held, and how often that had changed hands.
    held: Option<(Option<String>, i32)>,
    /// How often this replica came to lead after another.
    term: u32,
    /// When the last of the work that was allowed is over.
    busy_until: Duration,
}

/// The Lease as it was last seen, and since when it looks so. None is no Lease at all.
#[derive(Clone, Debug)]
struct ObservedLease {
    lease: Option<Lease>,
    since: Duration,
}

impl Candidate {
    /// A candidate that has seen nothing yet. No two may ever have the same identity.
    #[must_use]
    pub fn new(identity: String, timing: Timing) -> Self {
        Self {
            identity,
            timing,
            seen: None,
            fresh: false,
            renewed: None,
            held: None,
            term: 0,
            busy_until: Duration::ZERO,
        }
    }

    /// The name in the Lease.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// How its lease is kept.
    #[must_use]
    pub fn timing(&self) -> Timing {
        self.timing
    }

    /// Whether the Lease must be read before the next write.
    #[must_use]
    pub fn must_read(&self) -> bool {
        !self.fresh
    }

    /// The Lease is like this; None when there is none. `now` is when the answer came.
    pub fn observe(&mut self, lease: Option<Lease>, now: Duration) {
        if lease.as_ref().is_some_and(|lease| holder(lease) != Some(&self.identity)) {
            self.renewed = None;
        }
        let same =
            self.seen.as_ref().is_some_and(|seen| version(seen.lease.as_ref()) == version(lease.as_ref()));
        let since = self.seen.as_ref().filter(|_| same).map_or(now, |seen| seen.since);
        self.seen = Some(ObservedLease { lease, since });
        self.fresh = true;
    }

    /// What to write now, if anything. What was seen is used up: after a write that was not confirmed, and after
    /// none, comes another look.
    pub fn claim(&mut self, now: Duration, clock: Timestamp) -> Option<Write> {
        let looked = std::mem::take(&mut self.fresh);
        let seen = self.seen.as_ref().filter(|_| looked)?;
        if !self.free_in(seen, now).is_zero() {
            return None;
        }
        Some(match &seen.lease {
            None => Write::Create(self.own_lease(Lease::default(), clock)),
            Some(lease) => Write::Replace(self.own_lease(lease.clone(), clock)),
        })
    }

    /// The server took the write that began at `began` and answered with `lease`.
    pub fn wrote(&mut self, lease: Lease, began: Duration) {
        let held = Some((lease.metadata.uid.clone(), transitions(&lease)));
        if self.held != held {
            (self.held, self.term) = (held, self.term.saturating_add(1));
        }
        self.seen = Some(ObservedLease { lease: Some(lease), since: began });
        self.fresh = true;
        self.renewed = Some(began);
    }

    /// The wait before the next try: a retry period, shortened by up to a fifth so that the replicas do not ask in
    /// step, or until another's lease has run out. `attempt` counts the tries.
    #[must_use]
    pub fn wait(&self, now: Duration, attempt: u32) -> Duration {
        let retry = jittered(self.timing.retry, &self.identity, attempt);
        let free = self.seen.as_ref().map(|seen| self.free_in(seen, now)).filter(|wait| !wait.is_zero());
        free.map_or(retry, |wait| wait.min(retry))
    }

    /// Whether this replica leads.
    #[must_use]
    pub fn leads(&self, now: Duration) -> bool {
        self.renewed.is_some_and(|renewed| now.saturating_sub(renewed) < self.timing.deadline)
    }

    /// Whether work that may last for `longest` may begin: it leads, and the work would end before anybody else can.
    pub fn may_begin(&mut self, now: Duration, longest: Duration) -> bool {
        let end = now.saturating_add(longest);
        let lasts = self.renewed.is_some_and(|renewed| end <= renewed.saturating_add(self.timing.duration));
        let may = lasts && self.leads(now);
        if may {
            self.busy_until = self.busy_until.max(end);
        }
        may
    }

    /// How long the work that was allowed may still be going on.
    #[must_use]
    pub fn busy_for(&self, now: Duration) -> Duration {
        self.busy_until.saturating_sub(now)
    }

    /// A number that stays the same while nobody else can have led between.
    #[must_use]
    pub fn term(&self) -> u32 {
        self.term
    }

    /// Who holds the Lease, as far as this replica has seen.
    #[must_use]
    pub fn holder(&self) -> Option<&str> {
        self.seen.as_ref()?.lease.as_ref().and_then(holder)
    }

    /// Stops leading, and says what hands the Lease over at once; None when it is not this replica's, or when it is not
    /// known to be.
    pub fn release(&mut self) -> Option<Lease> {
        let fresh = std::mem::take(&mut self.fresh);
        self.renewed.take().filter(|_| fresh)?;
        let mut lease = self.seen.as_ref()?.lease.clone()?;
        lease.spec.get_or_insert_default().holder_identity = None;
        Some(lease)
    }

    /// How long the Lease is still somebody else's.
    fn free_in(&self, seen: &ObservedLease, now: Duration) -> Duration {
        let good_for = match &seen.lease {
            // Somebody deleted it, and who held it may not know yet.
            None if !self.leads(now) => self.timing.duration,
            Some(lease) if holder(lease).is_some_and(|holder| holder != self.identity) => {
                stated_duration(lease).unwrap_or(self.timing.duration)
            }
            _ => Duration::ZERO,
        };
        seen.since.saturating_add(good_for).saturating_sub(now)
    }

    /// The Lease held by this replica. The times in it are for people.
    fn own_lease(&self, mut lease: Lease, clock: Timestamp) -> Lease {
        let new = holder(&lease) != Some(&self.identity);
        let first = lease.spec.is_none();
        let before = lease.spec.take().unwrap_or_default();
        let changes = before.lease_transitions.unwrap_or_default();
        lease.spec = Some(LeaseSpec {
            holder_identity: Some(self.identity.clone()),
            lease_duration_seconds: i32::try_from(self.timing.duration.as_secs()).ok(),
            lease_transitions: Some(if new && !first { changes.saturating_add(1) } else { changes }),
            acquire_time: before.acquire_time.filter(|_| !new).or(Some(MicroTime(clock))),
            renew_time: Some(MicroTime(clock)),
            ..before
        });
        lease
    }
}

fn holder(lease: &Lease) -> Option<&str> {
    lease.spec.as_ref()?.holder_identity.as_deref().filter(|holder| !holder.is_empty())
}

fn transitions(lease: &Lease) -> i32 {
    lease.spec.as_ref().and_then(|spec| spec.lease_transitions).unwrap_or_default()
}

/// How long the holder itself says that its lease is good for: two versions of the operator may differ.
fn stated_duration(lease: &Lease) -> Option<Duration> {
    let seconds = lease.spec.as_ref()?.lease_duration_seconds?;
    Some(Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// What every change of a Lease changes.
fn version(lease: Option<&Lease>) -> Option<(Option<&str>, Option<&str>)> {
    lease.map(|lease| (lease.metadata.uid.as_deref(), lease.metadata.resource_version.as_deref()))
}

#[cfg(test)]
#[path = "leader_election_tests.rs"]
mod tests;
