//! The summary of an outcome: the reason and the message of its conditions.

use jiff::Timestamp;

use super::outcome::Outcome;
use crate::{
    access::accounts::Denied,
    api::v1alpha1::{ALLOW_LOWERING, Difference, FINALIZER, MfaSettings, Reason},
    calls::failure::{Failure, FailureClass, Operation},
    plan::{
        approval::ApprovalTarget,
        hold::Hold,
        step::{Plan, Step},
    },
    settings::{diff, observed::Observed},
};

/// The state of an object after a reconciliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Whether Cognito equals the spec. None when this reconciliation did not find out.
    pub equal: Option<bool>,
    /// The reason of the conditions.
    pub reason: Reason,
    /// The message of the conditions: what happened, why, and what to do.
    pub message: String,
    /// Decides whether Reconciling or Stalled is present.
    pub progress: Progress,
}

/// How the object makes progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is left to do: the object is in sync or suspended.
    Settled,
    /// A user must change something, or approve a write. Only a contested correction is made again without that.
    Stalled,
    /// The operator retries. After the grace period of the class the object is Stalled.
    Retrying(FailureClass),
    /// The operator writes once the hold has ended.
    Waiting,
}

impl Outcome {
    /// Summarizes the outcome. `declared` are the settings in the object's spec.
    #[must_use]
    pub fn summary(&self, declared: &MfaSettings) -> Summary {
        match self {
            Self::Suspended => suspended(),
            Self::Denied { why, .. } => denied(why),
            Self::NotOwner(owner) => not_owner(owner),
            Self::Checked(observed, plan) => checked(observed, plan),
            Self::OnHold(_, plan, Hold::HourlyLimit { turn, approval }) => {
                limit_reached(plan, turn.expected, &how_to_approve(*approval, declared))
            }
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
        "{owner} is older and owns this pool. Keep one object for a pool: delete one of them, or set managementPolicy: Observe on this one."
    );
    Summary { equal: None, reason: Reason::PoolOwnedByAnother, message, progress: Progress::Stalled }
}

/// The summary of an object whose spec this build cannot parse. No call is made for it.
#[must_use]
pub fn invalid_spec(error: &str) -> Summary {
    let message =
        format!("This version of the operator cannot read the object, so the pool is left alone: {error}");
    Summary { equal: None, reason: Reason::InvalidSpec, message, progress: Progress::Stalled }
}

fn in_sync() -> Summary {
    let message = "Cognito equals the spec.".into();
    Summary { equal: Some(true), reason: Reason::InSync, message, progress: Progress::Settled }
}

fn differs(reason: Reason, message: String) -> Summary {
    Summary { equal: Some(false), reason, message, progress: Progress::Stalled }
}

fn checked(observed: &Observed, plan: &Plan) -> Summary {
    let fields = paths(&plan.differences);
    match plan.step {
        Step::Adopt | Step::InSync => in_sync(),
        Step::NotTaken => not_taken(&plan.differences),
        Step::HoldAdoption => differs(
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
        Step::UnknownSetting => unknown_setting(observed),
        Step::AlreadyOff => already_off(),
        // A dry run plans a write without making it.
        Step::Write(_) => {
            differs(Reason::DriftDetected, format!("Cognito differs in {fields}, and nothing was set."))
        }
    }
}

/// Reported only while the finalizer cannot be removed: otherwise the object is gone.
fn already_off() -> Summary {
    differs(
        Reason::FinalizerNotRemoved,
        format!(
            "The object is being deleted, and MFA is off as its deletionPolicy wants. Nothing more is done about the pool; the object stays because the finalizer {FINALIZER} cannot be removed. Let the operator patch userpoolmfaconfigs, and look for an admission webhook or policy that refuses it."
        ),
    )
}

/// The summary of a write that waits for its turn; or for a person, when the limit allows no write at all.
fn limit_reached(plan: &Plan, turn: Option<Timestamp>, how_to_approve: &str) -> Summary {
    let losses = plan.weakens.join(", ");
    let (message, progress) = match turn {
        Some(turn) => (
            format!(
                "This would take away what the pool has ({losses}), and the hourly limit on weakening writes is used up (--max-lowerings-per-hour). Its turn is expected around {turn}. To have it done at once, {how_to_approve}."
            ),
            Progress::Waiting,
        ),
        None => (
            format!(
                "This would take away what the pool has ({losses}), and the operator makes no such write without an approval (--max-lowerings-per-hour is 0). Declare what the pool has; or, to have it taken away, {how_to_approve}."
            ),
            Progress::Stalled,
        ),
    };
    Summary { equal: Some(false), reason: Reason::LoweringHeld, message, progress }
}

/// What a person does to approve a weakening write, as the end of a sentence.
fn how_to_approve(target: ApprovalTarget, declared: &MfaSettings) -> String {
    let set = |value: &str| format!("set the annotation {ALLOW_LOWERING}: \"{value}\"");
    match target {
        ApprovalTarget::Generation(generation) => set(&generation.to_string()),
        ApprovalTarget::SettingsHash => {
            format!("{} (the approval of the generation is used up)", set(&diff::hash(declared)))
        }
        ApprovalTarget::NextGeneration => {
            "change any field of the spec and approve the new generation (the approvals of this one are used up)".into()
        }
    }
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

fn unknown_setting(observed: &Observed) -> Summary {
    let message = format!(
        "Cognito has settings that this version of the operator does not know, and setting anything would wipe them: {}. Upgrade the operator, or name them in --tolerate-settings.",
        observed.unknown.join(", ")
    );
    Summary {
        equal: None,
        reason: FailureClass::UnknownSetting.reason(),
        message,
        progress: Progress::Stalled,
    }
}

fn accepted(after: &Observed, remaining: &[Difference]) -> Summary {
    match (after.unknown.is_empty(), remaining.is_empty()) {
        (false, _) => unknown_setting(after),
        (true, true) => in_sync(),
        (true, false) => not_taken(remaining),
    }
}

fn not_taken(remaining: &[Difference]) -> Summary {
    differs(
        Reason::NotTaken,
        format!(
            "Cognito accepted the spec and still differs in {}. It is not set again until Cognito or the spec changes. Declare what Cognito keeps, or change the pool where it is kept (an SMS configuration is shared with phone verification).",
            paths(remaining)
        ),
    )
}

fn failed(failure: &Failure) -> Summary {
    // After a failed read the pool is unknown. A failed write leaves the difference that it should have removed.
    let equal = (failure.operation == Operation::Set).then_some(false);
    let message = format!("{} failed: {}: {}", failure.operation, failure.code, failure.message);
    Summary { equal, reason: failure.class.reason(), message, progress: Progress::Retrying(failure.class) }
}

/// The paths of the differences, joined by commas.
#[must_use]
pub fn paths(differences: &[Difference]) -> String {
    differences.iter().map(|difference| difference.field.as_str()).collect::<Vec<_>>().join(", ")
}
