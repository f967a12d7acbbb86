//! When an object is passed over next.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    queue::Urgency,
    slots::{jittered, until_confirmation, until_slot},
};
use crate::{
    api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::failure::SET_TIMEOUT,
    plan::hold::is_named,
    status::{conditions::stalled_by, next_status::requested_at, outcome::Outcome},
};

/// How long after a start the objects that were being retried are spread over.
const RESUME: Duration = Duration::from_secs(30);
/// The same for those whose retries were slow.
const STALLED: Duration = Duration::from_mins(20);

/// How much later than its time what waits is looked at again, so that those that waited together come apart.
const LATER: Duration = Duration::from_secs(10);
/// The wait until the object is due for a pass; zero when it is now. `planned` is the wait that the last pass of
/// this process left, None when it had none.
///
/// A start alone makes nothing due: what is settled at its generation waits for its slot.
#[must_use]
pub fn due(
    object: &UserPoolMfaConfig,
    planned: Option<Duration>,
    interval: Duration,
    now: Timestamp,
) -> Duration {
    let unseen = UserPoolMfaConfigStatus::default();
    let status = object.status.as_ref().unwrap_or(&unseen);
    let held = status.reason(ConditionType::Ready) == Some(Reason::LoweringHeld) && is_named(object);
    if status.observed_generation != object.metadata.generation
        || is_asked(object, status)
        || rested(status)
        || held
    {
        return Duration::ZERO;
    }
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    match (planned, &status.last_error, status.condition(ConditionType::Stalled)) {
        (Some(planned), _, _) => planned,
        (None, Some(_), None) => until_slot(uid, RESUME, now),
        (None, Some(_), Some(_)) => until_slot(uid, STALLED.min(interval), now),
        (None, None, _) => until_slot(uid, interval, now),
    }
}

/// How urgent a pass over the object is.
#[must_use]
pub fn urgency(object: &UserPoolMfaConfig) -> Urgency {
    match &object.status {
        Some(status) if status.observed_generation == object.metadata.generation => {
            let retried = status.condition(ConditionType::Reconciling).is_some();
            if retried || is_asked(object, status) { Urgency::Asked } else { Urgency::Routine }
        }
        _ => Urgency::Changed,
    }
}

fn is_asked(object: &UserPoolMfaConfig, status: &UserPoolMfaConfigStatus) -> bool {
    requested_at(object).is_some_and(|at| status.last_handled_reconcile_at.as_ref() != Some(&at))
}

/// Whether the status says that no call is made for the object: asked here, that is over.
fn rested(status: &UserPoolMfaConfigStatus) -> bool {
    status.reason(ConditionType::Ready).is_some_and(Reason::makes_no_call)
}

/// The wait after a pass; None when only a change of an object ends it. `attempt` counts the failures in a row
/// before this pass.
#[must_use]
pub fn after(
    object: &UserPoolMfaConfig,
    status: &UserPoolMfaConfigStatus,
    outcome: &Outcome,
    attempt: u32,
    interval: Duration,
    now: Timestamp,
) -> Option<Duration> {
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    let slot = until_slot(uid, interval, now);
    match outcome {
        Outcome::Suspended | Outcome::Denied { .. } | Outcome::NotOwner(_) => None,
        Outcome::Checked(..) => Some(slot),
        // Shortly after its time has come: asked too early, it would wait again.
        Outcome::Waiting(_, _, wait) => Some(slot.min(wait.left() + jittered(LATER, uid, attempt))),
        Outcome::Set { .. } => {
            Some(slot.min(until_confirmation(uid, object.metadata.generation.unwrap_or_default())))
        }
        Outcome::Failed(failure, _) => {
            let stalled = stalled_by(&status.conditions, failure.class);
            Some(jittered(failure.class.backoff(attempt, stalled), uid, attempt).max(barred(outcome)))
        }
    }
}

/// The wait before a pass that the API server failed is tried again; `attempt` counts those in a row before it. At
/// most half a minute: a call that hangs takes 15 s more, and all is to be well a minute after an outage.
#[must_use]
pub fn after_api_failure(object: &str, attempt: u32) -> Duration {
    let wait = Duration::from_secs(2).saturating_mul(1 << attempt.min(16)).min(Duration::from_secs(30));
    jittered(wait, object, attempt)
}

/// How long no pass over the same pool may follow this one. A Set whose outcome is unknown may still be on its way: until it cannot be
/// any more, a Get proves nothing and a newer declaration could be overtaken.
#[must_use]
pub fn barred(outcome: &Outcome) -> Duration {
    match outcome {
        Outcome::Failed(failure, _) if failure.leaves_open() => SET_TIMEOUT,
        _ => Duration::ZERO,
    }
}
