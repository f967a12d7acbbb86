//! Which object is reconciled next, and which call may be made next: one queue for both, so that a reconciliation starts
//! when its first read may be sent, and what waits is an entry here and not a task.
//!
//! Times are durations since the start of the process.

mod calls;
mod entry;
mod lane;
mod lanes;
mod namespaces;
mod pools;
mod request;
mod waiting;

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

pub use calls::{CallQueue, NextCall};
use entry::{Entry, Run};
use lanes::Lanes;
pub use namespaces::MAX_RUNNING_PER_NAMESPACE;
use namespaces::Namespaces;
use pools::{Availability, Pools};
pub use request::{CallRequest, Kind, Next, ObjectKey, Priority, Scope, Start, Ticket};

use super::quota::CallBudget;
use crate::calls::failure::Operation;

/// How many reconciliations of one quota scope may run at the same time. At the full quota twenty start in a second, so ten
/// run where each takes half a second. The limit matters while Cognito or STS does not answer.
pub const MAX_RUNNING_PER_SCOPE: usize = 64;

/// The due times of all objects, and the reconciliations and calls that wait for their turn.
#[derive(Debug)]
pub struct Queue {
    due: BTreeSet<(Duration, ObjectKey)>,
    entries: HashMap<ObjectKey, Entry>,
    /// When an object first became ready, for those that were planned again since. They keep this time, and so their place.
    waiting_since: HashMap<ObjectKey, Duration>,
    lanes: Lanes,
    /// Where each call of a running reconciliation waits.
    calls: HashMap<Ticket, Scope>,
    pools: Pools,
    namespaces: Namespaces,
    last_ticket: Ticket,
}

impl Queue {
    /// An empty queue that uses `share` of the published quotas. At most `max_without_calls` reconciliations run at the same
    /// time that make no call to AWS.
    #[must_use]
    pub fn new(share: f64, max_without_calls: usize) -> Self {
        Self {
            due: BTreeSet::new(),
            entries: HashMap::new(),
            waiting_since: HashMap::new(),
            lanes: Lanes::new(share, max_without_calls),
            calls: HashMap::new(),
            pools: Pools::default(),
            namespaces: Namespaces::default(),
            last_ticket: 0,
        }
    }

    /// Takes what the controller must do next, if there is something.
    pub fn next(&mut self, now: Duration) -> Next {
        if self.due.first().is_some_and(|(at, _)| *at <= now)
            && let Some((_, key)) = self.due.pop_first()
        {
            self.entries.insert(key.clone(), Entry::Dispatched);
            return Next::Due(key);
        }
        while let Some((ticket, request, key)) = self.lanes.next(now) {
            let Some(key) = key else {
                self.calls.remove(&ticket);
                return Next::Call(ticket);
            };
            if let Some(start) = self.start(key, &request, now) {
                return start;
            }
        }
        let due = self.due.first().map(|(at, _)| *at);
        due.into_iter().chain(self.lanes.next_ask()).min().map_or(Next::Idle, Next::Wait)
    }

    /// Begins the dispatch of an object that [`Next::Due`] named: a wake from now on makes it due again.
    pub fn begin_dispatch(&mut self, key: &ObjectKey) {
        if matches!(self.entries.get(key), Some(Entry::Dispatched)) {
            self.entries.remove(key);
        }
    }

    /// Plans when the object is due, unless it is due sooner: it may have been woken during its dispatch. A running
    /// reconciliation is not affected.
    pub fn plan(&mut self, key: &ObjectKey, at: Duration) {
        match self.entries.get(key) {
            Some(Entry::Running(_)) => return,
            Some(Entry::Due(planned)) if *planned <= at => return,
            Some(_) | None => {}
        }
        self.remove(key);
        self.due.insert((at, key.clone()));
        self.entries.insert(key.clone(), Entry::Due(at));
    }

    /// Makes the object due now, or once its running reconciliation has ended.
    pub fn wake(&mut self, key: &ObjectKey, now: Duration) {
        match self.entries.get_mut(key) {
            Some(Entry::Running(run)) => run.woken = true,
            Some(Entry::Dispatched) => {}
            Some(Entry::Ready(_, _, since)) => {
                let since = *since;
                self.plan_again(key, now, since);
            }
            Some(Entry::Due(_) | Entry::Parked(_)) | None => self.plan(key, now),
        }
    }

    /// Has the reconciliation of a due object wait for its start.
    pub fn ready(&mut self, key: &ObjectKey, scope: &Scope, request: CallRequest, now: Duration) {
        if matches!(self.entries.get(key), Some(Entry::Running(_))) {
            // It was dispatched twice, and has started since the first time.
            return self.wake(key, now);
        }
        let since = self.waiting_since.get(key).copied().unwrap_or(now);
        self.remove(key);
        if self.waits_for_pool(key, &request, now) {
            return;
        }
        let ticket = self.ticket();
        self.entries.insert(key.clone(), Entry::Ready(scope.clone(), ticket, since));
        self.lanes.lane(scope).join_start(ticket, key.clone(), request, since);
    }

    /// Records that a reconciliation ended: its pool must not be written for the time `blocked`, and the object is due
    /// again at `next`, or at once if it was woken. With None only a wake makes it due.
    pub fn end(&mut self, key: &ObjectKey, blocked: Duration, next: Option<Duration>, now: Duration) {
        let Some(Entry::Running(run)) = self.entries.remove(key) else { return };
        self.lanes.lane(&run.scope).end(run.priority, now);
        self.namespaces.end(key);
        if let Some(pool) = &run.pool {
            let free_at = now + blocked;
            for parked in self.pools.end(pool, free_at, now) {
                self.plan(&parked, free_at);
            }
        }
        if let Some(at) = if run.woken { Some(now) } else { next } {
            self.plan(key, at);
        }
    }

    /// Removes an object from where it waits. If its reconciliation runs, it is no longer woken by what came before.
    pub fn remove(&mut self, key: &ObjectKey) {
        self.waiting_since.remove(key);
        match self.entries.remove(key) {
            Some(Entry::Due(at)) => drop(self.due.remove(&(at, key.clone()))),
            Some(Entry::Ready(scope, ticket, _)) => self.lanes.lane(&scope).leave(ticket),
            Some(Entry::Parked(pool)) => self.pools.leave(&pool, key),
            Some(Entry::Running(run)) => {
                self.entries.insert(key.clone(), Entry::Running(Run { woken: false, ..run }));
            }
            Some(Entry::Dispatched) | None => {}
        }
    }

    /// Whether a write to any pool may still be in flight.
    #[must_use]
    pub fn any_blocked(&self, now: Duration) -> bool {
        self.pools.any_blocked(now)
    }

    /// Has a call of a running reconciliation wait for its turn. Returns its ticket.
    pub fn join(
        &mut self,
        scope: &Scope,
        operation: Operation,
        request: CallRequest,
        now: Duration,
    ) -> Ticket {
        let ticket = self.ticket();
        self.lanes.lane(scope).join_call(ticket, operation, request, now);
        self.calls.insert(ticket, scope.clone());
        ticket
    }

    /// Cancels a call that waits.
    pub fn leave(&mut self, ticket: Ticket) {
        if let Some(scope) = self.calls.remove(&ticket) {
            self.lanes.lane(&scope).leave(ticket);
        }
    }

    /// The budget of an operation in a scope.
    pub fn budget(&mut self, scope: &Scope, operation: Operation) -> &mut CallBudget {
        self.lanes.lane(scope).budget_mut(operation)
    }

    /// The rate of an operation, in calls a second, in the scope where it is lowest.
    #[must_use]
    pub fn slowest(&self, operation: Operation) -> f64 {
        self.lanes.slowest(operation)
    }

    /// The scopes that are used.
    #[must_use]
    pub fn scopes(&self) -> usize {
        self.lanes.len()
    }

    /// Starts a reconciliation, unless another object has taken its pool since it was ready, or its namespace is full.
    fn start(&mut self, key: ObjectKey, request: &CallRequest, now: Duration) -> Option<Next> {
        let Some(Entry::Ready(scope, _, since)) = self.entries.remove(&key) else { return None };
        let priority = request.priority;
        if self.waits_for_pool(&key, request, now) {
            self.lanes.lane(&scope).end(priority, now);
            return None;
        }
        if let Err(retry_at) = self.namespaces.start(&key, now) {
            self.lanes.lane(&scope).end(priority, now);
            self.plan_again(&key, retry_at, since);
            return None;
        }
        let pool = (request.kind == Kind::StartExclusive).then(|| request.pool.clone());
        if let Some(pool) = &pool {
            self.pools.start(pool);
        }
        let start = Start { scope: scope.clone(), pool: pool.clone(), waited: now.saturating_sub(since) };
        self.entries.insert(key.clone(), Entry::Running(Run { scope, pool, priority, woken: false }));
        Some(Next::Start(key, start))
    }

    /// Plans when an object is due again that has waited for its start `since`.
    fn plan_again(&mut self, key: &ObjectKey, at: Duration, since: Duration) {
        self.plan(key, at);
        self.waiting_since.insert(key.clone(), since);
    }

    /// Has an object wait whose pool may not be reconciled now. Returns whether it waits.
    fn waits_for_pool(&mut self, key: &ObjectKey, request: &CallRequest, now: Duration) -> bool {
        if request.kind != Kind::StartExclusive {
            return false;
        }
        match self.pools.availability(&request.pool, now) {
            Availability::Free => return false,
            Availability::Blocked(until) => self.plan(key, until),
            Availability::Busy => {
                self.pools.park(&request.pool, key.clone());
                self.entries.insert(key.clone(), Entry::Parked(request.pool.clone()));
            }
        }
        true
    }

    fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        self.last_ticket
    }
}
