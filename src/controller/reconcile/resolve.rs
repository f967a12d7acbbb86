//! The pool that the object's reference leads to.

use std::{ops::ControlFlow, time::Duration};

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{Resolved, UserPoolMfaConfig},
    reference::{Resolution, Unresolved},
    schedule::requeue::RECHECK,
    status::{event, observe_only::resolution_with_note, other_operator::signed_status},
};
use jiff::Timestamp;
use kube::api::PostParams;

use super::{Action, Error, object_api};
use crate::controller::context::Context;

/// The object with its pool; or why its reference has led to no pool yet. What the reference leads to now is recorded in the
/// status.
///
/// A status that was written ends the reconciliation: claims on pools follow the watch, and the turn with which the
/// reconciliation started is for the former pool.
///
/// # Errors
/// [`Error::WriteStatus`].
pub(super) async fn resolve<'a>(
    object: &'a UserPoolMfaConfig,
    context: &Context,
) -> Result<ControlFlow<Action, Result<Resolved<'a>, Unresolved>>, Error> {
    let resolution = context.references.look_up(object).await;
    if !context.leadership.leads() {
        return Ok(ControlFlow::Break(Action::AwaitChange));
    }
    if object.has_reference()
        && let Some(written) = write_resolution(object, &resolution, context).await?
    {
        return Ok(ControlFlow::Break(Action::Requeue(after_write(object, &written, context))));
    }
    Ok(match (object.resolved(), resolution) {
        (Some(resolved), _) => ControlFlow::Continue(Ok(resolved)),
        (None, Err(why)) => ControlFlow::Continue(Err(why)),
        (None, Ok(_)) => ControlFlow::Break(Action::Requeue(RECHECK)),
    })
}

/// Publishes the event, if there is one. Returns when the object is looked at again: the watch shows another pool, and then
/// makes the object due at once.
fn after_write(object: &UserPoolMfaConfig, written: &UserPoolMfaConfig, context: &Context) -> Duration {
    let Some(event) = event::for_resolution(object, written) else {
        return context.table.record_retry(&object_key(object));
    };
    context.events.log_and_publish(object, written.pool_id(), event);
    RECHECK
}

/// Writes the status, where it does not say already what the reference leads to.
async fn write_resolution(
    object: &UserPoolMfaConfig,
    resolution: &Resolution,
    context: &Context,
) -> Result<Option<UserPoolMfaConfig>, Error> {
    let (now, observe_only) = (Timestamp::now(), context.options.observe_only);
    let next = |object: &UserPoolMfaConfig| resolution_with_note(object, resolution, observe_only, now);
    if next(object).is_none() {
        return Ok(None);
    }
    let _permit = context.api_permits.acquire().await;
    let Some(status) = signed_status(context.writer(object), object, now, next) else { return Ok(None) };
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let with_status = UserPoolMfaConfig { status: Some(status), ..object.clone() };
    let api = object_api::typed(&context.client, object);
    let written = api.replace_status(name, &PostParams::default(), &with_status).await;
    let written = written.map_err(Error::WriteStatus)?;
    context.table.record_seen(&written);
    Ok(Some(written))
}
