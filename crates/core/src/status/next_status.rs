//! The status: one function of the object, how the pass ended, and the time.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    conditions::conditions,
    outcome::Outcome,
    summary::{self, paths},
};
use crate::{
    api::v1alpha1::{
        Correction, LastError, ManagementPolicy, MfaSettings, RECONCILE_REQUESTED_AT, UserPoolMfaConfig,
        UserPoolMfaConfigStatus,
    },
    elapsed::elapsed,
    plan::step::Step,
    settings::{diff, truncate::truncated},
    text,
};

/// How many corrections are kept.
const MAX_CORRECTIONS: usize = 5;
/// lastVerifiedTime alone is worth a write this often.
const VERIFIED_INTERVAL: Duration = Duration::from_hours(24);

/// The status after a pass, or None when what it says is there already.
#[must_use]
pub fn next_status(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let now = whole_seconds(now);
    let before = object.status.clone().unwrap_or_default();
    let mut after = status_after(object, &before, outcome, now);
    let seen = outcome.observed().is_some();
    let stale =
        before.last_verified_time.is_none_or(|last| last > now || elapsed(last, now) >= VERIFIED_INTERVAL);
    if after == before && !(seen && stale) {
        return None;
    }
    if seen {
        after.last_verified_time = Some(now);
    }
    Some(after)
}

/// The status of an object that was changed while an older declaration of it was set: what Cognito accepted must not
/// be forgotten, or the change would be taken for a first meeting and held. None when there is nothing to remember.
#[must_use]
pub fn superseded_status(
    planned: &UserPoolMfaConfig,
    outcome: &Outcome,
    fresh: &UserPoolMfaConfig,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let before = fresh.status.clone().unwrap_or_default();
    let hash = diff::hash(&planned.spec.settings);
    let newer = planned.metadata.generation != fresh.metadata.generation;
    // Another replica may have led and set the change meanwhile: what Cognito accepted last is that.
    let known = [&hash, &diff::hash(&fresh.spec.settings)];
    let forgotten = before.applied_hash.as_ref().is_none_or(|applied| !known.contains(&applied));
    let lowered = (!outcome.weakened().is_empty()).then(|| whole_seconds(now));
    (newer && is_accepted(planned, outcome) && forgotten).then_some(UserPoolMfaConfigStatus {
        applied_hash: Some(hash),
        last_lowering_time: lowered.or(before.last_lowering_time),
        ..before
    })
}

/// The status of an object that this build cannot read: its spec is unknown, so nothing but the reason is said.
#[must_use]
pub fn invalid_status(
    before: &UserPoolMfaConfigStatus,
    generation: i64,
    why: &str,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let now = whole_seconds(now);
    let verdict = summary::invalid_spec(&text::safe(why, text::MAX_MESSAGE));
    let mut after = before.clone();
    after.observed_generation = Some(generation);
    after.conditions = conditions(&before.conditions, &verdict, false, false, generation, now);
    (after != *before).then_some(after)
}

/// The value of the annotation that asks for a check, as the status remembers it.
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
    let same_settings =
        before.applied_hash.as_deref() == Some(diff::hash(declared).as_str()) && !has_other_owner(outcome);
    let verdict = outcome.summary(declared);
    let mut after = before.clone();
    after.observed_generation = Some(generation);
    let seen = outcome.observed().is_some();
    after.conditions = conditions(&before.conditions, &verdict, seen, same_settings, generation, now);
    after.region = Some(object.spec.region().to_owned());
    after.last_error = last_error(outcome);
    after.last_handled_reconcile_at = requested_at(object).or(after.last_handled_reconcile_at);
    if let Some(live) = outcome.observed() {
        set_observed(&mut after, &live.settings);
    }
    if let Some(drift) = outcome.drift(declared) {
        after.drift_summary = (!drift.is_empty()).then(|| text::safe(&paths(&drift), text::MAX_VALUE));
        after.drift = drift;
    }
    // One that fails again and again with its end open is told at its first time, or each try would be a write.
    let again = after.last_error.is_some() && after.last_error == before.last_error;
    if !outcome.weakened().is_empty() && !again {
        after.last_lowering_time = Some(now);
    }
    if is_accepted(object, outcome) {
        after.applied_hash = Some(diff::hash(declared));
    }
    if has_other_owner(outcome) || object.spec.management_policy == ManagementPolicy::Observe {
        // Who inherits the pool later meets it anew: what it once set there may be older than what its owner did.
        after.applied_hash = None;
    }
    // The same pass may be written again after a conflict.
    let told = after.corrections.last().cloned();
    after.corrections.extend(correction(outcome, now).filter(|new| Some(new) != told.as_ref()));
    let old = after.corrections.len().saturating_sub(MAX_CORRECTIONS);
    after.corrections.drain(..old);
    after
}

/// Whether another object speaks for the pool.
fn has_other_owner(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::NotOwner(_) | Outcome::Denied { replaced: true, .. })
}

fn set_observed(status: &mut UserPoolMfaConfigStatus, live: &MfaSettings) {
    let factors = diff::factors(live);
    status.observed = Some(truncated(live));
    status.mode = Some(live.mfa_configuration.as_str().to_owned());
    status.factors = (!factors.is_empty()).then(|| factors.join(","));
}

/// Whether Cognito is known to have accepted the declaration; who only observes never adopts.
fn is_accepted(object: &UserPoolMfaConfig, outcome: &Outcome) -> bool {
    let found =
        matches!(outcome, Outcome::Checked(_, plan) if matches!(plan.step, Step::Adopt | Step::InSync));
    object.spec.management_policy == ManagementPolicy::Enforce
        && (found || matches!(outcome, Outcome::Written { .. }))
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

/// Kubernetes keeps times in whole seconds.
fn whole_seconds(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
