//! What can go wrong at Cognito, and how patient the operator is with each.

use std::time::Duration;

use strum::VariantArray;

use crate::{api::v1alpha1::Reason, text};

/// An operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `GetUserPoolMfaConfig`
    Get,
    /// `SetUserPoolMfaConfig`
    Set,
    /// `ListUserPools`
    List,
}

impl Operation {
    /// AWS's own name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GetUserPoolMfaConfig",
            Self::Set => "SetUserPoolMfaConfig",
            Self::List => "ListUserPools",
        }
    }
}

/// The longest a Set lasts at its client. Cognito may in theory finish a request that its client gave up; no bound on
/// that is documented.
pub const SET_TIMEOUT: Duration = Duration::from_secs(15);

/// The code of an answer that says yes and cannot be read.
pub const UNREADABLE_ANSWER: &str = "UnreadableAnswer";

/// The kind of a failure: it decides the reason shown, the pace of retries and when the object is Stalled.
/// None is final, because somebody may mend the cause outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
pub enum FailureClass {
    /// Cognito asked for fewer calls.
    Throttled,
    /// The network, Cognito itself, or an answer that cannot be read.
    Transient,
    /// Somebody else changed the pool at the same moment.
    Concurrent,
    /// Cognito cannot use the SMS role, or IAM has not yet told it that it can.
    SmsRoleNotUsable,
    /// Cognito refuses the settings, or the pool must change first.
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
    /// All classes, for tables and tests.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The reason in conditions, events and metrics.
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

    /// How long an object fails this way before it is Stalled: None means it never is. A pool, a role or a right
    /// may just have been created (IAM takes minutes to spread), and a Stalled object fails a GitOps sync.
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

    /// The wait before the next pass, without jitter: `attempt` counts the failures in a row before this one,
    /// `stalled` says that the grace is over. A Stalled pass costs a Get and a Set, and jitter takes a fifth away: its
    /// 25 minutes keep a permanent error at one call in ten minutes.
    #[must_use]
    pub fn backoff(self, attempt: u32, stalled: bool) -> Duration {
        let (first, cap) = match self {
            _ if stalled => (Duration::from_mins(1), Duration::from_mins(25)),
            Self::Concurrent => (Duration::from_secs(1), Duration::from_secs(30)),
            Self::Throttled => (Duration::from_secs(5), Duration::from_mins(5)),
            Self::SmsRoleNotUsable | Self::AccessDenied | Self::Credentials | Self::PoolNotFound => {
                (Duration::from_secs(5), Duration::from_secs(40))
            }
            _ => (Duration::from_secs(2), Duration::from_mins(5)),
        };
        first.saturating_mul(1 << attempt.min(16)).min(cap)
    }
}

/// A failed call, in AWS's own words, bounded and safe to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {code}: {message}", operation.as_str())]
pub struct Failure {
    /// The kind.
    pub class: FailureClass,
    /// The operation that failed.
    pub operation: Operation,
    /// AWS's code, or the operator's own where AWS gave none.
    pub code: String,
    /// AWS's message, without request ids.
    pub message: String,
    /// AWS's reasonCode, where it gives one.
    pub reason_code: Option<String>,
}

impl Failure {
    /// A failure with its texts made safe and stable.
    #[must_use]
    pub fn new(class: FailureClass, operation: Operation, code: &str, message: &str) -> Self {
        let (code, message) = (text::safe(code, 128), text::without_call_details(message));
        Self { class, operation, code, message, reason_code: None }
    }

    /// Whether a Set that failed this way may have been done, or may yet be.
    #[must_use]
    pub fn may_have_been_written(&self) -> bool {
        self.operation == Operation::Set && self.class == FailureClass::Transient
    }

    /// Whether there was an answer that said yes and could not be read.
    #[must_use]
    pub fn is_unreadable_answer(&self) -> bool {
        self.code == UNREADABLE_ANSWER
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
    fn no_class_is_ever_final_and_none_storms() {
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
    fn what_iam_may_still_be_spreading_has_five_minutes() {
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
    fn each_class_has_a_reason_of_its_own() {
        let reasons: std::collections::BTreeSet<_> = FailureClass::all().map(FailureClass::reason).collect();
        assert_eq!(reasons.len(), FailureClass::all().count());
    }
}
