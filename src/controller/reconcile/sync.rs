//! One pass over the pool of an object: when it is due and allowed, and what guards its Set.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::{accounts::Identity, ownership::object_key},
    api::v1alpha1::UserPoolMfaConfig,
    plan::step::Plan,
    schedule::requeue,
    settings::observed::Observed,
    status::outcome::Outcome,
};
use jiff::Timestamp;
use kube::{core::DeserializeGuard, runtime::controller::Action};

use super::{
    finish::{RECHECK, after_change, ready_reason},
    write_status,
};
use crate::{
    aws::{SendPermit, read_plan_write::read_plan_write},
    controller::{Error, context::Context, pools::cancellation::Cancellation},
};

/// The wait until the object is due, if it is not now.
pub(super) fn not_due(object: &UserPoolMfaConfig, context: &Context) -> Option<Duration> {
    let due = requeue::wait_until_due(
        object,
        context.object_states.wait_left(object),
        context.interval(object),
        Timestamp::now(),
    );
    if due.is_zero() {
        return None;
    }
    context.metrics.object_gauges.record_if_new(&object_key(object), ready_reason(object));
    context.object_states.record_wait(object, due);
    Some(due)
}

/// One pass over the pool of an object, when it is the pool's turn: how it ended, or what follows if it told nothing.
pub(super) async fn sync_pool(
    object: &UserPoolMfaConfig,
    identity: &Identity,
    context: &Context,
    wait: &Cancellation,
) -> Result<Result<Outcome, Action>, Error> {
    let turn = match context.pool_locks.lock(&object.spec.user_pool_id) {
        Ok(turn) => turn,
        Err(wait) => return Ok(Err(Action::requeue(wait))),
    };
    let permit = permit(context);
    let may_set = async || Ok::<_, Error>(is_still_planned(object, identity, context).await? && permit());
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let caller = context
        .cognito
        .client(identity, namespace, requeue::priority(object), wait.token())
        .with_permit(permit.clone());
    let lowering = context.weakening_budget.begin(object);
    let gate =
        |live: &Observed, plan: &Plan| lowering.check_hold(object, live, plan, context.interval(object));
    let passed = read_plan_write(object, &caller, &context.options.tolerated, gate, may_set).await;
    lowering.end(passed.as_ref().ok().and_then(Option::as_ref));
    match passed? {
        Some(outcome) => {
            turn.release(requeue::barred_for(&outcome));
            Ok(Ok(outcome))
        }
        // Called away by a change, which wakes it, or by the end.
        None if wait.token().is_cancelled() => Ok(Err(Action::requeue(RECHECK))),
        None => Box::pin(after_change(object, context)).await.map(Err),
    }
}

/// Whether the object is still the one that the pass was planned for: the turn at AWS may have come late.
async fn is_still_planned(
    object: &UserPoolMfaConfig,
    identity: &Identity,
    context: &Context,
) -> Result<bool, Error> {
    let fresh = Box::pin(write_status::current(&context.client, object)).await?;
    let same =
        matches!(&fresh, Some(DeserializeGuard(Ok(fresh))) if write_status::is_planned_alike(object, fresh));
    Ok(same
        && context.authorize(object).is_ok_and(|now| now == *identity)
        && context.conflicting_owner(object).is_none())
}

/// Says whether a Set may be sent now: under a lease that outlasts it, and under which the pass has begun. Who has lost
/// the lease and won it again knows nothing of what was set meanwhile.
fn permit(context: &Context) -> SendPermit {
    let (leadership, longest) = (context.leadership.clone(), context.options.longest_set);
    let term = leadership.term();
    Arc::new(move || leadership.may_begin(longest) && leadership.term() == term)
}
