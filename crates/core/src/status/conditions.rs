//! The conditions: Ready and Synced always, Reconciling and Stalled only while true.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};

use super::summary::{Progress, Verdict};
use crate::{calls::failure::Class, schedule::slots::since};

/// The conditions after a verdict. A time moves only when its status does; Reconciling's also with its reason,
/// because each cause has a grace of its own.
///
/// When the pass could not see the pool (`seen` is false), Synced stays what it was for the same settings, because it
/// tells of the last check, and is Unknown for settings that Cognito was never asked about.
#[must_use]
pub fn conditions(
    before: &[Condition],
    verdict: &Verdict,
    seen: bool,
    same_settings: bool,
    generation: i64,
    now: Timestamp,
) -> Vec<Condition> {
    if is_passing(before, verdict, seen, generation) {
        return before.to_vec();
    }
    let of_verdict = |type_: &str, status: &str| Condition {
        type_: type_.into(),
        status: status.into(),
        reason: verdict.reason.into(),
        message: verdict.message.clone(),
        observed_generation: Some(generation),
        last_transition_time: Time(now),
    };
    let stalled = is_stalled(before, verdict, now);
    let kept = find(before, "Synced").filter(|_| !seen && same_settings).cloned();
    let synced = kept.unwrap_or_else(|| of_verdict("Synced", word(verdict.equal)));
    let ready = if stalled { "False" } else { word(verdict.equal) };
    let progress = match verdict.progress {
        _ if stalled => Some(of_verdict("Stalled", "True")),
        Progress::Retrying(_) | Progress::Waiting => Some(of_verdict("Reconciling", "True")),
        Progress::Settled | Progress::Stalled => None,
    };
    let mut after = vec![of_verdict("Ready", ready), synced];
    after.extend(progress);
    for condition in &mut after {
        keep_time(condition, before, now);
    }
    after
}

/// Whether the failure passes by itself and tells nothing new of an object whose calls are refused at this generation:
/// one throttled call must not make a refused spec look as if it were on its way.
fn is_passing(before: &[Condition], verdict: &Verdict, seen: bool, generation: i64) -> bool {
    let by_failure = |stalled: &Condition| Class::ALL.iter().any(|class| class.reason() == stalled.reason);
    let of_now =
        |stalled: &Condition| !seen && stalled.observed_generation == Some(generation) && by_failure(stalled);
    matches!(verdict.progress, Progress::Retrying(class) if class.grace().is_none())
        && find(before, "Stalled").is_some_and(of_now)
}

/// Whether the failures of this kind have outlasted the class's grace. Their beginning is when Reconciling began;
/// what is Stalled for the same reason stays so.
fn is_stalled(before: &[Condition], verdict: &Verdict, now: Timestamp) -> bool {
    let Progress::Retrying(class) = verdict.progress else { return verdict.progress == Progress::Stalled };
    let still = stalled_by(before, class);
    let same = find(before, "Reconciling").filter(|reconciling| reconciling.reason == class.reason());
    let began = same.map_or(now, |reconciling| reconciling.last_transition_time.0);
    class.grace().is_some_and(|grace| still || since(began, now) >= grace)
}

/// Whether an object is Stalled by failures of this class already: its retries are slow then.
#[must_use]
pub fn stalled_by(conditions: &[Condition], class: Class) -> bool {
    find(conditions, "Stalled").is_some_and(|stalled| stalled.reason == class.reason())
}

/// A time from the future is not kept: after a clock that went back, a grace that counts from there would last as long
/// as the clock had been ahead.
fn keep_time(condition: &mut Condition, before: &[Condition], now: Timestamp) {
    let lasts = |old: &&Condition| {
        old.status == condition.status
            && old.last_transition_time.0 <= now
            && (old.type_ != "Reconciling" || old.reason == condition.reason)
    };
    if let Some(old) = find(before, &condition.type_).filter(lasts) {
        condition.last_transition_time = old.last_transition_time.clone();
    }
}

fn find<'a>(conditions: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == type_)
}

fn word(equal: Option<bool>) -> &'static str {
    match equal {
        Some(true) => "True",
        Some(false) => "False",
        None => "Unknown",
    }
}
