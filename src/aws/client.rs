//! A client of Cognito for one reconciliation: each attempt at a call waits for its own turn.
//!
//! The SDK's retries are off. They are calls, too, and the SDK would make them without asking the rate limiter.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::MfaSettings,
    calls::failure::{Failure, FailureClass, Operation},
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
    call_context::{CallContext, SendPermit},
    call_outcome::{CallOutcome, ReadOutcome, WriteOutcome},
    cognito::{CallEvent, Cognito},
    credentials_failure,
    rate_limiter::CallTurn,
    sdk_clients::Session,
};

/// The attempts at a read in one reconciliation.
const ATTEMPTS: u32 = 3;
/// The wait before the second attempt at a read; it doubles each time. The wait for a turn comes on top.
const BACKOFF: Duration = Duration::from_millis(500);

/// The longest time between the answer to a read and the write that is planned on it. Within this time somebody may have
/// raised the mode, and the write would lower it.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// Makes the calls of one reconciliation, under an identity and on behalf of a namespace.
#[derive(Clone)]
pub struct CognitoClient<'a> {
    pub(super) cognito: &'a Cognito,
    namespace: &'a str,
    priority: Priority,
    pub(super) longest_look: Duration,
    pub(super) context: CallContext,
}

impl Cognito {
    /// A client under an identity, on behalf of a namespace. Once `cancelled` is cancelled, the client waits for
    /// nothing and sends no call; a call that was sent before is finished.
    #[must_use]
    pub fn client<'a>(
        &'a self,
        identity: &Identity,
        namespace: &'a str,
        priority: Priority,
        cancelled: CancellationToken,
    ) -> CognitoClient<'a> {
        let session = Session::of(identity, namespace);
        let context = CallContext { session, cancelled, permit: Arc::new(|| true) };
        CognitoClient { cognito: self, namespace, priority, longest_look: LONGEST_LOOK, context }
    }
}

impl CognitoClient<'_> {
    /// This client, with a permit that is asked at the moment when a write is sent.
    #[must_use]
    pub fn with_permit(mut self, permit: SendPermit) -> Self {
        self.context.permit = permit;
        self
    }

    /// This client, with another longest time between the answer to a read and its write.
    #[must_use]
    pub fn with_longest_look(mut self, longest_look: Duration) -> Self {
        self.longest_look = longest_look;
        self
    }

    /// Reads the settings of a pool, `GetUserPoolMfaConfig`, in up to three attempts.
    pub async fn get(&self, pool_id: &str) -> ReadOutcome<Observed> {
        let call = || Box::pin(self.cognito.get(&self.context, pool_id));
        self.retry(Operation::Get, pool_id, call).await
    }

    /// Makes a call that changes nothing, in up to three attempts.
    pub(super) async fn retry<T, F: Future<Output = CallOutcome<T>>>(
        &self,
        operation: Operation,
        pool_id: &str,
        call: impl Fn() -> F,
    ) -> ReadOutcome<T> {
        for attempt in 0.. {
            let Some(turn) = self.await_turn(operation, pool_id).await else { break };
            let CallOutcome::Attempted(result) = call().await else { break };
            self.record_result(&turn, operation, pool_id, &result);
            match result {
                Ok(answer) => return ReadOutcome::Answered(answer),
                Err(failure) if attempt + 1 == ATTEMPTS || !is_worth_a_retry(&failure) => {
                    return ReadOutcome::Failed(failure);
                }
                Err(_) => {}
            }
            let wait = jittered(BACKOFF * 2_u32.pow(attempt), pool_id, attempt);
            if self.context.cancelled.run_until_cancelled(sleep(wait)).await.is_none() {
                break;
            }
        }
        ReadOutcome::Cancelled
    }

    /// Writes the declared settings to a pool: one `SetUserPoolMfaConfig`. `may_write` is asked when it is this call's
    /// turn, right before the request is built.
    ///
    /// # Errors
    /// The error of `may_write`, when it could not find out.
    pub async fn set<E>(
        &self,
        pool_id: &str,
        declared: &MfaSettings,
        may_write: impl AsyncFnOnce() -> Result<bool, E>,
    ) -> Result<WriteOutcome, E> {
        let Some(turn) = self.await_turn(Operation::Set, pool_id).await else {
            return Ok(WriteOutcome::Cancelled);
        };
        if !may_write().await? {
            return Ok(WriteOutcome::Refused);
        }
        let result = match Box::pin(self.cognito.set(&self.context, pool_id, declared)).await {
            CallOutcome::Attempted(result) => result,
            CallOutcome::NotSent if self.context.cancelled.is_cancelled() => {
                return Ok(WriteOutcome::Cancelled);
            }
            CallOutcome::NotSent => return Ok(WriteOutcome::Refused),
        };
        self.record_result(&turn, Operation::Set, pool_id, &result);
        Ok(match result {
            Ok(observed) => WriteOutcome::Answered(Box::new(observed)),
            Err(failure) => WriteOutcome::Failed(failure),
        })
    }

    /// Waits for the turn of a call; None when the client was cancelled before it came.
    async fn await_turn(&self, operation: Operation, pool_id: &str) -> Option<CallTurn> {
        let start = Instant::now();
        let request =
            CallRequest { namespace: self.namespace.into(), pool: pool_id.into(), priority: self.priority };
        let scope = self.scope(pool_id);
        let turn = self.cognito.limiter.turn(&scope, operation, request);
        let turn = self.context.cancelled.run_until_cancelled(turn).await?;
        (self.cognito.observer)(CallEvent::Waited(operation, start.elapsed()));
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
            let QuotaScope { account, region } = self.scope(pool_id);
            tracing::warn!(
                account,
                region,
                operation = operation.as_str(),
                rate,
                "AWS asks for fewer calls: the rate, in calls a second, is halved and recovers with every call that AWS accepts. If this repeats, other programs use the quota too: lower --quota-share"
            );
        }
        (self.cognito.observer)(CallEvent::Rate(operation, self.cognito.limiter.slowest(operation)));
    }

    fn scope(&self, pool_id: &str) -> QuotaScope {
        QuotaScope::of(&self.context.session.identity, pool_id)
    }
}

/// Whether another attempt within moments may succeed. After an answer that cannot be read it seldom does: the call was
/// done, and the next answer is mostly the same. Nor does it after an outage of STS, which the SDK has asked three times.
fn is_worth_a_retry(failure: &Failure) -> bool {
    failure.class.is_worth_a_retry()
        && !failure.is_unreadable_answer()
        && failure.code != credentials_failure::UNREACHABLE
}
