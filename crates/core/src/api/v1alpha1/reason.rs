//! The types and reasons of conditions, and the reasons of events. They are closed sets, because documents, alerts and
//! reports depend on them.

use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// The type of a status condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr, VariantArray)]
pub enum ConditionType {
    /// Whether Cognito equals the spec. Unknown when that could not be checked. Always present.
    Ready,
    /// The result of the last successful check. Always present.
    Synced,
    /// The operator retries a failed call, or waits for the hourly limit. Present only while true.
    Reconciling,
    /// A user must change the object, the pool or an access right. Present only while true.
    Stalled,
    /// Whether the reference of the spec leads to a pool. Present only with a reference.
    PoolResolved,
}

/// The reason of a condition, and of the event that reports it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumString, IntoStaticStr, VariantArray,
)]
pub enum Reason {
    /// Cognito equals the spec.
    InSync,
    /// Cognito gives more protection than the spec declares.
    StrongerThanDeclared,
    /// `suspend` is true.
    Suspended,
    /// The spec would weaken a pool that the object has not adopted.
    AdoptionHeld,
    /// The hourly limit on weakening writes is used up.
    LoweringHeld,
    /// The operator runs with `--observe-only`, and would otherwise write the pool.
    ObserveOnly,
    /// Cognito differs, and the object only observes.
    DriftDetected,
    /// Cognito equals the spec, and another program or person keeps undoing that.
    Contested,
    /// Cognito accepted the spec and still differs.
    NotTaken,
    /// Another object owns the pool.
    PoolOwnedByAnother,
    /// This build cannot read the object.
    InvalidSpec,
    /// MFA is off as the deletion wants, and the finalizer cannot be removed.
    FinalizerNotRemoved,
    /// The reference of the spec leads to a pool.
    Resolved,
    /// There is no object that the reference names, or no such key in it.
    PoolRefNotFound,
    /// The UserPool that the reference names has no usable id yet.
    PoolRefNotReady,
    /// The API server does not serve the kind that the reference names.
    PoolRefKindNotServed,
    /// The API server could not be asked for what the reference names.
    PoolRefUnreadable,
    /// The operator may not read what the reference names.
    PoolRefForbidden,
    /// What the reference names holds no id of a pool.
    PoolRefInvalid,
    /// No entry of the accounts file names the namespace.
    NamespaceNotMapped,
    /// The accounts file does not allow the namespace the pool.
    PoolNotAllowed,
    /// The accounts file does not allow the namespace the SMS role.
    CallerRoleNotAllowed,
    /// Cognito asked for fewer calls.
    Throttled,
    /// Cognito could not be reached, failed, or its answer could not be read.
    CognitoUnavailable,
    /// The pool was changed by another call at the same moment.
    ConcurrentModification,
    /// Cognito cannot use the SMS role.
    SmsRoleNotUsable,
    /// Cognito refuses the settings.
    InvalidParameter,
    /// The pool's tier lacks the feature.
    FeatureUnavailableInTier,
    /// The pool does not allow the operation.
    OperationNotEnabled,
    /// IAM denies the call.
    AccessDenied,
    /// There are no credentials, or they are expired or wrong.
    CredentialsUnavailable,
    /// There is no such pool in this account and region.
    PoolNotFound,
    /// Cognito has settings that this build does not know.
    UnknownSetting,
}

/// The reason of an event that no condition reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, EnumString, IntoStaticStr, VariantArray)]
pub enum EventReason {
    /// The pool already equalled the spec.
    Adopted,
    /// The spec was written to Cognito.
    Updated,
    /// Drift was corrected.
    DriftCorrected,
    /// The deletion of an object turned MFA off.
    MfaDisabled,
    /// The object was deleted and MFA was left unchanged.
    MfaRetained,
    /// The API server refused to add or remove the finalizer.
    FinalizerRefused,
    /// Another operator writes the object's status, too.
    OperatorConflict,
    /// The reference of the spec leads to a pool for the first time.
    PoolResolved,
    /// The reference of the spec leads to another pool than before.
    PoolChanged,
    /// The accounts file is invalid; the last valid one stays in force.
    AccountsFileRejected,
    /// The accounts file was loaded.
    AccountsFileLoaded,
    /// This replica became leader.
    LeaderElected,
    /// This replica is no longer leader.
    LeaderStopped,
}

impl ConditionType {
    /// The text in `status.conditions`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Reason {
    /// The text in conditions, events and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the operator makes no AWS call for an object with this reason.
    #[must_use]
    pub fn makes_no_call(self) -> bool {
        match self {
            Self::Resolved
            | Self::PoolRefNotFound
            | Self::PoolRefNotReady
            | Self::PoolRefKindNotServed
            | Self::PoolRefUnreadable
            | Self::PoolRefForbidden
            | Self::PoolRefInvalid
            | Self::Suspended
            | Self::NamespaceNotMapped
            | Self::PoolNotAllowed
            | Self::CallerRoleNotAllowed
            | Self::PoolOwnedByAnother
            | Self::InvalidSpec => true,
            Self::InSync
            | Self::StrongerThanDeclared
            | Self::AdoptionHeld
            | Self::LoweringHeld
            | Self::ObserveOnly
            | Self::DriftDetected
            | Self::Contested
            | Self::NotTaken
            | Self::FinalizerNotRemoved
            | Self::Throttled
            | Self::CognitoUnavailable
            | Self::ConcurrentModification
            | Self::SmsRoleNotUsable
            | Self::InvalidParameter
            | Self::FeatureUnavailableInTier
            | Self::OperationNotEnabled
            | Self::AccessDenied
            | Self::CredentialsUnavailable
            | Self::PoolNotFound
            | Self::UnknownSetting => false,
        }
    }
}

impl EventReason {
    /// The text in the event.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
