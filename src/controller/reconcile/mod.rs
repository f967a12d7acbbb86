//! One reconciliation: the steps of a pass, in order.

mod deletion;
mod finalizer;
mod finish;
mod invalid;
mod sync;
pub mod write_status;

use std::sync::Arc;

use cognito_mfa_core::{
    access::{accounts::Identity, ownership::object_key},
    api::v1alpha1::UserPoolMfaConfig,
    plan::deletion::{has_finalizer, wants_finalizer},
    status::{event, outcome::Outcome},
};
use deletion::reconcile_deletion;
use finish::{RECHECK, count_outcome, finish, finish_pending};
use invalid::report_invalid;
use kube::runtime::{controller::Action, reflector::ObjectRef};
use sync::{not_due, sync_pool};

use super::{
    Error,
    context::Context,
    pools::cancellation::{Cancellation, version},
    watch::{cached_object::CachedObject, namespaces::Object},
};

/// Reconciles an object. Called away, it waits for AWS no more; a call that has begun is finished and told.
///
/// # Errors
/// When the API server fails; the same object is tried again then.
pub async fn reconcile(
    object: &CachedObject,
    context: Arc<Context>,
    wait: &Cancellation,
) -> Result<Action, Error> {
    if !context.leadership.leads() {
        // Who is turned away is woken when this replica leads.
        return Ok(Action::await_change());
    }
    let shown = object.object();
    let object = match &shown.0 {
        Ok(behind) if context.object_states.is_behind(behind) => {
            match Box::pin(read_current(behind, &context)).await? {
                Ok(fresh) => fresh,
                Err(later) => return Ok(later),
            }
        }
        _ => shown,
    };
    match &object.0 {
        Ok(object) => reconcile_valid(object, &context, wait).await,
        Err(invalid) => Box::pin(report_invalid(&object, invalid, &context)).await,
    }
}

/// An object that this process has left otherwise than the watch shows it: as it is now, or what follows.
///
/// A watch may lag by minutes. A pass over what was would read the pool for nothing, again and again until the watch is
/// back. But what else was noted of the object, its claim above all, is as the watch shows it: what has changed in more than
/// its status is waited for.
async fn read_current(shown: &UserPoolMfaConfig, context: &Context) -> Result<Result<Object, Action>, Error> {
    // All that are behind may be woken at once.
    let _slot = context.write_slots.acquire().await;
    let fresh = write_status::current(&context.client, shown).await?;
    Ok(match fresh {
        _ if !context.leadership.leads() => Err(Action::await_change()),
        Some(fresh) if version(&fresh) == version(shown) => Ok(fresh),
        Some(_) => Err(Action::requeue(context.object_states.record_api_error(&object_key(shown)))),
        // The watch will say so, too.
        None => Err(Action::await_change()),
    })
}

/// What follows a failure of the API server.
#[allow(clippy::needless_pass_by_value, reason = "the shape that the controller calls")]
pub fn on_error(object: Arc<CachedObject>, error: &Error, context: Arc<Context>) -> Action {
    let ObjectRef { namespace, name, .. } = object.reference();
    let wait = context.object_states.record_api_error(object.key());
    tracing::warn!(%error, namespace, name, ?wait, "the pass could not be finished and is tried again");
    Action::requeue(wait)
}

/// What is seldom under way, or not for long, has a place of its own: a pass that waits for its turn at AWS is small, for
/// thousands may.
async fn reconcile_valid(
    object: &UserPoolMfaConfig,
    context: &Context,
    wait: &Cancellation,
) -> Result<Action, Error> {
    if object.metadata.deletion_timestamp.is_some() {
        return Box::pin(reconcile_deletion(object, context, wait)).await;
    }
    if has_finalizer(object.metadata.finalizers.as_ref()) != wants_finalizer(object) {
        match Box::pin(finalizer::write_finalizer(&context.client, &object.metadata, wants_finalizer(object)))
            .await
        {
            Ok(true) => {
                context.object_states.record_finalizer_added(&object_key(object));
                // The change wakes the object again.
                return Ok(Action::requeue(RECHECK));
            }
            Ok(false) => {}
            // It matters at the deletion; until then the pool is kept as declared all the same.
            Err(error) => Box::pin(report_finalizer_missing(object, &error, context)).await,
        }
    }
    if let Some(unsaid) = context.object_states.take_pending(object) {
        return Box::pin(finish_pending(&unsaid, context)).await;
    }
    let identity = match authorize(object, context) {
        Ok(identity) => identity,
        Err(rest) => {
            context.weakening_budget.leave_line(&object_key(object));
            count_outcome(object, &rest, context);
            return Box::pin(finish(object, &rest, context)).await;
        }
    };
    if let Some(later) = not_due(object, context) {
        return Ok(Action::requeue(later));
    }
    match sync_pool(object, &identity, context, wait).await? {
        Ok(outcome) => {
            count_outcome(object, &outcome, context);
            Box::pin(finish(object, &outcome, context)).await
        }
        Err(later) => Ok(later),
    }
}

/// Tells, once, that the finalizer is not as `deletionPolicy` wants it.
async fn report_finalizer_missing(object: &UserPoolMfaConfig, error: &Error, context: &Context) {
    // An API server that is gone is told of by all else that fails.
    let refused = matches!(error, Error::Kubernetes(kube::Error::Api(_)));
    if refused && context.object_states.record_finalizer_missing(&object_key(object)) {
        context
            .events
            .log_and_publish(
                object,
                None,
                event::finalizer_refused(wants_finalizer(object), &error.to_string()),
            )
            .await;
    }
}

/// The identity to call AWS under; or the outcome of an object for which no call may be made. Rights and the owner come
/// first: what has lost its pool must not keep its memory of it, suspended or not.
fn authorize(object: &UserPoolMfaConfig, context: &Context) -> Result<Identity, Box<Outcome>> {
    let identity = context.authorize(object).map_err(|why| {
        let replaced = context.is_owned(&object.spec.user_pool_id);
        Box::new(Outcome::Denied { why, replaced })
    })?;
    if let Some(owner) = context.conflicting_owner(object) {
        return Err(Outcome::NotOwner(owner).into());
    }
    if object.spec.suspend { Err(Outcome::Suspended.into()) } else { Ok(identity) }
}
