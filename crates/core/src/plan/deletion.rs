//! The deletion of an object with `deletionPolicy: Disable`, which turns MFA off in its pool.

use super::{
    step::{Cause, Plan, Step},
    weakening::weakening,
};
use crate::{
    access::accounts::Denied,
    api::v1alpha1::{
        ConditionType, DeletionPolicy, FINALIZER, ManagementPolicy, MfaMode, Reason, UserPoolMfaConfig,
        UserPoolMfaConfigSpec,
    },
    settings::{diff, observed::Observed},
};

/// The reason why MFA is left unchanged although the object is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetainReason {
    /// The object's deletionPolicy is Retain by now, or the object only observes.
    NotRequested,
    /// The operator runs without `--allow-disable-on-delete`.
    NotAllowed,
    /// The object is suspended, so no AWS call may be made for it.
    Suspended,
    /// Cognito never accepted the object's settings, so the object never managed the pool.
    NeverAdopted,
    /// Another object (`namespace/name`) owns the pool.
    NotOwner(String),
    /// The accounts file does not grant the object access to the pool.
    Denied(Denied),
    /// The namespace or the CustomResourceDefinition is being deleted, too. Such a deletion is seldom meant to turn MFA
    /// off.
    BeingDeleted(&'static str),
    /// Cognito has no such pool.
    PoolNotFound,
    /// This build cannot parse the object's spec.
    InvalidSpec,
}

impl RetainReason {
    /// The reason as the end of a sentence, for events and logs.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::NotRequested => "the object does not ask for more".into(),
            Self::NotAllowed => "the operator runs without --allow-disable-on-delete".into(),
            Self::Suspended => "the object is suspended".into(),
            Self::NeverAdopted => "the object had never adopted the pool".into(),
            Self::NotOwner(owner) => format!("{owner} owns the pool"),
            Self::Denied(denied) => denied.message(),
            Self::BeingDeleted(kind) => format!("the {kind} is being deleted, too"),
            Self::PoolNotFound => "Cognito has no such pool".into(),
            Self::InvalidSpec => "this version of the operator cannot read the object".into(),
        }
    }
}

/// Whether the object needs the finalizer: it is not being deleted, and its deletion would turn MFA off.
#[must_use]
pub fn wants_finalizer(object: &UserPoolMfaConfig) -> bool {
    object.metadata.deletion_timestamp.is_none() && wants_disable(object)
}

/// Whether the operator's finalizer is among an object's finalizers.
#[must_use]
pub fn has_finalizer(finalizers: Option<&Vec<String>>) -> bool {
    finalizers.into_iter().flatten().any(|finalizer| finalizer == FINALIZER)
}

fn wants_disable(object: &UserPoolMfaConfig) -> bool {
    object.spec.deletion_policy == DeletionPolicy::Disable
        && object.spec.management_policy == ManagementPolicy::Enforce
}

/// The reason to leave MFA unchanged that follows from the object and the operator's flags alone. None when MFA is to be
/// turned off.
#[must_use]
pub fn retain_reason(object: &UserPoolMfaConfig, disable_is_allowed: bool) -> Option<RetainReason> {
    let adopted = object.status.as_ref().is_some_and(|status| status.applied_hash.is_some());
    if !wants_disable(object) {
        Some(RetainReason::NotRequested)
    } else if !disable_is_allowed {
        Some(RetainReason::NotAllowed)
    } else if object.spec.suspend {
        Some(RetainReason::Suspended)
    } else if !adopted {
        Some(RetainReason::NeverAdopted)
    } else {
        None
    }
}

/// Whether the status says that MFA is off already and only the finalizer is left to remove.
#[must_use]
pub fn is_mfa_already_off(object: &UserPoolMfaConfig) -> bool {
    let status = object.status.as_ref();
    status.and_then(|status| status.reason(ConditionType::Ready)) == Some(Reason::FinalizerNotRemoved)
}

/// The object with the settings that its deletion writes: MFA OFF. Declared passkeys stay, because they do not depend on
/// the mode.
#[must_use]
pub fn with_mfa_off(object: &UserPoolMfaConfig) -> UserPoolMfaConfig {
    let mut off = object.clone();
    off.spec.settings.mfa_configuration = MfaMode::Off;
    off
}

/// The plan for an object that is being deleted. `spec` is that of [`with_mfa_off`]. A pool that is OFF already is not
/// written.
#[must_use]
pub fn plan_deletion(spec: &UserPoolMfaConfigSpec, observed: &Observed) -> Plan {
    let step = match observed.settings.mfa_configuration {
        _ if !observed.unknown.is_empty() => Step::UnknownSetting,
        MfaMode::Off => Step::AlreadyOff,
        MfaMode::On | MfaMode::Optional => Step::Write(Cause::Deletion),
    };
    Plan {
        step,
        differences: diff::differences(&spec.settings, &observed.settings),
        weakens: weakening(&observed.settings, &spec.settings),
        restores: false,
    }
}
