//! What is told of one object: what is done, or would be, and why.

use cognito_mfa_core::{
    api::v1alpha1::Difference,
    plan::step::{Cause, Plan, Step},
    settings::diff,
    status::outcome::Outcome,
    text,
};
use serde::Serialize;

use super::{ExitStatus, input::Place, output::Paint, validate::Declared};

/// What is done about a pool, or would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultAction {
    /// Nothing: it is as declared.
    Nothing,
    /// It is set.
    Set,
    /// It differs and is left alone.
    Leave,
    /// No call is made: the object is suspended.
    Suspended,
    /// It could not be read or set.
    Fail,
}

/// What is told of one object.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ObjectResult {
    /// Where the object is declared.
    #[serde(flatten)]
    pub place: Place,
    /// Its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// Its pool.
    pub user_pool_id: String,
    /// What is done.
    pub action: ResultAction,
    /// Whether it was done; otherwise it only would be.
    pub done: bool,
    /// The reason that the object's condition has.
    pub reason: String,
    /// Why, and what to do, in a sentence.
    pub message: String,
    /// What differed before anything was done.
    pub differences: Vec<Difference>,
    /// What a Set takes away from the users' protection.
    pub lowers: Vec<&'static str>,
    /// What still differs after a Set.
    pub left: Vec<Difference>,
}

impl ObjectResult {
    /// Of an object whose pass ended so.
    #[must_use]
    pub fn new(declared: &Declared, outcome: &Outcome) -> Self {
        let (object, meta) = (&declared.object, &declared.object.metadata);
        let verdict = outcome.summary(&object.spec.settings);
        let told = planned_reason(outcome).map(|(reason, message)| (reason, message.to_owned()));
        let (reason, message) = told.unwrap_or((verdict.reason.as_str(), verdict.message));
        let plan = plan(outcome);
        let left = match outcome {
            Outcome::Written { after, .. } => diff::differences(&object.spec.settings, &after.settings),
            _ => Vec::new(),
        };
        let action = action(outcome);
        Self {
            place: declared.place.clone(),
            namespace: meta.namespace.clone(),
            name: meta.name.clone().unwrap_or_default(),
            user_pool_id: object.spec.user_pool_id.clone(),
            action,
            done: matches!(outcome, Outcome::Written { .. }),
            reason: reason.to_owned(),
            message,
            differences: plan.map(|plan| plan.differences.clone()).unwrap_or_default(),
            lowers: plan.map(|plan| plan.weakens.clone()).unwrap_or_default(),
            left,
        }
    }

    /// Of an object that no pass was made for.
    #[must_use]
    pub fn failed(declared: &Declared, why: &str) -> Self {
        let told = Self::new(declared, &Outcome::Suspended);
        Self {
            action: ResultAction::Fail,
            reason: "NotLookedAt".into(),
            message: text::safe(why, text::MAX_MESSAGE),
            ..told
        }
    }

    /// How a command ends that told only this.
    #[must_use]
    pub fn end(&self) -> ExitStatus {
        match self.action {
            ResultAction::Fail => ExitStatus::Failed,
            ResultAction::Leave | ResultAction::Suspended => ExitStatus::Different,
            ResultAction::Set if !self.done || !self.left.is_empty() => ExitStatus::Different,
            ResultAction::Set | ResultAction::Nothing => ExitStatus::Success,
        }
    }

    /// The same in lines for a person.
    #[must_use]
    pub fn lines(&self, paint: Paint) -> String {
        let name = match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        };
        let head = format!("{} ({}): {}", paint.bold(&name), self.user_pool_id, self.action_word(paint));
        let differences = |all: &[Difference]| all.iter().map(|one| line(one, paint)).collect::<Vec<_>>();
        let lowers = (self.action == ResultAction::Set && !self.lowers.is_empty())
            .then(|| format!("  {} {}", paint.red("takes away:"), self.lowers.join(", ")));
        let still = (!self.left.is_empty()).then(|| format!("  {}", paint.yellow("still differs:")));
        let settled = self.action == ResultAction::Nothing || (self.done && self.left.is_empty());
        let why = (!settled).then(|| format!("  {}: {}", self.reason, self.message));
        let lines = std::iter::once(head).chain(differences(&self.differences)).chain(lowers);
        let lines = lines.chain(still).chain(differences(&self.left)).chain(why);
        lines.map(|line| line + "\n").collect()
    }

    fn action_word(&self, paint: Paint) -> String {
        match (self.action, self.done) {
            (ResultAction::Nothing, _) => paint.green("as declared"),
            (ResultAction::Set, true) => paint.green("set"),
            (ResultAction::Set, false) => paint.yellow("would be set"),
            (ResultAction::Leave, _) => paint.yellow("differs, left alone"),
            (ResultAction::Suspended, _) => "suspended, not looked at".into(),
            (ResultAction::Fail, _) => paint.red("failed"),
        }
    }
}

/// A difference: what the pool has and what is declared.
fn line(difference: &Difference, paint: Paint) -> String {
    let found = difference.found.as_deref().unwrap_or("(nothing)");
    let declared = difference.declared.as_deref().unwrap_or("(nothing)");
    format!("  {}: {} -> {}", difference.field, paint.red(found), paint.green(declared))
}

fn plan(outcome: &Outcome) -> Option<&Plan> {
    match outcome {
        Outcome::Checked(_, plan) | Outcome::OnHold(_, plan, _) | Outcome::Written { plan, .. } => Some(plan),
        Outcome::Failed(_, seen) => seen.as_ref().map(|(_, plan)| plan),
        Outcome::Suspended | Outcome::Denied { .. } | Outcome::NotOwner(_) => None,
    }
}

fn action(outcome: &Outcome) -> ResultAction {
    match outcome {
        Outcome::Suspended => ResultAction::Suspended,
        Outcome::Written { .. } => ResultAction::Set,
        Outcome::Failed(..) => ResultAction::Fail,
        Outcome::Denied { .. } | Outcome::NotOwner(_) | Outcome::OnHold(..) => ResultAction::Leave,
        Outcome::Checked(_, plan) => match plan.step {
            Step::Adopt | Step::InSync | Step::AlreadyOff => ResultAction::Nothing,
            Step::Write(_) => ResultAction::Set,
            Step::NotTaken | Step::Hold | Step::Report => ResultAction::Leave,
            // A full replace would wipe what this build does not know.
            Step::UnknownSetting => ResultAction::Fail,
        },
    }
}

/// Why a Set that is not done would be, in one word and in a sentence.
fn planned_reason(outcome: &Outcome) -> Option<(&'static str, &'static str)> {
    let Outcome::Checked(_, plan) = outcome else { return None };
    let Step::Write(cause) = plan.step else { return None };
    Some(match cause {
        Cause::Adoption => ("Adoption", "The object meets its pool for the first time."),
        Cause::SpecChanged => ("SpecChanged", "The spec has changed since Cognito last accepted it."),
        Cause::Drift => ("DriftDetected", "Cognito was changed since it last accepted the spec."),
        Cause::Deletion => ("Deletion", "The object is being deleted."),
    })
}
