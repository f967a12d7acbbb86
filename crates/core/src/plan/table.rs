//! From what is declared, what is live and what the status remembers to what is done.

use super::{deletion, weakening::lowering};
use crate::{
    api::v1alpha1::{
        AdoptionPolicy, Difference, ManagementPolicy, MfaSettings, UserPoolMfaConfig, UserPoolMfaConfigSpec,
    },
    settings::{diff, observed::Live, truncate::bounded},
    status::next_status::memory,
};

/// What the status remembers. A lost status fails towards Hold.
#[derive(Clone, Debug, Default)]
pub struct Memory<'a> {
    /// The hash of the settings that Cognito last accepted; None until the pool is adopted.
    pub applied_hash: Option<&'a str>,
    /// What Cognito had at the last check.
    pub observed: Option<&'a MfaSettings>,
    /// Whether the last accepted Set left what is observed (reason NotTaken).
    pub not_taken: bool,
    /// Whether the object was found or made equal at its present generation.
    pub settled: bool,
}

/// What to do, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// What to do.
    pub step: Step,
    /// What differs between the declaration and the pool before anything is done.
    pub differences: Vec<Difference>,
    /// What a Set would take away from the users' protection, in words.
    pub lowers: Vec<&'static str>,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Equal at the first meeting: record it.
    Adopt,
    /// Equal.
    InSync,
    /// Differs as an accepted Set left it: report it.
    Residue,
    /// The first meeting, and the declaration takes protection away: wait for a person.
    Hold,
    /// Differs, and the object only observes: report it.
    Report,
    /// The API is newer than this build, a full replace would wipe what it does not know: wait for an upgrade.
    Unknown,
    /// The object is being deleted, and MFA is off as its deletion wants: let it go.
    Off,
    /// Replace the settings.
    Set(Cause),
}

/// Why the settings are replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The object met its pool.
    Adoption,
    /// The declaration changed.
    Changed,
    /// Cognito changed.
    Drift,
    /// The object is being deleted, and its deletion turns MFA off.
    Deletion,
}

impl Cause {
    /// A word for metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Adoption => "adoption",
            Self::Changed => "spec",
            Self::Drift => "drift",
            Self::Deletion => "deletion",
        }
    }
}

/// The plan for an object as it is: by the table, or by [`deletion::plan`] when it is being deleted.
#[must_use]
pub fn planned(object: &UserPoolMfaConfig, live: &Live) -> Plan {
    if object.metadata.deletion_timestamp.is_some() {
        return deletion::plan(&object.spec, live);
    }
    plan(&object.spec, live, &memory(object))
}

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
pub fn plan(spec: &UserPoolMfaConfigSpec, live: &Live, memory: &Memory) -> Plan {
    let differences = diff::differences(&spec.settings, &live.settings);
    let lowers = lowering(&live.settings, &spec.settings);
    let step = step(spec, live, memory, differences.is_empty(), !lowers.is_empty());
    Plan { step, differences, lowers }
}

fn step(spec: &UserPoolMfaConfigSpec, live: &Live, memory: &Memory, equal: bool, lowers: bool) -> Step {
    if !live.unknown.is_empty() {
        return Step::Unknown;
    }
    if spec.management_policy == ManagementPolicy::Observe {
        return if equal { Step::InSync } else { Step::Report };
    }
    let Some(applied) = memory.applied_hash else {
        return match (equal, lowers && spec.adoption_policy == AdoptionPolicy::Hold) {
            (true, _) => Step::Adopt,
            (false, true) => Step::Hold,
            (false, false) => Step::Set(Cause::Adoption),
        };
    };
    let changed = applied != diff::hash(&spec.settings) && !memory.settled;
    let as_left =
        memory.not_taken && memory.observed.is_some_and(|seen| diff::same(seen, &bounded(&live.settings)));
    match (changed, equal, as_left) {
        (true, _, _) => Step::Set(Cause::Changed),
        (false, true, _) => Step::InSync,
        (false, false, true) => Step::Residue,
        (false, false, false) => Step::Set(Cause::Drift),
    }
}
