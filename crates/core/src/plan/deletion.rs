//! What the deletion of an object does to its pool, where the object asks for more than to leave it.

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

/// Why a pool is left as it is although its object goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetainReason {
    /// The object no longer asks for more, or only observes.
    NotRequested,
    /// The administrator does not allow it.
    NotAllowed,
    /// The object is suspended.
    Suspended,
    /// Cognito never accepted the object's settings: it never spoke for the pool.
    NeverAdopted,
    /// Another object, `namespace/name`, speaks for the pool.
    NotOwner(String),
    /// The namespace has no right to the pool.
    Denied(Denied),
    /// The namespace, or the kind itself, is being deleted: that is seldom about MFA.
    BeingDeleted(&'static str),
    /// There is no such pool any more.
    PoolNotFound,
    /// This build cannot read the object.
    InvalidSpec,
}

impl RetainReason {
    /// The same in words for a person.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::NotRequested => "the object does not ask for more".into(),
            Self::NotAllowed => "the operator runs without --allow-disable-on-delete".into(),
            Self::Suspended => "the object is suspended".into(),
            Self::NeverAdopted => "the object had never adopted the pool".into(),
            Self::NotOwner(owner) => format!("{owner} speaks for the pool"),
            Self::Denied(denied) => denied.message(),
            Self::BeingDeleted(what) => format!("the {what} is being deleted, too"),
            Self::PoolNotFound => "Cognito has no such pool".into(),
            Self::InvalidSpec => "this version of the operator cannot read the object".into(),
        }
    }
}

/// Whether the object must not go before its pool was seen to.
#[must_use]
pub fn wants_finalizer(object: &UserPoolMfaConfig) -> bool {
    object.metadata.deletion_timestamp.is_none() && wants_disable(object)
}

/// Whether the object waits for the operator when it is deleted.
#[must_use]
pub fn has_finalizer(finalizers: Option<&Vec<String>>) -> bool {
    finalizers.into_iter().flatten().any(|finalizer| finalizer == FINALIZER)
}

fn wants_disable(object: &UserPoolMfaConfig) -> bool {
    object.spec.deletion_policy == DeletionPolicy::Disable
        && object.spec.management_policy == ManagementPolicy::Enforce
}

/// What the object itself and the operator's flags say of the pool: why it is left, None when MFA is to be turned off.
#[must_use]
pub fn retain_reason(object: &UserPoolMfaConfig, allowed: bool) -> Option<RetainReason> {
    let adopted = object.status.as_ref().is_some_and(|status| status.applied_hash.is_some());
    match () {
        () if !wants_disable(object) => Some(RetainReason::NotRequested),
        () if !allowed => Some(RetainReason::NotAllowed),
        () if object.spec.suspend => Some(RetainReason::Suspended),
        () if !adopted => Some(RetainReason::NeverAdopted),
        () => None,
    }
}

/// Whether the status says that the pool of an object that is being deleted is seen to.
#[must_use]
pub fn is_pool_done(object: &UserPoolMfaConfig) -> bool {
    let status = object.status.as_ref();
    status.and_then(|status| status.reason(ConditionType::Ready)) == Some(Reason::FinalizerNotRemoved)
}

/// The object as its deletion wants the pool: OFF, with the declared passkeys, which do not depend on the mode.
#[must_use]
pub fn with_mfa_off(object: &UserPoolMfaConfig) -> UserPoolMfaConfig {
    let mut off = object.clone();
    off.spec.settings.mfa_configuration = MfaMode::Off;
    off
}

/// What is done about the pool of a [`farewell`]. A pool that is OFF already is not touched.
#[must_use]
pub fn plan_deletion(spec: &UserPoolMfaConfigSpec, live: &Observed) -> Plan {
    let step = match live.settings.mfa_configuration {
        _ if !live.unknown.is_empty() => Step::UnknownSetting,
        MfaMode::Off => Step::AlreadyOff,
        MfaMode::On | MfaMode::Optional => Step::Write(Cause::Deletion),
    };
    Plan {
        step,
        differences: diff::differences(&spec.settings, &live.settings),
        weakens: weakening(&live.settings, &spec.settings),
    }
}
