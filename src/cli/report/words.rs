//! Words that more than one form of the report uses.

use jiff::Timestamp;

/// A time in whole seconds.
pub fn whole(time: Timestamp) -> String {
    Timestamp::from_second(time.as_second()).unwrap_or(time).to_string()
}
