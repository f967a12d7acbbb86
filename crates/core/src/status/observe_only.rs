//! What every object reports while the operator runs with `--observe-only`: that nothing is written to AWS.
//!
//! The note is added to the messages of the conditions, and nothing else in the status depends on it. So the operator
//! forgets nothing in that mode, and goes on where it was once the flag is gone.

use jiff::Timestamp;

use super::{
    next_status::{invalid_status, next_status},
    outcome::Outcome,
    passing_failure::RecentChecks,
};
use crate::{
    api::v1alpha1::{Reason, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    reference::{Resolution, status_with_resolution, stay_left},
};

/// The note at the end of the message of each condition.
const NOTE: &str = " The operator runs with --observe-only: it writes nothing to AWS.";

/// The status after a reconciliation, as [`next_status`], of an operator that observes only or does not.
#[must_use]
pub fn next_status_with_note(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    recent: RecentChecks,
    observe_only: bool,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let Some(before) = object.status.as_ref().filter(|status| observe_only || has_note(status)) else {
        return next_status(object, outcome, recent, now).map(|status| with_note(status, observe_only));
    };
    let plain = without_note(before);
    let object = UserPoolMfaConfig { status: Some(plain.clone()), ..object.clone() };
    let next = with_note(next_status(&object, outcome, recent, now).unwrap_or(plain), observe_only);
    (next != *before).then_some(next)
}

/// The status of an object that this build cannot parse, as [`invalid_status`].
#[must_use]
pub fn invalid_status_with_note(
    before: &UserPoolMfaConfigStatus,
    generation: i64,
    error: &str,
    observe_only: bool,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let plain = without_note(before);
    let next = with_note(invalid_status(&plain, generation, error, now).unwrap_or(plain), observe_only);
    (next != *before).then_some(next)
}

/// The status that records a resolution, as [`status_with_resolution`], of a reference that stays with its pool for a while.
#[must_use]
pub fn resolution_with_note(
    object: &UserPoolMfaConfig,
    resolution: &Resolution,
    observe_only: bool,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let is_another = resolution.as_deref().is_ok_and(|id| object.pool_id() != Some(id));
    if is_another && !stay_left(object, now).is_zero() {
        return None;
    }
    let plain = object.status.as_ref().map(without_note);
    let object = UserPoolMfaConfig { status: plain, ..object.clone() };
    status_with_resolution(&object, resolution, now).map(|status| with_note(status, observe_only))
}

/// The status without the notes. A change of the notes alone is worth a write and no event.
#[must_use]
pub fn without_note(status: &UserPoolMfaConfigStatus) -> UserPoolMfaConfigStatus {
    let mut status = status.clone();
    for condition in &mut status.conditions {
        let plain = condition.message.strip_suffix(NOTE).unwrap_or(&condition.message).len();
        condition.message.truncate(plain);
    }
    status
}

fn has_note(status: &UserPoolMfaConfigStatus) -> bool {
    status.conditions.iter().any(|condition| condition.message.ends_with(NOTE))
}

/// A write that is on hold for this reason says so in words of its own.
fn with_note(mut status: UserPoolMfaConfigStatus, observe_only: bool) -> UserPoolMfaConfigStatus {
    let noted = status.conditions.iter_mut().filter(|_| observe_only);
    for condition in noted.filter(|condition| condition.reason != Reason::ObserveOnly.as_str()) {
        condition.message.push_str(NOTE);
    }
    status
}
