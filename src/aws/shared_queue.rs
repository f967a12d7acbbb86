//! The queue of reconciliations and calls, shared by all tasks: [`cognito_mfa_core::schedule::queue`] decides what is next
//! and when, and this keeps the time.

use std::{collections::HashMap, sync::Arc, time::Duration};

use cognito_mfa_core::{
    calls::failure::{FailureClass, Operation},
    schedule::queue::{CallRequest, Next, ObjectKey, Queue, Scope, Start, Ticket},
};
use parking_lot::{Mutex, MutexGuard};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tokio_util::task::AbortOnDropHandle;

/// How long a call may be sent after its turn was granted. Whatever is awaited in between may take long, and then the
/// calls of many turns would leave together.
const TURN_LIFETIME: Duration = Duration::from_millis(500);

/// What the queue asks of the controller.
#[derive(Debug)]
pub enum Dispatch {
    /// The object is due. The controller calls [`Queue::begin_dispatch`], and then [`Queue::ready`] or [`Queue::plan`], or
    /// skips the object.
    Due(ObjectKey),
    /// The reconciliation of the object starts. If it makes calls, its first read may be sent now.
    Start(ObjectKey, StartTurn),
}

/// The dispatches of a queue.
pub type Dispatches = mpsc::UnboundedReceiver<Dispatch>;

/// The turn with which a reconciliation starts: for one read in the scope.
#[derive(Clone, Debug)]
pub struct StartTurn {
    start: Start,
    granted_at: Instant,
}

/// The right to make one call now.
#[derive(Debug)]
pub(super) struct CallTurn {
    pub(super) operation: Operation,
    /// How long the caller has waited for it.
    pub(super) waited: Duration,
    scope: Scope,
    granted_at: Instant,
}

/// The queue, and the task that keeps its time.
#[derive(Debug)]
pub struct SharedQueue {
    shared: Arc<Shared>,
    _timer: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct Shared {
    start: Instant,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    queue: Queue,
    /// The calls that wait. Each receives the time at which its turn is granted.
    waiters: HashMap<Ticket, oneshot::Sender<Instant>>,
    dispatches: mpsc::UnboundedSender<Dispatch>,
}

/// A call's place in the queue. Dropping it removes the call.
struct QueuedCall<'a> {
    shared: &'a Shared,
    ticket: Ticket,
}

impl SharedQueue {
    /// A queue that uses `share` of the published quotas, and the dispatches of its objects. At most `max_without_calls`
    /// reconciliations run at the same time that make no call to AWS.
    #[must_use]
    pub fn new(share: f64, max_without_calls: usize) -> (Self, Dispatches) {
        let (dispatches, receiver) = mpsc::unbounded_channel();
        let state =
            State { queue: Queue::new(share, max_without_calls), waiters: HashMap::new(), dispatches };
        let shared =
            Arc::new(Shared { start: Instant::now(), state: Mutex::new(state), changed: Notify::new() });
        let timer = AbortOnDropHandle::new(tokio::spawn(shared.clone().run_timer()));
        (Self { shared, _timer: timer }, receiver)
    }

    /// Changes the queue. The change is given the current time.
    pub fn update<T>(&self, change: impl FnOnce(&mut Queue, Duration) -> T) -> T {
        self.shared.update(|state, now| change(&mut state.queue, now))
    }

    /// Asks the queue something that changes nothing.
    pub fn ask<T>(&self, question: impl FnOnce(&Queue, Duration) -> T) -> T {
        question(&self.shared.state().queue, self.shared.start.elapsed())
    }

    /// The time of the queue for a moment.
    #[must_use]
    pub fn time(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.shared.start)
    }

    /// Waits for a turn. A caller that drops the future gives its turn to the next call.
    pub(super) async fn turn(&self, scope: &Scope, operation: Operation, request: CallRequest) -> CallTurn {
        let ((grant, mut granted), start) = (oneshot::channel(), Instant::now());
        let ticket = self.shared.update(|state, now| {
            let ticket = state.queue.join(scope, operation, request, now);
            state.waiters.insert(ticket, grant);
            ticket
        });
        let queued = QueuedCall { shared: &self.shared, ticket };
        // By reference, so that a cancelled call leaves the queue before its channel is dropped.
        let granted_at =
            (&mut granted).await.expect("a channel stays until the turn is granted or the call has left");
        drop(queued);
        CallTurn { operation, waited: start.elapsed(), scope: scope.clone(), granted_at }
    }

    /// Records how a call ended: with the class of its failure, or None when it succeeded. Returns the rate, in calls a
    /// second, if this lowered it. Transient failures and those of credentials do not count. A call that failed in any
    /// other way counts as accepted, unless AWS throttled it.
    pub(super) fn record_result(&self, turn: &CallTurn, failure: Option<FailureClass>) -> Option<f64> {
        let called_at = self.time(turn.granted_at);
        self.update(|queue, now| {
            let budget = queue.budget(&turn.scope, turn.operation);
            match failure {
                Some(FailureClass::Throttled) => {
                    return budget.record_throttled(called_at, now).then(|| budget.rate());
                }
                Some(FailureClass::Transient | FailureClass::Credentials) => {}
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
            }
            None
        })
    }
}

impl StartTurn {
    /// Whether the reconciliation of this pool may call AWS: it has reserved the pool, or only observes it. The object may
    /// have changed since it was dispatched.
    #[must_use]
    pub fn allows_calls(&self, pool: &str, only_observes: bool) -> bool {
        self.start.scope.is_some() && (only_observes || self.start.pool.as_deref() == Some(pool))
    }
}

impl CallTurn {
    /// The turn with which a reconciliation started.
    pub(super) fn of_start(StartTurn { start, granted_at }: StartTurn) -> Self {
        Self { operation: Operation::Get, waited: start.waited, scope: start.scope, granted_at }
    }

    /// Whether the turn is one for this operation and scope, and a call may still be sent under it.
    pub(super) fn is_for(&self, operation: Operation, scope: &Scope) -> bool {
        self.operation == operation && self.scope == *scope && self.granted_at.elapsed() < TURN_LIFETIME
    }

    /// Until when a call may be sent under the turn. `expired` counts the turns in a row that this call could not use: each
    /// doubles the time, so that a call whose preparation always takes long is made all the same.
    pub(super) fn valid_until(&self, expired: u32) -> Instant {
        self.granted_at + TURN_LIFETIME * 2_u32.saturating_pow(expired.min(6))
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }

    /// Makes a change and grants what may go then.
    fn update<T>(&self, change: impl FnOnce(&mut State, Duration) -> T) -> T {
        let mut state = self.state();
        let result = change(&mut state, self.start.elapsed());
        state.grant_turns(self.start);
        self.changed.notify_one();
        result
    }

    async fn run_timer(self: Arc<Self>) {
        loop {
            let until = self.state().grant_turns(self.start);
            let wait = async {
                match until {
                    Some(until) => sleep_until(self.start + until).await,
                    None => std::future::pending().await,
                }
            };
            // A change may make something due sooner.
            tokio::select! { () = wait => {}, () = self.changed.notified() => {} }
        }
    }
}

impl State {
    /// Grants the turns and dispatches the objects that are due. Returns when to look again; None when only a change can
    /// make anything due.
    fn grant_turns(&mut self, start: Instant) -> Option<Duration> {
        loop {
            let now = start.elapsed();
            let granted_at = start + now;
            // Sending fails only after the controller ended, or for a call that has just been cancelled.
            match self.queue.next(now) {
                Next::Call(ticket) => {
                    let _ = self.waiters.remove(&ticket).map(|waiter| waiter.send(granted_at));
                }
                Next::Due(key) => drop(self.dispatches.send(Dispatch::Due(key))),
                Next::Start(key, start) => {
                    let turn = StartTurn { start, granted_at };
                    drop(self.dispatches.send(Dispatch::Start(key, turn)));
                }
                Next::Wait(until) => return Some(until),
                Next::Idle => return None,
            }
        }
    }
}

impl Drop for QueuedCall<'_> {
    fn drop(&mut self) {
        self.shared.update(|state, _| {
            state.queue.leave(self.ticket);
            state.waiters.remove(&self.ticket);
        });
    }
}

#[cfg(test)]
mod tests;
