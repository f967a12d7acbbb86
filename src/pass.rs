//! One pass over a pool: read, plan, and where the plan says so, set. What may be done is decided in `core`; this
//! only does it, in order.

use crate::{
    api::UserPoolMfaConfig,
    aws::Caller,
    core::{
        canonical::to_send,
        live::Live,
        outcome::Outcome,
        plan::{Cause, Plan, Step, plan},
        status::memory,
    },
};

/// Reads the pool of `object` and sets it where that is planned. `may_set` is asked right before a Set: it says
/// whether the object is still the one this pass was planned for.
///
/// None when it said no, or the caller was called away: the pass tells nothing of the present object.
pub async fn pass(
    object: &UserPoolMfaConfig,
    caller: &Caller<'_>,
    tolerated: &[String],
    may_set: impl AsyncFnOnce() -> bool,
) -> Option<Outcome> {
    let live = match caller.get(&object.spec.user_pool_id).await? {
        Ok(live) => tolerate(live, tolerated),
        Err(failure) => return Some(Outcome::Failed(failure, None)),
    };
    let plan = plan(&object.spec, &live, &memory(object));
    match plan.step {
        Step::Set(cause) => set(object, caller, tolerated, live, plan, cause, may_set).await,
        _ => Some(Outcome::Checked(live, plan)),
    }
}

async fn set(
    object: &UserPoolMfaConfig,
    caller: &Caller<'_>,
    tolerated: &[String],
    live: Live,
    plan: Plan,
    cause: Cause,
    may_set: impl AsyncFnOnce() -> bool,
) -> Option<Outcome> {
    let pool = &object.spec.user_pool_id;
    let answer = match caller.set(pool, &to_send(&object.spec.settings), may_set).await? {
        Ok(answer) => answer,
        Err(failure) => return Some(Outcome::Failed(failure, Some((live, plan)))),
    };
    // Cognito had accepted this very declaration before and did not show it: whether its answer echoes the request
    // or shows the stored state is not measured, so what it stored is read at once. Otherwise an answer that
    // only echoes would be set again at every check.
    let after = match cause {
        Cause::Drift => caller.get(pool).await.and_then(Result::ok).unwrap_or(answer),
        Cause::Adoption | Cause::Changed => answer,
    };
    Some(Outcome::Set { plan, after: tolerate(after, tolerated) })
}

/// Drops what the administrator named in `--tolerate-settings` from what stops a Set.
fn tolerate(mut live: Live, tolerated: &[String]) -> Live {
    live.unknown.retain(|setting| !tolerated.contains(setting));
    live
}
