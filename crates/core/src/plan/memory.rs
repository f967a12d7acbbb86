//! What a plan uses of the status that earlier reconciliations wrote.

use crate::{
    api::v1alpha1::{
        ConditionType, MfaSettings, NotTaken, Reason, Strengths, UserPoolMfaConfig, UserPoolMfaConfigStatus,
    },
    settings::diff,
};

/// What the status remembers of a pool. Without a status the object has not adopted its pool, so an adoption that would
/// weaken the pool is on hold.
#[derive(Clone, Debug, Default)]
pub struct Memory<'a> {
    /// The hash of the settings that Cognito last accepted; None until the pool is adopted.
    pub applied_hash: Option<&'a str>,
    /// The hash of the settings that were last sent without a known result.
    pub attempted_hash: Option<&'a str>,
    /// The strongest declared value of each strength that was sent since the pool was last no stronger than declared in it;
    /// None when that is not known.
    pub applied_strengths: Option<Strengths>,
    /// The relying party that Cognito kept through an accepted write that left it out.
    pub kept_relying_party: Option<&'a str>,
    /// The settings that Cognito had at the last check, truncated to fit the status.
    pub observed: Option<&'a MfaSettings>,
    /// Whether the last accepted write left the observed difference (reason NotTaken).
    pub not_taken: bool,
    /// Whether the last check of the present generation found these settings applied: Cognito equalled them, was stronger,
    /// or had accepted them without taking them.
    pub settled: bool,
    /// Whether the object's reference led to another pool before.
    pub pool_changed: bool,
}

/// Reads the memory from an object's status.
#[must_use]
pub fn memory(object: &UserPoolMfaConfig) -> Memory<'_> {
    let Some(status) = &object.status else { return Memory::default() };
    let synced = status.condition(ConditionType::Synced);
    let is_current = synced.is_some_and(|synced| synced.observed_generation == object.metadata.generation);
    let reason = status.reason(ConditionType::Synced);
    let is_applied =
        matches!(reason, Some(Reason::NotTaken | Reason::StrongerThanDeclared | Reason::Contested));
    Memory {
        applied_hash: status.applied_hash.as_deref(),
        attempted_hash: status.attempted_hash.as_deref(),
        applied_strengths: applied_strengths(object, status),
        kept_relying_party: status.kept_relying_party.as_deref(),
        observed: status.observed.as_ref(),
        not_taken: reason == Some(Reason::NotTaken) || status.not_taken.is_some(),
        settled: is_current && (is_applied || synced.is_some_and(|synced| synced.status == "True")),
        pool_changed: object.has_reference() && status.previous_user_pool_id.is_some(),
    }
}

/// The applied strengths of a status. An operator before 0.1.0 did not write them; they then follow from the accepted
/// settings, where those are still known.
fn applied_strengths(object: &UserPoolMfaConfig, status: &UserPoolMfaConfigStatus) -> Option<Strengths> {
    let (declared, applied_hash) = (&object.spec.settings, status.applied_hash.as_deref()?);
    let of_declared = || (applied_hash == diff::hash(declared)).then(|| Strengths::of(declared));
    let of_observed = || {
        let was_equal = status.condition(ConditionType::Synced)?.status == "True";
        status.observed.as_ref().filter(|_| was_equal).map(Strengths::of)
    };
    status.applied_strengths.or_else(of_declared).or_else(of_observed)
}

/// Whether a plan made for one version of an object is the plan for another version, too: the object, its spec, its
/// deletion and its memory are the same.
#[must_use]
pub fn has_same_plan(planned: &UserPoolMfaConfig, fresh: &UserPoolMfaConfig) -> bool {
    planned.metadata.uid == fresh.metadata.uid
        && planned.pool_id() == fresh.pool_id()
        && planned.metadata.generation == fresh.metadata.generation
        && planned.metadata.deletion_timestamp == fresh.metadata.deletion_timestamp
        && RememberedFields::of(planned) == RememberedFields::of(fresh)
}

/// The remembered fields that decide whether a plan is still valid.
#[derive(Default, PartialEq)]
struct RememberedFields<'a> {
    applied_hash: Option<&'a str>,
    attempted_hash: Option<&'a str>,
    applied_strengths: Option<Strengths>,
    observed: Option<&'a MfaSettings>,
    not_taken: Option<NotTaken>,
    synced_reason: Option<&'a str>,
}

impl<'a> RememberedFields<'a> {
    fn of(object: &'a UserPoolMfaConfig) -> Self {
        let Some(status) = &object.status else { return Self::default() };
        let synced = status.condition(ConditionType::Synced);
        Self {
            applied_hash: status.applied_hash.as_deref(),
            attempted_hash: status.attempted_hash.as_deref(),
            applied_strengths: status.applied_strengths,
            observed: status.observed.as_ref(),
            not_taken: status.not_taken,
            synced_reason: synced.map(|synced| synced.reason.as_str()),
        }
    }
}
