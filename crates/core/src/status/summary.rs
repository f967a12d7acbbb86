//! The summary of an outcome: the reason and the message of its conditions.

use super::{hold_summary, outcome::Outcome};
use crate::{
    access::accounts::Denied,
    api::v1alpha1::{Difference, FINALIZER, MfaSettings, Reason},
    calls::{
        advice::with_advice,
        failure::{Failure, FailureClass, Operation},
    },
    plan::step::{Plan, Step},
    reference::Unresolved,
    settings::observed::Observed,
};

/// The state of an object after a reconciliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Whether the pool is protected as declared. None when this reconciliation did not find out.
    pub ready: Option<bool>,
    /// Whether Cognito equals the spec. None when this reconciliation did not find out.
    pub synced: Option<bool>,
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
    /// Nothing is left to do: the object is in sync, stronger than declared, or suspended.
    Settled,
    /// A user must change something, or approve a write.
    Stalled,
    /// The operator retries. After the grace period of the class the object is Stalled.
    Retrying(FailureClass),
    /// The operator writes once the hold has ended, or once the reference leads to a pool.
    Waiting,
}

impl Outcome {
    /// Summarizes the outcome. `declared` are the settings in the object's spec.
    #[must_use]
    pub fn summary(&self, declared: &MfaSettings) -> Summary {
        match self {
            Self::Suspended => suspended(),
            Self::Unresolved(why) => unresolved(why),
            Self::Denied { why, .. } => denied(why),
            Self::NotOwner(owner) => not_owner(owner),
            Self::Checked(observed, plan) => checked(declared, observed, plan),
            Self::OnHold(_, plan, hold) => hold_summary::on_hold(declared, plan, *hold),
            Self::Written { plan, after } => accepted(declared, plan, after),
            Self::Failed(failure, _) => failed(failure),
        }
    }
}

impl Summary {
    /// The summary of a pool that is as declared, and in which these fields drift again after each correction.
    #[must_use]
    pub fn contested(self, fields: &[&str]) -> Self {
        let message = format!(
            "{} Somebody else keeps changing {}, and each change is corrected at the next check. Find who changes the pool (CloudTrail has SetUserPoolMfaConfig), or declare what they set.",
            self.message,
            fields.join(", ")
        );
        Self { reason: Reason::Contested, message, ..self }
    }
}

fn suspended() -> Summary {
    let message =
        "suspend is true: no AWS call is made and drift goes unseen. Set it to false to go on.".into();
    Summary { ready: None, synced: None, reason: Reason::Suspended, message, progress: Progress::Settled }
}

fn unresolved(why: &Unresolved) -> Summary {
    let progress = if why.needs_a_person() { Progress::Stalled } else { Progress::Waiting };
    Summary { progress, ..unknown(why.reason(), why.message().to_owned()) }
}

fn denied(why: &Denied) -> Summary {
    unknown(why.reason(), why.message())
}

fn not_owner(owner: &str) -> Summary {
    let message = format!(
        "{owner} is older and owns this pool. Keep one object for a pool: delete one of them, or set managementPolicy: Observe on this one."
    );
    unknown(Reason::PoolOwnedByAnother, message)
}

/// The summary of an object whose spec this build cannot parse. No call is made for it.
#[must_use]
pub fn invalid_spec(error: &str) -> Summary {
    let message =
        format!("This version of the operator cannot read the object, so the pool is left alone: {error}");
    unknown(Reason::InvalidSpec, message)
}

fn unknown(reason: Reason, message: String) -> Summary {
    Summary { ready: None, synced: None, reason, message, progress: Progress::Stalled }
}

fn in_sync() -> Summary {
    let message = "Cognito equals the spec.".into();
    Summary {
        ready: Some(true),
        synced: Some(true),
        reason: Reason::InSync,
        message,
        progress: Progress::Settled,
    }
}

pub(super) fn differs(reason: Reason, message: String) -> Summary {
    Summary { ready: Some(false), synced: Some(false), reason, message, progress: Progress::Stalled }
}

fn checked(declared: &MfaSettings, observed: &Observed, plan: &Plan) -> Summary {
    let fields = paths(&plan.differences);
    match plan.step {
        Step::Adopt | Step::InSync => in_sync(),
        Step::StrongerThanDeclared => stronger(&plan.stronger(declared, &observed.settings)),
        Step::WouldTurnOff => differs(
            Reason::DriftDetected,
            format!(
                "Cognito differs in {fields}, and a write of that would turn MFA off, which was turned on outside the spec. Nothing was set. Declare the mode, or set driftPolicy: Exact to turn MFA off.",
            ),
        ),
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
        Step::HoldPoolChange => differs(
            Reason::AdoptionHeld,
            format!(
                "The reference leads to another pool than before, and the spec would take away what this pool has: {}. Nothing was set. Declare it in the spec; or delete this object and create it again with adoptionPolicy: Overwrite, which counts for the first pool alone.",
                plan.weakens.join(", ")
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

fn stronger(fields: &[Difference]) -> Summary {
    let fields: Vec<_> = fields.iter().map(shown).collect();
    let message = format!(
        "Cognito is stronger than the spec in {}. That stays as it is. Declare it, or set driftPolicy: Exact to set it back.",
        fields.join(", ")
    );
    Summary {
        ready: Some(true),
        synced: Some(false),
        reason: Reason::StrongerThanDeclared,
        message,
        progress: Progress::Settled,
    }
}

fn shown(difference: &Difference) -> String {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".into());
    let Difference { field, declared, found } = difference;
    format!("{field} ({} where {} is declared)", shown(found), shown(declared))
}

fn unknown_setting(observed: &Observed) -> Summary {
    let message = format!(
        "Cognito has settings that this version of the operator does not know, and setting anything would wipe them: {}. Upgrade the operator, or name them in --tolerate-settings.",
        observed.unknown.join(", ")
    );
    unknown(FailureClass::UnknownSetting.reason(), message)
}

fn accepted(declared: &MfaSettings, plan: &Plan, after: &Observed) -> Summary {
    let remaining = plan.remaining(declared, &after.settings);
    let kept = plan.stronger(declared, &after.settings);
    if !after.unknown.is_empty() {
        unknown_setting(after)
    } else if !remaining.is_empty() {
        not_taken(&remaining)
    } else if !kept.is_empty() {
        stronger(&kept)
    } else {
        in_sync()
    }
}

pub(super) fn not_taken(remaining: &[Difference]) -> Summary {
    differs(
        Reason::NotTaken,
        format!(
            "Cognito accepted the spec and still differs in {}. The write is repeated after 1, 2, 4 and more intervals: at least once a day, once an hour while the pool is weaker than declared, and at once when you request a check. Declare what Cognito keeps, or change the pool where it is kept (an SMS configuration is shared with phone verification).",
            paths(remaining)
        ),
    )
}

fn failed(failure: &Failure) -> Summary {
    // After a failed read the pool is unknown. A failed write leaves the difference that it should have removed.
    let synced = (failure.operation == Operation::Set).then_some(false);
    let words = format!("{} failed: {}: {}", failure.operation, failure.code, failure.message);
    Summary {
        ready: synced,
        synced,
        reason: failure.class.reason(),
        message: with_advice(&words, failure),
        progress: Progress::Retrying(failure.class),
    }
}

/// The paths of the differences, joined by commas.
#[must_use]
pub fn paths(differences: &[Difference]) -> String {
    differences.iter().map(|difference| difference.field.as_str()).collect::<Vec<_>>().join(", ")
}
