//! When the turn of an object on hold is expected.

use std::time::Duration;

use jiff::Timestamp;

use super::HOUR;
use crate::elapsed::elapsed;

/// The longest wait before an object on hold asks again when its turn depends on a write without a result.
const PENDING_RETRY: Duration = Duration::from_mins(1);
/// Turns within this time are announced to the quarter of an hour, later ones to the hour.
const SOON: Duration = Duration::from_hours(2);
const QUARTER: Duration = Duration::from_mins(15);
/// How much sooner than announced a turn may be expected before another time is announced.
const TOLERANCE: Duration = Duration::from_mins(75);
/// A far turn may also be expected sooner or later than announced, by this part of the wait: other namespaces join and
/// leave, and the exact time matters little yet.
const TOLERANCE_OF_WAIT: u32 = 4;

/// The turn of an object on hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The wait before the next request.
    pub retry_after: Duration,
    /// The time around which the write is expected. None when the limit allows no write at all.
    pub expected: Option<Timestamp>,
}

/// The wait until the turn of the object at `place`, when `taken_at` are the times of the writes that count. None when
/// the limit is 0.
pub(super) fn wait(limit: usize, taken_at: &[Duration], place: usize, now: Duration) -> Option<Duration> {
    let rounds = place.checked_div(limit)?;
    let (free, surplus) = (limit.saturating_sub(taken_at.len()), taken_at.len().saturating_sub(limit));
    let taken = (place % limit).checked_sub(free).and_then(|index| taken_at.get(surplus + index));
    let first = taken.map_or(Duration::ZERO, |taken_at| (*taken_at + HOUR).saturating_sub(now));
    Some(first + HOUR.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX)))
}

/// The wait before the next request. An earlier place may become free by then, so the wait is at most an hour.
pub(super) fn retry_after(wait: Option<Duration>, depends_on_pending: bool) -> Duration {
    match wait.unwrap_or(HOUR) {
        // A write that is due for more than an hour takes its place all the same.
        wait if depends_on_pending && (wait.is_zero() || wait > PENDING_RETRY) => PENDING_RETRY,
        wait => wait.min(HOUR),
    }
}

/// The time to announce for a turn after `wait`. The time that was announced before stays while it is about right: the
/// status shows it, and must not change at every check.
pub(super) fn announced(previous: Option<Timestamp>, wait: Duration, wall_clock: Timestamp) -> Timestamp {
    let expected = wall_clock.checked_add(wait).unwrap_or(wall_clock);
    let unit = if wait <= SOON { QUARTER } else { HOUR };
    let tolerance = wait / TOLERANCE_OF_WAIT;
    let is_right = |previous: &Timestamp| {
        elapsed(*previous, expected) <= tolerance && elapsed(expected, *previous) <= tolerance.max(TOLERANCE)
    };
    previous.filter(is_right).unwrap_or_else(|| rounded_up(expected, unit))
}

fn rounded_up(time: Timestamp, unit: Duration) -> Timestamp {
    let unit = i64::try_from(unit.as_secs()).unwrap_or(i64::MAX);
    let seconds = time.as_second().div_euclid(unit).saturating_add(1).saturating_mul(unit);
    Timestamp::from_second(seconds).unwrap_or(time)
}
