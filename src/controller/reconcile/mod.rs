//! One reconciliation: the steps of a pass, in order.

mod deletion;
mod finalizer;
mod finish;
mod invalid;
mod sync;
pub mod write_status;

use std::sync::Arc;

use cognito_mfa_core::{
    access::{accounts::Identity, ownership::key},
    api::v1alpha1::UserPoolMfaConfig,
    plan::deletion::{has_finalizer, wants_finalizer},
    status::{event, outcome::Outcome},
};
use deletion::deleted;
use finish::{AGAIN, count, finish, finish_late};
use invalid::undecodable;
use kube::runtime::{controller::Action, reflector::ObjectRef};
use sync::{not_due, over_pool};

use super::{
    Error,
    context::Context,
    pools::cancellation::{Wait, version},
    watch::{cached_object::Kept, namespaces::Object},
};

/// Reconciles an object. Called away, it waits for AWS no more; a call that has begun is finished and told.
///
/// # Errors
/// When the API server fails; the same object is tried again then.
pub async fn reconcile(object: &Kept, context: Arc<Context>, wait: &Wait) -> Result<Action, Error> {
    if !context.leadership.leads() {
        // Who is turned away is woken when this replica leads.
        return Ok(Action::await_change());
    }
    let shown = object.object();
    let object = match &shown.0 {
        Ok(behind) if context.tracks.is_behind(behind) => match Box::pin(as_it_is(behind, &context)).await? {
            Ok(fresh) => fresh,
            Err(later) => return Ok(later),
        },
        _ => shown,
    };
    match &object.0 {
        Ok(object) => known(object, &context, wait).await,
        Err(invalid) => Box::pin(undecodable(&object, invalid, &context)).await,
    }
}

/// An object that this process has left otherwise than the watch shows it: as it is now, or what follows.
///
/// A watch may lag by minutes. A pass over what was would read the pool for nothing, again and again until the watch is
/// back. But what else was noted of the object, its claim above all, is as the watch shows it: what has changed in more than
/// its status is waited for.
async fn as_it_is(shown: &UserPoolMfaConfig, context: &Context) -> Result<Result<Object, Action>, Error> {
    // All that are behind may be woken at once.
    let _slot = context.writes.acquire().await;
    let fresh = write_status::current(&context.client, shown).await?;
    Ok(match fresh {
        _ if !context.leadership.leads() => Err(Action::await_change()),
        Some(fresh) if version(&fresh) == version(shown) => Ok(fresh),
        Some(_) => Err(Action::requeue(context.tracks.stumbled(&key(shown)))),
        // The watch will say so, too.
        None => Err(Action::await_change()),
    })
}

/// What follows a failure of the API server.
#[allow(clippy::needless_pass_by_value, reason = "the shape that the controller calls")]
pub fn on_error(object: Arc<Kept>, error: &Error, context: Arc<Context>) -> Action {
    let ObjectRef { namespace, name, .. } = object.reference();
    let wait = context.tracks.stumbled(object.key());
    tracing::warn!(%error, namespace, name, ?wait, "the pass could not be finished and is tried again");
    Action::requeue(wait)
}

/// What is seldom under way, or not for long, has a place of its own: a pass that waits for its turn at AWS is small, for
/// thousands may.
async fn known(object: &UserPoolMfaConfig, context: &Context, wait: &Wait) -> Result<Action, Error> {
    if object.metadata.deletion_timestamp.is_some() {
        return Box::pin(deleted(object, context, wait)).await;
    }
    if has_finalizer(object.metadata.finalizers.as_ref()) != wants_finalizer(object) {
        match Box::pin(finalizer::put(&context.client, &object.metadata, wants_finalizer(object))).await {
            Ok(true) => {
                context.tracks.held(&key(object));
                // The change wakes the object again.
                return Ok(Action::requeue(AGAIN));
            }
            Ok(false) => {}
            // It matters at the deletion; until then the pool is kept as declared all the same.
            Err(error) => Box::pin(unheld(object, &error, context)).await,
        }
    }
    if let Some(unsaid) = context.tracks.take_unsaid(object) {
        return Box::pin(finish_late(&unsaid, context)).await;
    }
    let identity = match right(object, context) {
        Ok(identity) => identity,
        Err(rest) => {
            context.lowerings.leave_line(&key(object));
            count(object, &rest, context);
            return Box::pin(finish(object, &rest, context)).await;
        }
    };
    if let Some(later) = not_due(object, context) {
        return Ok(Action::requeue(later));
    }
    match over_pool(object, &identity, context, wait).await? {
        Ok(outcome) => {
            count(object, &outcome, context);
            Box::pin(finish(object, &outcome, context)).await
        }
        Err(later) => Ok(later),
    }
}

/// Tells, once, that the finalizer is not as `deletionPolicy` wants it.
async fn unheld(object: &UserPoolMfaConfig, error: &Error, context: &Context) {
    // An API server that is gone is told of by all else that fails.
    let refused = matches!(error, Error::Kubernetes(kube::Error::Api(_)));
    if refused && context.tracks.unheld(&key(object)) {
        context
            .events
            .tell(object, None, event::finalizer_refused(wants_finalizer(object), &error.to_string()))
            .await;
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
