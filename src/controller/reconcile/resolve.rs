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

use super::{Action, Error, object_api, run::Run};
use crate::controller::context::Context;

/// The object with its pool; or why its reference has led to no pool yet. What the reference leads to now is recorded in the
/// status.
///
/// Another pool ends the reconciliation: claims on pools follow the watch, and the turn with which the reconciliation
/// started is for the former pool.
///
/// # Errors
/// [`Error::WriteStatus`].
pub(super) async fn resolve<'a>(
    object: &'a UserPoolMfaConfig,
    context: &Context,
    run: &Run,
) -> Result<ControlFlow<Action, Result<Resolved<'a>, Unresolved>>, Error> {
    if let Some(resolved) = object.resolved().filter(|_| run.write_due || !object.has_reference()) {
        return Ok(ControlFlow::Continue(Ok(resolved)));
    }
    let resolution = context.references.look_up(object).await;
    if !context.leadership.leads() {
        return Ok(ControlFlow::Break(Action::AwaitChange));
    }
    if let Some(written) = write_resolution(object, &resolution, context).await?
        && let Some(event) = event::for_resolution(object, &written)
    {
        context.events.log_and_publish(object, written.pool_id(), event);
        context.table.reset_failures(&object_key(object));
        // The watch shows the other pool, and makes the object due.
        return Ok(ControlFlow::Break(Action::Requeue(RECHECK)));
    }
    Ok(match (object.resolved(), resolution) {
        (Some(resolved), _) => ControlFlow::Continue(Ok(resolved)),
        (None, Err(why)) => ControlFlow::Continue(Err(why)),
        (None, Ok(_)) => ControlFlow::Break(Action::Requeue(RECHECK)),
    })
}

/// When the status is written from. A clock may be slow, and the object must not seem to have named another pool before
/// those that claim it already.
fn written_at(object: &UserPoolMfaConfig, resolution: &Resolution, context: &Context) -> Timestamp {
    let another = resolution.as_deref().ok().filter(|id| object.pool_id() != Some(id));
    let last = another.and_then(|id| context.claims().last_claimed(id));
    let after_last = last.and_then(|last| last.checked_add(Duration::from_secs(1)).ok());
    Timestamp::now().max(after_last.unwrap_or(Timestamp::MIN))
}

/// Writes the status, where it does not say already what the reference leads to.
async fn write_resolution(
    object: &UserPoolMfaConfig,
    resolution: &Resolution,
    context: &Context,
) -> Result<Option<UserPoolMfaConfig>, Error> {
    let (now, observe_only) = (written_at(object, resolution, context), context.options.observe_only);
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
