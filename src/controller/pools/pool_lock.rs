//! Allows one reconciliation of a pool at a time.
//!
//! The Controller ensures this for each object. But when another object becomes the owner of a pool, a write of the
//! previous owner may still be in flight.

use std::{collections::HashMap, sync::Arc, time::Duration};

use cognito_mfa_core::calls::failure::SET_TIMEOUT;
use parking_lot::Mutex;
use tokio::time::Instant;

/// How soon to try again while another object reconciles the same pool.
const BUSY_WAIT: Duration = Duration::from_secs(1);

/// The pools that are locked or barred, by pool id.
#[derive(Clone, Debug, Default)]
pub struct PoolLocks(Arc<Mutex<HashMap<String, LockState>>>);

#[derive(Clone, Copy, Debug)]
enum LockState {
    Locked,
    /// The last write may still reach Cognito until then.
    BlockedUntil(Instant),
}

/// The lock on a pool. Dropping it unlocks the pool.
#[derive(Debug)]
pub struct PoolGuard {
    locks: PoolLocks,
    pool: String,
    barred: Duration,
}

impl PoolLocks {
    /// Locks the pool.
    ///
    /// # Errors
    /// How long to wait, if the pool is locked or barred.
    pub fn lock(&self, pool: &str) -> Result<PoolGuard, Duration> {
        let mut pools = self.0.lock();
        let now = Instant::now();
        match pools.get(pool) {
            Some(LockState::Locked) => return Err(BUSY_WAIT),
            Some(LockState::BlockedUntil(end)) if *end > now => return Err(*end - now),
            Some(LockState::BlockedUntil(_)) | None => pools.insert(pool.to_owned(), LockState::Locked),
        };
        Ok(PoolGuard { locks: self.clone(), pool: pool.to_owned(), barred: Duration::ZERO })
    }

    /// Whether the last write to any pool may still be in flight.
    pub fn any_blocked(&self) -> bool {
        let (pools, now) = (self.0.lock(), Instant::now());
        pools.values().any(|state| matches!(state, LockState::BlockedUntil(end) if *end > now))
    }
}

impl PoolGuard {
    /// Unlocks the pool, but bars it for a while.
    pub fn release(mut self, barred: Duration) {
        self.barred = barred;
    }
}

impl Drop for PoolGuard {
    /// A reconciliation that panics may leave a write in flight.
    fn drop(&mut self) {
        let barred = if std::thread::panicking() { SET_TIMEOUT } else { self.barred };
        let mut pools = self.locks.0.lock();
        if barred.is_zero() {
            pools.remove(&self.pool);
        } else {
            pools.insert(self.pool.clone(), LockState::BlockedUntil(Instant::now() + barred));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;

    use super::*;

    #[test]
    fn a_pool_is_locked_once_and_other_pools_are_not_affected() {
        let locks = PoolLocks::default();
        let guard = locks.lock("a").unwrap();
        assert_eq!(locks.lock("a").unwrap_err(), BUSY_WAIT);
        assert!(locks.lock("b").is_ok());
        drop(guard);
        assert!(locks.lock("a").is_ok());
    }

    #[test]
    fn a_panic_bars_the_pool_for_as_long_as_a_write_may_last() {
        let locks = PoolLocks::default();
        let guard = locks.lock("a").unwrap();
        let panicked = std::panic::catch_unwind(AssertUnwindSafe(move || {
            let _guard = guard;
            panic!("a bug");
        }));
        assert!(panicked.is_err() && locks.lock("a").unwrap_err() > SET_TIMEOUT / 2);
    }

    #[test]
    fn a_barred_pool_can_be_locked_when_its_bar_has_ended() {
        let locks = PoolLocks::default();
        locks.lock("a").unwrap().release(Duration::from_mins(1));
        assert!(locks.lock("a").unwrap_err() > Duration::from_secs(50));
        locks.lock("b").unwrap().release(Duration::from_nanos(1));
        while locks.lock("b").is_err() {}
        assert!(locks.any_blocked());
        assert!(!PoolLocks::default().any_blocked());
    }
}
