//! How an object stands, in one word, from its condition Ready.

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use serde::Serialize;

use super::{Record, shown};

/// How an object stands; what needs a person first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum State {
    /// Cognito is known to differ, and nothing is going to change that.
    Differs,
    /// A call fails, the object cannot be read, or it may not have its pool.
    Failed,
    /// The operator has said nothing of this generation yet.
    Waiting,
    /// A change that takes protection away waits for somebody's word or its turn.
    Held,
    /// Somebody else keeps changing the pool.
    Contested,
    /// No call is made: what Cognito has is not known.
    Suspended,
    /// Cognito was equal to the spec at the last check.
    InSync,
}

impl State {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::Differs,
        Self::Failed,
        Self::Waiting,
        Self::Held,
        Self::Contested,
        Self::Suspended,
        Self::InSync,
    ];

    /// The words for a person.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Differs => "Differs",
            Self::Failed => "Failed",
            Self::Waiting => "Waiting",
            Self::Held => "Held",
            Self::Contested => "Contested",
            Self::Suspended => "Suspended",
            Self::InSync => "In sync",
        }
    }
}

/// The state, and the condition Ready as kubectl shows it.
pub(super) struct Ready {
    pub state: State,
    pub status: String,
    pub reason: String,
    pub message: String,
}

impl Ready {
    pub fn of(record: &Record) -> Self {
        match &record.object {
            Err(why) => Self::unreadable(why),
            Ok(object) => current(object).map_or_else(Self::pending, Self::reported),
        }
    }

    fn unreadable(why: &str) -> Self {
        Self {
            state: State::Failed,
            status: "Unknown".into(),
            reason: "InvalidSpec".into(),
            message: shown(&format!("this version cannot read the object: {why}")),
        }
    }

    fn pending() -> Self {
        Self {
            state: State::Waiting,
            status: "Unknown".into(),
            reason: "Pending".into(),
            message: "The operator has not reported on this generation of the object yet.".into(),
        }
    }

    fn reported(ready: &Condition) -> Self {
        Self {
            state: state(ready),
            status: shown(&ready.status),
            reason: shown(&ready.reason),
            message: shown(&ready.message),
        }
    }
}

/// The condition Ready, where it speaks of the object as it is now.
fn current(object: &UserPoolMfaConfig) -> Option<&Condition> {
    let status = object.status.as_ref()?;
    let ready = status.condition("Ready")?;
    let of_now = |generation: Option<i64>| generation.is_some() && generation == object.metadata.generation;
    (of_now(status.observed_generation) && of_now(ready.observed_generation)).then_some(ready)
}

fn state(ready: &Condition) -> State {
    match (ready.status.as_str(), ready.reason.as_str()) {
        ("True", _) => State::InSync,
        (_, "DriftDetected" | "NotTaken") => State::Differs,
        (_, "AdoptionHeld" | "LoweringHeld") => State::Held,
        (_, "Contested") => State::Contested,
        (_, "Suspended") => State::Suspended,
        _ => State::Failed,
    }
}
