//! The deletion of an object that asked for MFA to be turned off with it.

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
    api::{MfaMode, UserPoolMfaConfig},
    core::{
        accounts::Identity,
        failure::Class,
        notice,
        outcome::Outcome,
        ownership::key,
        plan::Step,
        release::{Kept, farewell, has_finalizer, kept},
    },
};

/// Sees to the pool of an object that is being deleted, where that is asked for and allowed, and lets the object go.
///
/// # Errors
/// When the API server fails; the same object is tried again then.
pub async fn deleted(object: &UserPoolMfaConfig, context: &Context, wait: &Wait) -> Result<Action, Error> {
    if !has_finalizer(object.metadata.finalizers.as_ref()) {
        context.forget(&key(object));
        return Ok(Action::await_change());
    }
    let identity = match served(object, context).await? {
        Ok(identity) => identity,
        Err(kept) => return let_go(object, &kept, context).await,
    };
    if let Some(later) = not_due(object, context) {
        return Ok(later);
    }
    let off = farewell(object);
    let outcome = match over_pool(&off, &identity, context, wait).await? {
        Ok(outcome) => outcome,
        Err(later) => return Ok(later),
    };
    count(&off, &outcome, context);
    match &outcome {
        Outcome::Failed(failure, _) if failure.class == Class::PoolNotFound => {
            let_go(object, &Kept::PoolGone, context).await
        }
        _ if is_off(&outcome) => {
            // Told first: after a patch that fails, the next look finds the pool OFF and has nothing to tell.
            tell(&off, &outcome, false, context).await;
            let_go(object, &Kept::NotAsked, context).await
        }
        _ => finish(&off, &outcome, context).await,
    }
}

/// The identity to turn MFA off under, or why the pool is left as it is.
async fn served(object: &UserPoolMfaConfig, context: &Context) -> Result<Result<Identity, Kept>, Error> {
    if let Some(kept) = kept(object, context.settings.allow_disable) {
        return Ok(Err(kept));
    }
    let identity = match context.right(object) {
        Ok(identity) => identity,
        Err(denied) => return Ok(Err(Kept::Denied(denied.message()))),
    };
    if let Some(owner) = context.rival(object) {
        return Ok(Err(Kept::NotOwner(owner)));
    }
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let going = finalizer::going_away(&context.client, namespace).await?;
    Ok(going.map_or(Ok(identity), |what| Err(Kept::GoingAway(what))))
}

fn is_off(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Set { after, .. } => after.settings.mfa_configuration == MfaMode::Off,
        Outcome::Checked(_, plan) => plan.step == Step::InSync,
        _ => false,
    }
}

async fn let_go(object: &UserPoolMfaConfig, kept: &Kept, context: &Context) -> Result<Action, Error> {
    if !context.leadership.leads() || !finalizer::put(&context.client, &object.metadata, false).await? {
        return Ok(Action::requeue(AGAIN));
    }
    if let Some(notice) = notice::released(kept) {
        context.events.tell(object, None, notice).await;
    }
    Ok(Action::await_change())
}
