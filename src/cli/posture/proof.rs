//! Whether a status proves anything.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    elapsed::elapsed,
};
use jiff::Timestamp;

use super::{Record, shown};

/// Clocks of two machines may differ this much.
const CLOCKS: Duration = Duration::from_mins(5);

/// The operator notes a verification at least once a day, and a pool may be checked once a day: two days, and an hour
/// for a check that is late.
pub const MAX_AGE: Duration = Duration::from_hours(49);

/// When a status counts.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The time of the report.
    pub at: Timestamp,
    /// How old the last verification may be.
    pub max_age: Duration,
}

impl Limits {
    /// What holds where nobody says otherwise.
    #[must_use]
    pub fn usual(at: Timestamp) -> Self {
        Self { at, max_age: MAX_AGE }
    }
}

/// Why the status of an object does not prove what Cognito has; None when it does.
pub(super) fn doubt(record: &Record, limits: &Limits) -> Option<String> {
    let Ok(object) = &record.object else { return Some("this version cannot read the object".into()) };
    if object.metadata.deletion_timestamp.is_some() {
        return Some("the object is being deleted".into());
    }
    let unseen = UserPoolMfaConfigStatus::default();
    let status = object.status.as_ref().unwrap_or(&unseen);
    of_generation(object, status)
        .or_else(|| of_ready(object, status))
        .or_else(|| of_content(status))
        .or_else(|| of_age(status.last_verified_time, limits))
}

fn of_generation(object: &UserPoolMfaConfig, status: &UserPoolMfaConfigStatus) -> Option<String> {
    match (status.observed_generation.filter(|&seen| seen >= 0), object.metadata.generation) {
        (None, _) => Some("no operator has reported on it".into()),
        (Some(_), None) => Some("the object has no generation: it did not come from a cluster".into()),
        (Some(seen), Some(now)) if seen != now => {
            Some(format!("stale: the status is of generation {seen}, the object is at {now}"))
        }
        _ => None,
    }
}

fn of_ready(object: &UserPoolMfaConfig, status: &UserPoolMfaConfigStatus) -> Option<String> {
    let Some(ready) = status.condition(ConditionType::Ready) else {
        return Some("the status has no condition Ready".into());
    };
    if ready.observed_generation != object.metadata.generation {
        return Some("stale: the condition Ready is of another generation".into());
    }
    (ready.status != "True").then(|| format!("Ready is {}: {}", shown(&ready.status), shown(&ready.reason)))
}

/// The operator writes neither beside Ready: a status that has them was written by something else.
fn of_content(status: &UserPoolMfaConfigStatus) -> Option<String> {
    if status.observed.is_none() {
        return Some("the status does not say what Cognito has".into());
    }
    (!status.drift.is_empty()).then(|| "the status shows differences although Ready is True".into())
}

fn of_age(verified: Option<Timestamp>, limits: &Limits) -> Option<String> {
    let Some(verified) = verified else {
        return Some("the status does not say when Cognito was read".into());
    };
    if verified > limits.at {
        let ahead = elapsed(limits.at, verified);
        return (ahead > CLOCKS).then(|| format!("verified at {verified}, which is yet to come"));
    }
    let age = elapsed(verified, limits.at);
    let hours = |time: Duration| time.as_secs() / 3600;
    (age > limits.max_age).then(|| {
        format!("stale: last verified {} h ago, the limit is {} h", hours(age), hours(limits.max_age))
    })
}
