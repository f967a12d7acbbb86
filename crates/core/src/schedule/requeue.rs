//! When an object is reconciled next.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    jitter::jittered,
    queue::Priority,
    scheduled_check::{until_confirmation, until_scheduled_check},
};
use crate::{
    api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::failure::SET_TIMEOUT,
    elapsed::elapsed,
    plan::approval::is_approved,
    reference::stay_left,
    status::{conditions::is_stalled_by, next_status::requested_at, outcome::Outcome},
};

/// A change, or a lease that is won, normally requeues an object sooner. This wait is the fallback, because a watch may
/// lag.
pub const RECHECK: Duration = Duration::from_secs(5);
/// After a start, the retries of objects with a failure are spread over this time.
const RETRY_SPREAD: Duration = Duration::from_secs(30);
/// After a start, the retries of Stalled objects are spread over this time.
const STALLED_SPREAD: Duration = Duration::from_mins(20);
/// After a start, the checks of objects on hold for the hourly limit are spread over this time: the line of those that
/// wait is known once all have asked.
const ON_HOLD_SPREAD: Duration = Duration::from_secs(45);
/// A read that confirms a write comes within this time. After a start it is made within this time, too.
const CONFIRMATION: Duration = Duration::from_mins(1);
/// The retries of objects on hold are spread over this time after the hold ends.
const HOLD_SPREAD: Duration = Duration::from_secs(10);

/// The wait until the object is due for a reconciliation; zero when it is due now. `planned` is the wait that the last
/// reconciliation of this process planned, if there was one.
///
/// A start alone makes no object due: one that needs nothing waits for its scheduled check.
#[must_use]
pub fn wait_until_due(
    object: &UserPoolMfaConfig,
    planned: Option<Duration>,
    interval: Duration,
    now: Timestamp,
) -> Duration {
    let no_status = UserPoolMfaConfigStatus::default();
    let status = object.status.as_ref().unwrap_or(&no_status);
    let is_on_hold = status.reason(ConditionType::Ready) == Some(Reason::LoweringHeld);
    if status.observed_generation != object.metadata.generation
        || is_requested(object, status)
        || made_no_call(status)
        || ((is_on_hold || status.not_taken.is_some()) && is_approved(object))
    {
        return Duration::ZERO;
    }
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    match (planned, &status.last_error, status.condition(ConditionType::Stalled)) {
        (Some(planned), _, _) => planned,
        // The operator was started again, perhaps without --observe-only.
        _ if status.reason(ConditionType::Ready) == Some(Reason::ObserveOnly) => {
            until_scheduled_check(uid, RETRY_SPREAD, now)
        }
        (None, None, _) if is_on_hold => until_scheduled_check(uid, ON_HOLD_SPREAD, now),
        // The pool may be weaker than declared, and the wait before its next write is known to no process.
        (None, None, _) if status.not_taken.is_some() => {
            until_scheduled_check(uid, STALLED_SPREAD.min(interval), now)
        }
        // The confirming read after a write may be the one that the start took away.
        (None, None, _) if was_just_verified(status, now) => until_scheduled_check(uid, CONFIRMATION, now),
        (None, Some(_), None) => until_scheduled_check(uid, RETRY_SPREAD, now),
        (None, Some(_), Some(_)) => until_scheduled_check(uid, STALLED_SPREAD.min(interval), now),
        (None, None, _) => until_scheduled_check(uid, interval, now),
    }
}

fn was_just_verified(status: &UserPoolMfaConfigStatus, now: Timestamp) -> bool {
    status.last_verified_time.is_some_and(|last| last <= now && elapsed(last, now) < CONFIRMATION)
}

/// The priority of the calls for an object.
#[must_use]
pub fn priority(object: &UserPoolMfaConfig) -> Priority {
    match &object.status {
        Some(status) if status.observed_generation == object.metadata.generation => {
            let is_retry =
                status.condition(ConditionType::Reconciling).is_some() || status.last_error.is_some();
            if is_retry || is_requested(object, status) { Priority::Requested } else { Priority::Routine }
        }
        _ => Priority::Changed,
    }
}

/// Whether somebody asked for a check that was not made yet.
#[must_use]
pub fn is_requested(object: &UserPoolMfaConfig, status: &UserPoolMfaConfigStatus) -> bool {
    requested_at(object).is_some_and(|at| status.last_handled_reconcile_at.as_ref() != Some(&at))
}

/// Whether the last reconciliation made no call. [`wait_until_due`] is asked only about objects that may make calls, so
/// the reason for that has passed.
fn made_no_call(status: &UserPoolMfaConfigStatus) -> bool {
    status.reason(ConditionType::Ready).is_some_and(Reason::makes_no_call)
}

/// The wait after a reconciliation. None when only a change of an object makes the next one necessary. `attempt` counts
/// the consecutive failures before this reconciliation.
#[must_use]
pub fn requeue_after(
    object: &UserPoolMfaConfig,
    status: &UserPoolMfaConfigStatus,
    outcome: &Outcome,
    attempt: u32,
    interval: Duration,
    now: Timestamp,
) -> Option<Duration> {
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    let mut until_check = until_scheduled_check(uid, interval, now);
    // Another pool that was found meanwhile is adopted then.
    let stay = stay_left(object, now);
    if !stay.is_zero() {
        until_check = until_check.min(stay);
    }
    match outcome {
        // What the reference names may change unseen.
        Outcome::Suspended | Outcome::Denied { .. } | Outcome::NotOwner(_) => {
            object.has_reference().then_some(until_check)
        }
        Outcome::Unresolved(why) => Some(after_unresolved(uid, why.needs_a_person(), attempt)),
        Outcome::Checked(..) => Some(until_check),
        // Jitter only shortens the spread, never the hold: a retry before the end of the hold would wait again.
        Outcome::OnHold(_, _, hold) => {
            let retry = hold.retry_after().map(|left| left + jittered(HOLD_SPREAD, uid, attempt));
            Some(retry.map_or(until_check, |retry| until_check.min(retry)))
        }
        Outcome::Written { .. } => {
            let generation = object.metadata.generation.unwrap_or_default();
            Some(until_check.min(until_confirmation(uid, generation)))
        }
        Outcome::Failed(failure, _) => {
            let is_stalled = is_stalled_by(&status.conditions, failure.class);
            let backoff = jittered(failure.class.backoff(attempt, is_stalled), uid, attempt);
            Some(backoff.max(block_pool_for(outcome)))
        }
    }
}

/// The wait after an error of the API server. `attempt` counts the consecutive errors before it.
///
/// The wait is at most 30 s. A hanging call takes 15 s more, so objects recover within a minute after an outage.
#[must_use]
pub fn after_api_error(object: &str, attempt: u32) -> Duration {
    doubling(Duration::from_secs(30), object, attempt)
}

/// The wait after a failure to write the finalizer of an object. `attempt` counts the failures in a row before it. An
/// admission webhook that undoes the change does so for ever, so the waits grow to ten minutes.
#[must_use]
pub fn after_finalizer_failure(object: &str, attempt: u32) -> Duration {
    doubling(Duration::from_mins(10), object, attempt)
}

/// The wait before a reference is looked at again that has led to no pool yet. `attempt` counts the looks before. What it
/// names may come within seconds; where a person must act, the waits grow to ten minutes.
fn after_unresolved(object: &str, needs_a_person: bool, attempt: u32) -> Duration {
    let longest = if needs_a_person { Duration::from_mins(10) } else { Duration::from_mins(1) };
    doubling(longest, object, attempt)
}

/// A wait of 2 s that doubles with each attempt up to the longest, with jitter.
fn doubling(longest: Duration, object: &str, attempt: u32) -> Duration {
    let wait = Duration::from_secs(2).saturating_mul(1 << attempt.min(16)).min(longest);
    jittered(wait, object, attempt)
}

/// How long the pool must not be reconciled after this outcome.
///
/// A write with an unknown result may still be in flight. Until it has timed out, a read proves nothing, and the old write
/// could replace a newer one.
#[must_use]
pub fn block_pool_for(outcome: &Outcome) -> Duration {
    match outcome {
        Outcome::Failed(failure, _) if failure.write_may_have_been_accepted() => SET_TIMEOUT,
        Outcome::Failed(..)
        | Outcome::Suspended
        | Outcome::Unresolved(_)
        | Outcome::Denied { .. }
        | Outcome::NotOwner(_)
        | Outcome::Checked(..)
        | Outcome::OnHold(..)
        | Outcome::Written { .. } => Duration::ZERO,
    }
}
