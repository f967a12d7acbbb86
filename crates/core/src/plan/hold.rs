//! Whether a planned Set may be made now, or waits although it is right.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    budget::WeakeningBudget,
    contested::pause,
    step::{Cause, Plan, Step},
    weakening::strengthens,
};
use crate::{
    access::ownership::object_key,
    api::v1alpha1::{ALLOW_LOWERING, UserPoolMfaConfig},
    settings::observed::Observed,
};

/// Why a Set waits, and how long at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The fleet's allowance of lowerings is used up.
    HourlyLimit {
        /// Before it is worth asking again.
        left: Duration,
        /// The generation that the annotation may name.
        generation: i64,
    },
    /// Somebody else keeps changing the same field.
    Contested {
        /// Before the next correction.
        left: Duration,
    },
}

impl Hold {
    /// How long, at least.
    #[must_use]
    pub fn retry_after(self) -> Duration {
        match self {
            Self::HourlyLimit { left, .. } | Self::Contested { left } => left,
        }
    }
}

/// The times that a decision is made at.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The wall clock's.
    pub wall_clock: Timestamp,
    /// Since the fixed start that the breaker counts from.
    pub since_start: Duration,
}

/// Asks for a Set. One that lowers is counted by the breaker until it is told what became of it.
///
/// What a hand took away is given back at once, however often, and whatever else the same Set takes away: a full
/// replace cannot be parted, and who turns MFA off could keep it off by turning something else on. A changed spec has no
/// such hurry.
///
/// # Errors
/// Why the Set waits.
pub fn check_hold(
    object: &UserPoolMfaConfig,
    live: &Observed,
    plan: &Plan,
    interval: Duration,
    breaker: &mut WeakeningBudget,
    now: Now,
) -> Result<(), Hold> {
    let drift = plan.step == Step::Write(Cause::Drift);
    let restores = drift && strengthens(&live.settings, &object.spec.settings);
    if drift
        && !restores
        && let Some(left) = pause(object, plan, interval, now.wall_clock)
    {
        return Err(Hold::Contested { left });
    }
    if plan.weakens.is_empty() {
        return Ok(());
    }
    let generation = object.metadata.generation.unwrap_or_default();
    if restores || is_approved(object) {
        breaker.record_exempt(&object_key(object), generation, now.since_start);
        return Ok(());
    }
    breaker
        .request(&object_key(object), generation, now.since_start)
        .map_err(|left| Hold::HourlyLimit { left, generation })
}

/// Whether somebody let this very generation lower the pool.
#[must_use]
pub fn is_approved(object: &UserPoolMfaConfig) -> bool {
    let named = object.metadata.annotations.as_ref().and_then(|annotations| annotations.get(ALLOW_LOWERING));
    let generation = object.metadata.generation.map(|generation| generation.to_string());
    named.is_some_and(|named| Some(named.trim()) == generation.as_deref())
}
