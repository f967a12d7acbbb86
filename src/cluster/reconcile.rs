//! One reconciliation: the steps of a pass, in order.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use kube::{
    core::{DeserializeGuard, error_boundary::InvalidObject},
    runtime::controller::Action,
};

use super::{
    Error,
    context::Context,
    deletion::{self, deleted},
    finalizer,
    scopes::Object,
    status::{self, Written},
    waits::Wait,
};
use crate::{
    api::UserPoolMfaConfig,
    aws::Permit,
    core::{
        accounts::Identity,
        live::Live,
        notice::{self, Notice},
        outcome::Outcome,
        ownership::key,
        pace,
        plan::{Plan, Step},
        release::{has_finalizer, wants_finalizer},
        text,
    },
    pass::pass,
};

/// The wait before a reconciliation that the API server failed is tried again.
pub(super) const AGAIN: Duration = Duration::from_secs(5);

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
        // The change wakes the object again.
        finalizer::put(&context.client, &object.metadata, wants_finalizer(object)).await?;
        return Ok(Action::requeue(AGAIN));
    }
    if let Some((planned, outcome)) = context.tracks.take_unsaid(object) {
        return finish(&planned, &outcome, context).await;
    }
    let identity = match right(object, context) {
        Ok(identity) => identity,
        Err(rest) => {
            context.settle(object, Some(&rest));
            count(object, &rest, context);
            return finish(object, &rest, context).await;
        }
    };
    if let Some(later) = not_due(object, context) {
        return Ok(later);
    }
    match over_pool(object, &identity, context, wait).await? {
        Ok(outcome) => {
            count(object, &outcome, context);
            finish(object, &outcome, context).await
        }
        Err(later) => Ok(later),
    }
}

/// When the object is due, if it is not now.
pub(super) fn not_due(object: &UserPoolMfaConfig, context: &Context) -> Option<Action> {
    let due = pace::due(object, context.tracks.left(object), context.interval(object), Timestamp::now());
    if due.is_zero() {
        return None;
    }
    context.metrics.waiting(&key(object), ready_reason(object));
    context.tracks.await_turn(object, due);
    Some(Action::requeue(due))
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
        .caller(identity, namespace, pace::urgency(object), wait.away())
        .asking(permit.clone());
    let gate = |live: &Live, plan: &Plan| context.gate(object, live, plan);
    let passed = pass(object, &caller, &context.settings.tolerated, gate, may_set).await;
    context.settle(object, passed.as_ref().ok().and_then(Option::as_ref));
    match passed? {
        Some(outcome) => {
            turn.end(pace::barred(&outcome));
            Ok(Ok(outcome))
        }
        // Called away by a change, which wakes it, or by the end.
        None if wait.away().is_cancelled() => Ok(Err(Action::requeue(AGAIN))),
        None => stopped(object, context).await.map(Err),
    }
}

/// Whether the object is still the one that the pass was planned for: the turn at AWS may have come late.
async fn still_stands(
    object: &UserPoolMfaConfig,
    identity: &Identity,
    context: &Context,
) -> Result<bool, Error> {
    let fresh = status::current(&context.client, object).await?;
    let same = matches!(&fresh, Some(DeserializeGuard(Ok(fresh))) if status::planned_alike(object, fresh));
    Ok(same && context.right(object).is_ok_and(|now| now == *identity) && context.rival(object).is_none())
}

/// Says whether a Set may be sent now: under a lease that outlasts it, and under which the pass has begun. Who has lost
/// the lease and won it again knows nothing of what was set meanwhile.
fn permit(context: &Context) -> Permit {
    let (leadership, longest) = (context.leadership.clone(), context.settings.longest_set);
    let term = leadership.term();
    Arc::new(move || leadership.may_begin(longest) && leadership.term() == term)
}

/// What follows a pass whose object is another by now. The change wakes it by itself, but for a watch that lags; and a
/// watch that is older than the CRD goes on without the fields that the CRD has gained.
async fn stopped(object: &UserPoolMfaConfig, context: &Context) -> Result<Action, Error> {
    let Some(fresh) = status::current(&context.client, object).await? else {
        context.forget(&key(object));
        return Ok(Action::await_change());
    };
    match &fresh.0 {
        Ok(_) => Ok(Action::requeue(AGAIN)),
        Err(invalid) => undecodable(&fresh, invalid, context).await,
    }
}

/// The identity to call AWS under; or the outcome of an object for which no call may be made. Rights come first: what
/// has none must not keep its memory of a pool that is another's by now, suspended or not.
fn right(object: &UserPoolMfaConfig, context: &Context) -> Result<Identity, Box<Outcome>> {
    let identity = context.right(object).map_err(|why| {
        let replaced = context.is_owned(&object.spec.user_pool_id);
        Box::new(Outcome::Denied { why, replaced })
    })?;
    if object.spec.suspend {
        return Err(Outcome::Suspended.into());
    }
    match context.rival(object) {
        Some(owner) => Err(Outcome::NotOwner(owner).into()),
        None => Ok(identity),
    }
}

/// Tells what the pass found, in the status and as an event, and plans the next one.
pub(super) async fn finish(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    context: &Context,
) -> Result<Action, Error> {
    let slot = context.writes.acquire().await;
    if !context.leadership.leads() {
        context.tracks.keep_unsaid(object, outcome);
        return Ok(Action::requeue(AGAIN));
    }
    let written = status::write(&context.client, object, outcome).await;
    let (told, news) = match written.inspect_err(|_| context.tracks.keep_unsaid(object, outcome))? {
        Written::Told { object, news } => (object, news),
        // A Set that was accepted is told, whatever became of the object; one that is open bars its successor.
        Written::Superseded => {
            tell(object, outcome, false, context).await;
            context.tracks.ended(object, outcome, Some(AGAIN));
            return Ok(Action::requeue(AGAIN));
        }
        Written::Gone => {
            tell(object, outcome, false, context).await;
            // What follows may write, too, and must not wait for the slot that this one holds.
            drop(slot);
            return stopped(object, context).await;
        }
    };
    context.stands(object, ready_reason(&told), outcome.live().is_some());
    tell(object, outcome, news, context).await;
    drop(slot);
    let wait = next(&told, outcome, context);
    context.tracks.ended(&told, outcome, wait);
    Ok(wait.map_or_else(Action::await_change, Action::requeue))
}

pub(super) async fn tell(object: &UserPoolMfaConfig, outcome: &Outcome, news: bool, context: &Context) {
    for notice in notice::notices(object, outcome, news, context.interval(object)) {
        let (namespace, name) = (&object.metadata.namespace, &object.metadata.name);
        let (pool, reason) = (&object.spec.user_pool_id, notice.reason);
        if notice.warning {
            tracing::warn!(namespace, name, pool, reason, "{}", notice.note);
        } else {
            tracing::info!(namespace, name, pool, reason, "{}", notice.note);
        }
        context.events.publish(object, notice).await;
    }
}

fn next(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) -> Option<Duration> {
    let status = object.status.clone().unwrap_or_default();
    let attempt = context.tracks.failures(object);
    pace::after(object, &status, outcome, attempt, context.interval(object), Timestamp::now())
}

pub(super) fn count(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) {
    context.metrics.pass(outcome.verdict(&object.spec.settings).reason);
    if let Outcome::Set { plan, .. } = outcome
        && let Step::Set(cause) = plan.step
        && !plan.lowers.is_empty()
    {
        context.metrics.lowering(cause);
    }
    if let Some(plan) = outcome.correction() {
        context.metrics.correction(!plan.lowers.is_empty());
    }
}

async fn undecodable(object: &Object, invalid: &InvalidObject, context: &Context) -> Result<Action, Error> {
    let meta = &invalid.metadata;
    if meta.deletion_timestamp.is_some() && has_finalizer(meta.finalizers.as_ref()) {
        return deletion::unreadable(object, invalid, context).await;
    }
    context.metrics.pass("InvalidSpec");
    context.stands(object, "InvalidSpec", false);
    let _slot = context.writes.acquire().await;
    if status::write_undecodable(&context.client, invalid).await? {
        let note = format!("The pool is left alone: {}", invalid.error);
        let note = text::safe(&note, text::MESSAGE);
        let notice = Notice { warning: true, reason: "InvalidSpec", action: "Decode".into(), note };
        tracing::warn!(
            namespace = invalid.metadata.namespace,
            name = invalid.metadata.name,
            "{}",
            notice.note
        );
        context.events.publish(object, notice).await;
    }
    Ok(Action::await_change())
}

fn ready_reason(object: &UserPoolMfaConfig) -> &str {
    let ready = object.status.as_ref().and_then(|status| status.condition("Ready"));
    ready.map_or("Pending", |ready| &ready.reason)
}
