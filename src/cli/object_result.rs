//! The result of one object: what is done, or would be, and why.

use cognito_mfa_core::{
    api::v1alpha1::{Difference, MfaSettings, Reason},
    plan::step::{Cause, Plan, Step},
    status::outcome::Outcome,
    text,
};
use serde::Serialize;

use super::{
    ExitStatus,
    approval::Approval,
    declared::Declared,
    input::Place,
    output::{BOLD, GREEN, RED, YELLOW, styled},
};

/// What is done about a pool, or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultAction {
    /// Nothing: it is as declared.
    Nothing,
    /// The pool is written.
    Set,
    /// It differs and is left alone.
    Leave,
    /// No call is made: the object is suspended.
    Suspended,
    /// The pool could not be read or written.
    Fail,
}

/// The result of one object, as a program reads it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectResult {
    /// Where the object is declared.
    #[serde(flatten)]
    pub place: Place,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub name: String,
    pub user_pool_id: String,
    pub action: ResultAction,
    /// Whether it was done; otherwise it only would be.
    pub done: bool,
    /// The reason that the object's condition has.
    pub reason: String,
    /// Why, and what to do, in a sentence.
    pub message: String,
    /// What differed before anything was done.
    pub differences: Vec<Difference>,
    /// The fields in which Cognito is stronger than declared, and stays so.
    pub stronger: Vec<Difference>,
    /// What the write takes away from the users' protection.
    pub lowers: Vec<&'static str>,
    /// What the spec leaves to Cognito, and the write may reset.
    pub resets: Vec<Difference>,
    /// How the annotation `allow-lowering` releases the planned write from the operator's hourly limit; absent where it
    /// need not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// What still differs after the write.
    pub left: Vec<Difference>,
}

impl ObjectResult {
    /// The result of an object whose reconciliation had this outcome.
    #[must_use]
    pub fn new(declared: &Declared, outcome: &Outcome) -> Self {
        let (object, meta) = (&declared.object, &declared.object.metadata);
        let (reason, message) = planned_reason(outcome).unwrap_or_else(|| {
            let summary = outcome.summary(&object.spec.settings);
            (summary.reason.as_str(), summary.message)
        });
        let plan = plan(outcome);
        let left = match outcome {
            Outcome::Written { plan, after } => plan.remaining(&object.spec.settings, &after.settings),
            Outcome::Checked(..)
            | Outcome::OnHold(..)
            | Outcome::Failed(..)
            | Outcome::Suspended
            | Outcome::Unresolved(_)
            | Outcome::Denied { .. }
            | Outcome::NotOwner(_) => Vec::new(),
        };
        let action = action(outcome);
        Self {
            place: declared.place.clone(),
            namespace: meta.namespace.clone(),
            name: meta.name.clone().unwrap_or_default(),
            user_pool_id: object.shown_pool(),
            action,
            done: matches!(outcome, Outcome::Written { .. }),
            reason: reason.to_owned(),
            message,
            differences: plan.map(|plan| plan.differences.clone()).unwrap_or_default(),
            stronger: stronger(outcome, &object.spec.settings),
            lowers: plan.map(|plan| plan.weakens.clone()).unwrap_or_default(),
            resets: plan.map(resets).unwrap_or_default(),
            approval: None,
            left,
        }
    }

    /// The result of an object that could not be reconciled.
    #[must_use]
    pub fn failed(declared: &Declared, why: &str) -> Self {
        let without_calls = Self::new(declared, &Outcome::Suspended);
        Self {
            action: ResultAction::Fail,
            reason: "NotLookedAt".into(),
            message: text::safe(why, text::MAX_MESSAGE),
            ..without_calls
        }
    }

    /// The exit status of a command with only this result.
    #[must_use]
    pub fn exit_status(&self) -> ExitStatus {
        match self.action {
            ResultAction::Fail => ExitStatus::Failed,
            ResultAction::Leave | ResultAction::Suspended => ExitStatus::Different,
            ResultAction::Set if !self.done || !self.left.is_empty() => ExitStatus::Different,
            ResultAction::Set | ResultAction::Nothing => ExitStatus::Success,
        }
    }

    /// Whether the object adopts its pool, which has protection that the object does not declare.
    #[must_use]
    pub fn is_adoption_held(&self) -> bool {
        self.reason == Reason::AdoptionHeld.as_str()
    }

    /// The result as lines for a person, with styles.
    #[must_use]
    pub fn lines(&self) -> String {
        let name = match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        };
        let head = format!("{} ({}): {}", styled(BOLD, &name), self.user_pool_id, self.action_words());
        let differences = |all: &[Difference]| all.iter().map(line).collect::<Vec<_>>();
        let lowers = (self.action == ResultAction::Set && !self.lowers.is_empty())
            .then(|| format!("  {} {}", styled(RED, "takes away:"), self.lowers.join(", ")));
        let approval = self.approval.as_ref().map(Approval::line);
        let more = self.stronger.iter().map(stronger_line).chain(self.resets.iter().map(reset_line));
        let still = (!self.left.is_empty()).then(|| format!("  {}", styled(YELLOW, "still differs:")));
        let settled = self.action == ResultAction::Nothing || (self.done && self.left.is_empty());
        let why = (!settled).then(|| format!("  {}: {}", self.reason, self.message));
        let lines = std::iter::once(head).chain(differences(&self.differences)).chain(more);
        let lines = lines.chain(lowers).chain(approval);
        let lines = lines.chain(still).chain(differences(&self.left)).chain(why);
        lines.map(|line| line + "\n").collect()
    }

    fn action_words(&self) -> String {
        match (self.action, self.done) {
            (ResultAction::Nothing, _) if self.stronger.is_empty() => styled(GREEN, "as declared"),
            (ResultAction::Nothing, _) => styled(GREEN, "stronger than declared, left alone"),
            (ResultAction::Set, true) => styled(GREEN, "set"),
            (ResultAction::Set, false) => styled(YELLOW, "would be set"),
            (ResultAction::Leave, _) => styled(YELLOW, "differs, left alone"),
            (ResultAction::Suspended, _) => "suspended, not looked at".into(),
            (ResultAction::Fail, _) => styled(RED, "failed"),
        }
    }
}

fn line(difference: &Difference) -> String {
    let found = styled(RED, difference.found.as_deref().unwrap_or("(nothing)"));
    let declared = styled(GREEN, difference.declared.as_deref().unwrap_or("(nothing)"));
    format!("  {}: {found} -> {declared}", difference.field)
}

fn stronger_line(difference: &Difference) -> String {
    let Difference { field, declared, found } = difference;
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "(nothing)".into());
    format!("  {field}: {} stays, which is stronger than {}", styled(GREEN, &shown(found)), shown(declared))
}

fn reset_line(difference: &Difference) -> String {
    let found = difference.found.as_deref().unwrap_or("(nothing)");
    format!(
        "  {} {} ({found}): the spec leaves it to Cognito",
        styled(YELLOW, "may be reset:"),
        difference.field
    )
}

fn stronger(outcome: &Outcome, declared: &MfaSettings) -> Vec<Difference> {
    let plan_and_observed = plan(outcome).zip(outcome.observed());
    plan_and_observed.map(|(plan, observed)| plan.stronger(declared, &observed.settings)).unwrap_or_default()
}

/// What a write may reset, where one is made, planned or on hold.
fn resets(plan: &Plan) -> Vec<Difference> {
    match plan.step {
        Step::Write(_) | Step::HoldAdoption | Step::HoldPoolChange => plan.left_to_cognito.clone(),
        Step::Adopt
        | Step::InSync
        | Step::StrongerThanDeclared
        | Step::WouldTurnOff
        | Step::Report
        | Step::UnknownSetting
        | Step::AlreadyOff => Vec::new(),
    }
}

fn plan(outcome: &Outcome) -> Option<&Plan> {
    match outcome {
        Outcome::Checked(_, plan) | Outcome::OnHold(_, plan, _) | Outcome::Written { plan, .. } => Some(plan),
        Outcome::Failed(_, observed) => observed.as_ref().map(|(_, plan)| plan),
        Outcome::Suspended | Outcome::Unresolved(_) | Outcome::Denied { .. } | Outcome::NotOwner(_) => None,
    }
}

fn action(outcome: &Outcome) -> ResultAction {
    match outcome {
        Outcome::Suspended => ResultAction::Suspended,
        Outcome::Written { .. } => ResultAction::Set,
        Outcome::Failed(..) => ResultAction::Fail,
        Outcome::Unresolved(_) | Outcome::Denied { .. } | Outcome::NotOwner(_) | Outcome::OnHold(..) => {
            ResultAction::Leave
        }
        Outcome::Checked(_, plan) => match plan.step {
            Step::Adopt | Step::InSync | Step::StrongerThanDeclared | Step::AlreadyOff => {
                ResultAction::Nothing
            }
            Step::Write(_) => ResultAction::Set,
            Step::WouldTurnOff | Step::HoldAdoption | Step::HoldPoolChange | Step::Report => {
                ResultAction::Leave
            }
            // SetUserPoolMfaConfig replaces every setting, so a write would wipe the unknown one.
            Step::UnknownSetting => ResultAction::Fail,
        },
    }
}

/// The reason and the message of a write that is planned and not done.
fn planned_reason(outcome: &Outcome) -> Option<(&'static str, String)> {
    let Outcome::Checked(_, plan) = outcome else { return None };
    let Step::Write(cause) = plan.step else { return None };
    let (reason, message) = match cause {
        Cause::Adoption => ("Adoption", "The object adopts its pool."),
        Cause::SpecChanged => ("SpecChanged", "The spec has changed since Cognito last accepted it."),
        Cause::Drift => ("DriftDetected", "Cognito was changed since it last accepted the spec."),
        Cause::NotTaken => ("NotTaken", "Cognito accepted the spec and still differs."),
        Cause::Deletion => ("Deletion", "The object is being deleted."),
    };
    Some((reason, message.to_owned()))
}
