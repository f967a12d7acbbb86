//! Who else writes the same pool: a field that drifts again and again after each correction.
//!
//! The corrections in the status tell, so a restart forgets nothing. Nothing is stored that says "contested": when
//! the drift stops, the corrections grow old, and it is over by itself.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use super::step::Plan;
use crate::{
    api::v1alpha1::{Correction, UserPoolMfaConfig},
    elapsed::elapsed,
};

/// How many corrections of one field in a row make it contested.
const CONTESTED_AFTER: u32 = 3;
/// The wait between two corrections of a contested field, by how long it has been: doubled each time.
const PAUSE: Duration = Duration::from_hours(1);

/// How much longer a planned correction of drift waits, where what it corrects is contested.
#[must_use]
pub fn pause(
    object: &UserPoolMfaConfig,
    plan: &Plan,
    interval: Duration,
    now: Timestamp,
) -> Option<Duration> {
    let corrections = &object.status.as_ref()?.corrections;
    let last = corrections.last()?.time;
    let fields = plan.differences.iter().map(|difference| difference.field.as_str());
    let longest = fields.map(|field| corrections_in_a_row(corrections, field, interval, now)).max()?;
    // A clock that went back shows no time since the last correction: the wait is never longer than the pause.
    let left = pause_after(longest).saturating_sub(elapsed(last, now));
    (!left.is_zero()).then_some(left)
}

/// The fields that the last correction made contested: they drifted as often as it takes, and no oftener yet.
#[must_use]
pub fn newly_contested(corrections: &[Correction], interval: Duration) -> Vec<&str> {
    let Some(last) = corrections.last() else { return Vec::new() };
    let fields: BTreeSet<_> = last.fields.iter().map(String::as_str).collect();
    fields
        .into_iter()
        .filter(|field| corrections_in_a_row(corrections, field, interval, last.time) == CONTESTED_AFTER)
        .collect()
}

/// How many corrections in a row, up to now, were of this field. A check that found it as declared ends the row; checks
/// leave no trace, so it ends when a correction is older than two of them and the pause before the next.
fn corrections_in_a_row(corrections: &[Correction], field: &str, interval: Duration, now: Timestamp) -> u32 {
    let within = |run: u32, from: Timestamp, to: Timestamp| {
        elapsed(from, to) <= pause_after(run) + interval.saturating_mul(2)
    };
    let (mut run, mut last) = (0, None);
    for correction in corrections {
        let goes_on = last.is_some_and(|last| within(run, last, correction.time));
        let of_it = correction.fields.iter().any(|corrected| corrected == field);
        run = if of_it { run * u32::from(goes_on) + 1 } else { 0 };
        last = Some(correction.time);
    }
    if last.is_some_and(|last| within(run, last, now)) { run } else { 0 }
}

fn pause_after(run: u32) -> Duration {
    if run < CONTESTED_AFTER {
        Duration::ZERO
    } else {
        PAUSE.saturating_mul(1 << (run - CONTESTED_AFTER).min(8))
    }
}
