//! The Kubernetes Events that report a reconciliation. A state that the status already shows makes no further event.

use std::time::Duration;

use super::{
    outcome::Outcome,
    summary::{Progress, Summary, paths},
};
use crate::{
    api::v1alpha1::{ConditionType, Difference, EventReason, FINALIZER, Reason, UserPoolMfaConfig},
    digest::digest,
    plan::{
        contested,
        deletion::RetainReason,
        hold::Hold,
        step::{Cause, Plan, Step},
    },
    text,
};

/// The longest action of an event, in bytes (kube-apiserver's validation of events).
const MAX_ACTION: usize = 128;
/// The longest note of an event, in bytes.
const MAX_NOTE: usize = 1024;

/// An event to publish. Events with equal `reason` and `action` within six minutes are merged and keep the first note, so
/// everything that distinguishes two events is in `action`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whether the event's type is Warning. Otherwise it is Normal.
    pub warning: bool,
    /// The text of a [`Reason`] or an [`EventReason`].
    pub reason: &'static str,
    /// The action and the fields that it concerns; at most 128 bytes.
    pub action: String,
    /// What happened, in sentences; at most 1024 bytes.
    pub note: String,
}

impl Event {
    /// A Warning event. Its texts are made safe to show and truncated to the limits of the events API.
    #[must_use]
    pub fn warning(reason: impl Into<&'static str>, action: &str, note: &str) -> Self {
        Self::new(true, reason.into(), action, note)
    }

    /// A Normal event, with its texts treated as those of [`warning`](Self::warning).
    #[must_use]
    pub fn normal(reason: impl Into<&'static str>, action: &str, note: &str) -> Self {
        Self::new(false, reason.into(), action, note)
    }

    fn new(warning: bool, reason: &'static str, action: &str, note: &str) -> Self {
        let note = text::truncate_bytes(&text::safe(note, MAX_NOTE), MAX_NOTE);
        Self { warning, reason, action: bounded_action(action.trim()), note }
    }
}

/// The event for fields that became contested by this correction. `after` is the object with its new status.
#[must_use]
pub fn contested_event(after: &UserPoolMfaConfig, outcome: &Outcome, interval: Duration) -> Option<Event> {
    outcome.correction()?;
    let fields = contested::newly_contested(&after.status.as_ref()?.corrections, interval).join(", ");
    let note = format!(
        "Somebody else keeps changing {fields}. Each change is corrected at the next check. Find who changes the pool (CloudTrail has SetUserPoolMfaConfig), or declare what they set."
    );
    (!fields.is_empty()).then(|| Event::warning(Reason::Contested, &format!("Contest {fields}"), &note))
}

/// The event for a deleted object whose pool was OFF already.
#[must_use]
pub fn already_off() -> Event {
    let note =
        "The object is deleted, its deletionPolicy is Disable, and MFA is OFF already: nothing was set.";
    Event::normal(EventReason::MfaDisabled, "Check", note)
}

/// The event for an object whose reference led to no pool, or to another one, before its status was written.
#[must_use]
pub fn for_resolution(before: &UserPoolMfaConfig, after: &UserPoolMfaConfig) -> Option<Event> {
    let pool = after.pool_id().filter(|pool| before.pool_id() != Some(pool))?;
    Some(match before.pool_id() {
        None => {
            Event::normal(EventReason::PoolResolved, "Resolve", &format!("The reference leads to {pool}."))
        }
        Some(former) => {
            let note = format!(
                "The reference leads to {pool} now, and led to {former} before. {pool} is adopted like a new pool; {former} is left as it is, and no longer checked for this object."
            );
            Event::warning(EventReason::PoolChanged, "Resolve", &note)
        }
    })
}

/// The event for a finalizer of `deletionPolicy: Disable` that could not be added (`is_wanted`) or removed.
#[must_use]
pub fn finalizer_refused(is_wanted: bool, error: &str) -> Event {
    let (change, consequence) = if is_wanted {
        ("added", "Deleted like this, the object goes at once and MFA stays as it is.")
    } else {
        ("removed", "Deleted like this, the object waits until the operator runs and may remove it.")
    };
    let note = format!(
        "The finalizer {FINALIZER} could not be {change}: {error}. {consequence} Let the operator patch userpoolmfaconfigs, and look for an admission webhook or policy that refuses it."
    );
    Event::warning(EventReason::FinalizerRefused, &format!("Finalizer {change}"), &note)
}

/// The event for a deletion that left MFA unchanged, if the object had asked to turn it off.
#[must_use]
pub fn retained(retain_reason: &RetainReason) -> Option<Event> {
    let note = format!("The object is deleted, and MFA stays as it is: {}.", retain_reason.why());
    (*retain_reason != RetainReason::NotRequested)
        .then(|| Event::warning(EventReason::MfaRetained, "Delete", &note))
}

/// The event that reports an outcome, if there is one. `status_changed` says whether the status reports something
/// new.
#[must_use]
pub fn for_outcome(object: &UserPoolMfaConfig, outcome: &Outcome, status_changed: bool) -> Option<Event> {
    let summary = outcome.summary(&object.spec.settings);
    if let Outcome::Written { plan, .. } = outcome {
        let is_not_taken_again =
            plan.step == Step::Write(Cause::NotTaken) && summary.reason == Reason::NotTaken;
        return (!is_not_taken_again).then(|| written(plan, &outcome.weakened(), &summary));
    }
    if !status_changed || is_still_on_hold(object, outcome) {
        return None;
    }
    if let Outcome::Checked(_, Plan { step: Step::Adopt, .. }) = outcome {
        let note = "The pool already equals the spec: adopted, nothing was set.";
        return Some(Event::normal(EventReason::Adopted, "Check", note));
    }
    let action = match outcome {
        Outcome::Checked(_, plan) | Outcome::OnHold(_, plan, _) => {
            let kept = plan.kept.iter().map(|strength| strength.path());
            let fields = plan.differences.iter().map(|difference| difference.field.as_str()).chain(kept);
            format!("Check {}", fields.collect::<Vec<_>>().join(", "))
        }
        Outcome::Failed(failure, _) => format!("{} {}", failure.operation, failure.code),
        Outcome::Unresolved(_)
        | Outcome::Denied { .. }
        | Outcome::NotOwner(_)
        | Outcome::Suspended
        | Outcome::Written { .. } => "Check".into(),
    };
    let warning = summary.progress != Progress::Settled || summary.synced == Some(false);
    let losses = outcome.weakened().join(", ");
    let possible_loss = if losses.is_empty() {
        String::new()
    } else {
        format!(" It may have been done, and this would have lowered protection: {losses}.")
    };
    warning.then(|| Event::warning(summary.reason, &action, &format!("{}{possible_loss}", summary.message)))
}

/// Whether the status says already that this generation is on hold for the hourly limit. The time of its turn may have
/// changed, which is no event.
fn is_still_on_hold(object: &UserPoolMfaConfig, outcome: &Outcome) -> bool {
    let ready = object.status.as_ref().and_then(|status| status.condition(ConditionType::Ready));
    let same_drift =
        object.status.as_ref().map(|status| &status.drift) == outcome.drift(&object.spec.settings).as_ref();
    same_drift
        && matches!(outcome, Outcome::OnHold(_, _, Hold::HourlyLimit { .. }))
        && ready.is_some_and(|ready| {
            [Reason::LoweringHeld.as_str(), Reason::NotTaken.as_str()].contains(&ready.reason.as_str())
                && ready.observed_generation == object.metadata.generation
        })
}

/// The differences as `field observed -> declared`.
fn changes(differences: &[Difference]) -> String {
    let shown =
        |value: &Option<String>| value.as_deref().map_or("absent".into(), |value| text::safe(value, 48));
    let change = |difference: &Difference| {
        format!("{} {} -> {}", difference.field, shown(&difference.found), shown(&difference.declared))
    };
    // Half of the note is left for the sentences around the changes.
    text::truncate_bytes(&differences.iter().map(change).collect::<Vec<_>>().join(", "), MAX_NOTE / 2)
}

fn updated(changes: &str) -> String {
    if changes.is_empty() {
        return "The spec was set; Cognito showed no difference from it.".to_owned();
    }
    format!("Cognito was set to the spec: {changes}.")
}

fn written(plan: &Plan, losses: &[&'static str], summary: &Summary) -> Event {
    let (fields, changes) = (paths(&plan.differences), changes(&plan.differences));
    let is_drift = plan.step == Step::Write(Cause::Drift);
    let (reason, mut note) = match plan.step.cause() {
        Some(Cause::Drift) => (
            EventReason::DriftCorrected,
            format!("Cognito differed from the spec and was set back: {changes}."),
        ),
        Some(Cause::Deletion) => (
            EventReason::MfaDisabled,
            format!("The object is deleted, and its deletionPolicy is Disable: {changes}."),
        ),
        Some(Cause::Adoption | Cause::SpecChanged | Cause::NotTaken) | None => {
            (EventReason::Updated, updated(&changes))
        }
    };
    if !losses.is_empty() {
        note = format!("{note} This lowered protection: {}.", losses.join(", "));
    }
    if !plan.left_to_cognito.is_empty() {
        note = format!(
            "{note} Cognito may have reset what the spec leaves to it: {}.",
            paths(&plan.left_to_cognito)
        );
    }
    let is_in_sync = summary.synced == Some(true);
    if !is_in_sync {
        note = format!("{note} {}", summary.message);
    }
    let warning = is_drift || !is_in_sync || !losses.is_empty();
    Event::new(warning, reason.as_str(), &format!("Set {fields}"), &note)
}

/// A truncated action ends in a hash of the whole action, so that two long actions stay different.
fn bounded_action(action: &str) -> String {
    let shown = text::safe(action, MAX_NOTE);
    if shown.len() <= MAX_ACTION {
        return shown;
    }
    format!("{} {:08x}", text::truncate_bytes(&shown, MAX_ACTION - 9), digest(action.as_bytes()) >> 96)
}
