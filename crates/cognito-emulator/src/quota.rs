//! AWS's request quotas as token buckets. Each account and Region has a bucket for each category of operations; each
//! pool has a bucket for each operation. Time is a parameter.

use std::{collections::BTreeMap, time::Duration};

use crate::error::ApiError;

/// Calls per second of one operation on one pool. [docs]
const PER_POOL: f64 = 5.0;

/// The token buckets. Quotas are off by default, so that no test is slowed by accident.
#[derive(Debug, Default)]
pub struct Quota {
    /// Whether the quotas apply.
    pub enabled: bool,
    buckets: BTreeMap<String, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Duration,
}

/// The quota category of an operation, and its rate in calls per second. [docs]
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
    /// Takes a token from each bucket that a call needs. `account_and_region` is any text that is unique to both. `now`
    /// is the time since any fixed moment.
    ///
    /// # Errors
    /// TooManyRequestsException when a bucket is empty; the other bucket then keeps its token. Its words are reported.
    pub fn admit(
        &mut self,
        account_and_region: &str,
        operation: &str,
        pool: Option<&str>,
        now: Duration,
    ) -> Result<(), ApiError> {
        let Some((category, rate)) = category(operation).filter(|_| self.enabled) else { return Ok(()) };
        let account_bucket = format!("{account_and_region} {category}");
        let pool_bucket = pool.map(|pool| format!("{pool} {operation}"));
        let admitted = self.has_token(&account_bucket, rate, now)
            && pool_bucket.as_ref().is_none_or(|bucket| self.has_token(bucket, PER_POOL, now));
        if !admitted {
            return Err(ApiError::new("TooManyRequestsException", "Rate exceeded"));
        }
        for key in [Some(account_bucket), pool_bucket].into_iter().flatten() {
            self.buckets.entry(key).and_modify(|bucket| bucket.tokens -= 1.0);
        }
        Ok(())
    }

    fn has_token(&mut self, key: &str, rate: f64, now: Duration) -> bool {
        let bucket = self.buckets.entry(key.into()).or_insert(Bucket { tokens: rate, filled_at: now });
        let elapsed = now.saturating_sub(bucket.filled_at).as_secs_f64();
        bucket.tokens = (bucket.tokens + elapsed * rate).min(rate);
        bucket.filled_at = now;
        bucket.tokens >= 1.0
    }
}
