//! The gateway as one pass uses it: every attempt waits for its own turn.
//!
//! The SDK retries nothing. Its retries are calls too, and it would make them without asking the limiter.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::MfaSettings,
    calls::failure::{Failure, FailureClass, NOT_SENT, Operation},
    schedule::{
        jitter::jittered,
        queue::{CallRequest, Priority},
        quota::QuotaScope,
    },
    settings::observed::Observed,
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{
    cognito::{CallEvent, Cognito},
    rate_limiter::CallTurn,
    send_guard::SendPermit,
};

/// How often a Get is tried in one pass.
const ATTEMPTS: u32 = 3;
/// The wait before a Get is tried again, doubled each time, and the wait for a turn on top.
const BACKOFF: Duration = Duration::from_millis(500);

/// Makes the calls of one pass, under an identity and on behalf of a namespace.
#[derive(Clone)]
pub struct CognitoClient<'a> {
    pub(super) cognito: &'a Cognito,
    pub(super) identity: &'a Identity,
    pub(super) namespace: &'a str,
    priority: Priority,
    pub(super) cancelled: CancellationToken,
    pub(super) permit: SendPermit,
}

impl Cognito {
    /// Calls under an identity, on behalf of a namespace. When `away` is cancelled nothing waits any more, and no call
    /// is sent; one that has been sent is finished.
    #[must_use]
    pub fn client<'a>(
        &'a self,
        identity: &'a Identity,
        namespace: &'a str,
        urgency: Priority,
        away: CancellationToken,
    ) -> CognitoClient<'a> {
        CognitoClient {
            cognito: self,
            identity,
            namespace,
            priority: urgency,
            cancelled: away,
            permit: Arc::new(|| true),
        }
    }
}

impl CognitoClient<'_> {
    /// The same, where `permit` is asked at the moment a Set is sent.
    #[must_use]
    pub fn with_permit(self, permit: SendPermit) -> Self {
        Self { permit, ..self }
    }

    /// The live settings of a pool. What may pass within moments is tried up to three times.
    ///
    /// None when the caller was called away before it knew.
    ///
    /// # Errors
    /// A failure with its class; an answer that cannot be read is one too.
    pub async fn get(&self, pool_id: &str) -> Option<Result<Observed, Failure>> {
        self.retried(Operation::Get, pool_id, || Box::pin(self.cognito.get(self, pool_id))).await
    }

    /// A call that changes nothing, tried up to three times.
    pub(super) async fn retried<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        operation: Operation,
        pool_id: &str,
        call: impl Fn() -> F,
    ) -> Option<Result<T, Failure>> {
        for attempt in 0.. {
            let turn = self.await_turn(operation, pool_id).await?;
            let result = call().await;
            if result.as_ref().is_err_and(was_not_sent) {
                return None;
            }
            self.record_result(&turn, operation, pool_id, &result);
            if attempt + 1 == ATTEMPTS || !result.as_ref().is_err_and(is_worth_a_retry) {
                return Some(result);
            }
            let wait = jittered(BACKOFF * 2_u32.pow(attempt), pool_id, attempt);
            self.cancelled.run_until_cancelled(sleep(wait)).await?;
        }
        None
    }

    /// Sets a pool to the declaration. `may_set` is asked when it is this call's turn, right before it.
    ///
    /// None when it said no, there was no permit at the last moment, or the caller was called away: nothing was
    /// sent, and AWS said nothing of its quota. Else a failure with its class: after a transient one the outcome is
    /// unknown, and the Set may have been done.
    ///
    /// # Errors
    /// That of `may_set`, when it could not tell.
    pub async fn set<E>(
        &self,
        pool_id: &str,
        declared: &MfaSettings,
        may_set: impl AsyncFnOnce() -> Result<bool, E>,
    ) -> Result<Option<Result<Observed, Failure>>, E> {
        let Some(turn) = self.await_turn(Operation::Set, pool_id).await else { return Ok(None) };
        if !may_set().await? {
            return Ok(None);
        }
        let result = Box::pin(self.cognito.set(self, pool_id, declared)).await;
        if result.as_ref().is_err_and(was_not_sent) {
            return Ok(None);
        }
        self.record_result(&turn, Operation::Set, pool_id, &result);
        Ok(Some(result))
    }

    async fn await_turn(&self, operation: Operation, pool_id: &str) -> Option<CallTurn> {
        let asked = Instant::now();
        let request =
            CallRequest { namespace: self.namespace.into(), pool: pool_id.into(), priority: self.priority };
        let scope = QuotaScope::of(self.identity, pool_id);
        let turn = self.cognito.limiter.turn(&scope, operation, request);
        let turn = self.cancelled.run_until_cancelled(turn).await?;
        (self.cognito.observer)(CallEvent::Waited(operation, asked.elapsed()));
        Some(turn)
    }

    fn record_result<T>(
        &self,
        turn: &CallTurn,
        operation: Operation,
        pool_id: &str,
        result: &Result<T, Failure>,
    ) {
        let class = result.as_ref().err().map(|failure| failure.class);
        let Some(rate) = self.cognito.limiter.record_result(turn, class) else { return };
        if class == Some(FailureClass::Throttled) {
            let QuotaScope { account, region } = QuotaScope::of(self.identity, pool_id);
            tracing::warn!(
                account,
                region,
                operation = operation.as_str(),
                rate,
                "AWS asks for fewer calls: the rate, in calls a second, is halved and recovers with every call that is taken. If this repeats, other programs use the quota too: lower --quota-share"
            );
        }
        (self.cognito.observer)(CallEvent::Rate(operation, self.cognito.limiter.slowest(operation)));
    }
}

fn was_not_sent(failure: &Failure) -> bool {
    failure.code == NOT_SENT
}

/// Whether it is worth a moment's wait. An answer that cannot be read is told at once: the call was done, and the next
/// answer is seldom another.
fn is_worth_a_retry(failure: &Failure) -> bool {
    matches!(failure.class, FailureClass::Throttled | FailureClass::Transient)
        && !failure.is_unreadable_answer()
}
