//! What a pass tells people about, as Kubernetes Events. What is already said in the status is not said again.

use std::time::Duration;

use super::{
    outcome::Outcome,
    summary::{Progress, Summary, paths},
};
use crate::{
    api::v1alpha1::{Difference, EventReason, FINALIZER, Reason, UserPoolMfaConfig},
    digest::digest,
    plan::{
        contested,
        deletion::RetainReason,
        hold::Hold,
        step::{Cause, Plan, Step},
    },
    text,
};

/// The longest action and note that the events API takes, in bytes (kube-apiserver's validation of events).
const MAX_ACTION: usize = 128;
const MAX_NOTE: usize = 1024;

/// One event. Repeats within six minutes keep the first note, so what tells two events apart is in `action`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whether somebody should look.
    pub warning: bool,
    /// What happened: a [`Reason`](crate::api::v1alpha1::Reason) or an [`EventReason`].
    pub reason: &'static str,
    /// What was done, and to which fields; at most 128 bytes.
    pub action: String,
    /// What happened, in a sentence; at most 1024 bytes.
    pub note: String,
}

impl Event {
    /// An event that somebody should look at. Its texts are made safe and cut to what the events API takes.
    #[must_use]
    pub fn warning(reason: impl Into<&'static str>, action: &str, note: &str) -> Self {
        Self::new(true, reason.into(), action, note)
    }

    /// An event for information, with its texts likewise.
    #[must_use]
    pub fn normal(reason: impl Into<&'static str>, action: &str, note: &str) -> Self {
        Self::new(false, reason.into(), action, note)
    }

    fn new(warning: bool, reason: &'static str, action: &str, note: &str) -> Self {
        let note = text::truncate_bytes(&text::safe(note, MAX_NOTE), MAX_NOTE);
        Self { warning, reason, action: bounded_action(action.trim()), note }
    }
}

/// The event that tells, once, that a pass made a field contested. `after` has the status since.
#[must_use]
pub fn contested_event(after: &UserPoolMfaConfig, outcome: &Outcome, interval: Duration) -> Option<Event> {
    outcome.correction()?;
    let fields = contested::newly_contested(&after.status.as_ref()?.corrections, interval).join(", ");
    let note = format!(
        "Somebody else keeps changing {fields}. What they take away is given back at once, time and again; other corrections wait longer and longer. Find who changes the pool (CloudTrail has SetUserPoolMfaConfig), or declare what they set."
    );
    (!fields.is_empty()).then(|| Event::warning(Reason::Contested, &format!("Contest {fields}"), &note))
}

/// The event of an object that is deleted and whose pool was OFF already.
#[must_use]
pub fn already_off() -> Event {
    let note =
        "The object is deleted, its deletionPolicy is Disable, and MFA is OFF already: nothing was set.";
    Event::normal(EventReason::MfaDisabled, "Check", note)
}

/// Why the finalizer of `deletionPolicy: Disable` could not be put on, or taken off.
#[must_use]
pub fn finalizer_refused(wanted: bool, why: &str) -> Event {
    let (what, then) = if wanted {
        ("put on", "Deleted like this, the object goes at once and MFA stays as it is.")
    } else {
        ("taken off", "Deleted like this, the object waits until the operator runs and may take it off.")
    };
    let note = format!(
        "The finalizer {FINALIZER} could not be {what}: {why}. {then} Let the operator patch userpoolmfaconfigs, and look for an admission webhook or policy that refuses it."
    );
    Event::warning(EventReason::FinalizerRefused, &format!("Finalizer {what}"), &note)
}

/// Why the pool of an object that is gone was left as it is, where the object had asked for more.
#[must_use]
pub fn retained(kept: &RetainReason) -> Option<Event> {
    let note = format!("The object goes, and MFA stays as it is: {}.", kept.why());
    (*kept != RetainReason::NotRequested).then(|| Event::warning(EventReason::MfaRetained, "Release", &note))
}

/// The event of how a pass ended, if it has one. `news` says whether the status changed in more than its times.
#[must_use]
pub fn for_outcome(object: &UserPoolMfaConfig, outcome: &Outcome, news: bool) -> Option<Event> {
    let verdict = outcome.summary(&object.spec.settings);
    if let Outcome::Written { plan, .. } = outcome {
        return Some(written(plan, &verdict));
    }
    // A contest is told when it begins.
    if !news || matches!(outcome, Outcome::OnHold(_, _, Hold::Contested { .. })) {
        return None;
    }
    if let Outcome::Checked(_, Plan { step: Step::Adopt, .. }) = outcome {
        let note = "The pool already equals the spec: adopted, nothing was set.";
        return Some(Event::normal(EventReason::Adopted, "Check", note));
    }
    let action = match outcome {
        Outcome::Checked(_, plan) | Outcome::OnHold(_, plan, _) => {
            format!("Check {}", paths(&plan.differences))
        }
        Outcome::Failed(failure, _) => format!("{} {}", failure.operation.as_str(), failure.code),
        Outcome::Denied { .. } | Outcome::NotOwner(_) | Outcome::Suspended | Outcome::Written { .. } => {
            "Check".into()
        }
    };
    let warning = verdict.progress != Progress::Settled;
    let lowered = match outcome.weakened() {
        [] => String::new(),
        what => {
            format!(" It may have been done, and this would have lowered protection: {}.", what.join(", "))
        }
    };
    warning.then(|| Event::warning(verdict.reason, &action, &format!("{}{lowered}", verdict.message)))
}

/// The differences as what was found and what was set in its place.
fn changes(differences: &[Difference]) -> String {
    let shown =
        |value: &Option<String>| value.as_deref().map_or("absent".into(), |value| text::safe(value, 48));
    let change = |difference: &Difference| {
        format!("{} {} -> {}", difference.field, shown(&difference.found), shown(&difference.declared))
    };
    // Half of the note: what else it says must not be cut off.
    text::truncate_bytes(&differences.iter().map(change).collect::<Vec<_>>().join(", "), MAX_NOTE / 2)
}

fn written(plan: &Plan, verdict: &Summary) -> Event {
    let (fields, changes) = (paths(&plan.differences), changes(&plan.differences));
    let drift = plan.step == Step::Write(Cause::Drift);
    let (reason, mut note) = match (plan.step, fields.as_str()) {
        (Step::Write(Cause::Drift), _) => (
            EventReason::DriftCorrected,
            format!("Cognito differed from the spec and was set back: {changes}."),
        ),
        (Step::Write(Cause::Deletion), _) => (
            EventReason::MfaDisabled,
            format!("The object is deleted, and its deletionPolicy is Disable: {changes}."),
        ),
        (_, "") => {
            (EventReason::Updated, "The spec was set; Cognito showed no difference from it.".to_owned())
        }
        _ => (EventReason::Updated, format!("Cognito was set to the spec: {changes}.")),
    };
    if !plan.weakens.is_empty() {
        note = format!("{note} This lowered protection: {}.", plan.weakens.join(", "));
    }
    let taken = verdict.progress == Progress::Settled;
    if !taken {
        note = format!("{note} {}", verdict.message);
    }
    let warning = drift || !taken || !plan.weakens.is_empty();
    Event::new(warning, reason.as_str(), &format!("Set {fields}"), &note)
}

/// An action that is cut ends in its own hash, so that it stays another one than the next.
fn bounded_action(action: &str) -> String {
    let shown = text::safe(action, MAX_NOTE);
    if shown.len() <= MAX_ACTION {
        return shown;
    }
    format!("{} {:08x}", text::truncate_bytes(&shown, MAX_ACTION - 9), digest(action.as_bytes()) >> 96)
}
