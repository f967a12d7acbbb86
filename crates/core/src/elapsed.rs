//! The time between two moments.

use std::time::Duration;

use jiff::Timestamp;

/// The time from `then` to `now`; none when a clock went back.
#[must_use]
pub fn elapsed(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or(Duration::ZERO)
}
