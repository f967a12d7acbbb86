//! The deletion of an object that asked for MFA to be turned off with it.

use std::time::Duration;

use kube::runtime::controller::Action;

use super::{
    Error,
    context::Context,
    finalizer,
    over_pool::{not_due, over_pool},
    telling::{AGAIN, count, finish, tell},
    waits::Wait,
};
use crate::{
    api::UserPoolMfaConfig,
    core::{
        accounts::Identity,
        notice,
        outcome::Outcome,
        ownership::key,
        release::{Kept, ended, farewell, has_finalizer, kept},
    },
};

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
    if let Some((planned, outcome)) = context.tracks.take_unsaid(object) {
        return finish(&planned, &outcome, context).await;
    }
    let object = &farewell(object);
    let identity = match served(object, context).await? {
        Ok(identity) => identity,
        Err(kept) => return let_go(object, Some(&kept), context).await,
    };
    if let Some(later) = not_due(object, context) {
        return Ok(Action::requeue(later.min(LOOK)));
    }
    let outcome = match over_pool(object, &identity, context, wait).await? {
        Ok(outcome) => outcome,
        Err(later) => return Ok(later),
    };
    count(object, &outcome, context);
    let pool = &object.spec.user_pool_id;
    match ended(&outcome) {
        Some(Ok(())) => {
            // Told first: after a patch that fails, the next look finds the pool OFF.
            match outcome {
                Outcome::Set { .. } => tell(object, &outcome, false, context).await,
                _ => context.events.tell(object, Some(pool), notice::found_off()).await,
            }
            let_go(object, None, context).await
        }
        Some(Err(kept)) => let_go(object, Some(&kept), context).await,
        None => {
            finish(object, &outcome, context).await?;
            let left = context.tracks.left(object).unwrap_or(LOOK);
            Ok(Action::requeue(left.min(LOOK)))
        }
    }
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

/// Takes the finalizer off, and tells why the pool is kept as it is, if it is.
async fn let_go(object: &UserPoolMfaConfig, kept: Option<&Kept>, context: &Context) -> Result<Action, Error> {
    if !context.leadership.leads() || !finalizer::put(&context.client, &object.metadata, false).await? {
        return Ok(Action::requeue(AGAIN));
    }
    if let Some(notice) = kept.and_then(notice::released) {
        context.events.tell(object, None, notice).await;
    }
    Ok(Action::await_change())
}
