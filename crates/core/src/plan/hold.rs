//! Whether a planned Set may be made now, or waits although it is right.

use std::time::Duration;

use jiff::Timestamp;

use super::{
    budget::Breaker,
    contested::pause,
    step::{Cause, Plan, Step},
    weakening::raises,
};
use crate::{
    access::ownership::key,
    api::v1alpha1::{ALLOW_LOWERING, UserPoolMfaConfig},
    settings::observed::Live,
};

/// Why a Set waits, and how long at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// The fleet's allowance of lowerings is used up.
    Lowering {
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

impl Wait {
    /// How long, at least.
    #[must_use]
    pub fn left(self) -> Duration {
        match self {
            Self::Lowering { left, .. } | Self::Contested { left } => left,
        }
    }
}

/// The times that a decision is made at.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The wall clock's.
    pub clock: Timestamp,
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
pub fn gate(
    object: &UserPoolMfaConfig,
    live: &Live,
    plan: &Plan,
    interval: Duration,
    breaker: &mut Breaker,
    now: Now,
) -> Result<(), Wait> {
    let drift = plan.step == Step::Set(Cause::Drift);
    let restores = drift && raises(&live.settings, &object.spec.settings);
    if drift
        && !restores
        && let Some(left) = pause(object, plan, interval, now.clock)
    {
        return Err(Wait::Contested { left });
    }
    if plan.lowers.is_empty() {
        return Ok(());
    }
    let generation = object.metadata.generation.unwrap_or_default();
    if restores || is_named(object) {
        breaker.allow(&key(object), generation, now.since_start);
        return Ok(());
    }
    breaker.ask(&key(object), generation, now.since_start).map_err(|left| Wait::Lowering { left, generation })
}

/// Whether somebody let this very generation lower the pool.
#[must_use]
pub fn is_named(object: &UserPoolMfaConfig) -> bool {
    let named = object.metadata.annotations.as_ref().and_then(|annotations| annotations.get(ALLOW_LOWERING));
    let generation = object.metadata.generation.map(|generation| generation.to_string());
    named.is_some_and(|named| Some(named.trim()) == generation.as_deref())
}
