//! The conditions: Ready and Synced always, Reconciling and Stalled only while true.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::summary::{Progress, Summary};
use crate::{
    api::v1alpha1::{ConditionType, Reason},
    calls::failure::FailureClass,
    elapsed::elapsed,
};

/// The conditions after a verdict. A time moves only when its status does; Reconciling's also with its reason,
/// because each cause has a grace of its own.
///
/// When the pass could not see the pool (`seen` is false), Synced stays what it was for the same settings, because it
/// tells of the last check, and is Unknown for settings that Cognito was never asked about.
#[must_use]
pub fn conditions(
    before: &[Condition],
    verdict: &Summary,
    seen: bool,
    same_settings: bool,
    generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    if is_passing_failure(before, verdict, seen, generation) {
        return before.to_vec();
    }
    let of_verdict = |type_: ConditionType, status: &str| Condition {
        type_: type_.to_string(),
        status: status.into(),
        reason: verdict.reason.to_string(),
        message: verdict.message.clone(),
        observed_generation: Some(generation),
        last_transition_time: Time(now),
    };
    let stalled = is_stalled(before, verdict, now);
    let kept = find(before, ConditionType::Synced).filter(|_| !seen && same_settings).cloned();
    let synced = kept.unwrap_or_else(|| of_verdict(ConditionType::Synced, status_word(verdict.equal)));
    let ready = if stalled { "False" } else { status_word(verdict.equal) };
    let progress = match verdict.progress {
        _ if stalled => Some(of_verdict(ConditionType::Stalled, "True")),
        Progress::Retrying(_) | Progress::Waiting => Some(of_verdict(ConditionType::Reconciling, "True")),
        Progress::Settled | Progress::Stalled => None,
    };
    let mut after = vec![of_verdict(ConditionType::Ready, ready), synced];
    after.extend(progress);
    for condition in &mut after {
        keep_transition_time(condition, before, now);
    }
    after
}

/// Whether the failure passes by itself and tells nothing new of an object whose calls are refused at this generation:
/// one throttled call must not make a refused spec look as if it were on its way.
fn is_passing_failure(before: &[Condition], verdict: &Summary, seen: bool, generation: i64) -> bool {
    let by_failure =
        |stalled: &Condition| FailureClass::all().any(|class| has_reason(stalled, class.reason()));
    let of_now =
        |stalled: &Condition| !seen && stalled.observed_generation == Some(generation) && by_failure(stalled);
    matches!(verdict.progress, Progress::Retrying(class) if class.grace().is_none())
        && find(before, ConditionType::Stalled).is_some_and(of_now)
}

/// Whether the failures of this kind have outlasted the class's grace. Their beginning is when Reconciling began;
/// what is Stalled for the same reason stays so.
fn is_stalled(before: &[Condition], verdict: &Summary, now: Timestamp) -> bool {
    let Progress::Retrying(class) = verdict.progress else { return verdict.progress == Progress::Stalled };
    let still = is_stalled_by(before, class);
    let same = find(before, ConditionType::Reconciling)
        .filter(|reconciling| has_reason(reconciling, class.reason()));
    let began = same.map_or(now, |reconciling| reconciling.last_transition_time.0);
    class.grace().is_some_and(|grace| still || elapsed(began, now) >= grace)
}

/// Whether an object is Stalled by failures of this class already: its retries are slow then.
#[must_use]
pub fn is_stalled_by(conditions: &[Condition], class: FailureClass) -> bool {
    find(conditions, ConditionType::Stalled).is_some_and(|stalled| has_reason(stalled, class.reason()))
}

/// A time from the future is not kept: after a clock that went back, a grace that counts from there would last as long
/// as the clock had been ahead.
fn keep_transition_time(condition: &mut Condition, before: &[Condition], now: Timestamp) {
    let lasts = |old: &&Condition| {
        old.status == condition.status
            && old.last_transition_time.0 <= now
            && (old.type_ != ConditionType::Reconciling.as_str() || old.reason == condition.reason)
    };
    if let Some(old) = before.iter().find(|old| old.type_ == condition.type_).filter(lasts) {
        condition.last_transition_time = old.last_transition_time.clone();
    }
}

fn find(conditions: &[Condition], type_: ConditionType) -> Option<&Condition> {
    conditions.iter().find(|condition| condition.type_ == type_.as_str())
}

fn has_reason(condition: &Condition, reason: Reason) -> bool {
    condition.reason == reason.as_str()
}

fn status_word(equal: Option<bool>) -> &'static str {
    match equal {
        Some(true) => "True",
        Some(false) => "False",
        None => "Unknown",
    }
}
