//! The rate of calls to AWS: the published quotas, the share of them that the operator uses, and how the rate falls when
//! AWS throttles. Times are durations since any fixed start.

use std::time::Duration;

use crate::{access::accounts::Identity, calls::failure::Operation};

/// The calls per second of one operation that AWS allows for one pool [docs].
const PER_POOL: f64 = 5.0;
/// The rate never falls below this part of the full rate. At half the quota that is one read in about six seconds, which
/// is enough to notice that AWS accepts calls again.
const MIN_RATE: f64 = 1.0 / 64.0;
/// The part of the full rate that one accepted call restores, so that a hundred calls undo one halving. The recovery is
/// slow because other programs share the quota.
const RECOVERY: f64 = 1.0 / 200.0;

/// The calls that AWS counts against one quota: those of one account in one region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuotaScope {
    /// The account of the identity that makes the calls, as [`Identity::account`] returns it.
    pub account: String,
    /// The AWS region of the pool.
    pub region: String,
}

impl QuotaScope {
    /// The scope of calls for a pool under an identity.
    #[must_use]
    pub fn of(identity: &Identity, pool_id: &str) -> Self {
        let region = pool_id.split_once('_').map_or(pool_id, |(region, _)| region);
        Self { account: identity.account().into(), region: region.into() }
    }

    /// The scope of calls for a pool under the operator's own identity.
    #[must_use]
    pub fn own(pool_id: &str) -> Self {
        Self::of(&Identity::Own, pool_id)
    }
}

/// The calls per second that AWS allows in one account and region: the quotas `UserPoolResourceRead`,
/// `UserPoolResourceUpdate` and `UserPoolRead`. They cannot be raised and are shared with other operations [docs].
#[must_use]
pub fn published_rate(operation: Operation) -> f64 {
    match operation {
        Operation::Get => 20.0,
        Operation::Set | Operation::List | Operation::Describe => 15.0,
    }
}

/// Parses the share of the quotas that the operator may use.
///
/// # Errors
/// A sentence that says what to write.
pub fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.05..=1.0).contains(share));
    share.ok_or_else(|| {
        format!("{text:?} is not a share of the quotas: write a number from 0.05 to 1, such as 0.5")
    })
}

/// The time between two calls at a rate. It is rounded up, because many gaps together must not exceed the rate.
fn gap(rate: f64) -> Duration {
    if rate.is_infinite() {
        Duration::ZERO
    } else {
        Duration::from_secs_f64(1.0 / rate) + Duration::from_nanos(1)
    }
}

/// The time between two calls of one operation for one pool.
#[must_use]
pub fn pool_gap(share: f64) -> Duration {
    gap(PER_POOL * share)
}

/// The rate of the calls of one operation in one quota scope. Unused calls are not saved up, so calls never come in bursts.
#[derive(Clone, Debug)]
pub struct CallBudget {
    full_rate: f64,
    rate: f64,
    next: Duration,
    /// When the rate was last lowered.
    lowered_at: Duration,
}

impl CallBudget {
    /// A budget whose first call must wait until one gap after the start of the process, which is time zero: an operator
    /// that restarts again and again stays within its share.
    #[must_use]
    pub fn new(operation: Operation, share: f64) -> Self {
        let full_rate = published_rate(operation) * share;
        Self { full_rate, rate: full_rate, next: gap(full_rate), lowered_at: Duration::ZERO }
    }

    /// A budget of what needs no call to AWS.
    #[must_use]
    pub fn unlimited() -> Self {
        let rate = f64::INFINITY;
        Self { full_rate: rate, rate, next: Duration::ZERO, lowered_at: Duration::ZERO }
    }

    /// The time between two calls at the present rate.
    #[must_use]
    pub fn gap(&self) -> Duration {
        gap(self.rate)
    }

    /// Whether AWS has lowered the rate, and accepted too few calls since to restore it.
    #[must_use]
    pub fn is_slowed(&self) -> bool {
        self.rate < self.full_rate
    }

    /// The present rate, in calls per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// The earliest time of the next call.
    #[must_use]
    pub fn next(&self) -> Duration {
        self.next
    }

    /// Records that a call is made now.
    pub fn spend(&mut self, now: Duration) {
        self.next = now + gap(self.rate);
    }

    /// Records that AWS accepted a call.
    pub fn record_accepted(&mut self) {
        self.rate = (self.rate + self.full_rate * RECOVERY).min(self.full_rate);
    }

    /// Records that AWS throttled the call made at `called_at`. Returns whether that lowered the rate. Calls that were in
    /// flight when the rate last fell do not lower it again, because they were made at the higher rate.
    pub fn record_throttled(&mut self, called_at: Duration, now: Duration) -> bool {
        if called_at <= self.lowered_at {
            return false;
        }
        self.rate = (self.rate / 2.0).max(self.full_rate * MIN_RATE);
        self.lowered_at = now;
        self.next = self.next.max(now + gap(self.rate));
        true
    }
}
