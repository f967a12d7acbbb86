//! One reconciliation of an object: its steps, in order.
//!
//! | step | file | calls |
//! |---|---|---|
//! | take the object as this process left it | `current` | the API server, where the watch lags |
//! | report an object that this build cannot read | `invalid` | the API server |
//! | reconcile a deletion | `deletion` | the API server and AWS |
//! | add or remove the finalizer | `finalizer` | the API server |
//! | write the status of an earlier write to Cognito | `finish` | the API server |
//! | look at what the reference names, and record the pool that it leads to | `resolve` | the API server |
//! | check rights, ownership and `suspend` | `authorize` | nothing |
//! | wait until the pool is due | `due` | nothing |
//! | report another operator, of an object that is not due | `other_operator` | the API server, where there is news |
//! | read the pool, plan, write it | `sync` | AWS; the API server before a write |
//! | write the status, publish events, plan the next reconciliation | `finish` | the API server |
//!
//! Steps that are rare, or short, are boxed: each reconciliation takes the room of its largest step.

mod action;
mod authorize;
mod current;
mod deletion;
mod due;
mod error;
mod finalizer;
mod finish;
mod invalid;
mod object_api;
mod other_operator;
mod parents;
mod resolve;
mod run;
mod sync;
mod write_status;

use std::ops::ControlFlow;

pub use action::Action;
use authorize::{Authorization, authorize};
use cognito_mfa_core::{access::ownership::object_key, api::v1alpha1::UserPoolMfaConfig};
pub use due::wait_until_due;
pub use error::Error;
pub use finalizer::must_change_finalizer;
use run::Run;
pub use run::run_reconciliation;

use super::{context::Context, watch::Object};

/// Reconciles an object. A cancelled reconciliation no longer waits for AWS; a call in flight is finished and its result
/// is reported.
///
/// # Errors
/// That of the step that failed. The object is reconciled again after a backoff.
async fn reconcile(object: Object, context: &Context, run: &Run) -> Result<Action, Error> {
    if !context.leadership.leads() {
        // Skipped objects are requeued when this replica becomes leader.
        return Ok(Action::AwaitChange);
    }
    let object = match current::current_object(object, context).await? {
        ControlFlow::Continue(object) => object,
        ControlFlow::Break(action) => return Ok(action),
    };
    match &object.0 {
        Ok(object) => reconcile_valid(object, context, run).await,
        Err(invalid) => Box::pin(invalid::report_invalid(&object, invalid, context)).await,
    }
}

async fn reconcile_valid(object: &UserPoolMfaConfig, context: &Context, run: &Run) -> Result<Action, Error> {
    if object.metadata.deletion_timestamp.is_some() {
        return Box::pin(deletion::reconcile_deletion(object, context, run)).await;
    }
    if let ControlFlow::Break(action) = Box::pin(finalizer::write_wanted(object, context)).await {
        return Ok(action);
    }
    if let Some(pending) = context.table.take_pending(object) {
        return Box::pin(finish::finish_pending(&pending, context)).await;
    }
    let resolved = match Box::pin(resolve::resolve(object, context, run)).await? {
        ControlFlow::Continue(resolved) => resolved,
        ControlFlow::Break(action) => return Ok(action),
    };
    let outcome = match authorize(resolved, context) {
        Authorization::Granted(resolved, identity) => {
            if let Some(wait) = due::wait_until_due(object, context).filter(|_| !run.write_due) {
                return Box::pin(other_operator::finish_not_due(object, wait, context)).await;
            }
            match sync::sync_pool(resolved, &identity, context, run).await? {
                ControlFlow::Continue(outcome) => outcome,
                ControlFlow::Break(action) => return Ok(action),
            }
        }
        Authorization::NoCall(outcome) => {
            context.weakening_budget.leave_line(&object_key(object));
            *outcome
        }
    };
    finish::count_outcome(object, &outcome, context);
    Box::pin(finish::finish(object, &outcome, context)).await
}
