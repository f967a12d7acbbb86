//! Approvals: the annotation `allow-lowering` releases one weakening write from the hourly limit.
//!
//! The annotation names the object's generation, or the hash of its settings. A hash fits into git: the commit that
//! weakens a pool can carry it. Both stay on the object for long, so the status remembers which ones are used up.
//!
//! An approval is used up once Cognito has accepted the settings that it names, or had them already. A write whose answer
//! was lost is repeated under the same approval.

use crate::{
    api::v1alpha1::{ALLOW_LOWERING, UsedApproval, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    settings::diff,
};

/// The number of used approvals that the status keeps.
const MAX_USED: usize = 10;

/// What an approval of an object's weakening write has to name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovalTarget {
    /// This generation.
    Generation(i64),
    /// The hash of the settings, because the approval of the generation is used up.
    SettingsHash,
    /// The next generation, because both approvals of the present one are used up.
    NextGeneration,
}

/// Whether the annotation approves the weakening write that the object's settings ask for.
///
/// Without a status nobody knows whether the approval was used before: the object may be a copy of an older one. Such an
/// approval releases nothing.
#[must_use]
pub fn is_approved(object: &UserPoolMfaConfig) -> bool {
    named_approval(object).is_some_and(|approval| is_reported(object) && !is_used(object, &approval))
}

/// What a new approval of the object's weakening write has to name.
#[must_use]
pub fn approval_target(object: &UserPoolMfaConfig) -> ApprovalTarget {
    let (generation, settings_hash) = (generation(object), diff::hash(&object.spec.settings));
    if !is_used(object, &UsedApproval { value: generation.to_string(), settings_hash }) {
        ApprovalTarget::Generation(generation)
    } else if unused_hash(object).is_some() {
        ApprovalTarget::SettingsHash
    } else {
        ApprovalTarget::NextGeneration
    }
}

/// The hash of the object's settings, with which a commit can approve its own write; None when that approval is used up.
#[must_use]
pub fn unused_hash(object: &UserPoolMfaConfig) -> Option<String> {
    let hash = diff::hash(&object.spec.settings);
    let approval = UsedApproval { value: hash.clone(), settings_hash: hash.clone() };
    (!is_used(object, &approval)).then_some(hash)
}

/// Adds the object's approval to those that are used up. `accepted` says whether Cognito has the object's settings, or
/// accepted them. An approval that an object without a status brings along is used up, too: it may be a copy.
pub fn record_used(object: &UserPoolMfaConfig, accepted: bool, status: &mut UserPoolMfaConfigStatus) {
    let Some(approval) = named_approval(object) else { return };
    let used = &mut status.used_approvals;
    if (accepted || !is_reported(object)) && !used.contains(&approval) {
        used.push(approval);
        used.drain(..used.len().saturating_sub(MAX_USED));
    }
}

/// The annotation, if it names the present generation or the present settings.
fn named_approval(object: &UserPoolMfaConfig) -> Option<UsedApproval> {
    let value = object.metadata.annotations.as_ref()?.get(ALLOW_LOWERING)?.trim();
    let settings_hash = diff::hash(&object.spec.settings);
    let matches = value == settings_hash || value == generation(object).to_string();
    matches.then(|| UsedApproval { value: value.to_owned(), settings_hash })
}

fn is_used(object: &UserPoolMfaConfig, approval: &UsedApproval) -> bool {
    object.status.as_ref().is_some_and(|status| status.used_approvals.contains(approval))
}

/// Whether an operator has reported on the object. The CRD's default status has a generation of -1.
fn is_reported(object: &UserPoolMfaConfig) -> bool {
    let observed_generation = object.status.as_ref().and_then(|status| status.observed_generation);
    observed_generation.is_some_and(|generation| generation >= 0)
}

fn generation(object: &UserPoolMfaConfig) -> i64 {
    object.metadata.generation.unwrap_or_default()
}
