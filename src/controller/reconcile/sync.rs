//! One pass over the pool of an object: when it is due and allowed, and what guards its Set.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::{accounts::Identity, ownership::key},
    api::v1alpha1::UserPoolMfaConfig,
    plan::step::Plan,
    schedule::requeue,
    settings::observed::Live,
    status::outcome::Outcome,
};
use jiff::Timestamp;
use kube::{core::DeserializeGuard, runtime::controller::Action};

use super::{
    finish::{AGAIN, ready_reason, stopped},
    write_status,
};
use crate::{
    aws::{Permit, read_plan_write::pass},
    controller::{Error, context::Context, pools::cancellation::Wait},
};

/// The wait until the object is due, if it is not now.
pub(super) fn not_due(object: &UserPoolMfaConfig, context: &Context) -> Option<Duration> {
    let due = requeue::due(object, context.tracks.left(object), context.interval(object), Timestamp::now());
    if due.is_zero() {
        return None;
    }
    context.metrics.object_gauges.record_if_new(&key(object), ready_reason(object));
    context.tracks.await_turn(object, due);
    Some(due)
}

/// One pass over the pool of an object, when it is the pool's turn: how it ended, or what follows if it told nothing.
pub(super) async fn over_pool(
    object: &UserPoolMfaConfig,
    identity: &Identity,
    context: &Context,
    wait: &Wait,
) -> Result<Result<Outcome, Action>, Error> {
    let turn = match context.turns.take(&object.spec.user_pool_id) {
        Ok(turn) => turn,
        Err(wait) => return Ok(Err(Action::requeue(wait))),
    };
    let permit = permit(context);
    let may_set = async || Ok::<_, Error>(still_stands(object, identity, context).await? && permit());
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let caller = context
        .gateway
        .caller(identity, namespace, requeue::urgency(object), wait.away())
        .asking(permit.clone());
    let lowering = context.lowerings.begin(object);
    let gate = |live: &Live, plan: &Plan| lowering.gate(object, live, plan, context.interval(object));
    let passed = pass(object, &caller, &context.settings.tolerated, gate, may_set).await;
    lowering.end(passed.as_ref().ok().and_then(Option::as_ref));
    match passed? {
        Some(outcome) => {
            turn.end(requeue::barred(&outcome));
            Ok(Ok(outcome))
        }
        // Called away by a change, which wakes it, or by the end.
        None if wait.away().is_cancelled() => Ok(Err(Action::requeue(AGAIN))),
        None => Box::pin(stopped(object, context)).await.map(Err),
    }
}

/// Whether the object is still the one that the pass was planned for: the turn at AWS may have come late.
async fn still_stands(
    object: &UserPoolMfaConfig,
    identity: &Identity,
    context: &Context,
) -> Result<bool, Error> {
    let fresh = Box::pin(write_status::current(&context.client, object)).await?;
    let same =
        matches!(&fresh, Some(DeserializeGuard(Ok(fresh))) if write_status::planned_alike(object, fresh));
    Ok(same && context.right(object).is_ok_and(|now| now == *identity) && context.rival(object).is_none())
}

/// Says whether a Set may be sent now: under a lease that outlasts it, and under which the pass has begun. Who has lost
/// the lease and won it again knows nothing of what was set meanwhile.
fn permit(context: &Context) -> Permit {
    let (leadership, longest) = (context.leadership.clone(), context.settings.longest_set);
    let term = leadership.term();
    Arc::new(move || leadership.may_begin(longest) && leadership.term() == term)
}
