//! The calls of one operation in one quota scope that wait for their turn. The next call is chosen when a call may be
//! made, not when it is requested, so that an urgent call never waits behind earlier ones.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use super::{CallRequest, Priority, Ticket};
use crate::schedule::quota::CallBudget;

/// How many urgent calls may be granted in a row while a check waits.
const MAX_URGENT_AHEAD: u32 = 3;
/// How much later a routine check is due than a requested one of the same namespace.
const ROUTINE_DELAY: Duration = Duration::from_mins(1);

/// The answer to which call is next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextCall {
    /// The call with this ticket may be made now.
    Granted(Ticket, CallRequest),
    /// No call may be made before this time.
    Wait(Duration),
    /// No call waits, or those that wait may not go before something else ends.
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
    waiting: BTreeMap<Ticket, WaitingCall>,
    /// The last turn of each namespace.
    last_turns: HashMap<String, u64>,
    turn: u64,
    /// How many urgent calls were granted in a row while a check was waiting.
    urgent_in_a_row: u32,
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
            last_turns: HashMap::new(),
            turn: 0,
            urgent_in_a_row: 0,
        }
    }

    /// The budget of the calls.
    #[must_use]
    pub fn budget(&self) -> &CallBudget {
        &self.budget
    }

    /// The budget of the calls, whose rate follows AWS's responses.
    pub fn budget_mut(&mut self) -> &mut CallBudget {
        &mut self.budget
    }

    /// Whether no call waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The calls that wait.
    pub fn requests(&self) -> impl Iterator<Item = &CallRequest> {
        self.waiting.values().map(|call| &call.request)
    }

    /// Whether a check goes before all urgent calls, because enough of them went ahead of it.
    #[must_use]
    pub fn is_turn_of_checks(&self) -> bool {
        self.urgent_in_a_row >= MAX_URGENT_AHEAD
    }

    /// Adds a request. A namespace without waiting calls starts behind those that have some.
    pub fn join(&mut self, ticket: Ticket, request: CallRequest, now: Duration) {
        if !self.last_turns.contains_key(&request.namespace) {
            self.last_turns.insert(request.namespace.clone(), self.turn);
        }
        let position = if request.priority == Priority::Routine { now + ROUTINE_DELAY } else { now };
        self.waiting.insert(ticket, WaitingCall { request, position });
    }

    /// Cancels a request, if it waits here.
    pub fn leave(&mut self, ticket: Ticket) {
        self.waiting.remove(&ticket);
        self.clear_turns_when_empty();
    }

    /// Grants the next of the calls that `may_go`, if one may be made now.
    pub fn next_call(&mut self, now: Duration, may_go: impl Fn(&CallRequest) -> bool) -> NextCall {
        if self.waiting.is_empty() {
            return NextCall::Idle;
        }
        if now < self.budget.next() {
            return NextCall::Wait(self.budget.next());
        }
        self.pools_free_at.retain(|_, free_at| *free_at > now);
        match self.next_waiting(&may_go).and_then(|ticket| self.grant(ticket, now)) {
            Some((ticket, request)) => NextCall::Granted(ticket, request),
            None => self.earliest_free_pool(may_go).map_or(NextCall::Idle, NextCall::Wait),
        }
    }

    /// Urgent calls go first, those of writes that are due before changed specs, unless [`MAX_URGENT_AHEAD`] of them in a
    /// row went ahead of a check that waits. The namespace whose last turn is the oldest goes next, and within it the call
    /// that is due first.
    fn next_waiting(&self, may_go: impl Fn(&CallRequest) -> bool) -> Option<Ticket> {
        let checks_first = self.is_turn_of_checks();
        let next = self.callable().filter(|(_, call)| may_go(&call.request)).min_by_key(|(ticket, call)| {
            let rank = match call.request.priority {
                Priority::Requested | Priority::Routine => u8::from(!checks_first) * 2,
                Priority::WriteDue => u8::from(checks_first),
                Priority::Changed => 1 + u8::from(checks_first),
            };
            (rank, self.last_turns.get(&call.request.namespace), call.position, **ticket)
        });
        next.map(|(ticket, _)| *ticket)
    }

    fn callable(&self) -> impl Iterator<Item = (&Ticket, &WaitingCall)> {
        self.waiting.iter().filter(|(_, call)| !self.pools_free_at.contains_key(&call.request.pool))
    }

    fn earliest_free_pool(&self, may_go: impl Fn(&CallRequest) -> bool) -> Option<Duration> {
        let waiting = self.requests().filter(|request| may_go(request));
        waiting.filter_map(|request| self.pools_free_at.get(&request.pool)).min().copied()
    }

    fn grant(&mut self, ticket: Ticket, now: Duration) -> Option<(Ticket, CallRequest)> {
        let request = self.waiting.remove(&ticket)?.request;
        let overtakes_a_check = request.priority.is_urgent()
            && self.callable().any(|(_, call)| !call.request.priority.is_urgent());
        self.urgent_in_a_row = if overtakes_a_check { self.urgent_in_a_row + 1 } else { 0 };
        self.budget.spend(now);
        self.turn += 1;
        self.last_turns.insert(request.namespace.clone(), self.turn);
        self.pools_free_at.insert(request.pool.clone(), now + self.pool_gap);
        self.clear_turns_when_empty();
        Some((ticket, request))
    }

    fn clear_turns_when_empty(&mut self) {
        if self.waiting.is_empty() {
            self.last_turns.clear();
        }
    }
}
