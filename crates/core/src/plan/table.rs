//! The plan table: the step for each state of an object and its pool.

use super::{
    exemption::restores,
    memory::Memory,
    step::{Cause, Plan, Step},
    weakening::weakening,
};
use crate::{
    api::v1alpha1::{AdoptionPolicy, Difference, ManagementPolicy, UserPoolMfaConfigSpec},
    settings::{diff, observed::Observed, truncate::truncated},
};

/// The plan for an object that is not being deleted. The first row that matches decides.
///
/// | state of the object | observed settings against the spec | step |
/// |---|---|---|
/// | any | a member or value that this build does not know | `UnknownSetting` |
/// | Observe | equal / differs | `InSync` / `Report` |
/// | never adopted | equal | `Adopt` |
/// | never adopted | differs, and the write would weaken the pool | `Hold`, unless Overwrite |
/// | never adopted | differs otherwise | `Write(Adoption)` |
/// | settings changed and not yet accepted | any | `Write(SpecChanged)` |
/// | unchanged | equal | `InSync` |
/// | unchanged | differs as the last accepted write left it | `NotTaken` |
/// | unchanged | differs otherwise | `Write(Drift)` |
///
/// Settings count as changed when their hash differs from the accepted one and the object is not settled. A newer build
/// may compute another hash for the same settings, and must not write every pool because of that.
#[must_use]
pub fn plan(spec: &UserPoolMfaConfigSpec, observed: &Observed, memory: &Memory) -> Plan {
    let differences = diff::differences(&spec.settings, &observed.settings);
    let weakens = weakening(&observed.settings, &spec.settings);
    let step = if !observed.unknown.is_empty() {
        Step::UnknownSetting
    } else if spec.management_policy == ManagementPolicy::Observe {
        if differences.is_empty() { Step::InSync } else { Step::Report }
    } else if let Some(applied_hash) = memory.applied_hash {
        step_after_adoption(spec, observed, memory, applied_hash, &differences)
    } else {
        adoption_step(spec.adoption_policy, &differences, &weakens)
    };
    let restores = restores(step, &observed.settings, &diff::to_write(&spec.settings));
    Plan { step, differences, weakens, restores }
}

fn adoption_step(policy: AdoptionPolicy, differences: &[Difference], weakens: &[&'static str]) -> Step {
    match policy {
        _ if differences.is_empty() => Step::Adopt,
        AdoptionPolicy::Hold if !weakens.is_empty() => Step::HoldAdoption,
        AdoptionPolicy::Hold | AdoptionPolicy::Overwrite => Step::Write(Cause::Adoption),
    }
}

fn step_after_adoption(
    spec: &UserPoolMfaConfigSpec,
    observed: &Observed,
    memory: &Memory,
    applied_hash: &str,
    differences: &[Difference],
) -> Step {
    let spec_changed = applied_hash != diff::hash(&spec.settings) && !memory.settled;
    let is_as_last_observed =
        || memory.observed.is_some_and(|last| diff::is_same(last, &truncated(&observed.settings)));
    if spec_changed {
        Step::Write(Cause::SpecChanged)
    } else if differences.is_empty() {
        Step::InSync
    } else if memory.not_taken && is_as_last_observed() {
        Step::NotTaken
    } else {
        Step::Write(Cause::Drift)
    }
}
