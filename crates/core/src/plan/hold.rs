//! Holds: reasons to delay a planned write although it is right.

use std::time::Duration;

pub use super::budget::Now;
use super::{
    approval::{ApprovalTarget, approval_target, is_approved},
    budget::{Turn, WeakeningBudget},
    not_taken,
    step::{Cause, Plan, Step},
};
use crate::{access::ownership::object_key, api::v1alpha1::UserPoolMfaConfig, settings::observed::Observed};

/// The reason why a planned write is on hold, and the wait before it may be tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The operator runs with `--observe-only`. The hourly limit is not asked, so the write takes no place in it.
    ObserveOnly,
    /// The hourly limit on weakening writes is used up.
    HourlyLimit {
        /// When it is the object's turn.
        turn: Turn,
        /// What the `allow-lowering` annotation must name to approve the write.
        approval: ApprovalTarget,
    },
    /// Cognito accepted the write and did not take it.
    NotTaken {
        /// The wait before the next write.
        left: Duration,
    },
}

impl Hold {
    /// The wait before the write may be tried again. None when it waits for a person.
    #[must_use]
    pub fn retry_after(self) -> Option<Duration> {
        match self {
            Self::ObserveOnly => None,
            Self::HourlyLimit { turn, .. } => Some(turn.retry_after),
            Self::NotTaken { left } => Some(left),
        }
    }
}

/// Decides whether a planned write may be made now. A weakening write counts in the budget until its result is recorded.
///
/// Exempt from the hourly limit are the corrections of [`exemption`](super::exemption), and what a person approved. A
/// write replaces all settings and cannot be split; otherwise an attacker could keep MFA off by turning another factor on.
///
/// # Errors
/// The hold.
pub fn check_hold(
    object: &UserPoolMfaConfig,
    observed: &Observed,
    plan: &Plan,
    interval: Duration,
    budget: &mut WeakeningBudget,
    now: Now,
) -> Result<(), Hold> {
    if plan.step == Step::Write(Cause::NotTaken)
        && let Some(left) = not_taken::remaining_wait(object, observed, plan, interval, now.wall_clock)
    {
        return Err(Hold::NotTaken { left });
    }
    if plan.weakens.is_empty() {
        return Ok(());
    }
    let generation = object.metadata.generation.unwrap_or_default();
    if is_exempt(object, plan) {
        budget.record_exempt(&object_key(object), generation, now.since_start);
        return Ok(());
    }
    budget
        .request(&object_key(object), generation, now)
        .map_err(|turn| Hold::HourlyLimit { turn, approval: approval_target(object) })
}

/// Whether the planned write is exempt from the hourly limit.
#[must_use]
pub fn is_exempt(object: &UserPoolMfaConfig, plan: &Plan) -> bool {
    plan.restores || is_approved(object)
}
