//! One run of the reconciliation of an object.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::ownership::split_key, calls::failure::SET_TIMEOUT, schedule::queue::ObjectKey,
};
use futures::FutureExt;
use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use super::{Action, Error, reconcile};
use crate::{
    aws::StartTurn,
    controller::{context::Context, watch::Object},
};

/// What belongs to one run of the reconciliation of an object.
pub struct Run {
    /// Cancels the run while it waits for AWS: its object has changed, access rights have, or the operator stops. A call in
    /// flight is finished and its result is reported.
    pub cancelled: CancellationToken,
    /// Whether the write of the pool is due.
    pub write_due: bool,
    /// The turn with which the run started.
    pub turn: StartTurn,
    /// How long no other object may reconcile the pool after the run: its write may still be in flight.
    blocked: Mutex<Duration>,
}

impl Run {
    /// Blocks the pool for a time after the run.
    pub fn block_pool(&self, blocked: Duration) {
        *self.blocked.lock() = blocked;
    }
}

/// Reconciles an object, and plans when it is due again. A panic is an error of its own object alone.
pub async fn run_reconciliation(key: ObjectKey, turn: StartTurn, context: Arc<Context>) {
    let cancelled = context.shutdown.child_token();
    let Some((object, write_due)) = context.table.begin_run(&key, cancelled.clone()) else {
        return context.end_run(&key, Action::AwaitChange, Duration::ZERO);
    };
    let run = Run { cancelled, write_due, turn, blocked: Mutex::default() };
    let (action, blocked) = reconcile_guarded(&key, object, run, &context).await;
    context.end_run(&key, action, blocked);
}

async fn reconcile_guarded(key: &str, object: Object, run: Run, context: &Context) -> (Action, Duration) {
    let result = AssertUnwindSafe(reconcile(object, context, &run)).catch_unwind().await;
    let blocked = match &result {
        Ok(_) => *run.blocked.lock(),
        // It may have left a write in flight.
        Err(_) => SET_TIMEOUT,
    };
    let action = result.unwrap_or(Err(Error::Panicked));
    (action.unwrap_or_else(|error| retry(key, &error, context)), blocked)
}

/// The backoff after a failed reconciliation.
fn retry(key: &str, error: &Error, context: &Context) -> Action {
    let wait = context.table.record_retry(key);
    let (namespace, name) = split_key(key);
    tracing::warn!(%error, namespace, name, ?wait, "the reconciliation failed and is retried");
    Action::Requeue(wait)
}
