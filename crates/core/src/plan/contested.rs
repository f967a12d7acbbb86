//! Contested fields: fields that drift again soon after each correction, because somebody else writes the same pool.
//!
//! The corrections in the status are the only memory, so a restart forgets nothing. Once the drift stops, the corrections
//! grow old and the field is no longer contested.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use super::step::Plan;
use crate::{
    api::v1alpha1::{Correction, UserPoolMfaConfig},
    elapsed::elapsed,
};

/// The consecutive corrections of one field that make it contested.
const CONTESTED_AFTER: u32 = 3;
/// The first pause before the correction of a contested field. It doubles with each further correction.
const PAUSE: Duration = Duration::from_hours(1);

/// The remaining pause before a planned correction of drift, if one of its fields is contested.
#[must_use]
pub fn remaining_pause(
    object: &UserPoolMfaConfig,
    plan: &Plan,
    interval: Duration,
    now: Timestamp,
) -> Option<Duration> {
    let corrections = &object.status.as_ref()?.corrections;
    let last_correction = corrections.last()?.time;
    let fields = plan.differences.iter().map(|difference| difference.field.as_str());
    let count = fields.map(|field| consecutive_corrections(corrections, field, interval, now)).max()?;
    // After a clock was set back no time seems to have passed. The pause then starts again, and never gets longer.
    let remaining = pause_after(count).saturating_sub(elapsed(last_correction, now));
    (!remaining.is_zero()).then_some(remaining)
}

/// The fields that became contested by the last correction.
#[must_use]
pub fn newly_contested(corrections: &[Correction], interval: Duration) -> Vec<&str> {
    let Some(last) = corrections.last() else { return Vec::new() };
    let fields: BTreeSet<_> = last.fields.iter().map(String::as_str).collect();
    fields
        .into_iter()
        .filter(|field| consecutive_corrections(corrections, field, interval, last.time) == CONTESTED_AFTER)
        .collect()
}

/// The number of consecutive corrections of a field, up to `now`.
///
/// A check that finds the field as declared ends the sequence. Such a check leaves no trace in the status, so the sequence
/// ends when a correction is older than two intervals and the pause before the next correction.
fn consecutive_corrections(
    corrections: &[Correction],
    field: &str,
    interval: Duration,
    now: Timestamp,
) -> u32 {
    let continues = |count: u32, from: Timestamp, to: Timestamp| {
        elapsed(from, to) <= pause_after(count) + interval.saturating_mul(2)
    };
    let (mut count, mut last) = (0, None);
    for correction in corrections {
        let follows = last.is_some_and(|last| continues(count, last, correction.time));
        let has_field = correction.fields.iter().any(|corrected| corrected == field);
        count = match (has_field, follows) {
            (true, true) => count + 1,
            (true, false) => 1,
            (false, _) => 0,
        };
        last = Some(correction.time);
    }
    if last.is_some_and(|last| continues(count, last, now)) { count } else { 0 }
}

fn pause_after(count: u32) -> Duration {
    if count < CONTESTED_AFTER {
        Duration::ZERO
    } else {
        PAUSE.saturating_mul(1 << (count - CONTESTED_AFTER).min(8))
    }
}
