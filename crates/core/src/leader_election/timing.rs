//! The durations of the leader election.

use std::time::Duration;

/// How long a Lease is valid and how often it is renewed. The names follow client-go's leader election.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long another replica must see a Lease unchanged before it takes it over.
    pub duration: Duration,
    /// How old the last confirmed renewal of a leader may be, counted from when the renewal began.
    pub deadline: Duration,
    /// The wait between two attempts to acquire or renew the Lease.
    pub retry: Duration,
}

impl Timing {
    /// Checks that the durations fit each other.
    ///
    /// # Errors
    /// A sentence that names the flag and says what to write.
    pub fn new(duration: Duration, deadline: Duration, retry: Duration) -> Result<Self, String> {
        let two_retries = retry.saturating_mul(2);
        if duration.subsec_nanos() != 0 || i32::try_from(duration.as_secs()).is_err() {
            return Err(format!("--lease-duration {duration:?}: write whole seconds, such as 15s"));
        }
        if retry.is_zero() {
            return Err("--lease-retry-period: write more than zero, such as 2s".into());
        }
        if deadline <= two_retries {
            return Err(format!(
                "--lease-renew-deadline {deadline:?} leaves no second try: write more than twice --lease-retry-period, which is {retry:?}"
            ));
        }
        let shortest = deadline.saturating_add(two_retries);
        if duration < shortest {
            return Err(format!(
                "--lease-duration {duration:?} is too short: write at least --lease-renew-deadline and twice --lease-retry-period, together {shortest:?}"
            ));
        }
        Ok(Self { duration, deadline, retry })
    }
}
