//! How an object stands, in one word, from its condition Ready.

use cognito_mfa_core::api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfig};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use serde::Serialize;
use strum::VariantArray;

use super::{Record, shown};

/// How an object stands; what needs a person first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, VariantArray)]
pub enum ObjectState {
    /// Cognito is known to differ, and nothing is going to change that.
    Differs,
    /// A call fails, the object cannot be read, or it may not have its pool.
    Failed,
    /// The operator has said nothing of this generation yet.
    Waiting,
    /// A change that takes protection away waits for somebody's word or its turn.
    OnHold,
    /// Somebody else keeps changing the pool.
    Contested,
    /// No call is made: what Cognito has is not known.
    Suspended,
    /// Cognito was equal to the spec at the last check.
    InSync,
}

impl ObjectState {
    /// All of them, in their order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The words for a person.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Differs => "Differs",
            Self::Failed => "Failed",
            Self::Waiting => "Waiting",
            Self::OnHold => "Held",
            Self::Contested => "Contested",
            Self::Suspended => "Suspended",
            Self::InSync => "In sync",
        }
    }
}

/// The state, and the condition Ready as kubectl shows it.
pub(super) struct ReadyCondition {
    pub state: ObjectState,
    pub status: String,
    pub reason: String,
    pub message: String,
}

impl ReadyCondition {
    pub fn of(record: &Record) -> Self {
        match &record.object {
            Err(why) => Self::unreadable(why),
            Ok(object) => current(object).map_or_else(Self::pending, Self::reported),
        }
    }

    fn unreadable(why: &str) -> Self {
        Self {
            state: ObjectState::Failed,
            status: "Unknown".into(),
            reason: Reason::InvalidSpec.to_string(),
            message: shown(&format!("this version cannot read the object: {why}")),
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
            status: shown(&ready.status),
            reason: shown(&ready.reason),
            message: shown(&ready.message),
        }
    }
}

/// The condition Ready, where it speaks of the object as it is now.
fn current(object: &UserPoolMfaConfig) -> Option<&Condition> {
    let status = object.status.as_ref()?;
    let ready = status.condition(ConditionType::Ready)?;
    let of_now = |generation: Option<i64>| generation.is_some() && generation == object.metadata.generation;
    (of_now(status.observed_generation) && of_now(ready.observed_generation)).then_some(ready)
}

fn state(ready: &Condition) -> ObjectState {
    match ready.reason.parse() {
        _ if ready.status == "True" => ObjectState::InSync,
        Ok(Reason::DriftDetected | Reason::NotTaken) => ObjectState::Differs,
        Ok(Reason::AdoptionHeld | Reason::LoweringHeld) => ObjectState::OnHold,
        Ok(Reason::Contested) => ObjectState::Contested,
        Ok(Reason::Suspended) => ObjectState::Suspended,
        Ok(
            Reason::InSync
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
