//! Reads the pool of an object, plans, and writes the pool where the plan says so.

use std::{ops::ControlFlow, sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::{ManagementPolicy, Resolved, UserPoolMfaConfig},
    plan::{approval::is_approved, hold::Hold, memory::has_same_plan, step::Plan},
    schedule::{
        queue::Priority,
        requeue::{RECHECK, block_pool_for, priority},
    },
    settings::observed::Observed,
    status::outcome::Outcome,
};
use kube::core::DeserializeGuard;
use tokio::time::Instant;

use super::{Action, Error, current::after_change, object_api, run::Run};
use crate::{
    aws::{
        CognitoClient, SendPermit,
        read_plan_write::{Ended, read_plan_write},
    },
    controller::context::Context,
};

/// The wait before an object that became due during a reconciliation without calls to AWS is reconciled again.
const BECAME_DUE: Duration = Duration::from_secs(1);

/// The outcome of reading and perhaps writing the pool; or the next action, where the outcome says nothing about the
/// object as it is now.
///
/// # Errors
/// [`Error::ReadObject`].
pub(super) async fn sync_pool(
    resolved: Resolved<'_>,
    identity: &Identity,
    context: &Context,
    run: &Run,
) -> Result<ControlFlow<Action, Outcome>, Error> {
    let object = resolved.object;
    let only_observes = object.spec.management_policy == ManagementPolicy::Observe;
    if !run.turn.allows_calls(resolved.pool, only_observes) {
        return Ok(ControlFlow::Break(Action::Requeue(BECAME_DUE)));
    }
    let permit = send_permit(context);
    let object_read = Instant::now();
    let checked = if run.write_due {
        // A slow API server must not use up the time between the read of the pool and its write.
        Some(is_still_planned(resolved, identity, context).await?)
    } else {
        None
    };
    let may_write = || async {
        let is_planned = match checked {
            Some(is_planned) => is_planned,
            None => is_still_planned(resolved, identity, context).await?,
        };
        Ok::<_, Error>(is_planned && permit())
    };
    let client = client_for(object, identity, context, run).with_permit(permit.clone());
    let client = if checked.is_some() { client.with_object_read(object_read) } else { client };
    let budget = context.weakening_budget.begin(object);
    let check_hold = |observed: &Observed, plan: &Plan| {
        if context.options.observe_only {
            return Err(Hold::ObserveOnly);
        }
        budget.check_hold(object, observed, plan, context.interval(object))
    };
    let result = read_plan_write(resolved, &client, &context.options.tolerated, check_hold, may_write).await;
    budget.end(result.as_ref().unwrap_or(&Ended::Cancelled));
    match result? {
        Ended::With(outcome) => {
            run.block_pool(block_pool_for(&outcome));
            Ok(ControlFlow::Continue(*outcome))
        }
        Ended::WriteDue => Ok(ControlFlow::Break(Action::WriteDue)),
        // The change that cancelled it requeues the object, unless the process is shutting down.
        Ended::Cancelled if run.cancelled.is_cancelled() => Ok(ControlFlow::Break(Action::Requeue(RECHECK))),
        Ended::Cancelled => Box::pin(after_change(object, context)).await.map(ControlFlow::Break),
    }
}

/// The client for the calls of a run.
fn client_for<'a>(
    object: &'a UserPoolMfaConfig,
    identity: &Identity,
    context: &'a Context,
    run: &Run,
) -> CognitoClient<'a> {
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let priority = if run.write_due { Priority::WriteDue } else { priority(object) };
    let client = context.cognito.client(identity, namespace, priority, run.cancelled.clone());
    client.with_start(run.turn.clone())
}

/// Whether the plan is still for the object as it is: its turn at AWS may have come late.
async fn is_still_planned(
    resolved: Resolved<'_>,
    identity: &Identity,
    context: &Context,
) -> Result<bool, Error> {
    let object = resolved.object;
    let current = Box::pin(object_api::read(context, object)).await?;
    let same = matches!(&current, Some(DeserializeGuard(Ok(current))) if has_same_plan(object, current) && is_still_approved(object, current));
    Ok(same
        && context.authorize(resolved).is_ok_and(|now| now == *identity)
        && context.conflicting_owner(object).is_none())
}

/// Whether an approval that may have released the write is still there, and not used up by another replica.
fn is_still_approved(planned: &UserPoolMfaConfig, current: &UserPoolMfaConfig) -> bool {
    is_approved(current) || !is_approved(planned)
}

/// Says whether a write may be sent now: under a lease that outlasts it, and in the term in which the reconciliation
/// began. A replica that lost the lease and won it again does not know what was written meanwhile.
fn send_permit(context: &Context) -> SendPermit {
    let (leadership, longest) = (context.leadership.clone(), context.options.write_timeout);
    let term = leadership.term();
    Arc::new(move || leadership.may_begin(longest) && leadership.term() == term)
}
