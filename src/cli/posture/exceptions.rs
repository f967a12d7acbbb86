//! What is not as usual about an object, and why.

use cognito_mfa_core::{
    api::v1alpha1::{DeletionPolicy, ManagementPolicy, UserPoolMfaConfig},
    plan::hold::is_approved,
};
use serde::Serialize;

use super::{ObjectState, Record, shown, state::ReadyCondition};

/// The annotation that says why an object is an exception, such as a ticket and a date. It is shown and changes nothing.
pub const EXCEPTION_REASON: &str = "cognito.mfaoperator.dev/exception-reason";

/// Something that an auditor asks about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// What it is.
    pub kind: &'static str,
    /// Why it is so, as far as the object says.
    pub reason: String,
}

fn exception(kind: &'static str, reason: impl Into<String>) -> Exception {
    Exception { kind, reason: reason.into() }
}

/// The exceptions of an object. What is documented comes last, beside what it explains.
pub(super) fn exceptions(record: &Record, ready: &ReadyCondition) -> Vec<Exception> {
    let Ok(object) = &record.object else { return Vec::new() };
    let state = match ready.state {
        ObjectState::OnHold => Some("Held"),
        ObjectState::Contested => Some("Contested"),
        ObjectState::Suspended => Some("Suspended"),
        _ => None,
    };
    let by_state = state.map(|kind| exception(kind, ready.message.clone()));
    by_state.into_iter().chain(by_spec(object)).chain(lowered(object)).chain(documented(object)).collect()
}

fn by_spec(object: &UserPoolMfaConfig) -> impl Iterator<Item = Exception> {
    let observe = object.spec.management_policy == ManagementPolicy::Observe;
    let disable = object.spec.deletion_policy == DeletionPolicy::Disable;
    let kinds = [
        (observe, "Observed only", "managementPolicy: Observe. Drift is not set back."),
        (
            disable,
            "Disable on delete",
            "deletionPolicy: Disable. MFA is turned off when the object is deleted.",
        ),
    ];
    kinds.into_iter().filter(|(is, ..)| *is).map(|(_, kind, reason)| exception(kind, reason))
}

fn lowered(object: &UserPoolMfaConfig) -> impl Iterator<Item = Exception> {
    let time = object.status.as_ref().and_then(|status| status.last_lowering_time);
    let lowered = time.map(|time| exception("Lowered", format!("Protection was last taken away at {time}.")));
    let waved = is_approved(object).then(|| {
        exception("Lowering allowed", "An annotation lets this generation lower protection without waiting.")
    });
    lowered.into_iter().chain(waved)
}

fn documented(object: &UserPoolMfaConfig) -> Option<Exception> {
    let reason = object.metadata.annotations.as_ref()?.get(EXCEPTION_REASON)?;
    Some(exception("Documented", shown(reason)))
}
