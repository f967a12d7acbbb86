//! Who else writes the same pool: a field that drifts again and again after each correction.
//!
//! The corrections in the status tell, so a restart forgets nothing. Nothing is stored that says "contested": when
//! the drift stops, the corrections grow old, and it is over by itself.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use super::step::Plan;
use crate::{
    api::v1alpha1::{Correction, UserPoolMfaConfig},
    elapsed::since,
};

/// How many corrections of one field in a row make it contested.
const RUN: u32 = 3;
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
    let longest = fields.map(|field| run(corrections, field, interval, now)).max()?;
    // A clock that went back shows no time since the last correction: the wait is never longer than the pause.
    let left = paused(longest).saturating_sub(since(last, now));
    (!left.is_zero()).then_some(left)
}

/// The fields that the last correction made contested: they drifted as often as it takes, and no oftener yet.
#[must_use]
pub fn newly(corrections: &[Correction], interval: Duration) -> Vec<&str> {
    let Some(last) = corrections.last() else { return Vec::new() };
    let fields: BTreeSet<_> = last.fields.iter().map(String::as_str).collect();
    fields.into_iter().filter(|field| run(corrections, field, interval, last.time) == RUN).collect()
}

/// How many corrections in a row, up to now, were of this field. A check that found it as declared ends the row; checks
/// leave no trace, so it ends when a correction is older than two of them and the pause before the next.
fn run(corrections: &[Correction], field: &str, interval: Duration, now: Timestamp) -> u32 {
    let within = |run: u32, from: Timestamp, to: Timestamp| {
        since(from, to) <= paused(run) + interval.saturating_mul(2)
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

fn paused(run: u32) -> Duration {
    if run < RUN { Duration::ZERO } else { PAUSE.saturating_mul(1 << (run - RUN).min(8)) }
}
