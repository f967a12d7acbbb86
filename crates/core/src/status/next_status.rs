//! The next status: a function of the object, the outcome of its reconciliation and the time.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    conditions::{LastCheck, conditions},
    outcome::Outcome,
    summary::{self, paths},
};
use crate::{
    api::v1alpha1::{
        Correction, LastError, ManagementPolicy, MfaSettings, RECONCILE_REQUESTED_AT, UserPoolMfaConfig,
        UserPoolMfaConfigStatus,
    },
    elapsed::elapsed,
    plan::{approval::record_used, hold::is_exempt, step::Step},
    settings::{diff, truncate::truncated},
    text,
};

/// The number of corrections that the status keeps.
const MAX_CORRECTIONS: usize = 5;
/// How often lastVerifiedTime alone is worth a status write.
const VERIFIED_INTERVAL: Duration = Duration::from_hours(24);

/// The status after a reconciliation. None when the object has it already and no write is needed.
#[must_use]
pub fn next_status(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let now = whole_seconds(now);
    let before = object.status.clone().unwrap_or_default();
    let mut after = status_after(object, &before, outcome, now);
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
/// It records what Cognito accepted. Otherwise the new spec would count as an adoption, and could be on hold.
#[must_use]
pub fn superseded_status(
    planned: &UserPoolMfaConfig,
    outcome: &Outcome,
    fresh: &UserPoolMfaConfig,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let before = fresh.status.clone().unwrap_or_default();
    let hash = diff::hash(&planned.spec.settings);
    let spec_changed = planned.metadata.generation != fresh.metadata.generation;
    // Another replica may have written the new spec in the meantime. Cognito then accepted that one last.
    let recorded_hashes = [&hash, &diff::hash(&fresh.spec.settings)];
    let is_unrecorded =
        before.applied_hash.as_ref().is_none_or(|applied| !recorded_hashes.contains(&applied));
    if !spec_changed || !is_accepted(planned, outcome) {
        return None;
    }
    let mut after = before.clone();
    record_used(planned, true, &mut after);
    if is_unrecorded {
        after.applied_hash = Some(hash);
        record_weakening(planned, outcome, whole_seconds(now), &mut after);
    }
    (after != before).then_some(after)
}

fn record_weakening(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    now: Timestamp,
    status: &mut UserPoolMfaConfigStatus,
) {
    if let Some(plan) = outcome.may_have_written().filter(|plan| !plan.weakens.is_empty()) {
        status.last_lowering_time = Some(now);
        status.last_lowering_exempt = is_exempt(object, plan);
    }
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
    (after != *before).then_some(after)
}

/// The value of the reconcile-requested-at annotation, in the form that the status remembers.
#[must_use]
pub fn requested_at(object: &UserPoolMfaConfig) -> Option<String> {
    let annotations = object.metadata.annotations.as_ref()?;
    annotations.get(RECONCILE_REQUESTED_AT).map(|value| text::safe(value, 128))
}

fn status_after(
    object: &UserPoolMfaConfig,
    before: &UserPoolMfaConfigStatus,
    outcome: &Outcome,
    now: Timestamp,
) -> UserPoolMfaConfigStatus {
    let declared = &object.spec.settings;
    let generation = object.metadata.generation.unwrap_or_default();
    let mut after = before.clone();
    after.observed_generation = Some(generation);
    let last_check = last_check(before, outcome, declared);
    after.conditions =
        conditions(&before.conditions, &outcome.summary(declared), last_check, generation, now);
    after.region = Some(object.spec.region().to_owned());
    after.last_error = last_error(outcome);
    after.last_handled_reconcile_at = requested_at(object).or(after.last_handled_reconcile_at);
    if let Some(observed) = outcome.observed() {
        set_observed(&mut after, &observed.settings);
    }
    if let Some(drift) = outcome.drift(declared) {
        after.drift_summary = (!drift.is_empty()).then(|| text::safe(&paths(&drift), text::MAX_VALUE));
        after.drift = drift;
    }
    // A write that fails again in the same way is recorded once, or each retry would cost a status write.
    let is_repeated_failure = after.last_error.is_some() && after.last_error == before.last_error;
    if !is_repeated_failure {
        record_weakening(object, outcome, now, &mut after);
    }
    if is_accepted(object, outcome) {
        after.applied_hash = Some(diff::hash(declared));
    }
    record_used(object, is_accepted(object, outcome), &mut after);
    if has_other_owner(outcome) || object.spec.management_policy == ManagementPolicy::Observe {
        // The object must adopt the pool again if it owns it later: the owner may have written it in between.
        after.applied_hash = None;
    }
    // After a conflict the same outcome is written again, and its correction is in the status already.
    let last_correction = after.corrections.last().cloned();
    after.corrections.extend(correction(outcome, now).filter(|new| Some(new) != last_correction.as_ref()));
    let surplus = after.corrections.len().saturating_sub(MAX_CORRECTIONS);
    after.corrections.drain(..surplus);
    after
}

fn last_check(before: &UserPoolMfaConfigStatus, outcome: &Outcome, declared: &MfaSettings) -> LastCheck {
    let same_settings = before.applied_hash.as_deref() == Some(diff::hash(declared).as_str());
    if outcome.observed().is_some() {
        LastCheck::Now
    } else if same_settings && !has_other_owner(outcome) {
        LastCheck::Earlier
    } else {
        LastCheck::Never
    }
}

fn has_other_owner(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::NotOwner(_) | Outcome::Denied { replaced: true, .. })
}

fn set_observed(status: &mut UserPoolMfaConfigStatus, observed: &MfaSettings) {
    let factors = diff::factors(observed);
    status.observed = Some(truncated(observed));
    status.mode = Some(observed.mfa_configuration.as_str().to_owned());
    status.factors = (!factors.is_empty()).then(|| factors.join(","));
}

/// Whether Cognito is known to have accepted the spec. An object that only observes never adopts its pool.
fn is_accepted(object: &UserPoolMfaConfig, outcome: &Outcome) -> bool {
    let equals_spec =
        matches!(outcome, Outcome::Checked(_, plan) if matches!(plan.step, Step::Adopt | Step::InSync));
    object.spec.management_policy == ManagementPolicy::Enforce
        && (equals_spec || matches!(outcome, Outcome::Written { .. }))
}

fn correction(outcome: &Outcome, now: Timestamp) -> Option<Correction> {
    outcome.correction().map(|plan| Correction {
        time: now,
        fields: plan.differences.iter().map(|difference| difference.field.clone()).collect(),
        lowered: !plan.weakens.is_empty(),
    })
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
fn whole_seconds(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
