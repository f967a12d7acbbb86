//! One pass at a time for a pool, whichever object it is for. The Controller sees to that for one object; but when a
//! pool changes hands, the older declaration may still be on its way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use cognito_mfa_core::calls::failure::SET_TIMEOUT;
use tokio::time::Instant;

use crate::locked::locked;

/// The wait while another object's pass over the same pool is under way.
const BUSY: Duration = Duration::from_secs(1);

/// Who may pass over which pool.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<Mutex<HashMap<String, State>>>);

#[derive(Clone, Copy, Debug)]
enum State {
    Busy,
    BarredUntil(Instant),
}

/// The right to pass over a pool, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    pool: String,
    barred: Duration,
}

impl Turns {
    /// A turn on the pool.
    ///
    /// # Errors
    /// The wait, when the pool is not free.
    pub fn take(&self, pool: &str) -> Result<Turn, Duration> {
        let mut pools = locked(&self.0);
        let now = Instant::now();
        match pools.get(pool) {
            Some(State::Busy) => return Err(BUSY),
            Some(State::BarredUntil(end)) if *end > now => return Err(*end - now),
            Some(State::BarredUntil(_)) | None => pools.insert(pool.to_owned(), State::Busy),
        };
        Ok(Turn { turns: self.clone(), pool: pool.to_owned(), barred: Duration::ZERO })
    }

    /// Whether the last Set of a pool may still be on its way.
    pub fn any_barred(&self) -> bool {
        let (pools, now) = (locked(&self.0), Instant::now());
        pools.values().any(|state| matches!(state, State::BarredUntil(end) if *end > now))
    }
}

impl Turn {
    /// Ends the turn; the pool stays barred for a while.
    pub fn end(mut self, barred: Duration) {
        self.barred = barred;
    }
}

impl Drop for Turn {
    /// A pass that panicked may have left a Set on its way.
    fn drop(&mut self) {
        let barred = if std::thread::panicking() { SET_TIMEOUT } else { self.barred };
        let mut pools = locked(&self.turns.0);
        if barred.is_zero() {
            pools.remove(&self.pool);
        } else {
            pools.insert(self.pool.clone(), State::BarredUntil(Instant::now() + barred));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_has_one_turn_at_a_time_and_other_pools_have_their_own() {
        let turns = Turns::default();
        let turn = turns.take("a").unwrap();
        assert_eq!(turns.take("a").unwrap_err(), BUSY);
        assert!(turns.take("b").is_ok());
        drop(turn);
        assert!(turns.take("a").is_ok());
    }

    #[test]
    fn a_pass_that_panics_leaves_its_pool_barred_for_as_long_as_a_set_may_last() {
        let turns = Turns::default();
        let turn = turns.take("a").unwrap();
        let broken = std::panic::catch_unwind(move || {
            let _turn = turn;
            panic!("a defect");
        });
        assert!(broken.is_err() && turns.take("a").unwrap_err() > SET_TIMEOUT / 2);
    }

    #[test]
    fn a_barred_pool_is_free_when_the_bar_is_over() {
        let turns = Turns::default();
        turns.take("a").unwrap().end(Duration::from_mins(1));
        assert!(turns.take("a").unwrap_err() > Duration::from_secs(50));
        turns.take("b").unwrap().end(Duration::from_nanos(1));
        while turns.take("b").is_err() {}
        assert!(turns.any_barred());
        assert!(!Turns::default().any_barred());
    }
}
