//! One pass over a pool: read, plan, and where the plan says so, set. What may be done is decided in `core`; this
//! only does it, in order.

use crate::{
    api::UserPoolMfaConfig,
    aws::Gateway,
    core::{
        canonical::{differences, to_send},
        failure::Failure,
        live::Live,
        outcome::Outcome,
        plan::{Cause, Plan, Step, plan},
        status::memory,
    },
};

/// Reads the pool of `object` and sets it where that is planned. `may_set` is asked right before a Set: it says
/// whether the object is still the one this pass was planned for.
///
/// None when `may_set` said no: the pass tells nothing of the present object.
///
/// # Errors
/// That of `may_set`, when it could not tell.
pub async fn pass<E>(
    object: &UserPoolMfaConfig,
    gateway: &Gateway,
    tolerated: &[String],
    may_set: impl AsyncFnOnce() -> Result<bool, E>,
) -> Result<Option<Outcome>, E> {
    let live = match gateway.get(&object.spec.user_pool_id).await {
        Ok(live) => tolerate(live, tolerated),
        Err(failure) => return Ok(Some(Outcome::Failed(failure, None))),
    };
    let plan = plan(&object.spec, &live, &memory(object));
    Ok(match plan.step {
        Step::Set(cause) if may_set().await? => {
            Some(set(object, gateway, tolerated, live, plan, cause).await)
        }
        Step::Set(_) => None,
        _ => Some(Outcome::Checked(live, plan)),
    })
}

async fn set(
    object: &UserPoolMfaConfig,
    gateway: &Gateway,
    tolerated: &[String],
    live: Live,
    plan: Plan,
    cause: Cause,
) -> Outcome {
    let pool = &object.spec.user_pool_id;
    let answer = match gateway.set(pool, &to_send(&object.spec.settings)).await {
        Ok(answer) => answer,
        Err(failure) => match accepted_after_all(object, gateway, &failure).await {
            Some(after) => return Outcome::Set { plan, after: tolerate(after, tolerated) },
            None => return Outcome::Failed(failure, Some((live, plan))),
        },
    };
    // Cognito had accepted this very declaration before and did not show it: whether its answer echoes the request
    // or shows the stored state is not measured, so what it stored is read at once. Otherwise an answer that
    // only echoes would be set again at every check.
    let after = match cause {
        Cause::Drift => gateway.get(pool).await.unwrap_or(answer),
        Cause::Adoption | Cause::Changed => answer,
    };
    Outcome::Set { plan, after: tolerate(after, tolerated) }
}

/// What the pool has, when the answer of its Set could not be read and a Get finds it as declared: set again, the
/// answer would be as unreadable again.
async fn accepted_after_all(
    object: &UserPoolMfaConfig,
    gateway: &Gateway,
    failure: &Failure,
) -> Option<Live> {
    if !failure.was_answered() {
        return None;
    }
    let live = gateway.get(&object.spec.user_pool_id).await.ok()?;
    differences(&object.spec.settings, &live.settings).is_empty().then_some(live)
}

/// Drops what the administrator named in `--tolerate-settings` from what stops a Set.
fn tolerate(mut live: Live, tolerated: &[String]) -> Live {
    live.unknown.retain(|setting| !tolerated.contains(setting));
    live
}
