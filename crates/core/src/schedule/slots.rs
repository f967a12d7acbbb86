//! When a pool is looked at next.
//!
//! Each object has a slot in its interval from a hash of its UID, so that a restart of ten thousand objects asks
//! for nothing and spreads by itself; a missed slot waits for the next.

use std::time::Duration;

use jiff::Timestamp;

use crate::digest::digest;

/// The shortest and the longest interval.
const INTERVAL_BOUNDS: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(24));

/// Reads an interval such as `10m` or `1h30m`, within a minute and a day.
///
/// # Errors
/// A sentence that says what to write.
pub fn parse_interval(text: &str) -> Result<Duration, String> {
    let span =
        parse_duration(text).ok_or_else(|| format!("{text:?} is no duration: write it like 10m or 1h30m"))?;
    if span < INTERVAL_BOUNDS.0 || span > INTERVAL_BOUNDS.1 {
        return Err(format!("{text:?} is out of bounds: an interval goes from 1m to 24h"));
    }
    Ok(span)
}

/// The sum of numbers with their units, in any order and also repeated: what the CRD's rule takes.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut sum = Duration::ZERO;
    for part in text.split_inclusive(['h', 'm', 's']) {
        let (number, unit) = part.split_at_checked(part.len() - 1)?;
        let seconds = match unit {
            "h" => 3600,
            "m" => 60,
            "s" => 1,
            _ => return None,
        };
        let number: u32 = number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok())??;
        sum += Duration::from_secs(u64::from(number) * seconds);
    }
    Some(sum)
}

/// The wait until the object's next slot: more than nothing, at most the interval.
#[must_use]
pub fn until_scheduled_check(uid: &str, interval: Duration, now: Timestamp) -> Duration {
    let every = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX).max(1);
    let slot = hash_of(uid, "slot") % every;
    let here = u64::try_from(now.as_millisecond()).unwrap_or(0) % every;
    Duration::from_millis(every - (here + every - slot) % every)
}

/// The wait before the one confirming Get after an accepted Set: 30 to 60 seconds.
#[must_use]
pub fn until_confirmation(uid: &str, generation: i64) -> Duration {
    Duration::from_secs(30) + Duration::from_millis(hash_of(uid, &generation.to_string()) % 30_000)
}

/// A wait shortened by up to a fifth, differently for each object and attempt, so that what failed together does
/// not come back together.
#[must_use]
pub fn jittered(wait: Duration, uid: &str, attempt: u32) -> Duration {
    let cut = hash_of(uid, &attempt.to_string()) % 200;
    wait.mul_f64(1.0 - f64::from(u32::try_from(cut).unwrap_or(0)) / 1000.0)
}

fn hash_of(uid: &str, salt: &str) -> u64 {
    u64::try_from(digest(format!("{uid}/{salt}").as_bytes()) >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEN: Duration = Duration::from_mins(10);

    proptest! {
        #[test]
        fn a_slot_is_always_ahead_and_within_the_interval(uid in "[a-f0-9-]{36}", secs in 0i64..4_000_000_000, every in 60u64..86_400) {
            let every = Duration::from_secs(every);
            let wait = until_scheduled_check(&uid, every, Timestamp::from_second(secs).unwrap());
            prop_assert!(wait > Duration::ZERO && wait <= every);
        }

        #[test]
        fn a_slot_stays_the_same_slot_however_often_the_operator_restarts(uid in "[a-f0-9-]{36}", secs in 0i64..4_000_000_000, later in 0u64..600) {
            let now = Timestamp::from_second(secs).unwrap();
            let first = until_scheduled_check(&uid, TEN, now);
            prop_assume!(Duration::from_secs(later) < first);
            let again = until_scheduled_check(&uid, TEN, now + Duration::from_secs(later));
            prop_assert_eq!(first, again + Duration::from_secs(later));
        }

        #[test]
        fn jitter_only_shortens_and_by_at_most_a_fifth(uid in ".{0,40}", attempt: u32) {
            let wait = jittered(TEN, &uid, attempt);
            prop_assert!(wait <= TEN && wait >= TEN.mul_f64(0.8));
        }

        #[test]
        fn any_text_is_an_interval_within_bounds_or_a_sentence(text in ".{0,20}") {
            match parse_interval(&text) {
                Ok(every) => prop_assert!(every >= INTERVAL_BOUNDS.0 && every <= INTERVAL_BOUNDS.1),
                Err(why) => prop_assert!(why.contains("interval goes") || why.contains("write it")),
            }
        }
    }

    #[test]
    fn ten_thousand_slots_spread_evenly() {
        let mut minutes = [0u32; 10];
        for number in 0..10_000 {
            let wait = until_scheduled_check(&format!("uid-{number}"), TEN, Timestamp::UNIX_EPOCH);
            minutes[usize::try_from(wait.as_secs() / 60).unwrap().min(9)] += 1;
        }
        assert!(minutes.iter().all(|count| (850..1150).contains(count)), "{minutes:?}");
    }

    #[test]
    fn intervals_are_read_as_people_write_them() {
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
