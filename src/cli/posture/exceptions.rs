//! The exceptions of an object, and the reasons for them.

use cognito_mfa_core::{
    api::v1alpha1::{DeletionPolicy, ManagementPolicy, UserPoolMfaConfig},
    plan::approval::is_approved,
};
use serde::Serialize;

use super::{
    listed_object::ListedObject,
    state::{ObjectState, ReadyCondition},
    text::one_line,
};

/// The annotation that gives the reason for an exception, such as a ticket and a date. It changes nothing.
pub const EXCEPTION_REASON: &str = "cognito.mfaoperator.dev/exception-reason";

/// Something that an auditor asks about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Exception {
    /// A short name, such as `Observed only`.
    pub kind: &'static str,
    /// The reason, from the object's condition, status or annotation.
    pub reason: String,
}

fn exception(kind: &'static str, reason: impl Into<String>) -> Exception {
    Exception { kind, reason: reason.into() }
}

/// The exceptions of an object. The documented reason comes last, after the exceptions that it explains.
pub(super) fn exceptions(listed: &ListedObject, ready: &ReadyCondition) -> Vec<Exception> {
    let Ok(object) = &listed.object else { return Vec::new() };
    let of_state = match ready.state {
        ObjectState::OnHold | ObjectState::Contested | ObjectState::Suspended => {
            Some(exception(ready.state.label(), ready.message.clone()))
        }
        ObjectState::Differs
        | ObjectState::Failed
        | ObjectState::Waiting
        | ObjectState::Undeclared
        | ObjectState::Stronger
        | ObjectState::InSync => None,
    };
    of_state
        .into_iter()
        .chain(of_spec(object))
        .chain(of_weakening(object))
        .chain(of_operators(object))
        .chain(documented(object))
        .collect()
}

fn of_spec(object: &UserPoolMfaConfig) -> impl Iterator<Item = Exception> {
    let observe = object.spec.management_policy == ManagementPolicy::Observe;
    let disable = object.spec.deletion_policy == DeletionPolicy::Disable;
    let kinds = [
        (observe, "Observed only", "managementPolicy: Observe. Drift is not corrected."),
        (
            disable,
            "Disable on delete",
            "deletionPolicy: Disable. MFA is turned off when the object is deleted.",
        ),
    ];
    kinds.into_iter().filter(|(applies, ..)| *applies).map(|(_, kind, reason)| exception(kind, reason))
}

fn of_weakening(object: &UserPoolMfaConfig) -> impl Iterator<Item = Exception> {
    let time = object.status.as_ref().and_then(|status| status.last_lowering_time);
    let lowered = time.map(|time| exception("Lowered", format!("Protection was last taken away at {time}.")));
    let approved = is_approved(object).then(|| {
        exception("Lowering allowed", "An annotation lets the next write lower protection without waiting.")
    });
    lowered.into_iter().chain(approved)
}

fn of_operators(object: &UserPoolMfaConfig) -> Option<Exception> {
    let conflict = object.status.as_ref()?.operator_conflict.as_ref()?;
    let operators = one_line(&conflict.operators.join(" and "));
    Some(exception(
        "Several operators",
        format!("{operators} act on the object, last seen at {}.", conflict.time),
    ))
}

fn documented(object: &UserPoolMfaConfig) -> Option<Exception> {
    let reason = object.metadata.annotations.as_ref()?.get(EXCEPTION_REASON)?;
    Some(exception("Documented", one_line(reason)))
}
