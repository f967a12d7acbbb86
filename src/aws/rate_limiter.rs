//! Makes calls wait for their turn: [`cognito_mfa_core::schedule::queue`] decides which call is next and when, and this
//! keeps the time.

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

/// Limits the calls of all scopes. Each scope and operation has a queue of its own, its lane.
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
    /// Whether a task grants the turns. It ends when no call waits.
    served: bool,
}

/// A call's place in the queue. Dropping it removes the call.
struct PlaceInLine<'a> {
    lane: &'a Lane,
    ticket: u64,
}

impl RateLimiter {
    /// A limiter that uses `share` of the published quotas.
    pub fn new(share: f64) -> Self {
        Self { share, start: Instant::now(), lanes: Mutex::default() }
    }

    /// Waits for a turn. A caller that drops the future gives its turn to the next call.
    pub async fn turn(&self, scope: &QuotaScope, operation: Operation, request: CallRequest) -> CallTurn {
        let lane = self.lane(scope, operation);
        let (ticket, mut door) = lane.join(request, self.start);
        let place = PlaceInLine { lane: &lane, ticket };
        // By reference, so that a cancelled call leaves the queue before its channel is dropped.
        let granted =
            (&mut door).await.expect("a channel stays until the turn is granted or the call has left");
        drop(place);
        CallTurn { lane, granted }
    }

    /// Records how a call ended: with the class of its failure, or None when it succeeded. Returns the rate, in calls a
    /// second, if this changed it. A call that AWS refused for another reason counts as accepted; one without an answer
    /// does not count.
    pub fn record_result(&self, turn: &CallTurn, answer: Option<FailureClass>) -> Option<f64> {
        let mut line = turn.lane.line();
        let budget = line.queue.budget();
        let changed = match answer {
            Some(FailureClass::Throttled) => budget.record_throttled(turn.granted, self.start.elapsed()),
            Some(FailureClass::Transient | FailureClass::Credentials) => false,
            None
            | Some(
                FailureClass::Concurrent
                | FailureClass::SmsRoleNotUsable
                | FailureClass::InvalidParameter
                | FailureClass::FeatureUnavailableInTier
                | FailureClass::OperationNotEnabled
                | FailureClass::AccessDenied
                | FailureClass::PoolNotFound
                | FailureClass::UnknownSetting,
            ) => budget.record_accepted(),
        };
        changed.then(|| budget.rate())
    }

    /// The rate of an operation, in calls a second, in the scope where it is lowest.
    pub fn slowest(&self, operation: Operation) -> f64 {
        let lanes = self.lanes.lock();
        let same = lanes.iter().filter(|((_, other), _)| *other == operation);
        let rates = same.map(|(_, lane)| lane.line().queue.budget().rate());
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
            // A call that joins may be allowed sooner than calls that wait for their pools.
            tokio::select! { () = sleep_until(start + until) => {}, () = self.joined.notified() => {} }
        }
    }
}

impl Line {
    /// Grants the turns that are due. Returns when to look again, or None when no call waits. The caller must keep
    /// a task running that does: `served` says so from here on.
    fn open_doors(&mut self, start: Instant) -> Option<Duration> {
        loop {
            let now = start.elapsed();
            match self.queue.next_call(now) {
                NextCall::Granted(ticket) => {
                    // A cancelled call leaves the queue before its channel is dropped, so the send cannot fail.
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
mod tests;
