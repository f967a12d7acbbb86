//! What follows an outcome: counts, the status, events, and when the next reconciliation is.

use std::{ops::ControlFlow, time::Duration};

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfig},
    schedule::requeue::{RECHECK, requeue_after},
    status::{event, outcome::Outcome},
};
use jiff::Timestamp;

use super::{
    Action, Error,
    current::after_change,
    other_operator::{report_conflict, requeue_within_conflict},
    write_status::{StatusWrite, write_status},
};
use crate::controller::{context::Context, table::object_state::PendingStatus};

/// Writes the outcome into the status, publishes its events and plans the next reconciliation.
///
/// # Errors
/// [`Error::WriteStatus`] or [`Error::ReadObject`]. An accepted write to Cognito is then kept until its status is written.
pub(super) async fn finish(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    context: &Context,
) -> Result<Action, Error> {
    finish_at(object, outcome, Timestamp::now(), context).await
}

/// Finishes an earlier reconciliation whose status could not be written.
///
/// # Errors
/// Those of [`finish`].
pub(super) async fn finish_pending(pending: &PendingStatus, context: &Context) -> Result<Action, Error> {
    finish_at(&pending.planned, &pending.outcome, pending.at, context).await
}

async fn finish_at(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    at: Timestamp,
    context: &Context,
) -> Result<Action, Error> {
    let permit = context.api_permits.acquire().await;
    let written = write_status_or_keep(object, outcome, at, context).await?;
    drop(permit);
    let (reported, changed) = match written {
        ControlFlow::Continue(StatusWrite::Done { object, changed }) => (object, changed),
        ControlFlow::Continue(StatusWrite::Superseded(current)) => {
            // An accepted write is published, whatever the object has become.
            publish_event(object, outcome, false, context);
            report_conflict(object, &current, context);
            context.table.record_superseded(&current, RECHECK);
            return Ok(Action::Requeue(RECHECK));
        }
        ControlFlow::Continue(StatusWrite::Gone) => {
            publish_event(object, outcome, false, context);
            return after_change(object, context).await;
        }
        ControlFlow::Break(action) => return Ok(action),
    };
    context.record_reported(object, ready_reason(&reported), outcome.observed().is_some());
    publish_event(object, outcome, changed, context);
    publish_contested(object, &reported, outcome, context);
    report_conflict(object, &reported, context);
    let wait = next_wait(&reported, outcome, context);
    context.table.record_outcome(&reported, outcome, wait);
    Ok(requeue_within_conflict(&reported, wait))
}

/// Writes the status, and keeps an accepted write to Cognito where that cannot be done.
async fn write_status_or_keep(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    at: Timestamp,
    context: &Context,
) -> Result<ControlFlow<Action, StatusWrite>, Error> {
    if !context.leadership.leads() {
        context.table.keep_pending(object, outcome, at);
        return Ok(ControlFlow::Break(Action::Requeue(RECHECK)));
    }
    let written = write_status(context, object, outcome, at).await;
    written.inspect_err(|_| context.table.keep_pending(object, outcome, at)).map(ControlFlow::Continue)
}

/// Writes the status alone, of an object that waits to be deleted.
///
/// # Errors
/// [`Error::WriteStatus`] or [`Error::ReadObject`].
pub(super) async fn write_status_only(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    context: &Context,
) -> Result<(), Error> {
    let _permit = context.api_permits.acquire().await;
    if context.leadership.leads()
        && let StatusWrite::Done { object, .. } =
            write_status(context, object, outcome, Timestamp::now()).await?
    {
        // The backoff goes on: it is the finalizer that could not be written, not the status.
        context.table.record_reason(&object_key(&*object), ready_reason(&object), true);
    }
    Ok(())
}

/// Publishes the event of an outcome, if it has one. `changed` says whether the status reports something new.
pub(super) fn publish_event(object: &UserPoolMfaConfig, outcome: &Outcome, changed: bool, context: &Context) {
    if let Some(event) = event::for_outcome(object, outcome, changed) {
        context.events.log_and_publish(object, object.pool_id(), event);
    }
}

fn publish_contested(
    object: &UserPoolMfaConfig,
    reported: &UserPoolMfaConfig,
    outcome: &Outcome,
    context: &Context,
) {
    if let Some(event) = event::contested_event(reported, outcome, context.interval(object)) {
        context.events.log_and_publish(object, object.pool_id(), event);
    }
}

fn next_wait(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) -> Option<Duration> {
    let status = object.status.clone().unwrap_or_default();
    let attempt = context.table.failures(object);
    requeue_after(object, &status, outcome, attempt, context.interval(object), Timestamp::now())
}

/// Counts an outcome in the metrics.
pub(super) fn count_outcome(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) {
    context.metrics.reconciliation(outcome.summary(&object.spec.settings).reason);
    let generation = object.metadata.generation.unwrap_or_default();
    context.metrics.weakening.record_outcome(&object_key(object), generation, outcome);
}

/// The reason of the object's Ready; None while no operator has reported on it.
pub(super) fn ready_reason(object: &UserPoolMfaConfig) -> Option<Reason> {
    object.status.as_ref()?.reason(ConditionType::Ready)
}
