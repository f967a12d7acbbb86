//! The deletion of an object that asked for MFA to be turned off with it.

use std::time::Duration;

use cognito_mfa_core::{
    access::{accounts::Identity, ownership::object_key},
    api::v1alpha1::UserPoolMfaConfig,
    plan::deletion::{RetainReason, has_finalizer, is_pool_done, retain_reason, with_mfa_off},
    status::{
        event,
        outcome::{DeletionResult, Outcome},
    },
};
use kube::runtime::controller::Action;

use super::{
    finalizer::{self, remove_finalizer},
    finish::{count_outcome, finish, finish_pending, publish_event, write_status_only},
    sync::{not_due, sync_pool},
};
use crate::controller::{Error, context::Context, pools::cancellation::Cancellation};

/// How often an object that cannot go yet is looked at: its namespace may begin to go, or another object may take its
/// pool, and neither wakes it.
const RECHECK: Duration = Duration::from_mins(1);

/// Sees to the pool of an object that is being deleted, where that is asked for and allowed, and lets the object go.
///
/// # Errors
/// When the API server fails; the same object is tried again then.
pub async fn reconcile_deletion(
    object: &UserPoolMfaConfig,
    context: &Context,
    wait: &Cancellation,
) -> Result<Action, Error> {
    if !has_finalizer(object.metadata.finalizers.as_ref()) {
        context.remove_object(&object_key(object));
        return Ok(Action::await_change());
    }
    let object = &with_mfa_off(object);
    if is_pool_done(object) {
        return remove_finalizer(object, None, context).await;
    }
    if let Some(off) = context.object_states.pool_off(object) {
        return release_object(object, &off, context).await;
    }
    if let Some(unsaid) = context.object_states.take_pending(object) {
        return finish_pending(&unsaid, context).await;
    }
    let identity = match authorize_deletion(object, context).await? {
        Ok(identity) => identity,
        Err(kept) => return remove_finalizer(object, Some(&kept), context).await,
    };
    if let Some(later) = not_due(object, context) {
        return Ok(Action::requeue(later.min(RECHECK)));
    }
    let outcome = match sync_pool(object, &identity, context, wait).await? {
        Ok(outcome) => outcome,
        Err(later) => return Ok(later),
    };
    count_outcome(object, &outcome, context);
    match outcome.deletion_result(&object.spec) {
        DeletionResult::Off(off) => {
            // Told first: who dies before the patch must not leave it unsaid.
            publish_off(object, &outcome, context).await;
            context.object_states.record_pool_off(object, &off);
            release_object(object, &off, context).await
        }
        DeletionResult::Retained(kept) => remove_finalizer(object, Some(&kept), context).await,
        DeletionResult::Unfinished => {
            finish(object, &outcome, context).await?;
            let left = context.object_states.wait_left(object).unwrap_or(RECHECK);
            Ok(Action::requeue(left.min(RECHECK)))
        }
    }
}

async fn publish_off(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) {
    match outcome {
        Outcome::Written { .. } => publish_event(object, outcome, false, context).await,
        _ => {
            context
                .events
                .log_and_publish(object, Some(&object.spec.user_pool_id), event::already_off())
                .await;
        }
    }
}

/// Lets an object go whose pool is OFF. While it cannot, its status says so, and the pool is looked at no more: what
/// somebody makes of it meanwhile is theirs.
async fn release_object(
    object: &UserPoolMfaConfig,
    off: &Outcome,
    context: &Context,
) -> Result<Action, Error> {
    let released = remove_finalizer(object, None, context).await;
    let goes = released.as_ref().is_ok_and(|action| *action == Action::await_change());
    if !goes {
        write_status_only(object, off, context).await?;
    }
    released
}

/// The identity to turn MFA off under, or why the pool is left as it is.
async fn authorize_deletion(
    object: &UserPoolMfaConfig,
    context: &Context,
) -> Result<Result<Identity, RetainReason>, Error> {
    if let Some(kept) = retain_reason(object, context.options.allow_disable) {
        return Ok(Err(kept));
    }
    let identity = match context.authorize(object) {
        Ok(identity) => identity,
        Err(denied) => return Ok(Err(RetainReason::Denied(denied))),
    };
    if let Some(owner) = context.conflicting_owner(object) {
        return Ok(Err(RetainReason::NotOwner(owner)));
    }
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let going = finalizer::parent_being_deleted(&context.client, namespace).await?;
    Ok(going.map_or(Ok(identity), |what| Err(RetainReason::BeingDeleted(what))))
}
