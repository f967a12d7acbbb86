//! The plan table: the step for each state of an object and its pool.

use super::{
    exemption::restores,
    memory::Memory,
    step::{Cause, Plan, Step},
    weakening::{RELYING_PARTY, leaves_relying_party, relying_party},
};
use crate::{
    api::v1alpha1::{AdoptionPolicy, DriftPolicy, ManagementPolicy, MfaMode, UserPoolMfaConfigSpec},
    settings::{
        diff,
        observed::Observed,
        strengths::{Strength, kept},
        truncate::truncated,
    },
};

/// The plan for an object that is not being deleted. The first row that matches decides.
///
/// | state of the object | observed settings against the spec | step |
/// |---|---|---|
/// | any | a member or value that this build does not know | `UnknownSetting` |
/// | Observe | equal / stronger / differs otherwise | `InSync` / `StrongerThanDeclared` / `Report` |
/// | never adopted | equal | `Adopt` |
/// | never adopted | differs, and the write would weaken the pool | `HoldAdoption`, unless Overwrite |
/// | never adopted, the reference led to another pool before | differs, and the write would weaken the pool | `HoldPoolChange` |
/// | never adopted | differs otherwise | `Write(Adoption)` |
/// | adopted, declares OFF | a mode raised outside the spec, alone / with another difference | `StrongerThanDeclared` / `WouldTurnOff` |
/// | settings changed and not yet accepted | any | `Write(SpecChanged)` |
/// | unchanged | equal / stronger | `InSync` / `StrongerThanDeclared` |
/// | unchanged | differs as the last accepted write left it | `Write(NotTaken)`, which [waits](super::not_taken) |
/// | unchanged | differs otherwise | `Write(Drift)` |
///
/// "Stronger" means that the pool differs only in [strengths](crate::settings::strengths) that a write keeps. An adoption
/// keeps none: a person decides about it.
///
/// Settings count as changed when their hash differs from the accepted one and the object is not settled. A newer build
/// may compute another hash for the same settings, and must not write every pool because of that. If a write's
/// result is unknown, going back to the earlier settings counts as a change, too.
#[must_use]
pub fn plan(spec: &UserPoolMfaConfigSpec, observed: &Observed, memory: &Memory) -> Plan {
    let kept = kept_strengths(spec, observed, memory);
    let mut plan = Plan::new(Step::InSync, &spec.settings, &observed.settings, kept);
    if leaves_relying_party(&spec.settings)
        && memory.kept_relying_party.is_some_and(|kept| Some(kept) == relying_party(&observed.settings))
    {
        plan.weakens.retain(|loss| *loss != RELYING_PARTY);
    }
    plan.step = if !observed.unknown.is_empty() {
        Step::UnknownSetting
    } else if spec.management_policy == ManagementPolicy::Observe {
        if plan.differences.is_empty() { step_when_equal(&plan) } else { Step::Report }
    } else if let Some(applied_hash) = memory.applied_hash {
        step_after_adoption(spec, observed, memory, applied_hash, &plan)
    } else {
        adoption_step(spec.adoption_policy, memory.pool_changed, &plan)
    };
    plan.restores = restores(plan.step, &observed.settings, &plan.write, memory.applied_strengths);
    plan
}

/// The strengths that a write keeps, by the object's driftPolicy.
#[must_use]
pub fn kept_strengths(spec: &UserPoolMfaConfigSpec, observed: &Observed, memory: &Memory) -> Vec<Strength> {
    let adopts = memory.applied_hash.is_none() && spec.management_policy == ManagementPolicy::Enforce;
    match spec.drift_policy {
        DriftPolicy::KeepStronger if !adopts => {
            kept(&spec.settings, &observed.settings, memory.applied_strengths)
        }
        DriftPolicy::KeepStronger | DriftPolicy::Exact => Vec::new(),
    }
}

fn step_when_equal(plan: &Plan) -> Step {
    if plan.kept.is_empty() { Step::InSync } else { Step::StrongerThanDeclared }
}

/// Whoever may change what a reference names is not who wrote `Overwrite`, so it counts for the first pool alone.
fn adoption_step(policy: AdoptionPolicy, pool_changed: bool, plan: &Plan) -> Step {
    match policy {
        _ if plan.differences.is_empty() => Step::Adopt,
        _ if pool_changed && !plan.weakens.is_empty() => Step::HoldPoolChange,
        AdoptionPolicy::Hold if !plan.weakens.is_empty() => Step::HoldAdoption,
        AdoptionPolicy::Hold | AdoptionPolicy::Overwrite => Step::Write(Cause::Adoption),
    }
}

fn step_after_adoption(
    spec: &UserPoolMfaConfigSpec,
    observed: &Observed,
    memory: &Memory,
    applied_hash: &str,
    plan: &Plan,
) -> Step {
    let hash = diff::hash(&spec.settings);
    let is_other_attempted = memory.attempted_hash.is_some_and(|attempted| attempted != hash);
    let is_as_last_observed =
        || memory.observed.is_some_and(|last| diff::is_same(last, &truncated(&observed.settings)));
    if spec.settings.mfa_configuration == MfaMode::Off && plan.kept.contains(&Strength::Mode) {
        // Factors that are declared under OFF are not sent, and Cognito refuses another mode without a factor [measured].
        if plan.differences.is_empty() { Step::StrongerThanDeclared } else { Step::WouldTurnOff }
    } else if (applied_hash != hash || is_other_attempted) && !memory.settled {
        Step::Write(Cause::SpecChanged)
    } else if plan.differences.is_empty() {
        step_when_equal(plan)
    } else if memory.not_taken && is_as_last_observed() {
        Step::Write(Cause::NotTaken)
    } else {
        Step::Write(Cause::Drift)
    }
}
