//! Makes calls wait for their turn. Whose turn it is and when is decided in [`cognito_mfa_core::schedule::queue`]; this only keeps
//! the time.

use std::{collections::HashMap, sync::Arc, time::Duration};

use cognito_mfa_core::{
    calls::failure::{FailureClass, Operation},
    schedule::{
        queue::{CallQueue, CallRequest, NextCall},
        quota::{CallBudget, QuotaScope, pool_gap},
    },
};
use parking_lot::{Mutex, MutexGuard};
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, sleep_until},
};

/// The calls of all scopes, each operation in a lane of its own.
#[derive(Debug)]
pub struct RateLimiter {
    share: f64,
    start: Instant,
    lanes: Mutex<HashMap<(QuotaScope, Operation), Arc<Lane>>>,
}

/// The right to make one call now.
#[derive(Debug)]
pub struct CallTurn {
    lane: Arc<Lane>,
    granted: Duration,
}

#[derive(Debug)]
struct Lane {
    line: Mutex<Line>,
    joined: Notify,
}

#[derive(Debug)]
struct Line {
    queue: CallQueue,
    doors: HashMap<u64, oneshot::Sender<Duration>>,
    /// Whether a task hands out the turns; it ends when nobody waits.
    served: bool,
}

/// A place in a line; dropped, it is taken back.
struct PlaceInLine<'a> {
    lane: &'a Lane,
    ticket: u64,
}

impl RateLimiter {
    /// A limiter at this share of the published quotas.
    pub fn new(share: f64) -> Self {
        Self { share, start: Instant::now(), lanes: Mutex::default() }
    }

    /// Waits for a turn. Dropped while it waits, it leaves no hole.
    pub async fn turn(&self, scope: &QuotaScope, operation: Operation, request: CallRequest) -> CallTurn {
        let lane = self.lane(scope, operation);
        let (ticket, mut door) = lane.join(request, self.start);
        let place = PlaceInLine { lane: &lane, ticket };
        // By reference: cancelled here, the place is taken back before the door is gone.
        let granted = (&mut door).await.expect("a door stays until it opens or its place is taken back");
        drop(place);
        CallTurn { lane, granted }
    }

    /// What became of a permitted call: None when AWS did it. Returns the rate, in calls a second, where that changes
    /// it. An answer of another kind was taken too; no answer says nothing.
    pub fn record_result(&self, turn: &CallTurn, answer: Option<FailureClass>) -> Option<f64> {
        let mut line = turn.lane.line();
        let budget = line.queue.budget();
        let changed = match answer {
            Some(FailureClass::Throttled) => budget.record_throttled(turn.granted, self.start.elapsed()),
            Some(FailureClass::Transient | FailureClass::Credentials) => false,
            _ => budget.record_accepted(),
        };
        changed.then(|| budget.rate())
    }

    /// Calls of an operation a second in the scope where it is slowest.
    pub fn slowest(&self, operation: Operation) -> f64 {
        let lanes = self.lanes.lock();
        let of_it = lanes.iter().filter(|((_, other), _)| *other == operation);
        let rates = of_it.map(|(_, lane)| lane.line().queue.budget().rate());
        rates.fold(CallBudget::new(operation, self.share, Duration::ZERO).rate(), f64::min)
    }

    fn lane(&self, scope: &QuotaScope, operation: Operation) -> Arc<Lane> {
        let mut lanes = self.lanes.lock();
        let new = || {
            let budget = CallBudget::new(operation, self.share, self.start.elapsed());
            let queue = CallQueue::new(budget, pool_gap(self.share));
            let line = Line { queue, doors: HashMap::new(), served: false };
            Arc::new(Lane { line: Mutex::new(line), joined: Notify::new() })
        };
        lanes.entry((scope.clone(), operation)).or_insert_with(new).clone()
    }
}

impl Lane {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock()
    }

    fn join(self: &Arc<Self>, request: CallRequest, start: Instant) -> (u64, oneshot::Receiver<Duration>) {
        let (open, door) = oneshot::channel();
        let mut line = self.line();
        let ticket = line.queue.join(request, start.elapsed());
        line.doors.insert(ticket, open);
        if line.served {
            self.joined.notify_one();
        } else if line.open_doors(start).is_some() {
            tokio::spawn(self.clone().serve(start));
        }
        (ticket, door)
    }

    async fn serve(self: Arc<Self>, start: Instant) {
        loop {
            let Some(until) = self.line().open_doors(start) else { return };
            // Who joins may be free to go sooner than those who wait for their pools.
            tokio::select! { () = sleep_until(start + until) => {}, () = self.joined.notified() => {} }
        }
    }
}

impl Line {
    /// Lets those go whose turn it is. Returns when a task has to look again, and notes that it will; None when nobody
    /// waits.
    fn open_doors(&mut self, start: Instant) -> Option<Duration> {
        loop {
            let now = start.elapsed();
            match self.queue.next_call(now) {
                NextCall::Granted(ticket) => {
                    // Who waits behind a door takes its place back before the door closes.
                    let _ = self.doors.remove(&ticket).map(|door| door.send(now));
                }
                NextCall::Wait(until) => {
                    self.served = true;
                    return Some(until);
                }
                NextCall::Idle => {
                    self.served = false;
                    return None;
                }
            }
        }
    }
}

impl Drop for PlaceInLine<'_> {
    fn drop(&mut self) {
        let mut line = self.lane.line();
        line.queue.leave(self.ticket);
        line.doors.remove(&self.ticket);
    }
}

#[cfg(test)]
#[path = "rate_limiter_tests.rs"]
mod tests;
