//! What the queue's dispatches lead to: an object that is due waits for its turn, or is not due after all.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use cognito_mfa_core::{
    access::ownership::split_key,
    api::v1alpha1::{ManagementPolicy, UserPoolMfaConfig},
    plan::deletion::{is_mfa_already_off, retain_reason, with_mfa_off},
    schedule::{
        queue::{CallRequest, Kind, ObjectKey, Priority, Scope},
        quota::QuotaScope,
        requeue::priority,
    },
    status::other_operator::names_another,
};

use super::{
    context::Context,
    reconcile::{must_change_finalizer, wait_until_due},
};

/// When an object is due again whose dispatch panicked.
const RETRY_AFTER_PANIC: Duration = Duration::from_secs(30);

/// Has a due object wait for its turn, or plans when it is due. A panic delays its own object alone.
pub fn dispatch_due(key: &ObjectKey, context: &Context) {
    if catch_unwind(AssertUnwindSafe(|| dispatch(key, context))).is_err() {
        tracing::error!(object = %key, "the dispatch of an object panicked, which is a defect of the operator: please report it");
        context.cognito.queue.update(|queue, now| queue.plan(key, now + RETRY_AFTER_PANIC));
    }
}

fn dispatch(key: &ObjectKey, context: &Context) {
    context.cognito.queue.update(|queue, _| queue.begin_dispatch(key));
    // Skipped objects are requeued when this replica becomes leader, or when the watches have listed.
    let Some(object) = context.table.object(key).filter(|_| context.leadership.leads()) else { return };
    let Ok(object) = &object.0 else {
        if context.watches.states.is_namespace_listed(split_key(key).0) {
            ready(key, &None, request_without_calls(key), context);
        }
        return;
    };
    context.record_load(key, object);
    if !may_reconcile(object, context) {
        return;
    }
    let Some((pool, scope)) = object.pool_id().zip(scope_for_calls(object, context)) else {
        return ready(key, &None, request_without_calls(key), context);
    };
    let is_write_due = context.table.is_write_due(key);
    let may_wait = object.metadata.deletion_timestamp.is_none() && !is_write_due;
    if may_wait && defer_if_not_due(key, object, context) {
        return;
    }
    let priority = if is_write_due { Priority::WriteDue } else { priority(object) };
    ready(key, &Some(Arc::new(scope)), request(object, pool, priority), context);
}

fn ready(key: &ObjectKey, scope: &Scope, request: CallRequest, context: &Context) {
    context.cognito.queue.update(|queue, now| queue.ready(key, scope, request, now));
}

/// Until every watch has listed, an object may have an older owner of its pool that is not known yet. So until then only
/// these are reconciled: objects that have adopted their pools, that only observe, or that are deleted without turning MFA
/// off.
fn may_reconcile(object: &UserPoolMfaConfig, context: &Context) -> bool {
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let has_adopted = object.status.as_ref().is_some_and(|status| status.applied_hash.is_some());
    let is_harmless = if object.metadata.deletion_timestamp.is_some() {
        retain_reason(object, context.options.allow_disable).is_some()
            || is_mfa_already_off(&with_mfa_off(object))
    } else {
        has_adopted || object.spec.management_policy == ManagementPolicy::Observe
    };
    context.watches.states.all_listed()
        || (is_harmless && context.watches.states.is_namespace_listed(namespace))
}

/// The quota scope in which calls are made now; None when the next reconciliation makes none.
fn scope_for_calls(object: &UserPoolMfaConfig, context: &Context) -> Option<QuotaScope> {
    if context.table.has_pending(object) {
        return None;
    }
    if object.metadata.deletion_timestamp.is_none() {
        return context.scope_for_checks(object);
    }
    let off = with_mfa_off(object);
    let is_retained = retain_reason(object, context.options.allow_disable).is_some()
        || context.conflicting_owner(object).is_some();
    let is_off = is_mfa_already_off(&off) || context.table.pool_off(object).is_some();
    let makes_calls = !is_retained && !is_off && wait_until_due(&off, context).is_none();
    context.scope(object).filter(|_| makes_calls)
}

/// Defers an object that is not due: plans when it is due, or has it start without calls to AWS where the API server must be
/// called meanwhile, for its finalizer or because another operator writes it, too. Returns whether it is deferred.
fn defer_if_not_due(key: &ObjectKey, object: &UserPoolMfaConfig, context: &Context) -> bool {
    let Some(wait) = wait_until_due(object, context) else { return false };
    if names_another(&context.options.operator, object) || must_change_finalizer(object) {
        ready(key, &None, request_without_calls(key), context);
    } else {
        context.table.record_conflict(object);
        context.cognito.queue.update(|queue, now| queue.plan(key, now + wait));
    }
    true
}

fn request(object: &UserPoolMfaConfig, pool: &str, priority: Priority) -> CallRequest {
    let only_observes = object.spec.management_policy == ManagementPolicy::Observe;
    CallRequest {
        namespace: object.metadata.namespace.clone().unwrap_or_default(),
        pool: pool.to_owned(),
        priority,
        kind: if only_observes { Kind::Start } else { Kind::StartExclusive },
    }
}

/// Each object is a pool of its own here, because none is called.
fn request_without_calls(key: &str) -> CallRequest {
    let (namespace, pool) = (split_key(key).0.to_owned(), key.to_owned());
    CallRequest { namespace, pool, priority: Priority::Routine, kind: Kind::Start }
}

#[cfg(test)]
mod tests;
