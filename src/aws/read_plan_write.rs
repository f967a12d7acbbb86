//! One pass over a pool: read, plan, and where the plan says so, set. What may be done is decided in `core`; this
//! only does it, in order.

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    calls::failure::Failure,
    plan::{
        hold::Hold,
        plan_for,
        step::{Cause, Plan, Step},
    },
    settings::{
        diff::{differences, to_write},
        observed::Observed,
    },
    status::outcome::Outcome,
};

use super::CognitoClient;

/// Reads the pool of `object` and sets it where that is planned; an object that is being deleted is a
/// [farewell](cognito_mfa_core::plan::deletion::farewell). `gate` says whether a planned Set waits although it is right. `may_set` is asked right before
/// a Set: it says whether the object is still the one this pass was planned for.
///
/// None when it said no, the permit was gone at the last moment, or the caller was called away: the pass tells nothing
/// of the present object.
///
/// # Errors
/// That of `may_set`, when it could not tell.
pub async fn read_plan_write<E>(
    object: &UserPoolMfaConfig,
    caller: &CognitoClient<'_>,
    tolerated: &[String],
    gate: impl FnOnce(&Observed, &Plan) -> Result<(), Hold>,
    may_set: impl AsyncFnOnce() -> Result<bool, E>,
) -> Result<Option<Outcome>, E> {
    let Some(seen) = read_and_plan(object, caller, tolerated).await else { return Ok(None) };
    let Outcome::Checked(live, plan) = seen else { return Ok(Some(seen)) };
    let Step::Write(cause) = plan.step else { return Ok(Some(Outcome::Checked(live, plan))) };
    if let Err(wait) = gate(&live, &plan) {
        return Ok(Some(Outcome::OnHold(live, plan, wait)));
    }
    write(object, caller, tolerated, live, plan, cause, may_set).await
}

/// The same without a Set: what is planned is told and not done. None when the caller was called away.
pub async fn read_and_plan(
    object: &UserPoolMfaConfig,
    caller: &CognitoClient<'_>,
    tolerated: &[String],
) -> Option<Outcome> {
    Some(match caller.get(&object.spec.user_pool_id).await? {
        Ok(live) => {
            let live = tolerate(live, tolerated);
            let plan = plan_for(object, &live);
            Outcome::Checked(live, plan)
        }
        Err(failure) => Outcome::Failed(failure, None),
    })
}

async fn write<E>(
    object: &UserPoolMfaConfig,
    caller: &CognitoClient<'_>,
    tolerated: &[String],
    live: Observed,
    plan: Plan,
    cause: Cause,
    may_set: impl AsyncFnOnce() -> Result<bool, E>,
) -> Result<Option<Outcome>, E> {
    let pool = &object.spec.user_pool_id;
    let Some(sent) = caller.set(pool, &to_write(&object.spec.settings), may_set).await? else {
        return Ok(None);
    };
    let answer = match sent {
        Ok(answer) => answer,
        Err(failure) => match accepted_after_all(object, caller, &failure).await {
            Some(after) => return Ok(Some(Outcome::Written { plan, after: tolerate(after, tolerated) })),
            None => return Ok(Some(Outcome::Failed(failure, Some((live, plan))))),
        },
    };
    // Cognito had accepted this very declaration before and did not show it: whether its answer echoes the request
    // or shows the stored state is not measured, so what it stored is read at once. Otherwise an answer that
    // only echoes would be set again at every check.
    let after = match cause {
        Cause::Drift => caller.get(pool).await.and_then(Result::ok).unwrap_or(answer),
        Cause::Adoption | Cause::SpecChanged | Cause::Deletion => answer,
    };
    Ok(Some(Outcome::Written { plan, after: tolerate(after, tolerated) }))
}

/// What the pool has, when the answer of its Set could not be read and a Get finds it as declared: set again, the
/// answer would be as unreadable again.
async fn accepted_after_all(
    object: &UserPoolMfaConfig,
    caller: &CognitoClient<'_>,
    failure: &Failure,
) -> Option<Observed> {
    if !failure.is_unreadable_answer() {
        return None;
    }
    let live = caller.get(&object.spec.user_pool_id).await?.ok()?;
    differences(&object.spec.settings, &live.settings).is_empty().then_some(live)
}

/// Drops what the administrator named in `--tolerate-settings` from what stops a Set.
fn tolerate(mut live: Observed, tolerated: &[String]) -> Observed {
    live.unknown.retain(|setting| !tolerated.contains(setting));
    live
}
