//! Whether a status proves what Cognito has.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    elapsed::elapsed,
};
use jiff::Timestamp;

use super::{listed_object::ListedObject, text::one_line};

/// The clocks of two machines may differ this much.
const CLOCK_SKEW: Duration = Duration::from_mins(5);

/// The operator records a verification at least once a day, and a pool may be checked once a day. One hour is for a check
/// that is late.
const DEFAULT_MAX_AGE: Duration = Duration::from_hours(49);

/// When the status of an object counts as a proof.
#[derive(Clone, Copy, Debug)]
pub struct ProofCriteria {
    /// The time of the report.
    pub at: Timestamp,
    /// The maximum age of the last verification.
    pub max_age: Duration,
}

impl ProofCriteria {
    /// With the maximum age that `report --max-age` has by default.
    #[must_use]
    pub fn with_default_age(at: Timestamp) -> Self {
        Self { at, max_age: DEFAULT_MAX_AGE }
    }
}

/// Why the status of an object does not prove what Cognito has; None when it does.
pub(super) fn why_not_proven(listed: &ListedObject, criteria: &ProofCriteria) -> Option<String> {
    let Ok(object) = &listed.object else { return Some("this version cannot read the object".into()) };
    if object.metadata.deletion_timestamp.is_some() {
        return Some("the object is being deleted".into());
    }
    let no_status = UserPoolMfaConfigStatus::default();
    let status = object.status.as_ref().unwrap_or(&no_status);
    wrong_generation(object, status)
        .or_else(|| not_ready(object, status))
        .or_else(|| contradiction(status))
        .or_else(|| too_old(status.last_verified_time, criteria))
}

fn wrong_generation(object: &UserPoolMfaConfig, status: &UserPoolMfaConfigStatus) -> Option<String> {
    match (status.observed_generation.filter(|&observed| observed >= 0), object.metadata.generation) {
        (None, _) => Some("no operator has reported on it".into()),
        (Some(_), None) => Some("the object has no generation: it did not come from a cluster".into()),
        (Some(observed), Some(current)) if observed != current => {
            Some(format!("stale: the status is of generation {observed}, the object is at {current}"))
        }
        _ => None,
    }
}

fn not_ready(object: &UserPoolMfaConfig, status: &UserPoolMfaConfigStatus) -> Option<String> {
    let Some(ready) = status.condition(ConditionType::Ready) else {
        return Some("the status has no condition Ready".into());
    };
    if ready.observed_generation != object.metadata.generation {
        return Some("stale: the condition Ready is of another generation".into());
    }
    (ready.status != "True" && !follows_a_read(status))
        .then(|| format!("Ready is {}: {}", one_line(&ready.status), one_line(&ready.reason)))
}

/// Whether the operator has read the pool and found that it differs. What it read is a fact all the same.
fn follows_a_read(status: &UserPoolMfaConfigStatus) -> bool {
    matches!(
        status.reason(ConditionType::Ready),
        Some(
            Reason::AdoptionHeld
                | Reason::DriftDetected
                | Reason::LoweringHeld
                | Reason::NotTaken
                | Reason::ObserveOnly
        )
    )
}

/// The operator never writes such a status beside Ready, so something else wrote it.
fn contradiction(status: &UserPoolMfaConfigStatus) -> Option<String> {
    if status.observed.is_none() {
        return Some("the status does not say what Cognito has".into());
    }
    let is_stronger =
        matches!(status.reason(ConditionType::Ready), Some(Reason::StrongerThanDeclared | Reason::Contested));
    (!status.drift.is_empty() && !is_stronger && !follows_a_read(status))
        .then(|| "the status shows differences although Ready is True".into())
}

fn too_old(verified: Option<Timestamp>, criteria: &ProofCriteria) -> Option<String> {
    let Some(verified) = verified else {
        return Some("the status does not say when Cognito was read".into());
    };
    if verified > criteria.at {
        let ahead = elapsed(criteria.at, verified);
        return (ahead > CLOCK_SKEW).then(|| format!("verified at {verified}, which is in the future"));
    }
    let age = elapsed(verified, criteria.at);
    let hours = |time: Duration| time.as_secs() / 3600;
    (age > criteria.max_age).then(|| {
        format!("stale: last verified {} h ago, the limit is {} h", hours(age), hours(criteria.max_age))
    })
}
