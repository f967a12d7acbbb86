//! The order of the calls to AWS. The next call is chosen when a call may be made, not when it is requested, so that an
//! urgent call never waits behind earlier ones.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use super::quota::CallBudget;

/// How many calls for changed specs may be granted in a row while a check waits.
const MAX_CHANGES_AHEAD: u32 = 3;
/// How much later a routine check is due than a requested one of the same namespace.
const ROUTINE_DELAY: Duration = Duration::from_mins(1);

/// The priority of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// The spec changed. Such calls go first.
    Changed,
    /// A user requested a check, or a failed call is retried. It goes ahead within its namespace only: otherwise a
    /// namespace could slow the others by requesting many checks.
    Requested,
    /// A scheduled check.
    Routine,
}

/// A request for a call.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// The namespace of the object. Namespaces take turns.
    pub namespace: String,
    /// The id of the user pool. Calls for one pool keep a gap.
    pub pool: String,
    /// The call's priority.
    pub priority: Priority,
}

/// The queue's answer to which call is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextCall {
    /// The call with this ticket may be made now.
    Granted(u64),
    /// No call may be made before this time.
    Wait(Duration),
    /// No call is waiting.
    Idle,
}

/// The waiting calls of one operation in one quota scope.
///
/// A rate limiter such as governor does not fit: its rate is fixed, and the waiting tasks race for the next call.
#[derive(Debug)]
pub struct CallQueue {
    budget: CallBudget,
    pool_gap: Duration,
    /// When each pool may be called again. Pools that may be called now are not in the map.
    pools_free_at: HashMap<String, Duration>,
    waiting: BTreeMap<u64, WaitingCall>,
    last_ticket: u64,
    /// The last turn of each namespace.
    last_turns: HashMap<String, u64>,
    turn: u64,
    /// How many calls for changed specs were granted in a row while a check was waiting.
    consecutive_changes: u32,
}

#[derive(Debug)]
struct WaitingCall {
    request: CallRequest,
    /// The order within the namespace.
    position: Duration,
}

impl CallQueue {
    /// An empty queue. `pool_gap` is the time between two calls for one pool.
    #[must_use]
    pub fn new(budget: CallBudget, pool_gap: Duration) -> Self {
        Self {
            budget,
            pool_gap,
            pools_free_at: HashMap::new(),
            waiting: BTreeMap::new(),
            last_ticket: 0,
            last_turns: HashMap::new(),
            turn: 0,
            consecutive_changes: 0,
        }
    }

    /// The budget of the calls, whose rate follows AWS's responses.
    pub fn budget(&mut self) -> &mut CallBudget {
        &mut self.budget
    }

    /// Adds a request and returns its ticket. A namespace without waiting calls starts behind those that have some.
    pub fn join(&mut self, request: CallRequest, now: Duration) -> u64 {
        self.last_ticket += 1;
        self.last_turns.entry(request.namespace.clone()).or_insert(self.turn);
        let due = if request.priority == Priority::Routine { now + ROUTINE_DELAY } else { now };
        self.waiting.insert(self.last_ticket, WaitingCall { request, position: due });
        self.last_ticket
    }

    /// Cancels a request.
    pub fn leave(&mut self, ticket: u64) {
        self.waiting.remove(&ticket);
        self.clear_turns_when_empty();
    }

    /// Grants the next call, if one may be made now.
    pub fn next_call(&mut self, now: Duration) -> NextCall {
        if self.waiting.is_empty() {
            return NextCall::Idle;
        }
        if now < self.budget.next() {
            return NextCall::Wait(self.budget.next());
        }
        self.pools_free_at.retain(|_, free_at| *free_at > now);
        match self.next_waiting() {
            Some(ticket) => {
                self.grant(ticket, now);
                NextCall::Granted(ticket)
            }
            None => NextCall::Wait(self.pools_free_at.values().min().copied().unwrap_or(now)),
        }
    }

    /// Changed specs go first, unless [`MAX_CHANGES_AHEAD`] of them in a row went ahead of a check that waits. The namespace whose last turn is the oldest
    /// goes next, and within it the call that is due first.
    fn next_waiting(&self) -> Option<u64> {
        let checks_first = self.consecutive_changes >= MAX_CHANGES_AHEAD;
        let next = self.callable().min_by_key(|(ticket, call)| {
            let goes_second = call.is_change() == checks_first;
            (goes_second, self.last_turns.get(&call.request.namespace), call.position, **ticket)
        });
        next.map(|(ticket, _)| *ticket)
    }

    fn callable(&self) -> impl Iterator<Item = (&u64, &WaitingCall)> {
        self.waiting.iter().filter(|(_, call)| !self.pools_free_at.contains_key(&call.request.pool))
    }

    fn grant(&mut self, ticket: u64, now: Duration) {
        let Some(granted) = self.waiting.remove(&ticket) else { return };
        let overtakes_a_check = granted.is_change() && self.callable().any(|(_, call)| !call.is_change());
        self.consecutive_changes = if overtakes_a_check { self.consecutive_changes + 1 } else { 0 };
        self.budget.spend(now);
        self.turn += 1;
        self.last_turns.insert(granted.request.namespace, self.turn);
        self.pools_free_at.insert(granted.request.pool, now + self.pool_gap);
        self.clear_turns_when_empty();
    }

    fn clear_turns_when_empty(&mut self) {
        if self.waiting.is_empty() {
            self.last_turns.clear();
        }
    }
}

impl WaitingCall {
    fn is_change(&self) -> bool {
        self.request.priority == Priority::Changed
    }
}
