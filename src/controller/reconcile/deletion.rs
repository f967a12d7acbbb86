//! The deletion of an object that asked for MFA to be turned off with it.

use std::time::Duration;

use cognito_mfa_core::{
    access::{accounts::Identity, ownership::key},
    api::v1alpha1::UserPoolMfaConfig,
    plan::deletion::{Kept, farewell, has_finalizer, is_seen_to, kept},
    status::{
        event,
        outcome::{DeletionResult, Outcome},
    },
};
use kube::runtime::controller::Action;

use super::{
    finalizer::{self, release},
    finish::{count, finish, finish_late, say, tell},
    sync::{not_due, over_pool},
};
use crate::controller::{Error, context::Context, pools::cancellation::Wait};

/// How often an object that cannot go yet is looked at: its namespace may begin to go, or another object may take its
/// pool, and neither wakes it.
const LOOK: Duration = Duration::from_mins(1);

/// Sees to the pool of an object that is being deleted, where that is asked for and allowed, and lets the object go.
///
/// # Errors
/// When the API server fails; the same object is tried again then.
pub async fn deleted(object: &UserPoolMfaConfig, context: &Context, wait: &Wait) -> Result<Action, Error> {
    if !has_finalizer(object.metadata.finalizers.as_ref()) {
        context.forget(&key(object));
        return Ok(Action::await_change());
    }
    let object = &farewell(object);
    if is_seen_to(object) {
        return release(object, None, context).await;
    }
    if let Some(off) = context.tracks.off(object) {
        return go(object, &off, context).await;
    }
    if let Some(unsaid) = context.tracks.take_unsaid(object) {
        return finish_late(&unsaid, context).await;
    }
    let identity = match served(object, context).await? {
        Ok(identity) => identity,
        Err(kept) => return release(object, Some(&kept), context).await,
    };
    if let Some(later) = not_due(object, context) {
        return Ok(Action::requeue(later.min(LOOK)));
    }
    let outcome = match over_pool(object, &identity, context, wait).await? {
        Ok(outcome) => outcome,
        Err(later) => return Ok(later),
    };
    count(object, &outcome, context);
    match outcome.deletion_result(&object.spec) {
        DeletionResult::Off(off) => {
            // Told first: who dies before the patch must not leave it unsaid.
            tell_off(object, &outcome, context).await;
            context.tracks.keep_off(object, &off);
            go(object, &off, context).await
        }
        DeletionResult::Retained(kept) => release(object, Some(&kept), context).await,
        DeletionResult::Unfinished => {
            finish(object, &outcome, context).await?;
            let left = context.tracks.left(object).unwrap_or(LOOK);
            Ok(Action::requeue(left.min(LOOK)))
        }
    }
}

async fn tell_off(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) {
    match outcome {
        Outcome::Set { .. } => tell(object, outcome, false, context).await,
        _ => context.events.tell(object, Some(&object.spec.user_pool_id), event::already_off()).await,
    }
}

/// Lets an object go whose pool is OFF. While it cannot, its status says so, and the pool is looked at no more: what
/// somebody makes of it meanwhile is theirs.
async fn go(object: &UserPoolMfaConfig, off: &Outcome, context: &Context) -> Result<Action, Error> {
    let released = release(object, None, context).await;
    let goes = released.as_ref().is_ok_and(|action| *action == Action::await_change());
    if !goes {
        say(object, off, context).await?;
    }
    released
}

/// The identity to turn MFA off under, or why the pool is left as it is.
async fn served(object: &UserPoolMfaConfig, context: &Context) -> Result<Result<Identity, Kept>, Error> {
    if let Some(kept) = kept(object, context.settings.allow_disable) {
        return Ok(Err(kept));
    }
    let identity = match context.right(object) {
        Ok(identity) => identity,
        Err(denied) => return Ok(Err(Kept::Denied(denied))),
    };
    if let Some(owner) = context.rival(object) {
        return Ok(Err(Kept::NotOwner(owner)));
    }
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let going = finalizer::going_away(&context.client, namespace).await?;
    Ok(going.map_or(Ok(identity), |what| Err(Kept::GoingAway(what))))
}
