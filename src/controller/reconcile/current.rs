//! The object as it is now, where the watch may lag.

use std::ops::ControlFlow;

use cognito_mfa_core::{
    access::ownership::object_key, api::v1alpha1::UserPoolMfaConfig, schedule::requeue::RECHECK,
};

use super::{Action, Error, invalid::report_invalid, object_api};
use crate::controller::{
    context::Context,
    table::{fingerprint, spec_fingerprint},
    watch::Object,
};

/// The cached object; or the object from the API server, where this process has written a later version than the watch
/// shows.
///
/// # Errors
/// [`Error::ReadObject`].
pub(super) async fn current_object(
    cached: Object,
    context: &Context,
) -> Result<ControlFlow<Action, Object>, Error> {
    match &cached.0 {
        Ok(object) if context.table.is_behind(object) => Box::pin(read_current(object, context)).await,
        _ => Ok(ControlFlow::Continue(cached)),
    }
}

/// A watch may lag by minutes. A reconciliation of the cached object would read the pool, find its status superseded and
/// begin again until the watch catches up. The claims are as the watch shows them, so an object that has changed in more
/// than its status waits for the watch.
async fn read_current(
    cached: &UserPoolMfaConfig,
    context: &Context,
) -> Result<ControlFlow<Action, Object>, Error> {
    // A relist may show all objects as behind at once.
    let _permit = context.api_permits.acquire().await;
    let current = object_api::read(context, cached).await?;
    Ok(match current {
        _ if !context.leadership.leads() => ControlFlow::Break(Action::AwaitChange),
        Some(current) if fingerprint(&current) == spec_fingerprint(&cached.metadata, cached.pool_id()) => {
            ControlFlow::Continue(current)
        }
        Some(_) => {
            let wait = context.table.record_retry(&object_key(cached));
            ControlFlow::Break(Action::Requeue(wait))
        }
        // The watch will show the deletion, unless it is lost.
        None => ControlFlow::Break(Action::Requeue(RECHECK)),
    })
}

/// What follows when the object changed during its reconciliation. The change itself requeues the object, unless the watch
/// lags; and a watch that is older than the CRD drops the fields that the CRD has gained.
///
/// # Errors
/// [`Error::ReadObject`], or that of reporting an object that cannot be read.
pub(super) async fn after_change(object: &UserPoolMfaConfig, context: &Context) -> Result<Action, Error> {
    let current = object_api::read(context, object).await?;
    match current.as_ref().map(|current| (current, &current.0)) {
        Some((_, Ok(_))) | None => Ok(Action::Requeue(RECHECK)),
        Some((current, Err(invalid))) => report_invalid(current, invalid, context).await,
    }
}
