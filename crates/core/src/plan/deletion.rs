//! What the deletion of an object does to its pool, where the object asks for more than to leave it.

use super::{
    step::{Cause, Plan, Step},
    weakening::lowering,
};
use crate::{
    access::accounts::Denied,
    api::v1alpha1::{
        ConditionType, DeletionPolicy, FINALIZER, ManagementPolicy, MfaMode, Reason, UserPoolMfaConfig,
        UserPoolMfaConfigSpec,
    },
    settings::{diff, observed::Live},
};

/// Why a pool is left as it is although its object goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// The object no longer asks for more, or only observes.
    NotAsked,
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
    GoingAway(&'static str),
    /// There is no such pool any more.
    PoolGone,
    /// This build cannot read the object.
    Unreadable,
}

impl Kept {
    /// The same in words for a person.
    #[must_use]
    pub fn why(&self) -> String {
        match self {
            Self::NotAsked => "the object does not ask for more".into(),
            Self::NotAllowed => "the operator runs without --allow-disable-on-delete".into(),
            Self::Suspended => "the object is suspended".into(),
            Self::NeverAdopted => "the object had never adopted the pool".into(),
            Self::NotOwner(owner) => format!("{owner} speaks for the pool"),
            Self::Denied(denied) => denied.message(),
            Self::GoingAway(what) => format!("the {what} is being deleted, too"),
            Self::PoolGone => "Cognito has no such pool".into(),
            Self::Unreadable => "this version of the operator cannot read the object".into(),
        }
    }
}

/// Whether the object must not go before its pool was seen to.
#[must_use]
pub fn wants_finalizer(object: &UserPoolMfaConfig) -> bool {
    object.metadata.deletion_timestamp.is_none() && asks(object)
}

/// Whether the object waits for the operator when it is deleted.
#[must_use]
pub fn has_finalizer(finalizers: Option<&Vec<String>>) -> bool {
    finalizers.into_iter().flatten().any(|finalizer| finalizer == FINALIZER)
}

fn asks(object: &UserPoolMfaConfig) -> bool {
    object.spec.deletion_policy == DeletionPolicy::Disable
        && object.spec.management_policy == ManagementPolicy::Enforce
}

/// What the object itself and the operator's flags say of the pool: why it is left, None when MFA is to be turned off.
#[must_use]
pub fn kept(object: &UserPoolMfaConfig, allowed: bool) -> Option<Kept> {
    let adopted = object.status.as_ref().is_some_and(|status| status.applied_hash.is_some());
    match () {
        () if !asks(object) => Some(Kept::NotAsked),
        () if !allowed => Some(Kept::NotAllowed),
        () if object.spec.suspend => Some(Kept::Suspended),
        () if !adopted => Some(Kept::NeverAdopted),
        () => None,
    }
}

/// Whether the status says that the pool of an object that is being deleted is seen to.
#[must_use]
pub fn is_seen_to(object: &UserPoolMfaConfig) -> bool {
    let status = object.status.as_ref();
    status.and_then(|status| status.reason(ConditionType::Ready)) == Some(Reason::FinalizerNotRemoved)
}

/// The object as its deletion wants the pool: OFF, with the declared passkeys, which do not depend on the mode.
#[must_use]
pub fn farewell(object: &UserPoolMfaConfig) -> UserPoolMfaConfig {
    let mut off = object.clone();
    off.spec.settings.mfa_configuration = MfaMode::Off;
    off
}

/// What is done about the pool of a [`farewell`]. A pool that is OFF already is not touched.
#[must_use]
pub fn plan(spec: &UserPoolMfaConfigSpec, live: &Live) -> Plan {
    let step = match live.settings.mfa_configuration {
        _ if !live.unknown.is_empty() => Step::Unknown,
        MfaMode::Off => Step::Off,
        MfaMode::On | MfaMode::Optional => Step::Set(Cause::Deletion),
    };
    Plan {
        step,
        differences: diff::differences(&spec.settings, &live.settings),
        lowers: lowering(&live.settings, &spec.settings),
    }
}
