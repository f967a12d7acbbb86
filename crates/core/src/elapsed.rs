//! The time that has passed since a timestamp.

use std::time::Duration;

use jiff::Timestamp;

/// The time from `then` to `now`, or zero when `now` is earlier because a clock was set back.
#[must_use]
pub fn elapsed(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or(Duration::ZERO)
}
