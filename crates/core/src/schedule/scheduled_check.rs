//! The scheduled check of a pool, once in each drift check interval.
//!
//! A hash of the object's UID decides the moment within the interval. So the checks of ten thousand objects are spread
//! evenly, and a restart makes no check due. A missed check is made at the next moment.

use std::time::Duration;

use jiff::Timestamp;

use super::jitter::hash_of;

/// The wait until the object's next scheduled check: more than zero, and at most the interval.
#[must_use]
pub fn until_scheduled_check(uid: &str, interval: Duration, now: Timestamp) -> Duration {
    let interval_millis = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX).max(1);
    // The salt is part of every running schedule: another one would move all checks at an upgrade.
    let check_offset = hash_of(uid, "slot") % interval_millis;
    let now_offset = u64::try_from(now.as_millisecond()).unwrap_or(0) % interval_millis;
    Duration::from_millis(interval_millis - (now_offset + interval_millis - check_offset) % interval_millis)
}

/// The wait before the read that confirms an accepted write: 30 to 60 seconds.
#[must_use]
pub fn until_confirmation(uid: &str, generation: i64) -> Duration {
    Duration::from_secs(30) + Duration::from_millis(hash_of(uid, &generation.to_string()) % 30_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const INTERVAL: Duration = Duration::from_mins(10);

    proptest! {
        #[test]
        fn a_scheduled_check_is_ahead_and_within_the_interval(uid in "[a-f0-9-]{36}", secs in 0i64..4_000_000_000, interval in 60u64..86_400) {
            let interval = Duration::from_secs(interval);
            let wait = until_scheduled_check(&uid, interval, Timestamp::from_second(secs).unwrap());
            prop_assert!(wait > Duration::ZERO && wait <= interval);
        }

        #[test]
        fn a_scheduled_check_stays_when_the_operator_restarts(uid in "[a-f0-9-]{36}", secs in 0i64..4_000_000_000, later in 0u64..600_000) {
            let now = Timestamp::from_second(secs).unwrap();
            let first = until_scheduled_check(&uid, INTERVAL, now);
            let later = Duration::from_millis(later % u64::try_from(first.as_millis()).unwrap());
            prop_assert_eq!(first, until_scheduled_check(&uid, INTERVAL, now + later) + later);
        }
    }

    #[test]
    fn ten_thousand_scheduled_checks_are_spread_evenly() {
        let mut checks_by_minute = [0u32; 10];
        for number in 0..10_000 {
            let wait = until_scheduled_check(&format!("uid-{number}"), INTERVAL, Timestamp::UNIX_EPOCH);
            checks_by_minute[usize::try_from(wait.as_secs() / 60).unwrap().min(9)] += 1;
        }
        assert!(checks_by_minute.iter().all(|count| (850..1150).contains(count)), "{checks_by_minute:?}");
    }
}
