//! A client of Cognito for one reconciliation: each attempt at a call waits for its own turn.
//!
//! The SDK's retries are off. They are calls, too, and the SDK would make them without asking the rate limiter.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::MfaSettings,
    calls::failure::{Failure, FailureClass, Operation},
    schedule::{
        jitter::jittered,
        queue::{CallRequest, Kind, Priority},
        quota::QuotaScope,
    },
    settings::observed::Observed,
};
use parking_lot::Mutex;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{
    call_context::{CallContext, SendPermit},
    call_outcome::{CallOutcome, ReadOutcome, WriteOutcome},
    cognito::{CallEvent, Cognito},
    credentials_failure,
    patience::{LONGEST_THROTTLING, Patience},
    sdk_clients::Session,
    shared_queue::{CallTurn, StartTurn},
};

/// The attempts at one read or list.
const ATTEMPTS: u32 = 3;
/// The wait before the second attempt at a read; it doubles each time. The wait for a turn comes on top.
const BACKOFF: Duration = Duration::from_millis(500);

/// The longest time between the answer to a read and the write that is planned on it. Within this time somebody may have
/// raised the mode, and the write would lower it.
pub const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// Makes the calls of one reconciliation, under an identity and on behalf of a namespace.
#[derive(Clone)]
pub struct CognitoClient<'a> {
    pub(super) cognito: &'a Cognito,
    namespace: &'a str,
    priority: Priority,
    longest_look: Duration,
    /// When the object was read that the write is planned for, if that was before the read of its pool.
    object_read: Option<Instant>,
    /// The turn with which the reconciliation started.
    start: Arc<Mutex<Option<CallTurn>>>,
    /// Whether the next read is that of a pool whose write is due.
    reads_before_write: Arc<AtomicBool>,
    /// How long reads wait while AWS throttles. None for the usual number of attempts.
    patience: Option<Arc<Patience>>,
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
        CognitoClient {
            cognito: self,
            namespace,
            priority,
            longest_look: LONGEST_LOOK,
            object_read: None,
            start: Arc::default(),
            reads_before_write: Arc::default(),
            patience: None,
            context,
        }
    }
}

impl CognitoClient<'_> {
    /// This client, with a permit that is asked at the moment when a write is sent.
    #[must_use]
    pub fn with_permit(mut self, permit: SendPermit) -> Self {
        self.context.permit = permit;
        self
    }

    /// This client, whose first read may use the turn with which its reconciliation started.
    #[must_use]
    pub fn with_start(self, turn: StartTurn) -> Self {
        *self.start.lock() = Some(CallTurn::of_start(turn));
        self
    }

    /// This client, for a pool whose write is due: it is read right before the write may be sent.
    #[must_use]
    pub fn with_write_due(mut self) -> Self {
        self.priority = Priority::WriteDue;
        self.reads_before_write = Arc::new(AtomicBool::new(true));
        self
    }

    /// This client, whose writes are based on a read of the object at this time, too.
    #[must_use]
    pub fn with_object_read(mut self, at: Instant) -> Self {
        self.object_read = Some(at);
        self
    }

    /// This client, whose reads wait while AWS throttles them.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = Some(Arc::new(patience));
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
        let call = |valid_until| Box::pin(self.cognito.get(&self.context, valid_until, pool_id));
        self.retry(Operation::Get, pool_id, call).await
    }

    /// Makes a call that changes nothing, in up to three attempts. With patience, throttled attempts do not count.
    pub(super) async fn retry<T, F: Future<Output = CallOutcome<T>>>(
        &self,
        operation: Operation,
        pool_id: &str,
        call: impl Fn(Instant) -> F,
    ) -> ReadOutcome<T> {
        let Some(patience) = &self.patience else { return self.try_again(operation, pool_id, call).await };
        tokio::select! {
            biased;
            () = patience.exhausted() => ReadOutcome::Failed(still_throttled(operation)),
            outcome = self.try_again(operation, pool_id, call) => outcome,
        }
    }

    async fn try_again<T, F: Future<Output = CallOutcome<T>>>(
        &self,
        operation: Operation,
        pool_id: &str,
        call: impl Fn(Instant) -> F,
    ) -> ReadOutcome<T> {
        for attempt in 0.. {
            let Some(result) = self.attempt(operation, pool_id, &call).await else { break };
            match result {
                Ok(answer) => return ReadOutcome::Answered(answer),
                Err(failure) if self.waits_out(&failure) => {}
                Err(failure) if attempt + 1 >= ATTEMPTS || !is_worth_a_retry(&failure) => {
                    return ReadOutcome::Failed(failure);
                }
                Err(_) => {}
            }
            let wait = jittered(BACKOFF * 2_u32.pow(attempt.min(ATTEMPTS)), pool_id, attempt);
            if self.context.cancelled.run_until_cancelled(sleep(wait)).await.is_none() {
                break;
            }
        }
        ReadOutcome::Cancelled
    }

    fn waits_out(&self, failure: &Failure) -> bool {
        self.patience.is_some() && failure.class == FailureClass::Throttled
    }

    /// Makes one attempt at a call, with as many turns as it needs to be sent under one. None when the client was
    /// cancelled.
    async fn attempt<T, F: Future<Output = CallOutcome<T>>>(
        &self,
        operation: Operation,
        pool_id: &str,
        call: impl Fn(Instant) -> F,
    ) -> Option<Result<T, Failure>> {
        let mut expired = 0;
        loop {
            let turn = self.await_turn(operation, pool_id).await?;
            match call(turn.valid_until(expired)).await {
                CallOutcome::Attempted(result) => {
                    self.record_result(&turn, pool_id, &result);
                    return Some(result);
                }
                CallOutcome::NotSent => return None,
                CallOutcome::Expired => expired += 1,
            }
        }
    }

    /// Writes the declared settings to a pool: one `SetUserPoolMfaConfig`, unless its turn comes too late. `looked` is the
    /// time of the read that the write is planned on. `may_write` is asked before the call waits for its turn, because
    /// nothing may take long between the turn and the sending.
    ///
    /// # Errors
    /// The error of `may_write`, when it could not find out.
    pub async fn set<E, F: Future<Output = Result<bool, E>>>(
        &self,
        pool_id: &str,
        declared: &MfaSettings,
        looked: Instant,
        may_write: impl Fn() -> F,
    ) -> Result<WriteOutcome, E> {
        let latest = self.object_read.map_or(looked, |read| read.min(looked)) + self.longest_look;
        for expired in 0.. {
            if !may_write().await? {
                return Ok(WriteOutcome::Refused);
            }
            let turn = match timeout_at(latest, self.await_turn(Operation::Set, pool_id)).await {
                Ok(Some(turn)) if Instant::now() <= latest => turn,
                Ok(None) => return Ok(WriteOutcome::Cancelled),
                Ok(Some(_)) | Err(_) => break,
            };
            let valid_until = turn.valid_until(expired).min(latest);
            match Box::pin(self.cognito.set(&self.context, valid_until, pool_id, declared)).await {
                CallOutcome::Attempted(result) => {
                    self.record_result(&turn, pool_id, &result);
                    return Ok(WriteOutcome::of(result));
                }
                CallOutcome::NotSent if self.context.cancelled.is_cancelled() => {
                    return Ok(WriteOutcome::Cancelled);
                }
                CallOutcome::NotSent => return Ok(WriteOutcome::Refused),
                CallOutcome::Expired => {}
            }
        }
        Ok(WriteOutcome::TooLate)
    }

    /// Waits for the turn of a call; None when the client was cancelled before it came.
    async fn await_turn(&self, operation: Operation, pool_id: &str) -> Option<CallTurn> {
        let scope = Some(Arc::new(self.scope(pool_id)));
        let first = self.start.lock().take();
        if let Some(turn) = first.filter(|turn| turn.is_for(operation, &scope)) {
            (self.cognito.observer)(CallEvent::Waited(operation, turn.waited));
            return (!self.context.cancelled.is_cancelled()).then_some(turn);
        }
        let is_timed = operation == Operation::Get && self.reads_before_write.swap(false, Ordering::SeqCst);
        let kind = if is_timed { Kind::ReadBeforeWrite } else { Kind::Call };
        let (namespace, pool) = (self.namespace.into(), pool_id.into());
        let request = CallRequest { namespace, pool, priority: self.priority, kind };
        let turn = self.cognito.queue.turn(&scope, operation, request);
        let turn = self.context.cancelled.run_until_cancelled(turn).await?;
        (self.cognito.observer)(CallEvent::Waited(operation, turn.waited));
        Some(turn)
    }

    fn record_result<T>(&self, turn: &CallTurn, pool_id: &str, result: &Result<T, Failure>) {
        let (operation, class) = (turn.operation, result.as_ref().err().map(|failure| failure.class));
        match (&self.patience, class) {
            (Some(patience), None) => patience.record_accepted(),
            (Some(patience), Some(FailureClass::Throttled)) => patience.record_throttled(),
            _ => {}
        }
        if let Some(rate) = self.cognito.queue.record_result(turn, class) {
            let QuotaScope { account, region } = self.scope(pool_id);
            tracing::warn!(
                account,
                region,
                operation = operation.as_str(),
                rate,
                "AWS asks for fewer calls: the rate, in calls a second, is halved and recovers with every call that AWS accepts. If this repeats, other programs use the quota too: lower --quota-share"
            );
        }
    }

    fn scope(&self, pool_id: &str) -> QuotaScope {
        QuotaScope::of(&self.context.session.identity, pool_id)
    }
}

fn still_throttled(operation: Operation) -> Failure {
    let seconds = LONGEST_THROTTLING.as_secs();
    let message = format!(
        "AWS throttled every call for {seconds} s, so this was not read. Try again later, or with a lower --quota-share"
    );
    Failure::new(FailureClass::Throttled, operation, "TooManyRequestsException", &message)
}

/// Whether another attempt within moments may succeed. After an answer that cannot be read it seldom does: the call was
/// done, and the next answer is mostly the same. Nor does it after an outage of STS, which the SDK has asked three times.
fn is_worth_a_retry(failure: &Failure) -> bool {
    failure.class.is_worth_a_retry()
        && !failure.is_unreadable_answer()
        && failure.code != credentials_failure::UNREACHABLE
}
