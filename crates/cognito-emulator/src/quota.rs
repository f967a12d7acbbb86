//! AWS's request quotas: a token bucket for each category in an account and Region, and one for each operation on a
//! pool. Time comes in as a value.

use std::{collections::BTreeMap, time::Duration};

use crate::error::ApiError;

/// At most this many calls of one operation on one pool in a second. [docs]
const PER_POOL: f64 = 5.0;

/// The buckets. Off by default, so that a test is not slowed by accident.
#[derive(Debug, Default)]
pub struct Quota {
    /// Whether calls are counted and refused.
    pub enabled: bool,
    buckets: BTreeMap<String, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Duration,
}

/// The quota category of an operation and its rate in calls a second. [docs]
fn category(operation: &str) -> Option<(&'static str, f64)> {
    match operation {
        "GetUserPoolMfaConfig" => Some(("UserPoolResourceRead", 20.0)),
        "SetUserPoolMfaConfig" => Some(("UserPoolResourceUpdate", 15.0)),
        "DescribeUserPool" | "ListUserPools" => Some(("UserPoolRead", 15.0)),
        "CreateUserPool" | "UpdateUserPool" | "DeleteUserPool" => Some(("UserPoolUpdate", 15.0)),
        _ => None,
    }
}

impl Quota {
    /// Counts a call at `now` (time since any fixed start).
    ///
    /// # Errors
    /// TooManyRequestsException when the account's bucket or the pool's is empty; nothing is then taken from either.
    pub fn admit(
        &mut self,
        owner: &str,
        operation: &str,
        pool: Option<&str>,
        now: Duration,
    ) -> Result<(), ApiError> {
        let Some((category, rate)) = category(operation).filter(|_| self.enabled) else { return Ok(()) };
        let shared = format!("{owner} {category}");
        let own = pool.map(|pool| format!("{pool} {operation}"));
        let admitted = self.has_token(&shared, rate, now)
            && own.as_ref().is_none_or(|own| self.has_token(own, PER_POOL, now));
        if !admitted {
            return Err(ApiError::new("TooManyRequestsException", format!("Rate exceeded for {category}")));
        }
        for key in [Some(shared), own].into_iter().flatten() {
            self.buckets.entry(key).and_modify(|bucket| bucket.tokens -= 1.0);
        }
        Ok(())
    }

    fn has_token(&mut self, key: &str, rate: f64, now: Duration) -> bool {
        let bucket = self.buckets.entry(key.into()).or_insert(Bucket { tokens: rate, filled_at: now });
        let passed = now.saturating_sub(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * rate).min(rate);
        bucket.filled_at = now;
        bucket.tokens >= 1.0
    }
}
