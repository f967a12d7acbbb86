//! The state of an object in one word, from its condition Ready.

use cognito_mfa_core::api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfig};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use serde::Serialize;
use strum::VariantArray;

use super::{listed_object::ListedObject, text::one_line};

/// The state of an object, or of a pool without one. The order is that of `status`: what needs a person comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, VariantArray)]
pub enum ObjectState {
    /// Cognito differs, and the operator will not change that.
    Differs,
    /// A call fails, this version cannot read the object, or the object may not use its pool.
    Failed,
    /// The operator has not reported on this generation yet, or the reference has led to no pool yet.
    Waiting,
    /// A weakening write waits for an approval or for the hourly limit.
    OnHold,
    /// Cognito was equal to the spec at the last check, and somebody else keeps changing the pool.
    Contested,
    /// The operator makes no call, so the settings in Cognito are unknown.
    Suspended,
    /// No object declares the pool.
    Undeclared,
    /// Cognito was stronger than the spec at the last check, and stays so.
    Stronger,
    /// Cognito was equal to the spec at the last check.
    InSync,
}

impl ObjectState {
    /// All of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The words on the page and in `status`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Differs => "Differs",
            Self::Failed => "Failed",
            Self::Waiting => "Waiting",
            Self::OnHold => "On hold",
            Self::Contested => "Contested",
            Self::Suspended => "Suspended",
            Self::Undeclared => "Undeclared",
            Self::Stronger => "Stronger",
            Self::InSync => "In sync",
        }
    }
}

/// The condition Ready as kubectl shows it, and the state that follows from it.
pub(super) struct ReadyCondition {
    pub state: ObjectState,
    pub status: String,
    pub reason: String,
    pub message: String,
}

impl ReadyCondition {
    pub fn new(listed: &ListedObject) -> Self {
        match &listed.object {
            Err(error) => Self::not_readable(error),
            Ok(object) => current(object).map_or_else(Self::pending, Self::reported),
        }
    }

    fn not_readable(error: &str) -> Self {
        Self {
            state: ObjectState::Failed,
            status: "Unknown".into(),
            reason: Reason::InvalidSpec.to_string(),
            message: one_line(&format!("this version cannot read the object: {error}")),
        }
    }

    fn pending() -> Self {
        Self {
            state: ObjectState::Waiting,
            status: "Unknown".into(),
            reason: "Pending".into(),
            message: "The operator has not reported on this generation of the object yet.".into(),
        }
    }

    fn reported(ready: &Condition) -> Self {
        Self {
            state: state(ready),
            status: one_line(&ready.status),
            reason: one_line(&ready.reason),
            message: one_line(&ready.message),
        }
    }
}

/// The condition Ready, if it is of the object's generation.
fn current(object: &UserPoolMfaConfig) -> Option<&Condition> {
    let status = object.status.as_ref()?;
    let ready = status.condition(ConditionType::Ready)?;
    let is_current =
        |generation: Option<i64>| generation.is_some() && generation == object.metadata.generation;
    (is_current(status.observed_generation) && is_current(ready.observed_generation)).then_some(ready)
}

fn state(ready: &Condition) -> ObjectState {
    match ready.reason.parse() {
        Ok(Reason::Contested) => ObjectState::Contested,
        Ok(Reason::StrongerThanDeclared) => ObjectState::Stronger,
        _ if ready.status == "True" => ObjectState::InSync,
        Ok(Reason::DriftDetected | Reason::ObserveOnly | Reason::NotTaken) => ObjectState::Differs,
        Ok(Reason::AdoptionHeld | Reason::LoweringHeld) => ObjectState::OnHold,
        Ok(Reason::Suspended) => ObjectState::Suspended,
        Ok(
            Reason::PoolRefNotFound
            | Reason::PoolRefNotReady
            | Reason::PoolRefKindNotServed
            | Reason::PoolRefUnreadable,
        ) => ObjectState::Waiting,
        Ok(
            Reason::InSync
            | Reason::Resolved
            | Reason::PoolRefForbidden
            | Reason::PoolRefInvalid
            | Reason::PoolOwnedByAnother
            | Reason::InvalidSpec
            | Reason::FinalizerNotRemoved
            | Reason::NamespaceNotMapped
            | Reason::PoolNotAllowed
            | Reason::CallerRoleNotAllowed
            | Reason::Throttled
            | Reason::CognitoUnavailable
            | Reason::ConcurrentModification
            | Reason::SmsRoleNotUsable
            | Reason::InvalidParameter
            | Reason::FeatureUnavailableInTier
            | Reason::OperationNotEnabled
            | Reason::AccessDenied
            | Reason::CredentialsUnavailable
            | Reason::PoolNotFound
            | Reason::UnknownSetting,
        )
        // A newer operator gave a reason that this build does not know.
        | Err(_) => ObjectState::Failed,
    }
}
