//! The summary of a planned write that is on hold.

use jiff::Timestamp;

use super::summary::{Progress, Summary, differs, not_taken, paths};
use crate::{
    api::v1alpha1::{ALLOW_LOWERING, MfaSettings, Reason},
    plan::{
        approval::ApprovalTarget,
        hold::Hold,
        step::{Cause, Plan, Step},
    },
    settings::diff,
};

/// The reason stays NotTaken under every hold: it shows that the present settings were accepted
/// ([`Memory::settled`](crate::plan::memory::Memory::settled)).
pub(super) fn on_hold(declared: &MfaSettings, plan: &Plan, hold: Hold) -> Summary {
    let is_repetition = plan.step == Step::Write(Cause::NotTaken);
    match hold {
        Hold::NotTaken { .. } => not_taken(&plan.differences),
        Hold::ObserveOnly if is_repetition => differs(
            Reason::NotTaken,
            format!(
                "Cognito accepted the spec and still differs in {}. The write is repeated once the operator runs without --observe-only.",
                paths(&plan.differences)
            ),
        ),
        Hold::ObserveOnly => observe_only(plan),
        Hold::HourlyLimit { approval, .. } if is_repetition => {
            repetition_held(plan, &how_to_approve(approval, declared))
        }
        Hold::HourlyLimit { turn, approval } => {
            limit_reached(plan, turn.expected, &how_to_approve(approval, declared))
        }
    }
}

/// A repetition takes its turn like every weakening write. The message leaves out the time of the turn, which would change
/// it at each repetition.
fn repetition_held(plan: &Plan, how_to_approve: &str) -> Summary {
    let summary = not_taken(&plan.differences);
    let message = format!(
        "{} The next write would take away what the pool has ({}), and waits for the hourly limit. To have it done at once, {how_to_approve}.",
        summary.message,
        plan.weakens.join(", ")
    );
    Summary { message, ..summary }
}

fn observe_only(plan: &Plan) -> Summary {
    let message = match plan.step.cause() {
        Some(Cause::Deletion) => format!(
            "The object is being deleted, and its deletionPolicy is Disable. MFA is not turned off, because the operator runs with --observe-only and writes nothing to AWS; the object waits for it. Run the operator without the flag, or set deletionPolicy: Retain to delete the object and leave MFA as it is. Cognito differs in {}.",
            paths(&plan.differences)
        ),
        Some(Cause::Adoption | Cause::SpecChanged | Cause::Drift | Cause::NotTaken) | None => format!(
            "Cognito differs in {}. The operator runs with --observe-only and writes nothing to AWS; without the flag it writes the spec. Change the spec or the pool, or run the operator without the flag.",
            paths(&plan.differences)
        ),
    };
    differs(Reason::ObserveOnly, message)
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
    Summary { progress, ..differs(Reason::LoweringHeld, message) }
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
