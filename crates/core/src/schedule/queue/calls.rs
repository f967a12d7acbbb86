//! The calls of one operation in one quota scope that wait for their turn. The next call is chosen when a call may be
//! made, not when it is requested, so that an urgent call never waits behind earlier ones.

use std::{collections::HashMap, time::Duration};

use super::{
    CallRequest, Kind, Priority, Ticket,
    waiting::{Place, Waiting},
};
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

impl NextCall {
    /// The granted call; or else what `other` says, or the earlier of the two waits.
    pub(super) fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Granted(..) => self,
            Self::Idle => other(),
            Self::Wait(until) => match other() {
                Self::Wait(other) => Self::Wait(until.min(other)),
                Self::Idle => self,
                granted @ Self::Granted(..) => granted,
            },
        }
    }
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
    waiting: Waiting,
    /// How many urgent calls were granted in a row while a check was waiting.
    urgent_in_a_row: u32,
}

impl CallQueue {
    /// An empty queue. `pool_gap` is the time between two calls for one pool.
    #[must_use]
    pub fn new(budget: CallBudget, pool_gap: Duration) -> Self {
        Self {
            budget,
            pool_gap,
            pools_free_at: HashMap::new(),
            waiting: Waiting::default(),
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

    /// Whether a call of this priority and kind waits.
    #[must_use]
    pub fn has(&self, is_wanted: impl Fn(Priority, Kind) -> bool) -> bool {
        self.waiting.classes().any(|(priority, kind)| is_wanted(priority, kind))
    }

    /// Whether a check goes before all urgent calls, because enough of them went ahead of it.
    #[must_use]
    pub fn is_turn_of_checks(&self) -> bool {
        self.urgent_in_a_row >= MAX_URGENT_AHEAD
    }

    /// Adds a request. A namespace without waiting calls starts behind those that have some.
    pub fn join(&mut self, ticket: Ticket, request: CallRequest, now: Duration) {
        let position = if request.priority == Priority::Routine { now + ROUTINE_DELAY } else { now };
        self.waiting.insert(Place { position, ticket }, request);
    }

    /// Cancels a request, if it waits here.
    pub fn leave(&mut self, ticket: Ticket) {
        self.waiting.remove(ticket);
    }

    /// Grants the next call, if one may be made now. `rank` is the priority with which calls of a priority and kind go now;
    /// None if they may not.
    pub fn next_call(
        &mut self,
        now: Duration,
        rank: impl Fn(Priority, Kind) -> Option<Priority>,
    ) -> NextCall {
        if self.waiting.is_empty() {
            return NextCall::Idle;
        }
        if now < self.budget.next() {
            return NextCall::Wait(self.budget.next());
        }
        self.pools_free_at.retain(|_, free_at| *free_at > now);
        match self.next_waiting(&rank).and_then(|ticket| self.grant(ticket, now)) {
            Some((ticket, request)) => NextCall::Granted(ticket, request),
            None if self.has(|priority, kind| rank(priority, kind).is_some()) => {
                self.pools_free_at.values().min().map_or(NextCall::Idle, |free_at| NextCall::Wait(*free_at))
            }
            None => NextCall::Idle,
        }
    }

    /// Urgent calls go first, those of writes that are due before changed specs, unless [`MAX_URGENT_AHEAD`] of them in a
    /// row went ahead of a check that waits. The namespace that was served longest ago goes next, and within it the call
    /// that is due first.
    fn next_waiting(&self, rank: impl Fn(Priority, Kind) -> Option<Priority>) -> Option<Ticket> {
        let checks_first = self.is_turn_of_checks();
        let order = |priority: Priority| match priority {
            Priority::Requested | Priority::Routine => u8::from(!checks_first) * 2,
            Priority::WriteDue => u8::from(checks_first),
            Priority::Changed => 1 + u8::from(checks_first),
        };
        let is_free = |request: &CallRequest| !self.pools_free_at.contains_key(&request.pool);
        let first = |class: (Priority, Kind)| {
            let rank = order(rank(class.0, class.1)?);
            self.waiting.first(class, is_free).map(|(last_served, place)| (rank, last_served, place))
        };
        self.waiting.classes().filter_map(first).min().map(|(_, _, place)| place.ticket)
    }

    fn grant(&mut self, ticket: Ticket, now: Duration) -> Option<(Ticket, CallRequest)> {
        let request = self.waiting.serve(ticket)?;
        let overtakes_a_check = request.priority.is_urgent() && self.has(|priority, _| !priority.is_urgent());
        self.urgent_in_a_row = if overtakes_a_check { self.urgent_in_a_row + 1 } else { 0 };
        self.budget.spend(now);
        if !self.pool_gap.is_zero() {
            self.pools_free_at.insert(request.pool.clone(), now + self.pool_gap);
        }
        Some((ticket, request))
    }
}
