//! Parses durations and the interval of drift checks.

use std::time::Duration;

/// The default of `--drift-check-interval`.
pub const DEFAULT_INTERVAL: Duration = Duration::from_mins(10);
const MIN_INTERVAL: Duration = Duration::from_mins(1);
const MAX_INTERVAL: Duration = Duration::from_hours(24);

/// Parses an interval such as `10m` or `1h30m`, from one minute to 24 hours.
///
/// # Errors
/// A sentence that says what to write.
pub fn parse_interval(text: &str) -> Result<Duration, String> {
    let interval = parse_duration(text)
        .ok_or_else(|| format!("{text:?} is not a duration: write it like 10m or 1h30m"))?;
    if !(MIN_INTERVAL..=MAX_INTERVAL).contains(&interval) {
        return Err(format!("{text:?} is out of bounds: an interval goes from 1m to 24h"));
    }
    Ok(interval)
}

/// Parses a sum of whole hours, minutes and seconds. Units may come in any order and repeat, as the CRD's rule allows.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut sum = Duration::ZERO;
    for part in text.split_inclusive(['h', 'm', 's']) {
        let (number, unit) = part.split_at_checked(part.len() - 1)?;
        let seconds_per_unit = match unit {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        let number: u32 = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
        sum += Duration::from_secs(u64::from(number) * seconds_per_unit);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_an_interval_within_bounds_or_an_error(text in ".{0,20}") {
            match parse_interval(&text) {
                Ok(interval) => prop_assert!(interval >= MIN_INTERVAL && interval <= MAX_INTERVAL),
                Err(error) => prop_assert!(error.contains("interval goes") || error.contains("write it")),
            }
        }
    }

    #[test]
    fn intervals_are_sums_of_hours_minutes_and_seconds() {
        for (text, secs) in [
            ("1m", 60),
            ("10m", 600),
            ("1h30m", 5400),
            ("24h", 86400),
            ("90s", 90),
            ("30m1h", 5400),
            ("1m1m", 120),
        ] {
            assert_eq!(parse_interval(text), Ok(Duration::from_secs(secs)), "{text}");
        }
        for text in ["59s", "25h", "", "10", "ten minutes", "-10m"] {
            assert!(parse_interval(text).is_err(), "{text}");
        }
    }
}
