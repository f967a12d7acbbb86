//! Reads a pool, plans, and writes where the plan says so. `core` decides what may be done; this does it, in order.

use cognito_mfa_core::{
    api::v1alpha1::Resolved,
    calls::failure::Failure,
    plan::{
        hold::Hold,
        plan_for,
        step::{Cause, Plan, Step},
    },
    settings::observed::Observed,
    status::outcome::Outcome,
};

use tokio::time::Instant;

use super::{
    call_outcome::{ReadOutcome, WriteOutcome},
    client::CognitoClient,
};

/// How reading and perhaps writing a pool ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// With this outcome.
    With(Box<Outcome>),
    /// The planned write had no turn before the pool had to be read again.
    WriteDue,
    /// The client was cancelled or the write was refused: that says nothing about the present object.
    Cancelled,
}

impl Ended {
    fn with(outcome: Outcome) -> Self {
        Self::With(Box::new(outcome))
    }
}

/// Reads the pool of `object`, and writes it where that is planned. `check_hold` says whether a planned write waits.
/// `may_write` is asked before a write whether the object is still the one that was read. An object that is being
/// deleted has a plan, too: see [`deletion`](cognito_mfa_core::plan::deletion).
///
/// # Errors
/// The error of `may_write`, when it could not find out.
pub async fn read_plan_write<E, F: Future<Output = Result<bool, E>>>(
    object: Resolved<'_>,
    client: &CognitoClient<'_>,
    tolerated: &[String],
    check_hold: impl FnOnce(&Observed, &Plan) -> Result<(), Hold>,
    may_write: impl Fn() -> F,
) -> Result<Ended, E> {
    let Some(outcome) = read_and_plan(object, client, tolerated).await else { return Ok(Ended::Cancelled) };
    let looked = Instant::now();
    let Outcome::Checked(observed, plan) = outcome else { return Ok(Ended::with(outcome)) };
    let Step::Write(cause) = plan.step else { return Ok(Ended::with(Outcome::Checked(observed, plan))) };
    if let Err(hold) = check_hold(&observed, &plan) {
        return Ok(Ended::with(Outcome::OnHold(observed, plan, hold)));
    }
    let answer = client.set(object.pool, &plan.write, looked, may_write).await?;
    Ok(finish_write(object, client, tolerated, observed, plan, cause, answer).await)
}

/// Reads and plans, and writes nothing. None when the client was cancelled.
pub async fn read_and_plan(
    object: Resolved<'_>,
    client: &CognitoClient<'_>,
    tolerated: &[String],
) -> Option<Outcome> {
    match client.get(object.pool).await {
        ReadOutcome::Answered(observed) => {
            let observed = tolerate(observed, tolerated);
            let plan = plan_for(object.object, &observed);
            Some(Outcome::Checked(observed, plan))
        }
        ReadOutcome::Failed(failure) => Some(Outcome::Failed(failure, None)),
        ReadOutcome::Cancelled => None,
    }
}

/// Turns the answer to a write into the end of the call, and reads the pool again where the answer does not say enough.
async fn finish_write(
    object: Resolved<'_>,
    client: &CognitoClient<'_>,
    tolerated: &[String],
    observed: Observed,
    plan: Plan,
    cause: Cause,
    answer: WriteOutcome,
) -> Ended {
    let answer = match answer {
        WriteOutcome::Answered(answer) => *answer,
        WriteOutcome::Failed(failure) => {
            return Ended::with(match accepted_after_all(object, &plan, client, &failure).await {
                Some(after) => Outcome::Written { plan, after: tolerate(after, tolerated) },
                None => Outcome::Failed(failure, Some((observed, plan))),
            });
        }
        WriteOutcome::TooLate => return Ended::WriteDue,
        WriteOutcome::Cancelled | WriteOutcome::Refused => return Ended::Cancelled,
    };
    // Cognito had accepted this very declaration before and did not show it. Whether its answer echoes the request or
    // shows what is stored is not measured, so the pool is read at once: an answer that only echoes would lead to a
    // write at every check.
    let after = match cause {
        Cause::Drift | Cause::NotTaken => client.get(object.pool).await.answer().unwrap_or(answer),
        Cause::Adoption | Cause::SpecChanged | Cause::Deletion => answer,
    };
    Ended::with(Outcome::Written { plan, after: tolerate(after, tolerated) })
}

/// The pool's settings, when the answer of its write could not be read and a read finds the pool as declared. Another
/// write would get the same unreadable answer.
async fn accepted_after_all(
    object: Resolved<'_>,
    plan: &Plan,
    client: &CognitoClient<'_>,
    failure: &Failure,
) -> Option<Observed> {
    if !failure.is_unreadable_answer() {
        return None;
    }
    let observed = client.get(object.pool).await.answer()?;
    plan.remaining(&object.object.spec.settings, &observed.settings).is_empty().then_some(observed)
}

/// Drops the settings that the administrator named in `--tolerate-settings`: unknown settings stop a write.
fn tolerate(mut observed: Observed, tolerated: &[String]) -> Observed {
    observed.unknown.retain(|setting| !tolerated.contains(setting));
    observed
}
