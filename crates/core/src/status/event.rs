//! What a pass tells people about, as Kubernetes Events. What is already said in the status is not said again.

use std::time::Duration;

use super::{
    outcome::Outcome,
    summary::{Progress, Verdict, paths},
};
use crate::{
    api::v1alpha1::{Difference, FINALIZER, UserPoolMfaConfig},
    digest::digest,
    plan::{
        contested,
        deletion::Kept,
        hold::Wait,
        table::{Cause, Plan, Step},
    },
    text,
};

/// The longest action and note that the events API takes, in bytes (kube-apiserver's validation of events).
const ACTION: usize = 128;
const NOTE: usize = 1024;

/// One event. Repeats within six minutes keep the first note, so what tells two events apart is in `action`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whether somebody should look.
    pub warning: bool,
    /// What happened, in one word.
    pub reason: &'static str,
    /// What was done, and to which fields; at most 128 bytes.
    pub action: String,
    /// What happened, in a sentence; at most 1024 bytes.
    pub note: String,
}

/// The event that tells, once, that a pass made a field contested. `after` has the status since.
#[must_use]
pub fn contest(after: &UserPoolMfaConfig, outcome: &Outcome, interval: Duration) -> Option<Notice> {
    outcome.correction()?;
    let fields = contested::newly(&after.status.as_ref()?.corrections, interval).join(", ");
    let note = format!(
        "Somebody else keeps changing {fields}. What they take away is given back at once, time and again; other corrections wait longer and longer. Find who changes the pool (CloudTrail has SetUserPoolMfaConfig), or declare what they set."
    );
    (!fields.is_empty()).then(|| told(true, "Contested", &format!("Contest {fields}"), &note))
}

/// The event of an object that is deleted and whose pool was OFF already.
#[must_use]
pub fn found_off() -> Notice {
    let note =
        "The object is deleted, its deletionPolicy is Disable, and MFA is OFF already: nothing was set.";
    told(false, "MfaDisabled", "Check", note)
}

/// Why the finalizer of `deletionPolicy: Disable` could not be put on, or taken off.
#[must_use]
pub fn unheld(wanted: bool, why: &str) -> Notice {
    let (what, then) = if wanted {
        ("put on", "Deleted like this, the object goes at once and MFA stays as it is.")
    } else {
        ("taken off", "Deleted like this, the object waits until the operator runs and may take it off.")
    };
    let note = format!(
        "The finalizer {FINALIZER} could not be {what}: {why}. {then} Let the operator patch userpoolmfaconfigs, and look for an admission webhook or policy that refuses it."
    );
    told(true, "FinalizerRefused", &format!("Finalizer {what}"), &note)
}

/// Why the pool of an object that is gone was left as it is, where the object had asked for more.
#[must_use]
pub fn released(kept: &Kept) -> Option<Notice> {
    let note = format!("The object goes, and MFA stays as it is: {}.", kept.why());
    (*kept != Kept::NotAsked).then(|| told(true, "MfaRetained", "Release", &note))
}

/// The event of how a pass ended, if it has one. `news` says whether the status changed in more than its times.
#[must_use]
pub fn notice(object: &UserPoolMfaConfig, outcome: &Outcome, news: bool) -> Option<Notice> {
    let verdict = outcome.verdict(&object.spec.settings);
    if let Outcome::Set { plan, .. } = outcome {
        return Some(set(plan, &verdict));
    }
    // A contest is told when it begins.
    if !news || matches!(outcome, Outcome::Waiting(_, _, Wait::Contested { .. })) {
        return None;
    }
    if let Outcome::Checked(_, Plan { step: Step::Adopt, .. }) = outcome {
        let note = "The pool already equals the spec: adopted, nothing was set.".into();
        return Some(Notice { warning: false, reason: "Adopted", action: "Check".into(), note });
    }
    let action = match outcome {
        Outcome::Checked(_, plan) | Outcome::Waiting(_, plan, _) => {
            format!("Check {}", paths(&plan.differences))
        }
        Outcome::Failed(failure, _) => format!("{} {}", failure.operation.as_str(), failure.code),
        Outcome::Denied { .. } | Outcome::NotOwner(_) | Outcome::Suspended | Outcome::Set { .. } => {
            "Check".into()
        }
    };
    let warning = verdict.progress != Progress::Settled;
    let lowered = match outcome.lowered() {
        [] => String::new(),
        what => {
            format!(" It may have been done, and this would have lowered protection: {}.", what.join(", "))
        }
    };
    warning.then(|| told(warning, verdict.reason, &action, &format!("{}{lowered}", verdict.message)))
}

/// The differences as what was found and what was set in its place.
fn changes(differences: &[Difference]) -> String {
    let shown =
        |value: &Option<String>| value.as_deref().map_or("absent".into(), |value| text::safe(value, 48));
    let change = |difference: &Difference| {
        format!("{} {} -> {}", difference.field, shown(&difference.found), shown(&difference.declared))
    };
    // Half of the note: what else it says must not be cut off.
    text::within(&differences.iter().map(change).collect::<Vec<_>>().join(", "), NOTE / 2)
}

fn set(plan: &Plan, verdict: &Verdict) -> Notice {
    let (fields, changes) = (paths(&plan.differences), changes(&plan.differences));
    let drift = plan.step == Step::Set(Cause::Drift);
    let (reason, mut note) = match (plan.step, fields.as_str()) {
        (Step::Set(Cause::Drift), _) => {
            ("DriftCorrected", format!("Cognito differed from the spec and was set back: {changes}."))
        }
        (Step::Set(Cause::Deletion), _) => {
            ("MfaDisabled", format!("The object is deleted, and its deletionPolicy is Disable: {changes}."))
        }
        (_, "") => ("Updated", "The spec was set; Cognito showed no difference from it.".to_owned()),
        _ => ("Updated", format!("Cognito was set to the spec: {changes}.")),
    };
    if !plan.lowers.is_empty() {
        note = format!("{note} This lowered protection: {}.", plan.lowers.join(", "));
    }
    let taken = verdict.progress == Progress::Settled;
    if !taken {
        note = format!("{note} {}", verdict.message);
    }
    told(drift || !taken || !plan.lowers.is_empty(), reason, &format!("Set {fields}"), &note)
}

/// A notice with its texts made safe and cut to what the events API takes.
#[must_use]
pub fn told(warning: bool, reason: &'static str, action: &str, note: &str) -> Notice {
    let note = text::within(&text::safe(note, NOTE), NOTE);
    Notice { warning, reason, action: bounded(action.trim()), note }
}

/// An action that is cut ends in its own hash, so that it stays another one than the next.
fn bounded(action: &str) -> String {
    let shown = text::safe(action, NOTE);
    if shown.len() <= ACTION {
        return shown;
    }
    format!("{} {:08x}", text::within(&shown, ACTION - 9), digest(action.as_bytes()) >> 96)
}
