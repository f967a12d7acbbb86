//! One pass at a time for a pool, whichever object it is for. The Controller sees to that for one object; but when a
//! pool changes hands, the older declaration may still be on its way.

use std::{collections::HashMap, sync::Arc, time::Duration};

use cognito_mfa_core::calls::failure::SET_TIMEOUT;
use parking_lot::Mutex;
use tokio::time::Instant;

/// The wait while another object's pass over the same pool is under way.
const BUSY_WAIT: Duration = Duration::from_secs(1);

/// Who may pass over which pool.
#[derive(Clone, Debug, Default)]
pub struct PoolLocks(Arc<Mutex<HashMap<String, LockState>>>);

#[derive(Clone, Copy, Debug)]
enum LockState {
    Busy,
    BarredUntil(Instant),
}

/// The right to pass over a pool, until it is dropped.
#[derive(Debug)]
pub struct PoolGuard {
    locks: PoolLocks,
    pool: String,
    barred: Duration,
}

impl PoolLocks {
    /// A turn on the pool.
    ///
    /// # Errors
    /// The wait, when the pool is not free.
    pub fn lock(&self, pool: &str) -> Result<PoolGuard, Duration> {
        let mut pools = self.0.lock();
        let now = Instant::now();
        match pools.get(pool) {
            Some(LockState::Busy) => return Err(BUSY_WAIT),
            Some(LockState::BarredUntil(end)) if *end > now => return Err(*end - now),
            Some(LockState::BarredUntil(_)) | None => pools.insert(pool.to_owned(), LockState::Busy),
        };
        Ok(PoolGuard { locks: self.clone(), pool: pool.to_owned(), barred: Duration::ZERO })
    }

    /// Whether the last Set of a pool may still be on its way.
    pub fn any_barred(&self) -> bool {
        let (pools, now) = (self.0.lock(), Instant::now());
        pools.values().any(|state| matches!(state, LockState::BarredUntil(end) if *end > now))
    }
}

impl PoolGuard {
    /// Ends the turn; the pool stays barred for a while.
    pub fn release(mut self, barred: Duration) {
        self.barred = barred;
    }
}

impl Drop for PoolGuard {
    /// A pass that panicked may have left a Set on its way.
    fn drop(&mut self) {
        let barred = if std::thread::panicking() { SET_TIMEOUT } else { self.barred };
        let mut pools = self.locks.0.lock();
        if barred.is_zero() {
            pools.remove(&self.pool);
        } else {
            pools.insert(self.pool.clone(), LockState::BarredUntil(Instant::now() + barred));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::AssertUnwindSafe;

    use super::*;

    #[test]
    fn a_pool_has_one_turn_at_a_time_and_other_pools_have_their_own() {
        let turns = PoolLocks::default();
        let turn = turns.lock("a").unwrap();
        assert_eq!(turns.lock("a").unwrap_err(), BUSY_WAIT);
        assert!(turns.lock("b").is_ok());
        drop(turn);
        assert!(turns.lock("a").is_ok());
    }

    #[test]
    fn a_pass_that_panics_leaves_its_pool_barred_for_as_long_as_a_set_may_last() {
        let turns = PoolLocks::default();
        let turn = turns.lock("a").unwrap();
        let broken = std::panic::catch_unwind(AssertUnwindSafe(move || {
            let _turn = turn;
            panic!("a defect");
        }));
        assert!(broken.is_err() && turns.lock("a").unwrap_err() > SET_TIMEOUT / 2);
    }

    #[test]
    fn a_barred_pool_is_free_when_the_bar_is_over() {
        let turns = PoolLocks::default();
        turns.lock("a").unwrap().release(Duration::from_mins(1));
        assert!(turns.lock("a").unwrap_err() > Duration::from_secs(50));
        turns.lock("b").unwrap().release(Duration::from_nanos(1));
        while turns.lock("b").is_err() {}
        assert!(turns.any_barred());
        assert!(!PoolLocks::default().any_barred());
    }
}
