//! One reconciliation: the steps of a pass, in order.

use std::sync::Arc;

use kube::runtime::controller::Action;

use super::{
    Error,
    context::Context,
    deletion::deleted,
    finalizer,
    over_pool::{not_due, over_pool},
    scopes::Object,
    telling::{AGAIN, count, finish, finish_late},
    unreadable::undecodable,
    waits::Wait,
};
use crate::{
    api::UserPoolMfaConfig,
    core::{
        accounts::Identity,
        notice,
        outcome::Outcome,
        ownership::key,
        pace,
        release::{has_finalizer, wants_finalizer},
    },
};

/// Reconciles an object. Called away, it waits for AWS no more; a call that has begun is finished and told.
///
/// # Errors
/// When the API server fails; the same object is tried again then.
pub async fn reconcile(object: Arc<Object>, context: Arc<Context>, wait: &Wait) -> Result<Action, Error> {
    if !context.leadership.leads() {
        // Who is turned away is woken when this replica leads.
        return Ok(Action::await_change());
    }
    match &object.0 {
        Ok(object) => known(object, &context, wait).await,
        Err(invalid) => undecodable(&object, invalid, &context).await,
    }
}

/// What follows a failure of the API server.
#[allow(clippy::needless_pass_by_value, reason = "the shape that the controller calls")]
pub fn on_error(object: Arc<Object>, error: &Error, context: Arc<Context>) -> Action {
    let meta = kube::Resource::meta(&*object);
    let wait = pace::after_api_failure(&key(&*object), context.tracks.stumbled(&key(&*object)));
    tracing::warn!(%error, namespace = meta.namespace, name = meta.name, ?wait, "the pass could not be finished and is tried again");
    Action::requeue(wait)
}

async fn known(object: &UserPoolMfaConfig, context: &Context, wait: &Wait) -> Result<Action, Error> {
    if object.metadata.deletion_timestamp.is_some() {
        return deleted(object, context, wait).await;
    }
    if has_finalizer(object.metadata.finalizers.as_ref()) != wants_finalizer(object) {
        match finalizer::put(&context.client, &object.metadata, wants_finalizer(object)).await {
            Ok(true) => {
                context.tracks.held(&key(object));
                // The change wakes the object again.
                return Ok(Action::requeue(AGAIN));
            }
            Ok(false) => {}
            // It matters at the deletion; until then the pool is kept as declared all the same.
            Err(error) => unheld(object, &error, context).await,
        }
    }
    if let Some(unsaid) = context.tracks.take_unsaid(object) {
        return finish_late(&unsaid, context).await;
    }
    let identity = match right(object, context) {
        Ok(identity) => identity,
        Err(rest) => {
            context.lowerings.leave_line(&key(object));
            count(object, &rest, context);
            return finish(object, &rest, context).await;
        }
    };
    if let Some(later) = not_due(object, context) {
        return Ok(Action::requeue(later));
    }
    match over_pool(object, &identity, context, wait).await? {
        Ok(outcome) => {
            count(object, &outcome, context);
            finish(object, &outcome, context).await
        }
        Err(later) => Ok(later),
    }
}

/// Tells, once, that the finalizer is not as `deletionPolicy` wants it.
async fn unheld(object: &UserPoolMfaConfig, error: &Error, context: &Context) {
    // An API server that is gone is told of by all else that fails.
    let refused = matches!(error, Error::Kubernetes(kube::Error::Api(_)));
    if refused && context.tracks.unheld(&key(object)) {
        context.events.tell(object, None, notice::unheld(wants_finalizer(object), &error.to_string())).await;
    }
}

/// The identity to call AWS under; or the outcome of an object for which no call may be made. Rights and the owner come
/// first: what has lost its pool must not keep its memory of it, suspended or not.
fn right(object: &UserPoolMfaConfig, context: &Context) -> Result<Identity, Box<Outcome>> {
    let identity = context.right(object).map_err(|why| {
        let replaced = context.is_owned(&object.spec.user_pool_id);
        Box::new(Outcome::Denied { why, replaced })
    })?;
    if let Some(owner) = context.rival(object) {
        return Err(Outcome::NotOwner(owner).into());
    }
    if object.spec.suspend { Err(Outcome::Suspended.into()) } else { Ok(identity) }
}
