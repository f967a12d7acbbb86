//! Other operators that act on the same object: what is written, published and counted about them.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    schedule::requeue::RECHECK,
    status::other_operator::{conflict_event, names_another, signed_status, until_conflict_ends},
};
use jiff::Timestamp;
use kube::api::PostParams;

use super::{Action, Error, object_api};
use crate::controller::context::Context;

/// Ends the reconciliation of an object that is not due for `wait`. What its status says about other operators is written
/// all the same: an operator that has lost a race for an object often finds nothing else to do.
///
/// # Errors
/// [`Error::WriteStatus`].
pub(super) async fn finish_not_due(
    object: &UserPoolMfaConfig,
    wait: Duration,
    context: &Context,
) -> Result<Action, Error> {
    // At a start no object is due, and most have nothing to report.
    if !names_another(&context.options.operator, object) {
        context.table.record_conflict(object);
        return Ok(Action::Requeue(wait));
    }
    let signed = signed_status(context.writer(object), object, Timestamp::now(), |_| None);
    let Some(status) = signed.filter(|_| context.leadership.leads()) else {
        context.table.record_conflict(object);
        context.table.record_seen(object);
        return Ok(requeue_within_conflict(object, Some(wait)));
    };
    let _permit = context.api_permits.acquire().await;
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let with_status = UserPoolMfaConfig { status: Some(status), ..object.clone() };
    let api = object_api::typed(&context.client, object);
    match api.replace_status(name, &PostParams::default(), &with_status).await {
        Ok(reported) => {
            report_conflict(object, &reported, context);
            context.table.record_seen(&reported);
            Ok(requeue_within_conflict(&reported, Some(wait)))
        }
        // The object has changed or is gone, which the watch will show.
        Err(kube::Error::Api(refusal)) if matches!(refusal.code, 404 | 409) => {
            Ok(Action::Requeue(wait.min(RECHECK)))
        }
        Err(error) => Err(Error::WriteStatus(error)),
    }
}

/// Counts an object on which another operator acts, too, and publishes that when it begins.
pub(super) fn report_conflict(object: &UserPoolMfaConfig, reported: &UserPoolMfaConfig, context: &Context) {
    context.table.record_conflict(reported);
    if let Some(event) = conflict_event(&context.options.operator, object, reported) {
        context.events.log_and_publish(object, object.pool_id(), event);
    }
}

/// Requeues the object after `wait`, or when a conflict need not be reported any more.
pub(super) fn requeue_within_conflict(object: &UserPoolMfaConfig, wait: Option<Duration>) -> Action {
    let end = until_conflict_ends(object, Timestamp::now());
    wait.into_iter().chain(end).min().map_or(Action::AwaitChange, Action::Requeue)
}
