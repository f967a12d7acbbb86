//! Contested fields: fields that drift again soon after each correction, because somebody else writes the same pool.
//! They are reported, and never delay a correction.
//!
//! The corrections in the status are the only memory, so a restart forgets nothing. Once the drift stops, the corrections
//! grow old and the field is no longer contested.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;

use crate::{api::v1alpha1::Correction, elapsed::elapsed};

/// The consecutive corrections of one field that make it contested.
const CONTESTED_AFTER: u32 = 3;

/// The fields that are contested now.
#[must_use]
pub fn contested_fields(corrections: &[Correction], interval: Duration, now: Timestamp) -> Vec<&str> {
    let fields: BTreeSet<_> = fields_of_last(corrections).collect();
    let is_contested =
        |field: &&str| consecutive_corrections(corrections, field, interval, now) >= CONTESTED_AFTER;
    fields.into_iter().filter(is_contested).collect()
}

/// The fields that became contested by the last correction.
#[must_use]
pub fn newly_contested(corrections: &[Correction], interval: Duration) -> Vec<&str> {
    let Some(last) = corrections.last() else { return Vec::new() };
    let fields: BTreeSet<_> = fields_of_last(corrections).collect();
    fields
        .into_iter()
        .filter(|field| consecutive_corrections(corrections, field, interval, last.time) == CONTESTED_AFTER)
        .collect()
}

fn fields_of_last(corrections: &[Correction]) -> impl Iterator<Item = &str> {
    corrections.last().into_iter().flat_map(|last| &last.fields).map(String::as_str)
}

/// The number of consecutive corrections of a field, up to `now`.
///
/// A check that finds the field as declared ends the sequence. Such a check leaves no trace in the status, so the sequence
/// ends when a correction is older than two intervals.
fn consecutive_corrections(
    corrections: &[Correction],
    field: &str,
    interval: Duration,
    now: Timestamp,
) -> u32 {
    let continues = |from: Timestamp, to: Timestamp| elapsed(from, to) <= interval.saturating_mul(2);
    let (mut count, mut last) = (0, None);
    for correction in corrections {
        let follows = last.is_some_and(|last| continues(last, correction.time));
        let has_field = correction.fields.iter().any(|corrected| corrected == field);
        count = match (has_field, follows) {
            (true, true) => count + 1,
            (true, false) => 1,
            (false, _) => 0,
        };
        last = Some(correction.time);
    }
    if last.is_some_and(|last| continues(last, now)) { count } else { 0 }
}
