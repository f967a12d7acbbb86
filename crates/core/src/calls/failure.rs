//! The classes of failed AWS calls, with the grace period and the backoff of each.

use std::time::Duration;

use strum::{Display, IntoStaticStr, VariantArray};

use super::call_details::without_call_details;
use crate::{api::v1alpha1::Reason, text};

/// An operation of the Cognito API that the operator calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Display, IntoStaticStr)]
pub enum Operation {
    /// The read of a pool's MFA settings.
    #[strum(serialize = "GetUserPoolMfaConfig")]
    Get,
    /// The write of a pool's MFA settings. It replaces all of them.
    #[strum(serialize = "SetUserPoolMfaConfig")]
    Set,
    /// The list of the pools in a region.
    #[strum(serialize = "ListUserPools")]
    List,
    /// The read of a pool's other settings.
    #[strum(serialize = "DescribeUserPool")]
    Describe,
}

impl Operation {
    /// The operation's name in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The client's timeout for a write. Cognito may finish a write after its client gave up; AWS documents no limit for
/// that.
pub const SET_TIMEOUT: Duration = Duration::from_secs(15);

/// The error code of a response with status 200 that cannot be decoded.
pub const UNREADABLE_ANSWER: &str = "UnreadableAnswer";

/// Whether the request of a failed call may have reached AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transmission {
    /// The request surely never reached AWS: there was no connection to send it on, or a proxy refused to forward it.
    NotSent,
    /// The request was sent, or it is not known that it was not.
    MaybeSent,
}

/// The class of a failure decides the condition reason, the backoff of the retries and when the object is Stalled. Every
/// class is retried, because the cause may be fixed outside Kubernetes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum FailureClass {
    /// Cognito asked for fewer calls.
    Throttled,
    /// A network error, an error of Cognito itself, or a response that cannot be decoded.
    Transient,
    /// Another call changed the pool at the same moment.
    Concurrent,
    /// Cognito cannot use the SMS role, or IAM has not propagated the role yet.
    SmsRoleNotUsable,
    /// Cognito refuses the settings, or requires another change of the pool first.
    InvalidParameter,
    /// The pool's tier lacks the feature.
    FeatureUnavailableInTier,
    /// The pool does not allow the operation.
    OperationNotEnabled,
    /// IAM denies the call.
    AccessDenied,
    /// There are no credentials, or they are expired or wrong.
    Credentials,
    /// There is no such pool in this account and region.
    PoolNotFound,
    /// Cognito answered with a mode that this build does not know.
    UnknownSetting,
}

impl FailureClass {
    /// All classes.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The reason that conditions, events and metrics show.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::Throttled => Reason::Throttled,
            Self::Transient => Reason::CognitoUnavailable,
            Self::Concurrent => Reason::ConcurrentModification,
            Self::SmsRoleNotUsable => Reason::SmsRoleNotUsable,
            Self::InvalidParameter => Reason::InvalidParameter,
            Self::FeatureUnavailableInTier => Reason::FeatureUnavailableInTier,
            Self::OperationNotEnabled => Reason::OperationNotEnabled,
            Self::AccessDenied => Reason::AccessDenied,
            Self::Credentials => Reason::CredentialsUnavailable,
            Self::PoolNotFound => Reason::PoolNotFound,
            Self::UnknownSetting => Reason::UnknownSetting,
        }
    }

    /// Whether the failure passes within moments and by itself: AWS takes calls again, or the other write ends.
    #[must_use]
    pub fn passes_within_moments(self) -> bool {
        match self {
            Self::Throttled | Self::Concurrent => true,
            Self::Transient
            | Self::SmsRoleNotUsable
            | Self::InvalidParameter
            | Self::FeatureUnavailableInTier
            | Self::OperationNotEnabled
            | Self::AccessDenied
            | Self::Credentials
            | Self::PoolNotFound
            | Self::UnknownSetting => false,
        }
    }

    /// Whether a read is retried in the same reconciliation: the next answer may be another one.
    #[must_use]
    pub fn is_worth_a_retry(self) -> bool {
        match self {
            Self::Throttled | Self::Transient => true,
            Self::Concurrent
            | Self::SmsRoleNotUsable
            | Self::InvalidParameter
            | Self::FeatureUnavailableInTier
            | Self::OperationNotEnabled
            | Self::AccessDenied
            | Self::Credentials
            | Self::PoolNotFound
            | Self::UnknownSetting => false,
        }
    }

    /// Whether AWS refused the identity of the caller, so that other credentials may help.
    #[must_use]
    pub fn is_about_identity(self) -> bool {
        match self {
            Self::Credentials | Self::AccessDenied => true,
            Self::Throttled
            | Self::Transient
            | Self::Concurrent
            | Self::SmsRoleNotUsable
            | Self::InvalidParameter
            | Self::FeatureUnavailableInTier
            | Self::OperationNotEnabled
            | Self::PoolNotFound
            | Self::UnknownSetting => false,
        }
    }

    /// The time that failures of this class may last before the object is Stalled. None means that it never is.
    ///
    /// A Stalled object fails a GitOps sync, and a pool or a role may be new: IAM needs minutes to propagate a change.
    #[must_use]
    pub fn grace(self) -> Option<Duration> {
        match self {
            Self::Throttled | Self::Transient | Self::Concurrent => None,
            Self::SmsRoleNotUsable | Self::AccessDenied | Self::Credentials | Self::PoolNotFound => {
                Some(Duration::from_mins(5))
            }
            Self::InvalidParameter
            | Self::FeatureUnavailableInTier
            | Self::OperationNotEnabled
            | Self::UnknownSetting => Some(Duration::ZERO),
        }
    }

    /// The wait before the next reconciliation, without jitter. `attempt` counts the consecutive failures before this
    /// one; `stalled` means that the grace period is over.
    ///
    /// After an outage of AWS, or of what credentials come from, every object is retried within 40 s. The quotas limit the
    /// calls of a whole fleet meanwhile.
    ///
    /// The wait of a Stalled object grows to 25 minutes. A reconciliation makes a read and a write, and jitter shortens the
    /// wait by up to a fifth, so a permanent error costs at most one call in ten minutes.
    #[must_use]
    pub fn backoff(self, attempt: u32, stalled: bool) -> Duration {
        let (first, longest) = match self {
            _ if stalled => (Duration::from_mins(1), Duration::from_mins(25)),
            Self::Concurrent => (Duration::from_secs(1), Duration::from_secs(30)),
            Self::Throttled => (Duration::from_secs(5), Duration::from_mins(5)),
            Self::SmsRoleNotUsable | Self::AccessDenied | Self::Credentials | Self::PoolNotFound => {
                (Duration::from_secs(5), Duration::from_secs(40))
            }
            Self::Transient => (Duration::from_secs(2), Duration::from_secs(40)),
            Self::InvalidParameter
            | Self::FeatureUnavailableInTier
            | Self::OperationNotEnabled
            | Self::UnknownSetting => (Duration::from_secs(2), Duration::from_mins(5)),
        };
        first.saturating_mul(1 << attempt.min(16)).min(longest)
    }
}

/// A failed call, with AWS's error in a form that is bounded and safe to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{operation}: {code}: {message}")]
pub struct Failure {
    /// The class, which decides how the failure is retried and reported.
    pub class: FailureClass,
    /// The operation that failed.
    pub operation: Operation,
    /// AWS's error code, or the operator's own code where AWS gave none.
    pub code: String,
    /// AWS's message, without request ids.
    pub message: String,
    /// AWS's reasonCode, where it gives one.
    pub reason_code: Option<String>,
    /// Whether the request may have reached AWS.
    pub transmission: Transmission,
}

impl Failure {
    /// Creates a failure of a request that may have reached AWS. The texts are made safe to show, and free of parts that
    /// differ from call to call.
    #[must_use]
    pub fn new(class: FailureClass, operation: Operation, code: &str, message: &str) -> Self {
        let (code, message) = (text::safe(code, 128), without_call_details(message));
        Self { class, operation, code, message, reason_code: None, transmission: Transmission::MaybeSent }
    }

    /// Whether the failed call was a write that Cognito may still have accepted, or may still accept. An answer with
    /// settings that this build does not know is one to an accepted write.
    #[must_use]
    pub fn write_may_have_been_accepted(&self) -> bool {
        self.operation == Operation::Set
            && matches!(self.class, FailureClass::Transient | FailureClass::UnknownSetting)
            && self.transmission == Transmission::MaybeSent
    }

    /// Whether Cognito accepted the call and its response could not be decoded.
    #[must_use]
    pub fn is_unreadable_answer(&self) -> bool {
        self.code == UNREADABLE_ANSWER
    }

    /// The same failure of a request that surely never reached AWS.
    #[must_use]
    pub fn not_sent(self) -> Self {
        Self { transmission: Transmission::NotSent, ..self }
    }

    /// The same failure with AWS's reasonCode.
    #[must_use]
    pub fn with_reason_code(mut self, reason_code: Option<&str>) -> Self {
        self.reason_code = reason_code.map(|code| text::safe(code, 128));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_retried_after_one_second_to_25_minutes() {
        for class in FailureClass::all() {
            for attempt in [0, 1, 5, 40, u32::MAX] {
                for stalled in [false, true] {
                    let wait = class.backoff(attempt, stalled);
                    assert!(
                        wait >= Duration::from_secs(1) && wait <= Duration::from_mins(25),
                        "{class:?} {wait:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn errors_that_iam_propagation_may_cause_have_a_grace_of_five_minutes() {
        for class in [
            FailureClass::SmsRoleNotUsable,
            FailureClass::AccessDenied,
            FailureClass::Credentials,
            FailureClass::PoolNotFound,
        ] {
            assert_eq!(class.grace(), Some(Duration::from_mins(5)));
        }
    }

    #[test]
    fn each_class_has_its_own_reason() {
        let reasons: std::collections::BTreeSet<_> = FailureClass::all().map(FailureClass::reason).collect();
        assert_eq!(reasons.len(), FailureClass::all().count());
    }
}
