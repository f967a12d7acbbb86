//! What a plan reads of the status that earlier reconciliations wrote.

use crate::api::v1alpha1::{ConditionType, MfaSettings, Reason, UserPoolMfaConfig};

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

/// What the plan may remember of an object's status.
#[must_use]
pub fn memory(object: &UserPoolMfaConfig) -> Memory<'_> {
    let Some(status) = &object.status else { return Memory::default() };
    let synced = status.condition(ConditionType::Synced);
    let of_now = synced.is_some_and(|synced| synced.observed_generation == object.metadata.generation);
    let not_taken = status.reason(ConditionType::Synced) == Some(Reason::NotTaken);
    Memory {
        applied_hash: status.applied_hash.as_deref(),
        observed: status.observed.as_ref(),
        not_taken,
        settled: of_now && (not_taken || synced.is_some_and(|synced| synced.status == "True")),
    }
}

/// Whether a pass planned for one of the two would be planned for the other: the same object, the same spec, not
/// being deleted, the same memory of what Cognito accepted and showed.
#[must_use]
pub fn is_planned_alike(planned: &UserPoolMfaConfig, fresh: &UserPoolMfaConfig) -> bool {
    planned.metadata.uid == fresh.metadata.uid
        && planned.metadata.generation == fresh.metadata.generation
        && planned.metadata.deletion_timestamp == fresh.metadata.deletion_timestamp
        && remembered_fields(planned) == remembered_fields(fresh)
}

/// What the plan remembers of an object, as its status has it.
fn remembered_fields(object: &UserPoolMfaConfig) -> (Option<&String>, Option<&MfaSettings>, Option<&String>) {
    let Some(status) = &object.status else { return (None, None, None) };
    let synced = status.condition(ConditionType::Synced).map(|synced| &synced.reason);
    (status.applied_hash.as_ref(), status.observed.as_ref(), synced)
}
