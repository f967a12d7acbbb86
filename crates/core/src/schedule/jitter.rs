//! Jitter from hashes: it differs between objects and attempts, and is the same in every process.

use std::time::Duration;

use crate::digest::digest;

/// The wait shortened by up to a fifth, differently for each object and attempt, so that objects that failed together are
/// not retried together.
#[must_use]
pub fn jittered(wait: Duration, uid: &str, attempt: u32) -> Duration {
    let thousandths = hash_of(uid, &attempt.to_string()) % 200;
    wait.mul_f64(1.0 - f64::from(u32::try_from(thousandths).unwrap_or(0)) / 1000.0)
}

/// A hash of an object's UID. Each use has its own salt, so that the hashes of one object are independent.
pub(super) fn hash_of(uid: &str, salt: &str) -> u64 {
    u64::try_from(digest(format!("{uid}/{salt}").as_bytes()) >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn jitter_shortens_a_wait_by_at_most_a_fifth(uid in ".{0,40}", attempt: u32) {
            let wait = Duration::from_mins(10);
            let shortened = jittered(wait, &uid, attempt);
            prop_assert!(shortened <= wait && shortened >= wait.mul_f64(0.8));
        }
    }
}
