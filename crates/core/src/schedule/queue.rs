//! Whose call is next. It is decided when there is a call to make, not when somebody asks for one, so that what is
//! urgent never stands behind what came first.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use super::quota::CallBudget;

/// How many changes in a row go ahead of a check that waits.
const MAX_CHANGES_AHEAD: u32 = 3;
/// How much longer than a check that somebody waits for another one of the same namespace waits.
const ROUTINE_DELAY: Duration = Duration::from_mins(1);

/// Why a call is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// A spec is new.
    Changed,
    /// Somebody waits for a check: it was asked for, or what failed is tried again. It goes ahead within its
    /// namespace only, or asking often would slow the others.
    Asked,
    /// It is time for a check.
    Routine,
}

/// A call to be made.
#[derive(Clone, Debug)]
pub struct CallRequest {
    /// The namespace on whose behalf.
    pub namespace: String,
    /// The pool's id.
    pub pool: String,
    /// Why.
    pub priority: Priority,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextCall {
    /// The call of this ticket is made now.
    Granted(u64),
    /// No call may be made before this time.
    Wait(Duration),
    /// Nobody waits.
    Idle,
}

/// The calls of one operation in one scope that are to be made.
///
/// A request-rate crate (governor and its like) does not serve: its rate is fixed, and who gets a call is a race.
#[derive(Debug)]
pub struct CallQueue {
    budget: CallBudget,
    pool_gap: Duration,
    /// When each pool may be called next; those that may be now are left out.
    pools: HashMap<String, Duration>,
    waiting: BTreeMap<u64, Waiting>,
    tickets: u64,
    /// When each namespace was last served, in turns.
    served: HashMap<String, u64>,
    turns: u64,
    /// How many changes in a row went ahead of a check that waits.
    changes_ahead: u32,
}

#[derive(Debug)]
struct Waiting {
    request: CallRequest,
    /// Its place within its namespace.
    due: Duration,
}

impl CallQueue {
    /// A queue where nobody waits.
    #[must_use]
    pub fn new(budget: CallBudget, pool_gap: Duration) -> Self {
        let (pools, waiting, served) = (HashMap::new(), BTreeMap::new(), HashMap::new());
        Self { budget, pool_gap, pools, waiting, tickets: 0, served, turns: 0, changes_ahead: 0 }
    }

    /// The rate of the calls, as AWS's answers change it.
    pub fn budget(&mut self) -> &mut CallBudget {
        &mut self.budget
    }

    /// Enters a request, and returns its ticket. Who is new is served after those who waited before.
    pub fn join(&mut self, request: CallRequest, now: Duration) -> u64 {
        self.tickets += 1;
        self.served.entry(request.namespace.clone()).or_insert(self.turns);
        let due = if request.priority == Priority::Routine { now + ROUTINE_DELAY } else { now };
        self.waiting.insert(self.tickets, Waiting { request, due });
        self.tickets
    }

    /// Takes a request back.
    pub fn leave(&mut self, ticket: u64) {
        self.waiting.remove(&ticket);
        self.forget_when_empty();
    }

    /// What to do now.
    pub fn next_call(&mut self, now: Duration) -> NextCall {
        if self.waiting.is_empty() {
            return NextCall::Idle;
        }
        if now < self.budget.next() {
            return NextCall::Wait(self.budget.next());
        }
        self.pools.retain(|_, free| *free > now);
        match self.next_waiting() {
            Some(ticket) => {
                self.grant(ticket, now);
                NextCall::Granted(ticket)
            }
            None => NextCall::Wait(self.pools.values().min().copied().unwrap_or(now)),
        }
    }

    /// Changes first, unless a check has let enough of them by; then the namespace that was served longest ago; then
    /// who is due first in it.
    fn next_waiting(&self) -> Option<u64> {
        let checks_first = self.changes_ahead >= MAX_CHANGES_AHEAD;
        let free = self.callable().min_by_key(|(ticket, waiting)| {
            let behind = waiting.is_change() == checks_first;
            (behind, self.served.get(&waiting.request.namespace), waiting.due, **ticket)
        });
        free.map(|(ticket, _)| *ticket)
    }

    fn callable(&self) -> impl Iterator<Item = (&u64, &Waiting)> {
        self.waiting.iter().filter(|(_, waiting)| !self.pools.contains_key(&waiting.request.pool))
    }

    fn grant(&mut self, ticket: u64, now: Duration) {
        let Some(granted) = self.waiting.remove(&ticket) else { return };
        let passes_a_check = granted.is_change() && self.callable().any(|(_, waiting)| !waiting.is_change());
        self.changes_ahead = if passes_a_check { self.changes_ahead + 1 } else { 0 };
        self.budget.spend(now);
        self.turns += 1;
        self.served.insert(granted.request.namespace, self.turns);
        self.pools.insert(granted.request.pool, now + self.pool_gap);
        self.forget_when_empty();
    }

    fn forget_when_empty(&mut self) {
        if self.waiting.is_empty() {
            self.served.clear();
        }
    }
}

impl Waiting {
    fn is_change(&self) -> bool {
        self.request.priority == Priority::Changed
    }
}
