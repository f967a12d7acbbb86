//! How the annotation `allow-lowering` releases a planned write from the operator's hourly limit.

use cognito_mfa_core::{
    api::v1alpha1::{ALLOW_LOWERING, UserPoolMfaConfig},
    plan::{
        approval::{is_approved, unused_hash},
        step::{Cause, Step},
    },
    status::outcome::Outcome,
};
use serde::Serialize;

/// The approval of a planned write that weakens the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Approval {
    /// Whether the manifest's annotation approves the write already.
    pub given: bool,
    /// The hash of the declared settings, which the annotation may name; absent when it was used before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings_hash: Option<String>,
}

impl Approval {
    /// The approval that a planned write of this object needs beyond the hourly limit, if it needs one. An adoption is
    /// approved after it was put on hold.
    #[must_use]
    pub fn of(object: &UserPoolMfaConfig, outcome: &Outcome) -> Option<Self> {
        let Outcome::Checked(_, plan) = outcome else { return None };
        let is_limited =
            matches!(plan.step, Step::Write(Cause::SpecChanged | Cause::Drift | Cause::NotTaken))
                && !plan.weakens.is_empty()
                && !plan.restores;
        is_limited.then(|| Self { given: is_approved(object), settings_hash: unused_hash(object) })
    }

    /// The line for a person.
    pub(super) fn line(&self) -> String {
        match (self.given, &self.settings_hash) {
            (true, _) => {
                format!("  approved: {ALLOW_LOWERING} releases this write from the operator's hourly limit")
            }
            (false, Some(hash)) => format!(
                "  within the operator's hourly limit, or at once with the annotation {ALLOW_LOWERING}: \"{hash}\""
            ),
            (false, None) => format!(
                "  within the operator's hourly limit, or at once with the annotation {ALLOW_LOWERING} and the object's generation (the hash of these settings was used before)"
            ),
        }
    }
}
