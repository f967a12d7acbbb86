//! How calls end.

use cognito_mfa_core::{calls::failure::Failure, settings::observed::Observed};

/// How one attempt at a call ended.
pub(super) enum CallOutcome<T> {
    /// The send guard stopped the request of a cancelled client, or a write without a permit. AWS knows nothing of it.
    NotSent,
    /// The send guard stopped the request because its turn had expired. It may be sent with another turn.
    Expired,
    /// AWS answered, or the request failed before it did.
    Attempted(Result<T, Failure>),
}

/// How a read ended, its retries included.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadOutcome<T> {
    /// What Cognito answered.
    Answered(T),
    /// The failure of the last attempt. An answer that cannot be decoded is a failure, too.
    Failed(Failure),
    /// The client was cancelled before it had an answer.
    Cancelled,
}

impl<T> ReadOutcome<T> {
    /// The answer, where the reason for its absence does not matter.
    #[must_use]
    pub fn answer(self) -> Option<T> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Failed(_) | Self::Cancelled => None,
        }
    }
}

/// How a write ended. It is never retried.
#[derive(Clone, Debug, PartialEq)]
pub enum WriteOutcome {
    /// The settings of the pool as Cognito's answer shows them.
    Answered(Box<Observed>),
    /// After a transient failure the pool's state is unknown: Cognito may have done the write.
    Failed(Failure),
    /// The client was cancelled before the request was sent.
    Cancelled,
    /// The write had no turn before the pool had to be read again. Nothing was sent.
    TooLate,
    /// `may_write` said no, or there was no permit when the request was about to be sent. Nothing was sent.
    Refused,
}

impl WriteOutcome {
    /// The outcome of a write that was attempted.
    pub(super) fn of(result: Result<Observed, Failure>) -> Self {
        match result {
            Ok(observed) => Self::Answered(Box::new(observed)),
            Err(failure) => Self::Failed(failure),
        }
    }
}
