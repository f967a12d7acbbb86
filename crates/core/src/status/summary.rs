//! What the end of a pass says of the object, in the words of its conditions.

use super::outcome::Outcome;
use crate::{
    access::accounts::Denied,
    api::v1alpha1::{ALLOW_LOWERING, Difference, FINALIZER, MfaSettings, Reason},
    calls::failure::{Failure, FailureClass, Operation},
    plan::{
        hold::Hold,
        step::{Plan, Step},
    },
    settings::{diff, observed::Observed},
};

/// How the object stands, in the words of its conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Whether Cognito is equal to the spec; None when this pass could not tell.
    pub equal: Option<bool>,
    /// Why, in one word.
    pub reason: Reason,
    /// Why, and what to do, in a sentence.
    pub message: String,
    /// What it takes to go on.
    pub progress: Progress,
}

/// What it takes to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing: the object is where it should be, or rests.
    Settled,
    /// Somebody must change something: no further pass will.
    Stalled,
    /// The operator tries again; after the class's grace it is Stalled.
    Retrying(FailureClass),
    /// The operator goes on when its time has come.
    Waiting,
}

impl Outcome {
    /// How the object stands.
    #[must_use]
    pub fn summary(&self, declared: &MfaSettings) -> Summary {
        match self {
            Self::Suspended => suspended(),
            Self::Denied { why, .. } => denied(why),
            Self::NotOwner(owner) => not_owner(owner),
            Self::Checked(live, plan) => checked(live, plan),
            Self::OnHold(_, plan, Hold::HourlyLimit { generation, .. }) => lowering_held(plan, *generation),
            Self::OnHold(_, plan, Hold::Contested { .. }) => contested(plan),
            Self::Written { after, .. } => accepted(after, &diff::differences(declared, &after.settings)),
            Self::Failed(failure, _) => failed(failure),
        }
    }
}

fn suspended() -> Summary {
    let message =
        "suspend is true: no AWS call is made and drift goes unseen. Set it to false to go on.".into();
    Summary { equal: None, reason: Reason::Suspended, message, progress: Progress::Settled }
}

fn denied(why: &Denied) -> Summary {
    Summary { equal: None, reason: why.reason(), message: why.message(), progress: Progress::Stalled }
}

fn not_owner(owner: &str) -> Summary {
    let message = format!(
        "{owner} is older and speaks for this pool. Keep one object for a pool: delete one of them, or set managementPolicy: Observe on this one."
    );
    Summary { equal: None, reason: Reason::PoolOwnedByAnother, message, progress: Progress::Stalled }
}

/// How an object stands that this build cannot read: no call was made.
#[must_use]
pub fn invalid_spec(why: &str) -> Summary {
    let message =
        format!("This version of the operator cannot read the object, so the pool is left alone: {why}");
    Summary { equal: None, reason: Reason::InvalidSpec, message, progress: Progress::Stalled }
}

fn in_sync() -> Summary {
    let message = "Cognito equals the spec.".into();
    Summary { equal: Some(true), reason: Reason::InSync, message, progress: Progress::Settled }
}

fn differs(reason: Reason, message: String) -> Summary {
    Summary { equal: Some(false), reason, message, progress: Progress::Stalled }
}

fn checked(live: &Observed, plan: &Plan) -> Summary {
    let fields = paths(&plan.differences);
    match plan.step {
        Step::Adopt | Step::InSync => in_sync(),
        Step::NotTaken => not_taken(&plan.differences),
        Step::Hold => differs(
            Reason::AdoptionHeld,
            format!(
                "The spec would take away what the pool has: {}. Nothing was set. Declare it in the spec, or set adoptionPolicy: Overwrite to take it away.",
                plan.weakens.join(", ")
            ),
        ),
        Step::Report => differs(
            Reason::DriftDetected,
            format!(
                "Cognito differs in {fields}. managementPolicy is Observe: nothing is set. Change the spec or the pool, or set managementPolicy: Enforce."
            ),
        ),
        Step::UnknownSetting => unknown_setting(live),
        Step::AlreadyOff => already_off(),
        // Planned and not done, as a dry run would have it.
        Step::Write(_) => {
            differs(Reason::DriftDetected, format!("Cognito differs in {fields}, and nothing was set."))
        }
    }
}

/// Told only while the object cannot go.
fn already_off() -> Summary {
    differs(
        Reason::FinalizerNotRemoved,
        format!(
            "The object is being deleted, and MFA is off as its deletionPolicy wants. Nothing more is done about the pool; the object stays because the finalizer {FINALIZER} cannot be taken off. Let the operator patch userpoolmfaconfigs, and look for an admission webhook or policy that refuses it."
        ),
    )
}

fn lowering_held(plan: &Plan, generation: i64) -> Summary {
    let message = format!(
        "This would take away what the pool has ({}), and the fleet's allowance of an hour is used up (--max-lowerings-per-hour). It is done in its turn, or at once with the annotation {ALLOW_LOWERING}: \"{generation}\".",
        plan.weakens.join(", ")
    );
    Summary { equal: Some(false), reason: Reason::LoweringHeld, message, progress: Progress::Waiting }
}

fn contested(plan: &Plan) -> Summary {
    differs(
        Reason::Contested,
        format!(
            "Somebody else keeps changing {}, and this correction gives no protection back: it waits longer and longer. Find who changes the pool (CloudTrail has SetUserPoolMfaConfig), or declare what they set.",
            paths(&plan.differences)
        ),
    )
}

fn unknown_setting(live: &Observed) -> Summary {
    let message = format!(
        "Cognito has settings that this version of the operator does not know, and setting anything would wipe them: {}. Upgrade the operator, or name them in --tolerate-settings.",
        live.unknown.join(", ")
    );
    Summary {
        equal: None,
        reason: FailureClass::UnknownSetting.reason(),
        message,
        progress: Progress::Stalled,
    }
}

fn accepted(after: &Observed, left: &[Difference]) -> Summary {
    match (after.unknown.is_empty(), left.is_empty()) {
        (false, _) => unknown_setting(after),
        (true, true) => in_sync(),
        (true, false) => not_taken(left),
    }
}

fn not_taken(left: &[Difference]) -> Summary {
    differs(
        Reason::NotTaken,
        format!(
            "Cognito accepted the spec and still differs in {}. It is not set again until Cognito or the spec changes. Declare what Cognito keeps, or change the pool where it is kept (an SMS configuration is shared with phone verification).",
            paths(left)
        ),
    )
}

fn failed(failure: &Failure) -> Summary {
    // A failed Get tells nothing of the pool; a failed Set leaves the difference it was to mend.
    let equal = (failure.operation == Operation::Set).then_some(false);
    let message = format!("{} failed: {}: {}", failure.operation.as_str(), failure.code, failure.message);
    Summary { equal, reason: failure.class.reason(), message, progress: Progress::Retrying(failure.class) }
}

/// The paths of differences in one line.
#[must_use]
pub fn paths(differences: &[Difference]) -> String {
    differences.iter().map(|difference| difference.field.as_str()).collect::<Vec<_>>().join(", ")
}
