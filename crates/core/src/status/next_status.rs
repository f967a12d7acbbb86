//! The next status: a function of the object, the outcome of its reconciliation and the time.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{
    conditions::{LastCheck, conditions},
    outcome::Outcome,
    passing_failure::{RecentChecks, Report, report_of},
    remember::{self, has_other_owner},
    summary::{self, Summary, paths},
};
use crate::{
    api::v1alpha1::{
        ConditionType, LastError, MfaSettings, RECONCILE_REQUESTED_AT, Reason, UserPoolMfaConfig,
        UserPoolMfaConfigStatus,
    },
    elapsed::elapsed,
    plan::contested::contested_fields,
    reference,
    settings::{diff, truncate::truncated},
    text,
};

/// How often lastVerifiedTime alone is worth a status write.
const VERIFIED_INTERVAL: Duration = Duration::from_hours(24);

/// The status after a reconciliation. None when the object has it already and no write is needed.
#[must_use]
pub fn next_status(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    recent: RecentChecks,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let now = whole_seconds(now);
    let before = object.status.clone().unwrap_or_default();
    let mut after = status_after(object, &before, outcome, recent, now)?;
    let was_read = outcome.observed().is_some();
    let is_stale =
        before.last_verified_time.is_none_or(|last| last > now || elapsed(last, now) >= VERIFIED_INTERVAL);
    if after == before && !(was_read && is_stale) {
        return None;
    }
    if was_read {
        after.last_verified_time = Some(now);
    }
    Some(after)
}

/// The status of an object whose spec was changed while an older spec was being written. None when there is nothing to
/// record.
///
/// It records what Cognito accepted, or may have accepted. Otherwise the new spec would count as an adoption, and could be
/// on hold; or as the older one that Cognito had before, and what it lowers would not count as edited.
#[must_use]
pub fn superseded_status(
    planned: &UserPoolMfaConfig,
    outcome: &Outcome,
    fresh: &UserPoolMfaConfig,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let before = fresh.status.clone().unwrap_or_default();
    let is_same =
        planned.metadata.generation == fresh.metadata.generation && planned.pool_id() == fresh.pool_id();
    if is_same || outcome.may_have_written().is_none() {
        return None;
    }
    let mut after = before.clone();
    remember::record_superseded(&mut after, planned, outcome, fresh, whole_seconds(now));
    if after.applied_hash != before.applied_hash {
        // Synced and the drift are about settings that were accepted earlier, and would seem to be about these.
        after.conditions.retain(|condition| condition.type_ != ConditionType::Synced.as_str());
        (after.drift, after.drift_summary) = (Vec::new(), None);
    }
    (after != before).then_some(after)
}

/// The status of an object whose spec this build cannot parse. Only the conditions change. None when the object has it
/// already.
#[must_use]
pub fn invalid_status(
    before: &UserPoolMfaConfigStatus,
    generation: i64,
    error: &str,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let now = whole_seconds(now);
    let summary = summary::invalid_spec(&text::safe(error, text::MAX_MESSAGE));
    let mut after = before.clone();
    after.observed_generation = Some(generation);
    after.conditions = conditions(&before.conditions, &summary, LastCheck::Never, generation, now);
    (after.drift, after.drift_summary, after.last_error) = (Vec::new(), None, None);
    (after != *before).then_some(after)
}

/// Whether a status reports something that the one before it did not: another condition, or other differences. Times, and
/// failures that may pass, are no news.
#[must_use]
pub fn is_news(before: Option<&UserPoolMfaConfigStatus>, after: &UserPoolMfaConfigStatus) -> bool {
    let said = |status: &UserPoolMfaConfigStatus| {
        let mut conditions = status.conditions.clone();
        for condition in &mut conditions {
            condition.last_transition_time = Time(Timestamp::UNIX_EPOCH);
        }
        conditions
    };
    before.is_none_or(|before| said(before) != said(after) || before.drift != after.drift)
}

/// The value of the reconcile-requested-at annotation, in the form that the status remembers.
#[must_use]
pub fn requested_at(object: &UserPoolMfaConfig) -> Option<String> {
    let annotations = object.metadata.annotations.as_ref()?;
    annotations.get(RECONCILE_REQUESTED_AT).map(|value| text::safe(value, 128))
}

/// None when the outcome is not reported.
fn status_after(
    object: &UserPoolMfaConfig,
    before: &UserPoolMfaConfigStatus,
    outcome: &Outcome,
    recent: RecentChecks,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let declared = &object.spec.settings;
    let generation = object.metadata.generation.unwrap_or_default();
    let report = report_of(before, outcome, generation, recent);
    if report == Report::Nothing {
        return None;
    }
    let mut after = before.clone();
    after.observed_generation = Some(generation);
    after.user_pool_id = object.pool_id().map(str::to_owned).or(after.user_pool_id);
    after.region = object.region().map(str::to_owned);
    after.last_error = last_error(outcome);
    if !outcome.is_passing_failure() {
        after.last_handled_reconcile_at = requested_at(object).or(after.last_handled_reconcile_at);
    }
    remember::record_outcome(&mut after, object, outcome, now);
    if report == Report::Everything {
        let summary = summary_of(&after, outcome, object, recent.interval, now);
        let last_check = last_check(before, outcome, generation, declared);
        after.conditions = conditions(&before.conditions, &summary, last_check, generation, now);
        if last_check == LastCheck::Never {
            (after.drift, after.drift_summary) = (Vec::new(), None);
        }
    }
    if let Outcome::Unresolved(why) = outcome {
        reference::set_condition(&mut after, before, Err((why, None)), generation, now);
    }
    if let Some(observed) = outcome.observed() {
        set_observed(&mut after, &observed.settings);
    }
    if let Some(drift) = outcome.drift(declared) {
        after.drift_summary = (!drift.is_empty()).then(|| text::safe(&paths(&drift), text::MAX_VALUE));
        after.drift = drift;
    }
    Some(after)
}

/// The summary of the outcome; or that the pool is contested, where it equals the spec after one more correction, and
/// until the drift stops or the spec changes.
fn summary_of(
    status: &UserPoolMfaConfigStatus,
    outcome: &Outcome,
    object: &UserPoolMfaConfig,
    interval: Duration,
    now: Timestamp,
) -> Summary {
    let summary = outcome.summary(&object.spec.settings);
    let was_contested = status.condition(ConditionType::Ready).is_some_and(|ready| {
        ready.reason == Reason::Contested.as_str() && ready.observed_generation == object.metadata.generation
    });
    let fields = contested_fields(&status.corrections, interval, now);
    let is_reported = !fields.is_empty() && (was_contested || outcome.correction().is_some());
    if is_reported && summary.ready == Some(true) { summary.contested(&fields) } else { summary }
}

fn last_check(
    before: &UserPoolMfaConfigStatus,
    outcome: &Outcome,
    generation: i64,
    declared: &MfaSettings,
) -> LastCheck {
    let is_of_generation = before
        .condition(ConditionType::Synced)
        .is_some_and(|synced| synced.observed_generation == Some(generation));
    if outcome.observed().is_some() {
        LastCheck::Now
    } else if has_other_owner(outcome) {
        LastCheck::Never
    } else if is_of_generation || compared_with_same_settings(before, declared) {
        LastCheck::Earlier
    } else {
        LastCheck::Never
    }
}

/// Whether Synced is about these settings, although it is of an older generation: they were accepted, and it reports
/// accepted settings.
fn compared_with_same_settings(before: &UserPoolMfaConfigStatus, declared: &MfaSettings) -> bool {
    let is_about_accepted = match before.reason(ConditionType::Synced) {
        Some(Reason::InSync | Reason::Contested | Reason::StrongerThanDeclared | Reason::NotTaken) => true,
        Some(_) | None => false,
    };
    is_about_accepted && before.applied_hash.as_deref() == Some(diff::hash(declared).as_str())
}

fn set_observed(status: &mut UserPoolMfaConfigStatus, observed: &MfaSettings) {
    let factors = diff::factors(observed);
    status.observed = Some(truncated(observed));
    status.mode = Some(observed.mfa_configuration.as_str().to_owned());
    status.factors = (!factors.is_empty()).then(|| factors.join(","));
}

fn last_error(outcome: &Outcome) -> Option<LastError> {
    let Outcome::Failed(failure, _) = outcome else { return None };
    Some(LastError {
        code: failure.code.clone(),
        message: failure.message.clone(),
        operation: Some(failure.operation.as_str().to_owned()),
        reason_code: failure.reason_code.clone(),
    })
}

/// Kubernetes stores times in whole seconds. A status with fractions would differ from the stored one each time.
pub(super) fn whole_seconds(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
