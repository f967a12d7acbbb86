//! How a pass ended. What that says of the object is in [`super::summary`].

use std::time::Duration;

use crate::{
    access::accounts::Denied,
    api::v1alpha1::{Difference, MfaMode, MfaSettings, UserPoolMfaConfigSpec},
    calls::failure::{Failure, FailureClass},
    plan::{
        budget::{WeakeningBudget, WriteResult},
        deletion::{self, RetainReason},
        hold::Hold,
        step::{Cause, Plan, Step},
    },
    settings::{diff, observed::Observed},
};

/// How a pass ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `suspend: true`: no call was made.
    Suspended,
    /// The accounts file does not allow the object what it asks for: no call was made.
    Denied {
        /// What, and who can change that.
        why: Denied,
        /// Whether another object speaks for the pool meanwhile.
        replaced: bool,
    },
    /// Another object, `namespace/name`, speaks for the pool: no call was made.
    NotOwner(String),
    /// The pool was read, and nothing was to be set.
    Checked(Observed, Plan),
    /// The pool was read, and the Set that is planned waits.
    OnHold(Observed, Plan, Hold),
    /// The settings were set; `after` is what Cognito shows since.
    Written {
        /// Why they were.
        plan: Plan,
        /// What Cognito shows since.
        after: Observed,
    },
    /// A call failed. With a Set that failed comes what the Get before it had shown.
    Failed(Failure, Option<(Observed, Plan)>),
}

impl Outcome {
    /// What Cognito had at the end of the pass, where the pass saw it.
    #[must_use]
    pub fn observed(&self) -> Option<&Observed> {
        match self {
            Self::Suspended | Self::Denied { .. } | Self::NotOwner(_) | Self::Failed(_, None) => None,
            Self::Checked(live, _) | Self::OnHold(live, ..) | Self::Failed(_, Some((live, _))) => Some(live),
            Self::Written { after, .. } => Some(after),
        }
    }

    /// The plan of an accepted correction of drift.
    #[must_use]
    pub fn correction(&self) -> Option<&Plan> {
        match self {
            Self::Written { plan, .. } if plan.step == Step::Write(Cause::Drift) => Some(plan),
            _ => None,
        }
    }

    /// What became of the Set of this pass.
    #[must_use]
    pub fn write_result(&self) -> WriteResult {
        match self {
            Self::Written { .. } => WriteResult::Accepted,
            Self::Failed(failure, _) if failure.may_have_been_written() => WriteResult::Unknown,
            _ => WriteResult::NotWritten,
        }
    }

    /// Whether an object that was held keeps its place in the line: it is still held, or was kept from its turn by what
    /// passes within moments. Who cannot use a place, because its region is down, must not keep it from others.
    #[must_use]
    pub fn keeps_place_in_line(&self) -> bool {
        match self {
            Self::OnHold(_, _, Hold::HourlyLimit { .. }) => true,
            Self::Failed(failure, _) => {
                matches!(failure.class, FailureClass::Throttled | FailureClass::Concurrent)
            }
            _ => false,
        }
    }

    /// The plan of a Set that was done, or may have been.
    #[must_use]
    pub fn may_have_written(&self) -> Option<&Plan> {
        match self {
            Self::Written { plan, .. } => Some(plan),
            Self::Failed(failure, Some((_, plan))) if failure.may_have_been_written() => Some(plan),
            _ => None,
        }
    }

    /// What a Set took away from the users' protection, or may have; empty when nothing.
    #[must_use]
    pub fn weakened(&self) -> &[&'static str] {
        self.may_have_written().map_or(&[], |plan| &plan.weakens)
    }

    /// What differs between the declaration and the pool at the end of the pass; None when the pass did not see it.
    #[must_use]
    pub fn drift(&self, declared: &MfaSettings) -> Option<Vec<Difference>> {
        self.observed().map(|live| diff::differences(declared, &live.settings))
    }

    /// How a pass over an object that is being deleted leaves its pool; `spec` is that of its
    /// [farewell](crate::plan::deletion::farewell).
    #[must_use]
    pub fn deletion_result(&self, spec: &UserPoolMfaConfigSpec) -> DeletionResult {
        if let Self::Failed(Failure { class: FailureClass::PoolNotFound, .. }, _) = self {
            return DeletionResult::Retained(RetainReason::PoolNotFound);
        }
        match self.observed().filter(|live| live.settings.mfa_configuration == MfaMode::Off) {
            Some(off) => {
                let plan = Plan { step: Step::AlreadyOff, ..deletion::plan_deletion(spec, off) };
                DeletionResult::Off(Self::Checked(off.clone(), plan).into())
            }
            None => DeletionResult::Unfinished,
        }
    }
}

/// How the deletion of an object leaves its pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeletionResult {
    /// MFA is off, as the outcome of another read would say.
    Off(Box<Outcome>),
    /// The pool is left as it is.
    Retained(RetainReason),
    /// It is not known, or not done: the pass is repeated.
    Unfinished,
}

/// Tells the breaker how a pass over an object, `namespace/name`, ended; None when it told nothing of the object.
pub fn record_outcome(object: &str, outcome: Option<&Outcome>, breaker: &mut WeakeningBudget, now: Duration) {
    if outcome.is_some_and(|outcome| outcome.observed().is_some()) {
        breaker.record_read(object);
    }
    breaker.record_result(object, outcome.map_or(WriteResult::NotWritten, Outcome::write_result), now);
    if outcome.is_some_and(|outcome| !outcome.keeps_place_in_line()) {
        breaker.leave_line(object);
    }
}
