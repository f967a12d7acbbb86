//! The deletion of an object whose `deletionPolicy` turns MFA off.

use std::{ops::ControlFlow, time::Duration};

use cognito_mfa_core::{
    access::{accounts::Identity, ownership::object_key},
    api::v1alpha1::{Resolved, UserPoolMfaConfig},
    plan::deletion::{RetainReason, has_finalizer, is_mfa_already_off, retain_reason, with_mfa_off},
    status::{
        event,
        outcome::{DeletionResult, Outcome},
    },
};

use super::{
    Action, Error,
    due::wait_until_due,
    finalizer::remove_finalizer,
    finish::{count_outcome, finish, finish_pending, write_status_only},
    parents::parent_being_deleted,
    run::Run,
    sync::sync_pool,
};
use crate::controller::context::Context;

/// How often an object that cannot be deleted yet is reconciled: the deletion of its namespace, or another owner of its
/// pool, does not requeue it.
const RECHECK_DELETION: Duration = Duration::from_mins(1);

/// Turns MFA off where `deletionPolicy` asks for it and it is allowed, and removes the finalizer.
///
/// # Errors
/// That of the step that failed.
pub(super) async fn reconcile_deletion(
    object: &UserPoolMfaConfig,
    context: &Context,
    run: &Run,
) -> Result<Action, Error> {
    if !has_finalizer(object.metadata.finalizers.as_ref()) {
        context.forget_object(&object_key(object));
        return Ok(Action::AwaitChange);
    }
    let object = &with_mfa_off(object);
    if is_mfa_already_off(object) {
        return remove_finalizer(object, None, context).await;
    }
    if let Some(off) = context.table.pool_off(object) {
        return release_object(object, &off, context).await;
    }
    if let Some(pending) = context.table.take_pending(object) {
        return finish_pending(&pending, context).await;
    }
    let (resolved, identity) = match authorize_deletion(object, context).await? {
        Permission::Granted(resolved, identity) => (resolved, identity),
        Permission::Retain(reason) => return remove_finalizer(object, Some(&reason), context).await,
    };
    if let Some(wait) = wait_until_due(object, context) {
        return Ok(Action::Requeue(wait.min(RECHECK_DELETION)));
    }
    match sync_pool(resolved, &identity, context, run).await? {
        ControlFlow::Continue(outcome) => finish_deletion(object, &outcome, context).await,
        ControlFlow::Break(action) => Ok(action),
    }
}

/// Whether MFA may be turned off.
enum Permission<'a> {
    /// Under this identity.
    Granted(Resolved<'a>, Identity),
    /// No: the pool is left unchanged.
    Retain(RetainReason),
}

async fn authorize_deletion<'a>(
    object: &'a UserPoolMfaConfig,
    context: &Context,
) -> Result<Permission<'a>, Error> {
    if let Some(reason) = retain_reason(object, context.options.allow_disable) {
        return Ok(Permission::Retain(reason));
    }
    // An object that has adopted its pool knows it, unless somebody changed its status.
    let Some(resolved) = object.resolved() else { return Ok(Permission::Retain(RetainReason::NeverAdopted)) };
    let identity = match context.authorize(resolved) {
        Ok(identity) => identity,
        Err(denied) => return Ok(Permission::Retain(RetainReason::Denied(denied))),
    };
    if let Some(owner) = context.conflicting_owner(object) {
        return Ok(Permission::Retain(RetainReason::NotOwner(owner)));
    }
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let parent = parent_being_deleted(&context.client, namespace).await?;
    Ok(parent.map_or(Permission::Granted(resolved, identity), |parent| {
        Permission::Retain(RetainReason::BeingDeleted(parent))
    }))
}

async fn finish_deletion(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    context: &Context,
) -> Result<Action, Error> {
    count_outcome(object, outcome, context);
    match outcome.deletion_result(object) {
        DeletionResult::Off(off) => {
            // A process that dies after the finalizer is removed publishes nothing any more.
            publish_off(object, outcome, context).await;
            context.table.record_pool_off(object, &off);
            release_object(object, &off, context).await
        }
        DeletionResult::Retained(reason) => remove_finalizer(object, Some(&reason), context).await,
        DeletionResult::Unfinished => {
            finish(object, outcome, context).await?;
            let wait = context.table.wait_left(object).unwrap_or(RECHECK_DELETION);
            Ok(Action::Requeue(wait.min(RECHECK_DELETION)))
        }
    }
}

async fn publish_off(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) {
    let written = event::for_outcome(object, outcome, false);
    let event =
        written.filter(|_| matches!(outcome, Outcome::Written { .. })).unwrap_or_else(event::already_off);
    context.events.log_and_wait(object, object.pool_id(), event).await;
}

/// Removes the finalizer of an object whose pool is OFF. While that fails, the status says so, and the pool is not read
/// again: later changes of it by hand are not this object's to undo.
async fn release_object(
    object: &UserPoolMfaConfig,
    off: &Outcome,
    context: &Context,
) -> Result<Action, Error> {
    let removed = remove_finalizer(object, None, context).await;
    if !removed.as_ref().is_ok_and(|action| *action == Action::AwaitChange) {
        write_status_only(object, off, context).await?;
    }
    removed
}
