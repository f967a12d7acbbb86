//! The plan table.

use super::{
    memory::Memory,
    step::{Cause, Plan, Step},
    weakening::weakening,
};
use crate::{
    api::v1alpha1::{AdoptionPolicy, ManagementPolicy, UserPoolMfaConfigSpec},
    settings::{diff, observed::Observed, truncate::truncated},
};

/// The plan table.
///
/// | state of the object | live against the declaration | plan |
/// |---|---|---|
/// | any | a member or value that this build does not know | `Unknown` |
/// | Observe | equal / differs | `InSync` / `Report` |
/// | never adopted | equal | `Adopt` |
/// | never adopted | differs, and the Set would lower protection | `Hold`, unless Overwrite |
/// | never adopted | differs otherwise | `Set(Adoption)` |
/// | settings changed and not yet accepted | any | `Set(Changed)` |
/// | unchanged | equal | `InSync` |
/// | unchanged | differs as the last accepted Set left it | `Residue` |
/// | unchanged | differs otherwise | `Set(Drift)` |
///
/// Settings count as changed when their hash is another and the object is not settled: a hash that differs only
/// because a newer build computes it otherwise must not Set a whole fleet.
#[must_use]
pub fn plan(spec: &UserPoolMfaConfigSpec, live: &Observed, memory: &Memory) -> Plan {
    let differences = diff::differences(&spec.settings, &live.settings);
    let lowers = weakening(&live.settings, &spec.settings);
    let step = step(spec, live, memory, differences.is_empty(), !lowers.is_empty());
    Plan { step, differences, weakens: lowers }
}

fn step(spec: &UserPoolMfaConfigSpec, live: &Observed, memory: &Memory, equal: bool, lowers: bool) -> Step {
    if !live.unknown.is_empty() {
        return Step::UnknownSetting;
    }
    if spec.management_policy == ManagementPolicy::Observe {
        return if equal { Step::InSync } else { Step::Report };
    }
    let Some(applied) = memory.applied_hash else {
        return match (equal, lowers && spec.adoption_policy == AdoptionPolicy::Hold) {
            (true, _) => Step::Adopt,
            (false, true) => Step::Hold,
            (false, false) => Step::Write(Cause::Adoption),
        };
    };
    let changed = applied != diff::hash(&spec.settings) && !memory.settled;
    let as_left = memory.not_taken
        && memory.observed.is_some_and(|seen| diff::is_same(seen, &truncated(&live.settings)));
    match (changed, equal, as_left) {
        (true, _, _) => Step::Write(Cause::SpecChanged),
        (false, true, _) => Step::InSync,
        (false, false, true) => Step::NotTaken,
        (false, false, false) => Step::Write(Cause::Drift),
    }
}
