//! The outcome of a reconciliation. [`super::summary`] turns it into conditions.

use std::time::Duration;

use crate::{
    access::accounts::Denied,
    api::v1alpha1::{Difference, MfaMode, MfaSettings, UserPoolMfaConfig},
    calls::failure::{Failure, FailureClass},
    plan::{
        budget::{WeakeningBudget, WriteResult},
        deletion::{self, RetainReason},
        hold::Hold,
        step::{Cause, Plan, Step},
        weakening::weakening,
    },
    reference::Unresolved,
    settings::{diff, observed::Observed},
};

/// The outcome of a reconciliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `suspend: true`: no call was made.
    Suspended,
    /// The accounts file does not grant the object access: no call was made.
    Denied {
        /// The part of the access request that is not granted.
        why: Denied,
        /// Whether another object owns the pool now.
        replaced: bool,
    },
    /// The reference of the spec has led to no pool yet: no call was made.
    Unresolved(Unresolved),
    /// Another object (`namespace/name`) owns the pool: no call was made.
    NotOwner(String),
    /// The pool was read, and the plan needs no write.
    Checked(Observed, Plan),
    /// The pool was read, and the planned write is on hold.
    OnHold(Observed, Plan, Hold),
    /// Cognito accepted the planned write.
    Written {
        /// The plan that was carried out.
        plan: Plan,
        /// The settings that Cognito has after the write.
        after: Observed,
    },
    /// A call failed. After a failed write, the observed settings and the plan are those from before it.
    Failed(Failure, Option<(Observed, Plan)>),
}

impl Outcome {
    /// The settings that this reconciliation observed last, if it read the pool.
    #[must_use]
    pub fn observed(&self) -> Option<&Observed> {
        match self {
            Self::Suspended
            | Self::Unresolved(_)
            | Self::Denied { .. }
            | Self::NotOwner(_)
            | Self::Failed(_, None) => None,
            Self::Checked(observed, _)
            | Self::OnHold(observed, ..)
            | Self::Failed(_, Some((observed, _))) => Some(observed),
            Self::Written { after, .. } => Some(after),
        }
    }

    /// The plan of an accepted correction of drift, if the outcome is one. A repeated write that Cognito has taken now is
    /// none: the difference was no drift.
    #[must_use]
    pub fn correction(&self) -> Option<&Plan> {
        match self {
            Self::Written { plan, .. } => (plan.step == Step::Write(Cause::Drift)).then_some(plan),
            Self::Suspended
            | Self::Unresolved(_)
            | Self::Denied { .. }
            | Self::NotOwner(_)
            | Self::Checked(..)
            | Self::OnHold(..)
            | Self::Failed(..) => None,
        }
    }

    /// The result of this reconciliation's write for the hourly limit. A weakening write that took nothing away does not
    /// count.
    #[must_use]
    pub fn write_result(&self) -> WriteResult {
        match self {
            Self::Written { plan, .. } if !plan.weakens.is_empty() && self.weakened().is_empty() => {
                WriteResult::NotWritten
            }
            Self::Written { .. } => WriteResult::Accepted,
            Self::Failed(failure, _) if failure.write_may_have_been_accepted() => WriteResult::Unknown,
            Self::Failed(..)
            | Self::Suspended
            | Self::Unresolved(_)
            | Self::Denied { .. }
            | Self::NotOwner(_)
            | Self::Checked(..)
            | Self::OnHold(..) => WriteResult::NotWritten,
        }
    }

    /// Whether the object keeps its place in the line of the hourly limit: it is still on hold, or its call failed for a
    /// reason that passes within moments. After a failure others may go first, until the object asks again.
    #[must_use]
    pub fn keeps_place_in_line(&self) -> bool {
        match self {
            Self::OnHold(_, _, Hold::HourlyLimit { .. }) => true,
            Self::Failed(failure, _) => failure.class.passes_within_moments(),
            Self::OnHold(_, _, Hold::NotTaken { .. } | Hold::ObserveOnly)
            | Self::Suspended
            | Self::Unresolved(_)
            | Self::Denied { .. }
            | Self::NotOwner(_)
            | Self::Checked(..)
            | Self::Written { .. } => false,
        }
    }

    /// Whether a call failed in a way that passes without a person.
    #[must_use]
    pub fn is_passing_failure(&self) -> bool {
        match self {
            Self::Failed(failure, _) => failure.class.grace().is_none(),
            Self::Suspended
            | Self::Unresolved(_)
            | Self::Denied { .. }
            | Self::NotOwner(_)
            | Self::Checked(..)
            | Self::OnHold(..)
            | Self::Written { .. } => false,
        }
    }

    /// The plan of a write that Cognito accepted, or may have accepted.
    #[must_use]
    pub fn may_have_written(&self) -> Option<&Plan> {
        match self {
            Self::Written { plan, .. } => Some(plan),
            Self::Failed(failure, read) => {
                read.as_ref().filter(|_| failure.write_may_have_been_accepted()).map(|(_, plan)| plan)
            }
            Self::Suspended
            | Self::Unresolved(_)
            | Self::Denied { .. }
            | Self::NotOwner(_)
            | Self::Checked(..)
            | Self::OnHold(..) => None,
        }
    }

    /// The protection that a write took away, or may have taken away. What Cognito accepted and did not take away, such as
    /// SMS that it keeps, is not lost. Empty when there is none.
    #[must_use]
    pub fn weakened(&self) -> Vec<&'static str> {
        let Some(plan) = self.may_have_written() else { return Vec::new() };
        let still_there = match self {
            Self::Written { after, .. } => weakening(&after.settings, &plan.write),
            Self::Failed(..)
            | Self::Suspended
            | Self::Unresolved(_)
            | Self::Denied { .. }
            | Self::NotOwner(_)
            | Self::Checked(..)
            | Self::OnHold(..) => Vec::new(),
        };
        plan.weakens.iter().copied().filter(|loss| !still_there.contains(loss)).collect()
    }

    /// The differences between the spec and the pool after this reconciliation, and what a write that is still to be made
    /// may reset beside them. None when it did not read the pool.
    #[must_use]
    pub fn drift(&self, declared: &MfaSettings) -> Option<Vec<Difference>> {
        let mut drift = diff::differences(declared, &self.observed()?.settings);
        if let Some(plan) = self.unmade_write() {
            drift.extend(plan.left_to_cognito.iter().cloned());
        }
        Some(drift)
    }

    /// The plan of a write that is on hold, or that failed.
    fn unmade_write(&self) -> Option<&Plan> {
        match self {
            Self::OnHold(_, plan, _) | Self::Failed(_, Some((_, plan))) => Some(plan),
            Self::Suspended
            | Self::Unresolved(_)
            | Self::Denied { .. }
            | Self::NotOwner(_)
            | Self::Checked(..)
            | Self::Written { .. }
            | Self::Failed(_, None) => None,
        }
    }

    /// Whether Cognito has the declaration: it equals the spec, or is stronger in what a write keeps.
    #[must_use]
    pub fn equals(&self, declared: &MfaSettings) -> bool {
        match self {
            Self::Checked(_, plan) => match plan.step {
                Step::Adopt | Step::InSync | Step::StrongerThanDeclared => true,
                Step::WouldTurnOff
                | Step::HoldAdoption
                | Step::HoldPoolChange
                | Step::Report
                | Step::UnknownSetting
                | Step::AlreadyOff
                | Step::Write(_) => false,
            },
            Self::Written { plan, after } => {
                after.unknown.is_empty() && plan.remaining(declared, &after.settings).is_empty()
            }
            Self::Suspended
            | Self::Unresolved(_)
            | Self::Denied { .. }
            | Self::NotOwner(_)
            | Self::OnHold(..)
            | Self::Failed(..) => false,
        }
    }

    /// What the reconciliation of an object that is being deleted means for the deletion. The object is that of
    /// [`with_mfa_off`](deletion::with_mfa_off).
    #[must_use]
    pub fn deletion_result(&self, object: &UserPoolMfaConfig) -> DeletionResult {
        if let Self::Failed(Failure { class: FailureClass::PoolNotFound, .. }, _) = self {
            return DeletionResult::Retained(RetainReason::PoolNotFound);
        }
        match self.observed().filter(|observed| observed.settings.mfa_configuration == MfaMode::Off) {
            Some(off) => {
                let plan = Plan { step: Step::AlreadyOff, ..deletion::plan_deletion(object, off) };
                DeletionResult::Off(Self::Checked(off.clone(), plan).into())
            }
            None => DeletionResult::Unfinished,
        }
    }
}

/// The result of a deletion for the pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeletionResult {
    /// MFA is off. The outcome is the one that another read would give.
    Off(Box<Outcome>),
    /// MFA is left unchanged, for this reason.
    Retained(RetainReason),
    /// MFA is not known to be off: the object is reconciled again.
    Unfinished,
}

/// Records the outcome of an object's (`namespace/name`) reconciliation in the budget. None when the reconciliation ended
/// without an outcome.
pub fn record_outcome(object: &str, outcome: Option<&Outcome>, budget: &mut WeakeningBudget, now: Duration) {
    if outcome.is_some_and(|outcome| outcome.observed().is_some()) {
        budget.record_read(object);
    }
    budget.record_result(object, outcome.map_or(WriteResult::NotWritten, Outcome::write_result), now);
    match outcome {
        Some(outcome) if !outcome.keeps_place_in_line() => budget.leave_line(object),
        Some(Outcome::Failed(..)) => budget.let_others_pass(object),
        Some(_) | None => {}
    }
}
