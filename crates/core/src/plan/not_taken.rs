//! A write that Cognito accepted without taking it is repeated later and later: a write with SMS may send a message that
//! costs money [reported].

use std::time::Duration;

use jiff::Timestamp;

use super::{step::Plan, weakening::weakening};
use crate::{
    api::v1alpha1::{NotTaken, UserPoolMfaConfig},
    elapsed::elapsed,
    schedule::requeue::is_requested,
    settings::observed::Observed,
};

/// The longest wait, where the pool has all the protection that is declared.
const LONGEST: Duration = Duration::from_hours(24);
/// The longest wait, where the pool is weaker than declared.
const LONGEST_WHILE_WEAKER: Duration = Duration::from_hours(1);

/// The wait before the next write of settings that Cognito did not take: 1, 2, 4 and more intervals after the last one.
/// None when the write is due, or when a person asks for a check.
#[must_use]
pub fn remaining_wait(
    object: &UserPoolMfaConfig,
    observed: &Observed,
    plan: &Plan,
    interval: Duration,
    now: Timestamp,
) -> Option<Duration> {
    let status = object.status.as_ref()?;
    // A time in the future, which a fast clock wrote, is ignored: the pool would stay weak until then.
    let is_past = |last: &NotTaken| last.last_write_time <= now;
    let last = status.not_taken.filter(is_past).filter(|_| !is_requested(object, status))?;
    let is_weaker = !weakening(&plan.write, &observed.settings).is_empty();
    let longest = if is_weaker { LONGEST_WHILE_WEAKER } else { LONGEST };
    let doublings = last.writes.saturating_sub(1).min(16);
    let wait = interval.saturating_mul(1 << doublings).min(longest);
    let left = wait.saturating_sub(elapsed(last.last_write_time, now));
    (!left.is_zero()).then_some(left)
}
