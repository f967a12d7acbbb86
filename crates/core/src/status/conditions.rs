//! The conditions: Ready and Synced always, Reconciling and Stalled only while true. PoolResolved is set by
//! [`crate::reference`], and kept here.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::summary::{Progress, Summary};
use crate::{
    api::v1alpha1::{ConditionType, Reason},
    calls::failure::FailureClass,
    elapsed::elapsed,
};

/// The last read of the pool that compared it with the present settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastCheck {
    /// This reconciliation read the pool.
    Now,
    /// This reconciliation did not read the pool, and an earlier one compared it with the same settings.
    Earlier,
    /// No check counts: the pool was never compared with these settings, or another object owns it now.
    Never,
}

/// The conditions that report a summary.
///
/// A transition time changes with the condition's status. That of Reconciling also changes with the generation, and when a
/// failure with a grace period follows another reason: the grace period counts from it. Synced reports the last check, so it
/// is kept when that was an earlier one.
#[must_use]
pub fn conditions(
    before: &[Condition],
    summary: &Summary,
    last_check: LastCheck,
    generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    let new_condition = |type_: ConditionType, status: &str| Condition {
        type_: type_.to_string(),
        status: status.into(),
        reason: summary.reason.to_string(),
        message: summary.message.clone(),
        observed_generation: Some(generation),
        last_transition_time: Time(now),
    };
    let is_stalled = is_stalled(before, summary, generation, now);
    let earlier_synced =
        find(before, ConditionType::Synced).filter(|_| last_check == LastCheck::Earlier).cloned();
    let synced =
        earlier_synced.unwrap_or_else(|| new_condition(ConditionType::Synced, status_text(summary.synced)));
    let ready = if is_stalled { "False" } else { status_text(summary.ready) };
    let progress = match summary.progress {
        _ if is_stalled => Some(new_condition(ConditionType::Stalled, "True")),
        Progress::Retrying(_) | Progress::Waiting => Some(new_condition(ConditionType::Reconciling, "True")),
        Progress::Settled | Progress::Stalled => None,
    };
    let mut after = vec![new_condition(ConditionType::Ready, ready), synced];
    after.extend(progress);
    for condition in &mut after {
        keep_transition_time(condition, before, now);
    }
    after.extend(find(before, ConditionType::PoolResolved).cloned());
    after
}

/// Whether the object is Stalled: failures with a grace period have lasted longer than that of this class, counted from the
/// transition time of Reconciling. An object that is Stalled by such failures stays Stalled. A new generation begins
/// again: it may be the fix.
fn is_stalled(before: &[Condition], summary: &Summary, generation: i64, now: Timestamp) -> bool {
    let Progress::Retrying(class) = summary.progress else { return summary.progress == Progress::Stalled };
    let of_failure = |type_: ConditionType| {
        find(before, type_)
            .filter(|condition| has_grace(condition) && condition.observed_generation == Some(generation))
    };
    let was_stalled = of_failure(ConditionType::Stalled).is_some();
    let began =
        of_failure(ConditionType::Reconciling).map_or(now, |reconciling| reconciling.last_transition_time.0);
    class.grace().is_some_and(|grace| was_stalled || elapsed(began, now) >= grace)
}

/// Whether an object is Stalled by failures of this class. Its retries are then slow.
#[must_use]
pub fn is_stalled_by(conditions: &[Condition], class: FailureClass) -> bool {
    find(conditions, ConditionType::Stalled).is_some_and(|stalled| has_reason(stalled, class.reason()))
}

/// Keeps the transition time of an unchanged condition. A time in the future is not kept: after a clock was set back, a
/// grace period counted from it would last too long.
pub(crate) fn keep_transition_time(condition: &mut Condition, before: &[Condition], now: Timestamp) {
    let same_retry = |old: &Condition| {
        (old.reason == condition.reason || (has_grace(old) && has_grace(condition)))
            && old.observed_generation == condition.observed_generation
    };
    let is_unchanged = |old: &&Condition| {
        old.status == condition.status
            && old.last_transition_time.0 <= now
            && (old.type_ != ConditionType::Reconciling.as_str() || same_retry(old))
    };
    if let Some(old) = before.iter().find(|old| old.type_ == condition.type_).filter(is_unchanged) {
        condition.last_transition_time = old.last_transition_time.clone();
    }
}

/// Whether the condition reports a failure of a class with a grace period. The classes share it, so that failures in turn
/// do not begin it again and again.
pub(super) fn has_grace(condition: &Condition) -> bool {
    FailureClass::all().any(|class| class.grace().is_some() && has_reason(condition, class.reason()))
}

fn find(conditions: &[Condition], type_: ConditionType) -> Option<&Condition> {
    conditions.iter().find(|condition| condition.type_ == type_.as_str())
}

fn has_reason(condition: &Condition, reason: Reason) -> bool {
    condition.reason == reason.as_str()
}

fn status_text(equal: Option<bool>) -> &'static str {
    match equal {
        Some(true) => "True",
        Some(false) => "False",
        None => "Unknown",
    }
}
