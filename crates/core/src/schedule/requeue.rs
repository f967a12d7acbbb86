//! When an object is passed over next.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    queue::Priority,
    slots::{jittered, until_confirmation, until_scheduled_check},
};
use crate::{
    api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::failure::SET_TIMEOUT,
    plan::hold::is_approved,
    status::{conditions::is_stalled_by, next_status::requested_at, outcome::Outcome},
};

/// The wait before an object is reconciled again that a change, or a lease that is won, should requeue sooner: a watch
/// may lag.
pub const RECHECK: Duration = Duration::from_secs(5);
/// How long after a start the objects that were being retried are spread over.
const RETRY_SPREAD: Duration = Duration::from_secs(30);
/// The same for those whose retries were slow.
const STALLED_SPREAD: Duration = Duration::from_mins(20);

/// How much later than its time what waits is looked at again, so that those that waited together come apart.
const HOLD_SPREAD: Duration = Duration::from_secs(10);
/// The wait until the object is due for a pass; zero when it is now. `planned` is the wait that the last pass of
/// this process left, None when it had none.
///
/// A start alone makes nothing due: what is settled at its generation waits for its slot.
#[must_use]
pub fn wait_until_due(
    object: &UserPoolMfaConfig,
    planned: Option<Duration>,
    interval: Duration,
    now: Timestamp,
) -> Duration {
    let unseen = UserPoolMfaConfigStatus::default();
    let status = object.status.as_ref().unwrap_or(&unseen);
    let held = status.reason(ConditionType::Ready) == Some(Reason::LoweringHeld) && is_approved(object);
    if status.observed_generation != object.metadata.generation
        || is_requested(object, status)
        || made_no_call(status)
        || held
    {
        return Duration::ZERO;
    }
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    match (planned, &status.last_error, status.condition(ConditionType::Stalled)) {
        (Some(planned), _, _) => planned,
        (None, Some(_), None) => until_scheduled_check(uid, RETRY_SPREAD, now),
        (None, Some(_), Some(_)) => until_scheduled_check(uid, STALLED_SPREAD.min(interval), now),
        (None, None, _) => until_scheduled_check(uid, interval, now),
    }
}

/// How urgent a pass over the object is.
#[must_use]
pub fn priority(object: &UserPoolMfaConfig) -> Priority {
    match &object.status {
        Some(status) if status.observed_generation == object.metadata.generation => {
            let retried = status.condition(ConditionType::Reconciling).is_some();
            if retried || is_requested(object, status) { Priority::Asked } else { Priority::Routine }
        }
        _ => Priority::Changed,
    }
}

fn is_requested(object: &UserPoolMfaConfig, status: &UserPoolMfaConfigStatus) -> bool {
    requested_at(object).is_some_and(|at| status.last_handled_reconcile_at.as_ref() != Some(&at))
}

/// Whether the status says that no call is made for the object: asked here, that is over.
fn made_no_call(status: &UserPoolMfaConfigStatus) -> bool {
    status.reason(ConditionType::Ready).is_some_and(Reason::makes_no_call)
}

/// The wait after a pass; None when only a change of an object ends it. `attempt` counts the failures in a row
/// before this pass.
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
    let slot = until_scheduled_check(uid, interval, now);
    match outcome {
        Outcome::Suspended | Outcome::Denied { .. } | Outcome::NotOwner(_) => None,
        Outcome::Checked(..) => Some(slot),
        // Shortly after its time has come: asked too early, it would wait again.
        Outcome::OnHold(_, _, wait) => {
            Some(slot.min(wait.retry_after() + jittered(HOLD_SPREAD, uid, attempt)))
        }
        Outcome::Written { .. } => {
            Some(slot.min(until_confirmation(uid, object.metadata.generation.unwrap_or_default())))
        }
        Outcome::Failed(failure, _) => {
            let stalled = is_stalled_by(&status.conditions, failure.class);
            Some(jittered(failure.class.backoff(attempt, stalled), uid, attempt).max(barred_for(outcome)))
        }
    }
}

/// The wait before a pass that the API server failed is tried again; `attempt` counts those in a row before it. At
/// most half a minute: a call that hangs takes 15 s more, and all is to be well a minute after an outage.
#[must_use]
pub fn after_api_error(object: &str, attempt: u32) -> Duration {
    let wait = Duration::from_secs(2).saturating_mul(1 << attempt.min(16)).min(Duration::from_secs(30));
    jittered(wait, object, attempt)
}

/// How long no pass over the same pool may follow this one. A Set whose outcome is unknown may still be on its way: until it cannot be
/// any more, a Get proves nothing and a newer declaration could be overtaken.
#[must_use]
pub fn barred_for(outcome: &Outcome) -> Duration {
    match outcome {
        Outcome::Failed(failure, _) if failure.may_have_been_written() => SET_TIMEOUT,
        _ => Duration::ZERO,
    }
}
