//! What follows a pass: the status, the events, the counts, and when the next one is.

use std::time::Duration;

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfig},
    plan::step::Step,
    schedule::requeue,
    status::{event, outcome::Outcome},
};
use jiff::Timestamp;
use kube::runtime::controller::Action;

use super::{
    invalid::report_invalid,
    write_status::{self, StatusWrite},
};
use crate::controller::{Error, context::Context, pools::object_state::PendingStatus};

/// The wait before an object is looked at again that a change, or a lease that is won, should wake sooner: a watch may
/// lag. What the API server failed waits as [`requeue::after_api_failure`] says.
pub(super) const RECHECK: Duration = Duration::from_secs(5);

/// Tells what the pass found that ends now, in the status and as an event, and plans the next one.
pub(super) async fn finish(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    context: &Context,
) -> Result<Action, Error> {
    finish_at(object, outcome, Timestamp::now(), context).await
}

/// The same of an earlier pass that could not be told.
pub(super) async fn finish_pending(unsaid: &PendingStatus, context: &Context) -> Result<Action, Error> {
    finish_at(&unsaid.planned, &unsaid.outcome, unsaid.at, context).await
}

async fn finish_at(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    at: Timestamp,
    context: &Context,
) -> Result<Action, Error> {
    let slot = context.write_slots.acquire().await;
    if !context.leadership.leads() {
        context.object_states.keep_pending(object, outcome, at);
        return Ok(Action::requeue(RECHECK));
    }
    let written = write_status::write_status(&context.client, object, outcome, at).await;
    let (told, news) =
        match written.inspect_err(|_| context.object_states.keep_pending(object, outcome, at))? {
            StatusWrite::Done { object, news } => (object, news),
            // A Set that was accepted is told, whatever became of the object; one that is open bars its successor.
            StatusWrite::Superseded(fresh) => {
                publish_event(object, outcome, false, context).await;
                context.object_states.record_superseded(&fresh, RECHECK);
                return Ok(Action::requeue(RECHECK));
            }
            StatusWrite::Gone => {
                publish_event(object, outcome, false, context).await;
                // What follows may write, too, and must not wait for the slot that this one holds.
                drop(slot);
                return after_change(object, context).await;
            }
        };
    context.record_reported(object, ready_reason(&told), outcome.observed().is_some());
    publish_event(object, outcome, news, context).await;
    if let Some(event) = event::contested_event(&told, outcome, context.interval(object)) {
        context.events.log_and_publish(object, Some(&object.spec.user_pool_id), event).await;
    }
    drop(slot);
    let wait = next_wait(&told, outcome, context);
    context.object_states.record_outcome(&told, outcome, wait);
    Ok(wait.map_or_else(Action::await_change, Action::requeue))
}

/// Says in the status alone what is known of an object that is only waited for.
pub(super) async fn write_status_only(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    context: &Context,
) -> Result<(), Error> {
    let _slot = context.write_slots.acquire().await;
    if context.leadership.leads()
        && let StatusWrite::Done { object, .. } =
            write_status::write_status(&context.client, object, outcome, Timestamp::now()).await?
    {
        // The row of failures goes on: it is not the status that could not be written.
        context.metrics.object_gauges.record(&object_key(&*object), ready_reason(&object), true);
    }
    Ok(())
}

pub(super) async fn publish_event(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    news: bool,
    context: &Context,
) {
    if let Some(event) = event::for_outcome(object, outcome, news) {
        context.events.log_and_publish(object, Some(&object.spec.user_pool_id), event).await;
    }
}

fn next_wait(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) -> Option<Duration> {
    let status = object.status.clone().unwrap_or_default();
    let attempt = context.object_states.failures(object);
    requeue::requeue_after(object, &status, outcome, attempt, context.interval(object), Timestamp::now())
}

pub(super) fn count_outcome(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) {
    context.metrics.reconciliation(outcome.summary(&object.spec.settings).reason);
    if let Some(plan) = outcome.may_have_written()
        && let Step::Write(cause) = plan.step
        && !plan.weakens.is_empty()
    {
        context.metrics.weakening.record_write(cause);
    }
    if let Some(plan) = outcome.correction() {
        context.metrics.weakening.record_correction(!plan.weakens.is_empty());
    }
}

pub(super) fn ready_reason(object: &UserPoolMfaConfig) -> Option<Reason> {
    object.status.as_ref()?.reason(ConditionType::Ready)
}

/// What follows a pass whose object is another by now. The change wakes it by itself, but for a watch that lags; and a
/// watch that is older than the CRD goes on without the fields that the CRD has gained.
pub(super) async fn after_change(object: &UserPoolMfaConfig, context: &Context) -> Result<Action, Error> {
    let Some(fresh) = write_status::current(&context.client, object).await? else {
        context.remove_object(&object_key(object));
        return Ok(Action::await_change());
    };
    match &fresh.0 {
        Ok(_) => Ok(Action::requeue(RECHECK)),
        Err(invalid) => report_invalid(&fresh, invalid, context).await,
    }
}
