//! How a pass ended, and what that says of the object.

use super::{
    accounts::Denied,
    breaker::Sent,
    canonical,
    failure::{Class, Failure, Operation},
    gate::Wait,
    live::Live,
    plan::{Cause, Plan, Step},
};
use crate::api::{ALLOW_LOWERING, Difference, MfaSettings};

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
    Checked(Live, Plan),
    /// The pool was read, and the Set that is planned waits.
    Waiting(Live, Plan, Wait),
    /// The settings were set; `after` is what Cognito shows since.
    Set {
        /// Why they were.
        plan: Plan,
        /// What Cognito shows since.
        after: Live,
    },
    /// A call failed. With a Set that failed comes what the Get before it had shown.
    Failed(Failure, Option<(Live, Plan)>),
}

/// How the object stands, in the words of its conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether Cognito is equal to the spec; None when this pass could not tell.
    pub equal: Option<bool>,
    /// Why, in one word.
    pub reason: &'static str,
    /// Why, and what to do, in a sentence.
    pub message: String,
    /// What it takes to go on.
    pub progress: Progress,
}

/// What it takes to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing: the object is where it should be, or rests.
    Settled,
    /// Somebody must change something: no further pass will.
    Stalled,
    /// The operator tries again; after the class's grace it is Stalled.
    Retrying(Class),
    /// The operator goes on when its time has come.
    Waiting,
}

impl Outcome {
    /// What Cognito had at the end of the pass, where the pass saw it.
    #[must_use]
    pub fn live(&self) -> Option<&Live> {
        match self {
            Self::Suspended | Self::Denied { .. } | Self::NotOwner(_) | Self::Failed(_, None) => None,
            Self::Checked(live, _) | Self::Waiting(live, ..) | Self::Failed(_, Some((live, _))) => Some(live),
            Self::Set { after, .. } => Some(after),
        }
    }

    /// The plan of an accepted correction of drift.
    #[must_use]
    pub fn correction(&self) -> Option<&Plan> {
        match self {
            Self::Set { plan, .. } if plan.step == Step::Set(Cause::Drift) => Some(plan),
            _ => None,
        }
    }

    /// What became of the Set of this pass.
    #[must_use]
    pub fn sent(&self) -> Sent {
        match self {
            Self::Set { .. } => Sent::Yes,
            Self::Failed(failure, _) if failure.leaves_open() => Sent::Open,
            _ => Sent::No,
        }
    }

    /// Whether an object that was held keeps its place in the line: it is still held, or nobody could tell.
    #[must_use]
    pub fn keeps_its_place(&self) -> bool {
        match self {
            Self::Waiting(..) => true,
            Self::Failed(failure, _) => failure.class.grace().is_none() && !failure.leaves_open(),
            _ => false,
        }
    }

    /// The plan of a Set that was done, or may have been.
    #[must_use]
    pub fn may_have_set(&self) -> Option<&Plan> {
        match self {
            Self::Set { plan, .. } => Some(plan),
            Self::Failed(failure, Some((_, plan))) if failure.leaves_open() => Some(plan),
            _ => None,
        }
    }

    /// What a Set took away from the users' protection, or may have; empty when nothing.
    #[must_use]
    pub fn lowered(&self) -> &[&'static str] {
        self.may_have_set().map_or(&[], |plan| &plan.lowers)
    }

    /// What differs between the declaration and the pool at the end of the pass; None when the pass did not see it.
    #[must_use]
    pub fn drift(&self, declared: &MfaSettings) -> Option<Vec<Difference>> {
        self.live().map(|live| canonical::differences(declared, &live.settings))
    }

    /// How the object stands.
    #[must_use]
    pub fn verdict(&self, declared: &MfaSettings) -> Verdict {
        match self {
            Self::Suspended => suspended(),
            Self::Denied { why, .. } => denied(why),
            Self::NotOwner(owner) => not_owner(owner),
            Self::Checked(live, plan) => checked(live, plan),
            Self::Waiting(_, plan, Wait::Lowering { generation, .. }) => lowering_held(plan, *generation),
            Self::Waiting(_, plan, Wait::Contested { .. }) => contested(plan),
            Self::Set { after, .. } => accepted(after, &canonical::differences(declared, &after.settings)),
            Self::Failed(failure, _) => failed(failure),
        }
    }
}

fn suspended() -> Verdict {
    let message =
        "suspend is true: no AWS call is made and drift goes unseen. Set it to false to go on.".into();
    Verdict { equal: None, reason: "Suspended", message, progress: Progress::Settled }
}

fn denied(why: &Denied) -> Verdict {
    Verdict { equal: None, reason: why.reason(), message: why.message(), progress: Progress::Stalled }
}

fn not_owner(owner: &str) -> Verdict {
    let message = format!(
        "{owner} is older and speaks for this pool. Keep one object for a pool: delete one of them, or set managementPolicy: Observe on this one."
    );
    Verdict { equal: None, reason: "PoolOwnedByAnother", message, progress: Progress::Stalled }
}

/// How an object stands that this build cannot read: no call was made.
#[must_use]
pub fn undecodable(why: &str) -> Verdict {
    let message =
        format!("This version of the operator cannot read the object, so the pool is left alone: {why}");
    Verdict { equal: None, reason: "InvalidSpec", message, progress: Progress::Stalled }
}

fn in_sync() -> Verdict {
    let message = "Cognito equals the spec.".into();
    Verdict { equal: Some(true), reason: "InSync", message, progress: Progress::Settled }
}

fn differs(reason: &'static str, message: String) -> Verdict {
    Verdict { equal: Some(false), reason, message, progress: Progress::Stalled }
}

fn checked(live: &Live, plan: &Plan) -> Verdict {
    let fields = paths(&plan.differences);
    match plan.step {
        Step::Adopt | Step::InSync => in_sync(),
        Step::Residue => not_taken(&plan.differences),
        Step::Hold => differs(
            "AdoptionHeld",
            format!(
                "The spec would take away what the pool has: {}. Nothing was set. Declare it in the spec, or set adoptionPolicy: Overwrite to take it away.",
                plan.lowers.join(", ")
            ),
        ),
        Step::Report => differs(
            "DriftDetected",
            format!(
                "Cognito differs in {fields}. managementPolicy is Observe: nothing is set. Change the spec or the pool, or set managementPolicy: Enforce."
            ),
        ),
        Step::Unknown => unknown(live),
        // Planned and not done, as a dry run would have it.
        Step::Set(_) => {
            differs("DriftDetected", format!("Cognito differs in {fields}, and nothing was set."))
        }
    }
}

fn lowering_held(plan: &Plan, generation: i64) -> Verdict {
    let message = format!(
        "This would take away what the pool has ({}), and the fleet's allowance of an hour is used up (--max-lowerings-per-hour). It is done in its turn, or at once with the annotation {ALLOW_LOWERING}: \"{generation}\".",
        plan.lowers.join(", ")
    );
    Verdict { equal: Some(false), reason: "LoweringHeld", message, progress: Progress::Waiting }
}

fn contested(plan: &Plan) -> Verdict {
    differs(
        "Contested",
        format!(
            "Somebody else keeps changing {}, and this correction gives no protection back: it waits longer and longer. Find who changes the pool (CloudTrail has SetUserPoolMfaConfig), or declare what they set.",
            paths(&plan.differences)
        ),
    )
}

fn unknown(live: &Live) -> Verdict {
    let message = format!(
        "Cognito has settings that this version of the operator does not know, and setting anything would wipe them: {}. Upgrade the operator, or name them in --tolerate-settings.",
        live.unknown.join(", ")
    );
    Verdict { equal: None, reason: Class::UnknownSetting.reason(), message, progress: Progress::Stalled }
}

fn accepted(after: &Live, left: &[Difference]) -> Verdict {
    match (after.unknown.is_empty(), left.is_empty()) {
        (false, _) => unknown(after),
        (true, true) => in_sync(),
        (true, false) => not_taken(left),
    }
}

fn not_taken(left: &[Difference]) -> Verdict {
    differs(
        "NotTaken",
        format!(
            "Cognito accepted the spec and still differs in {}. It is not set again until Cognito or the spec changes. Declare what Cognito keeps, or change the pool where it is kept (an SMS configuration is shared with phone verification).",
            paths(left)
        ),
    )
}

fn failed(failure: &Failure) -> Verdict {
    // A failed Get tells nothing of the pool; a failed Set leaves the difference it was to mend.
    let equal = (failure.operation == Operation::Set).then_some(false);
    let message = format!("{} failed: {}: {}", failure.operation.as_str(), failure.code, failure.message);
    Verdict { equal, reason: failure.class.reason(), message, progress: Progress::Retrying(failure.class) }
}

/// The paths of differences in one line.
#[must_use]
pub fn paths(differences: &[Difference]) -> String {
    differences.iter().map(|difference| difference.field.as_str()).collect::<Vec<_>>().join(", ")
}
