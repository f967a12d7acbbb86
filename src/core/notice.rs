//! What a pass tells people about, as Kubernetes Events. What is already said in the status is not said again.

use super::{
    outcome::{Outcome, Progress, paths},
    plan::{Cause, Plan, Step},
    text,
};
use crate::api::{Difference, UserPoolMfaConfig};

/// One event. Repeats within six minutes keep the first note, so what tells two events apart is in `action`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether somebody should look.
    pub warning: bool,
    /// What happened, in one word.
    pub reason: &'static str,
    /// What was done, and to which fields; at most 128 characters, as the events API has it.
    pub action: String,
    /// What happened, in a sentence.
    pub note: String,
}

/// The event of a pass, if it has one. `news` says whether the status changed in more than its times.
#[must_use]
pub fn notice(object: &UserPoolMfaConfig, outcome: &Outcome, news: bool) -> Option<Notice> {
    if let Outcome::Set { plan, .. } = outcome {
        return Some(set(plan));
    }
    if !news {
        return None;
    }
    if let Outcome::Checked(_, Plan { step: Step::Adopt, .. }) = outcome {
        let note = "The pool already equals the spec: adopted, nothing was set.".into();
        return Some(Notice { warning: false, reason: "Adopted", action: "Check".into(), note });
    }
    let verdict = outcome.verdict(&object.spec.settings);
    let action = match outcome {
        Outcome::Checked(_, plan) => format!("Check {}", paths(&plan.differences)),
        Outcome::Failed(failure, _) => format!("{} {}", failure.operation.as_str(), failure.code),
        Outcome::NotOwner(_) | Outcome::Suspended | Outcome::Set { .. } => "Check".into(),
    };
    let warning = verdict.progress != Progress::Settled;
    warning.then(|| Notice {
        warning,
        reason: verdict.reason,
        action: text::safe(action.trim(), 128),
        note: verdict.message,
    })
}

/// The differences as what was found and what was set in its place.
fn changes(differences: &[Difference]) -> String {
    let shown =
        |value: &Option<String>| value.as_deref().map_or("absent".into(), |value| text::safe(value, 48));
    let change = |difference: &Difference| {
        format!("{} {} -> {}", difference.field, shown(&difference.found), shown(&difference.declared))
    };
    differences.iter().map(change).collect::<Vec<_>>().join(", ")
}

fn set(plan: &Plan) -> Notice {
    let (fields, changes) = (paths(&plan.differences), changes(&plan.differences));
    let lowered = match plan.lowers.as_slice() {
        [] => String::new(),
        what => format!(" This lowered protection: {}.", what.join(", ")),
    };
    let (reason, action, note) = match plan.step {
        Step::Set(Cause::Drift) => (
            "DriftCorrected",
            format!("Set {fields}"),
            format!("Cognito differed from the spec and was set back: {changes}.{lowered}"),
        ),
        _ => {
            ("Updated", format!("Set {fields}"), format!("Cognito was set to the spec: {changes}.{lowered}"))
        }
    };
    let warning = !plan.lowers.is_empty() || plan.step == Step::Set(Cause::Drift);
    Notice { warning, reason, action: text::safe(action.trim(), 128), note: text::safe(&note, text::MESSAGE) }
}
