//! What a plan uses of the status that earlier reconciliations wrote.

use crate::api::v1alpha1::{ConditionType, MfaSettings, Reason, UserPoolMfaConfig};

/// What the status remembers of a pool. Without a status the object has not adopted its pool, so an adoption that would
/// weaken the pool is on hold.
#[derive(Clone, Debug, Default)]
pub struct Memory<'a> {
    /// The hash of the settings that Cognito last accepted; None until the pool is adopted.
    pub applied_hash: Option<&'a str>,
    /// The settings that Cognito had at the last check, truncated to fit the status.
    pub observed: Option<&'a MfaSettings>,
    /// Whether the last accepted write left the observed difference (reason NotTaken).
    pub not_taken: bool,
    /// Whether the last check of the present generation ended with Synced True, or with NotTaken.
    pub settled: bool,
}

/// Reads the memory from an object's status.
#[must_use]
pub fn memory(object: &UserPoolMfaConfig) -> Memory<'_> {
    let Some(status) = &object.status else { return Memory::default() };
    let synced = status.condition(ConditionType::Synced);
    let is_current = synced.is_some_and(|synced| synced.observed_generation == object.metadata.generation);
    let not_taken = status.reason(ConditionType::Synced) == Some(Reason::NotTaken);
    Memory {
        applied_hash: status.applied_hash.as_deref(),
        observed: status.observed.as_ref(),
        not_taken,
        settled: is_current && (not_taken || synced.is_some_and(|synced| synced.status == "True")),
    }
}

/// Whether a plan made for one version of an object is the plan for another version, too: the object, its spec, its
/// deletion and its memory are the same.
#[must_use]
pub fn has_same_plan(planned: &UserPoolMfaConfig, fresh: &UserPoolMfaConfig) -> bool {
    planned.metadata.uid == fresh.metadata.uid
        && planned.metadata.generation == fresh.metadata.generation
        && planned.metadata.deletion_timestamp == fresh.metadata.deletion_timestamp
        && RememberedFields::of(planned) == RememberedFields::of(fresh)
}

/// The remembered fields that decide whether a plan is still valid.
#[derive(Default, PartialEq)]
struct RememberedFields<'a> {
    applied_hash: Option<&'a str>,
    observed: Option<&'a MfaSettings>,
    synced_reason: Option<&'a str>,
}

impl<'a> RememberedFields<'a> {
    fn of(object: &'a UserPoolMfaConfig) -> Self {
        let Some(status) = &object.status else { return Self::default() };
        let synced = status.condition(ConditionType::Synced);
        Self {
            applied_hash: status.applied_hash.as_deref(),
            observed: status.observed.as_ref(),
            synced_reason: synced.map(|synced| synced.reason.as_str()),
        }
    }
}
