//! The gateway as one pass uses it: every attempt waits for its own turn.
//!
//! The SDK retries nothing. Its retries are calls too, and it would make them without asking the limiter.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::MfaSettings,
    calls::failure::{Class, Failure, NOT_SENT, Operation},
    schedule::{
        queue::{Request, Urgency},
        quota::Scope,
        slots::jittered,
    },
    settings::observed::Live,
};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::{
    cognito::{Gateway, Observed},
    rate_limiter::Turn,
    send_guard::Permit,
};

/// How often a Get is tried in one pass.
const ATTEMPTS: u32 = 3;
/// The wait before a Get is tried again, doubled each time, and the wait for a turn on top.
const BACKOFF: Duration = Duration::from_millis(500);

/// Makes the calls of one pass, under an identity and on behalf of a namespace.
#[derive(Clone)]
pub struct Caller<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) identity: &'a Identity,
    pub(super) namespace: &'a str,
    urgency: Urgency,
    pub(super) away: CancellationToken,
    pub(super) permit: Permit,
}

impl Gateway {
    /// Calls under an identity, on behalf of a namespace. When `away` is cancelled nothing waits any more, and no call
    /// is sent; one that has been sent is finished.
    #[must_use]
    pub fn caller<'a>(
        &'a self,
        identity: &'a Identity,
        namespace: &'a str,
        urgency: Urgency,
        away: CancellationToken,
    ) -> Caller<'a> {
        Caller { gateway: self, identity, namespace, urgency, away, permit: Arc::new(|| true) }
    }
}

impl Caller<'_> {
    /// The same, where `permit` is asked at the moment a Set is sent.
    #[must_use]
    pub fn asking(self, permit: Permit) -> Self {
        Self { permit, ..self }
    }

    /// The live settings of a pool. What may pass within moments is tried up to three times.
    ///
    /// None when the caller was called away before it knew.
    ///
    /// # Errors
    /// A failure with its class; an answer that cannot be read is one too.
    pub async fn get(&self, pool_id: &str) -> Option<Result<Live, Failure>> {
        self.tried(Operation::Get, pool_id, || Box::pin(self.gateway.get(self, pool_id))).await
    }

    /// A call that changes nothing, tried up to three times.
    pub(super) async fn tried<T, F: Future<Output = Result<T, Failure>>>(
        &self,
        operation: Operation,
        pool_id: &str,
        call: impl Fn() -> F,
    ) -> Option<Result<T, Failure>> {
        for attempt in 0.. {
            let turn = self.turn(operation, pool_id).await?;
            let result = call().await;
            if result.as_ref().is_err_and(was_not_sent) {
                return None;
            }
            self.heard(&turn, operation, pool_id, &result);
            if attempt + 1 == ATTEMPTS || !result.as_ref().is_err_and(passes_soon) {
                return Some(result);
            }
            let wait = jittered(BACKOFF * 2_u32.pow(attempt), pool_id, attempt);
            self.away.run_until_cancelled(sleep(wait)).await?;
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
    ) -> Result<Option<Result<Live, Failure>>, E> {
        let Some(turn) = self.turn(Operation::Set, pool_id).await else { return Ok(None) };
        if !may_set().await? {
            return Ok(None);
        }
        let result = Box::pin(self.gateway.set(self, pool_id, declared)).await;
        if result.as_ref().is_err_and(was_not_sent) {
            return Ok(None);
        }
        self.heard(&turn, Operation::Set, pool_id, &result);
        Ok(Some(result))
    }

    async fn turn(&self, operation: Operation, pool_id: &str) -> Option<Turn> {
        let asked = Instant::now();
        let request =
            Request { namespace: self.namespace.into(), pool: pool_id.into(), urgency: self.urgency };
        let scope = Scope::of(self.identity, pool_id);
        let turn = self.gateway.limiter.turn(&scope, operation, request);
        let turn = self.away.run_until_cancelled(turn).await?;
        (self.gateway.observer)(Observed::Waited(operation, asked.elapsed()));
        Some(turn)
    }

    fn heard<T>(&self, turn: &Turn, operation: Operation, pool_id: &str, result: &Result<T, Failure>) {
        let class = result.as_ref().err().map(|failure| failure.class);
        let Some(rate) = self.gateway.limiter.heard(turn, class) else { return };
        if class == Some(Class::Throttled) {
            let Scope { account, region } = Scope::of(self.identity, pool_id);
            tracing::warn!(
                account,
                region,
                operation = operation.as_str(),
                rate,
                "AWS asks for fewer calls: the rate, in calls a second, is halved and recovers with every call that is taken. If this repeats, other programs use the quota too: lower --quota-share"
            );
        }
        (self.gateway.observer)(Observed::Rate(operation, self.gateway.limiter.slowest(operation)));
    }
}

fn was_not_sent(failure: &Failure) -> bool {
    failure.code == NOT_SENT
}

/// Whether it is worth a moment's wait. An answer that cannot be read is told at once: the call was done, and the next
/// answer is seldom another.
fn passes_soon(failure: &Failure) -> bool {
    matches!(failure.class, Class::Throttled | Class::Transient) && !failure.was_answered()
}
