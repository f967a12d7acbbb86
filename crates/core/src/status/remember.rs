//! What the status remembers of a reconciliation for later plans: what Cognito accepted or may have accepted, what it did
//! not take, the corrections, the weakening writes and the used approvals.

use jiff::Timestamp;

use super::outcome::Outcome;
use crate::{
    api::v1alpha1::{
        Correction, ManagementPolicy, MfaSettings, NotTaken, Strengths, UserPoolMfaConfig,
        UserPoolMfaConfigStatus,
    },
    plan::{
        approval::record_used,
        hold::is_exempt,
        memory::memory,
        step::{Cause, Step},
        weakening::{leaves_relying_party, relying_party},
    },
    settings::diff,
};

/// The number of corrections that the status keeps.
const MAX_CORRECTIONS: usize = 5;

/// Remembers the outcome of a reconciliation of this object. `after` is its status with the new `lastError`.
pub(super) fn record_outcome(
    after: &mut UserPoolMfaConfigStatus,
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    now: Timestamp,
) {
    let declared = &object.spec.settings;
    let no_status = UserPoolMfaConfigStatus::default();
    let before = object.status.as_ref().unwrap_or(&no_status);
    record_corrections(after, outcome, now);
    // A time in the future, from a fast clock, would take a place in the hourly limit after every start.
    after.last_lowering_time = after.last_lowering_time.map(|time| time.min(now));
    // A write that fails again in the same way is recorded once, or each retry would cost a status write.
    let is_repeated_failure = after.last_error.is_some() && after.last_error == before.last_error;
    if !is_repeated_failure {
        record_weakening(object, outcome, now, after);
    }
    after.not_taken = not_taken(before, outcome, declared, now);
    record_used(object, is_accepted(object, outcome), after);
    if has_other_owner(outcome) || object.spec.management_policy == ManagementPolicy::Observe {
        // The object must adopt the pool again if it owns it later: the owner may have written it in between.
        (after.applied_hash, after.attempted_hash) = (None, None);
        (after.applied_strengths, after.kept_relying_party) = (None, None);
    } else {
        record_write(after, object, declared, outcome);
    }
}

/// Remembers the write that was planned for an older spec in the status of the `fresh` object.
pub(super) fn record_superseded(
    after: &mut UserPoolMfaConfigStatus,
    planned: &UserPoolMfaConfig,
    outcome: &Outcome,
    fresh: &UserPoolMfaConfig,
    now: Timestamp,
) {
    record_used(planned, is_accepted(planned, outcome), after);
    if planned.pool_id() != fresh.pool_id() {
        // What the former pool accepted says nothing about this one.
        return record_weakening(planned, outcome, now, after);
    }
    // Another replica may have reconciled the new spec in the meantime. Cognito then accepted that one last.
    if after.observed_generation == fresh.metadata.generation {
        return;
    }
    let before = after.clone();
    record_write(after, fresh, &planned.spec.settings, outcome);
    if *after != before {
        record_weakening(planned, outcome, now, after);
    }
}

/// Whether another object owns the pool now.
pub(super) fn has_other_owner(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::NotOwner(_) | Outcome::Denied { replaced: true, .. })
}

/// Records the time of the last weakening write, and whether it was exempt from waiting for the hourly limit.
fn record_weakening(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    now: Timestamp,
    status: &mut UserPoolMfaConfigStatus,
) {
    if let Some(plan) = outcome.may_have_written().filter(|_| !outcome.weakened().is_empty()) {
        status.last_lowering_time = Some(now);
        status.last_lowering_exempt = is_exempt(object, plan);
    }
}

/// Whether Cognito has the object's declaration, or accepted it. An object that only observes never adopts its pool.
fn is_accepted(object: &UserPoolMfaConfig, outcome: &Outcome) -> bool {
    object.spec.management_policy == ManagementPolicy::Enforce
        && (matches!(outcome, Outcome::Written { .. }) || outcome.equals(&object.spec.settings))
}

/// Remembers what Cognito accepted, or may have accepted, of a declaration.
fn record_write(
    status: &mut UserPoolMfaConfigStatus,
    object: &UserPoolMfaConfig,
    declared: &MfaSettings,
    outcome: &Outcome,
) {
    if object.spec.management_policy == ManagementPolicy::Observe {
        return;
    }
    status.applied_strengths = applied_strengths(object, declared, outcome);
    status.kept_relying_party = kept_relying_party(status, declared, outcome);
    if outcome.equals(declared) || matches!(outcome, Outcome::Written { .. }) {
        (status.applied_hash, status.attempted_hash) = (Some(diff::hash(declared)), None);
    } else if outcome.may_have_written().is_some() {
        status.attempted_hash = Some(diff::hash(declared));
    }
}

/// The strongest declared value of each strength that was sent since the pool was last no stronger than declared in it.
fn applied_strengths(
    object: &UserPoolMfaConfig,
    declared: &MfaSettings,
    outcome: &Outcome,
) -> Option<Strengths> {
    let (strengths, applied) = (Strengths::of(declared), memory(object).applied_strengths);
    if outcome.equals(declared) {
        return Some(strengths);
    }
    let sent = match outcome.may_have_written() {
        Some(_) => Some(applied.map_or(strengths, |applied| applied.strongest(strengths))),
        None => applied,
    };
    let Some(observed) = outcome.observed() else { return sent };
    sent.map(|sent| sent.still_lowered(strengths, Strengths::of(&observed.settings)))
}

/// The relying party that Cognito kept through an accepted write that left it out.
fn kept_relying_party(
    status: &UserPoolMfaConfigStatus,
    declared: &MfaSettings,
    outcome: &Outcome,
) -> Option<String> {
    match outcome {
        Outcome::Written { after, .. } if leaves_relying_party(declared) => {
            relying_party(&after.settings).map(str::to_owned)
        }
        Outcome::Written { .. } => None,
        Outcome::Suspended
        | Outcome::Unresolved(_)
        | Outcome::Denied { .. }
        | Outcome::NotOwner(_)
        | Outcome::Checked(..)
        | Outcome::OnHold(..)
        | Outcome::Failed(..) => status.kept_relying_party.clone(),
    }
}

/// The writes in a row that Cognito accepted without taking them.
fn not_taken(
    before: &UserPoolMfaConfigStatus,
    outcome: &Outcome,
    declared: &MfaSettings,
    now: Timestamp,
) -> Option<NotTaken> {
    match outcome {
        Outcome::Written { plan, .. } if !outcome.equals(declared) => {
            let is_repeated = plan.step == Step::Write(Cause::NotTaken);
            let earlier = before.not_taken.filter(|_| is_repeated).map_or(0, |earlier| earlier.writes);
            Some(NotTaken { writes: earlier.saturating_add(1), last_write_time: now })
        }
        // A repetition that waits for the hourly limit, or fails, is still one: it is no correction of new drift.
        Outcome::OnHold(_, plan, _) | Outcome::Failed(_, Some((_, plan)))
            if plan.step == Step::Write(Cause::NotTaken) =>
        {
            before.not_taken
        }
        _ if outcome.observed().is_none() && !has_other_owner(outcome) => before.not_taken,
        _ => None,
    }
}

fn record_corrections(status: &mut UserPoolMfaConfigStatus, outcome: &Outcome, now: Timestamp) {
    // After a conflict the same outcome is written again, and its correction is in the status already.
    let last_correction = status.corrections.last().cloned();
    status.corrections.extend(correction(outcome, now).filter(|new| Some(new) != last_correction.as_ref()));
    let surplus = status.corrections.len().saturating_sub(MAX_CORRECTIONS);
    status.corrections.drain(..surplus);
}

fn correction(outcome: &Outcome, now: Timestamp) -> Option<Correction> {
    outcome.correction().map(|plan| Correction {
        time: now,
        fields: plan.differences.iter().map(|difference| difference.field.clone()).collect(),
        lowered: !outcome.weakened().is_empty(),
    })
}
