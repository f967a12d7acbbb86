//! Passing failures (throttling, outages, conflicts) end without a person, so a status does not report them at once.

use std::time::Duration;

use super::{conditions::has_grace, outcome::Outcome};
use crate::{
    api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfigStatus},
    calls::failure::Operation,
    settings::{diff, truncate::truncated},
};

/// The least age of the last good check at which failed reads make Ready Unknown.
const LEAST_STALE_AGE: Duration = Duration::from_mins(15);
/// The passing failures in a row that no status reports, so that a blip of seconds costs no write.
const BLIP: u32 = 3;

/// What this process knows of the recent checks of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecentChecks {
    /// The time since the last read that Cognito answered, or since this process began to lead.
    pub last_good_age: Duration,
    /// The passing failures in a row before this reconciliation.
    pub passing_failures: u32,
    /// The drift check interval.
    pub interval: Duration,
}

impl RecentChecks {
    /// The recent checks of an object that is checked for the first time, at this interval.
    #[must_use]
    pub fn first(interval: Duration) -> Self {
        Self { last_good_age: Duration::ZERO, passing_failures: 0, interval }
    }
}

/// How much of a failure the status reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Nothing: it may pass within seconds.
    Nothing,
    /// `lastError`, and what the failed reconciliation observed. The conditions stay.
    LastError,
    /// The conditions, too.
    Everything,
}

/// How much of an outcome the status reports, given the status before it.
///
/// While a read fails, the conditions stay as long as Ready is of this generation and the last answered read is recent. A
/// Stalled object stays Stalled, whatever call fails in passing, and a grace period goes on: a refused spec must not look
/// as if it were being applied. A difference that is new is always reported.
#[must_use]
pub fn report_of(
    before: &UserPoolMfaConfigStatus,
    outcome: &Outcome,
    generation: i64,
    recent: RecentChecks,
) -> Report {
    let Outcome::Failed(failure, observed) = outcome else { return Report::Everything };
    let is_current = |type_: ConditionType| {
        before.condition(type_).is_some_and(|condition| condition.observed_generation == Some(generation))
    };
    let sees_nothing_new = observed.as_ref().is_none_or(|(observed, _)| {
        let shown = truncated(&observed.settings);
        before.observed.as_ref().is_some_and(|before| diff::is_same(before, &shown))
    });
    let in_grace = before.condition(ConditionType::Reconciling).is_some_and(has_grace);
    let is_waiting_for_a_person =
        is_current(ConditionType::Stalled) || (in_grace && is_current(ConditionType::Reconciling));
    let is_young = recent.last_good_age < LEAST_STALE_AGE.max(recent.interval.saturating_mul(2));
    let is_hidden = outcome.is_passing_failure()
        && !before.reason(ConditionType::Ready).is_some_and(Reason::makes_no_call)
        && ((is_waiting_for_a_person && sees_nothing_new)
            || (failure.operation == Operation::Get && is_current(ConditionType::Ready) && is_young));
    match (is_hidden, observed) {
        (false, _) => Report::Everything,
        (true, None) if recent.passing_failures < BLIP => Report::Nothing,
        (true, _) => Report::LastError,
    }
}
