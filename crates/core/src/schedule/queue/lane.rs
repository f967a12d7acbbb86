//! The reads and the writes of one quota scope, and the reconciliations that start with a read.

use std::{collections::HashMap, time::Duration};

use super::{
    CallRequest, Kind, ObjectKey, Priority, Ticket,
    calls::{CallQueue, NextCall},
};
use crate::{
    calls::failure::Operation,
    schedule::quota::{CallBudget, pool_gap},
};

/// A pool whose write is due is read this long before the write may be sent. That is long enough for reading the pool and
/// the object, and well within the five seconds after which the pool is read again.
const LEAD: Duration = Duration::from_secs(2);
/// A lane that is unused for this long is dropped. No call takes as long, and a new lane is like one at its full rate.
const FORGET_AFTER: Duration = Duration::from_mins(1);
/// The same for a throttled lane: dropping it would forget the lower rate.
const FORGET_SLOWED_AFTER: Duration = Duration::from_hours(1);

/// All calls may go, and with their own priority.
#[allow(clippy::unnecessary_wraps, reason = "it is one of the answers to which calls may go")]
fn by_priority(priority: Priority, _: Kind) -> Option<Priority> {
    Some(priority)
}

/// The waiting calls of one quota scope.
#[derive(Debug)]
pub(super) struct Lane {
    reads: CallQueue,
    writes: CallQueue,
    /// ListUserPools and DescribeUserPool, which AWS counts together [docs].
    lists: CallQueue,
    /// The objects whose reconciliation starts with the read of this ticket.
    starts: HashMap<Ticket, ObjectKey>,
    running: usize,
    /// How many of the running reconciliations started because their write is due.
    writers: usize,
    max_running: usize,
    last_used: Duration,
}

impl Lane {
    /// A lane for the calls of a quota scope.
    pub fn of_scope(share: f64, max_running: usize) -> Self {
        let queue = |operation| CallQueue::new(CallBudget::new(operation, share), pool_gap(share));
        Self::new(queue(Operation::Get), queue(Operation::Set), queue(Operation::List), max_running)
    }

    /// A lane for reconciliations that call the API server alone.
    pub fn without_calls(max_running: usize) -> Self {
        let queue = || CallQueue::new(CallBudget::unlimited(), Duration::ZERO);
        Self::new(queue(), queue(), queue(), max_running)
    }

    fn new(reads: CallQueue, writes: CallQueue, lists: CallQueue, max_running: usize) -> Self {
        let (starts, last_used) = (HashMap::new(), Duration::ZERO);
        Self { reads, writes, lists, starts, running: 0, writers: 0, max_running, last_used }
    }

    /// Has a reconciliation wait for its start. It first became ready at `since`.
    pub fn join_start(&mut self, ticket: Ticket, key: ObjectKey, request: CallRequest, since: Duration) {
        self.last_used = self.last_used.max(since);
        self.starts.insert(ticket, key);
        self.reads.join(ticket, request, since);
    }

    /// Has a call of a running reconciliation wait for its turn.
    pub fn join_call(&mut self, ticket: Ticket, operation: Operation, request: CallRequest, now: Duration) {
        self.last_used = now;
        self.queue_mut(operation).join(ticket, request, now);
    }

    /// Cancels a call or a start.
    pub fn leave(&mut self, ticket: Ticket) {
        self.starts.remove(&ticket);
        self.queues_mut().into_iter().for_each(|queue| queue.leave(ticket));
    }

    /// Grants the next call, if one may be made now. With the object, where a reconciliation starts with it.
    pub fn next(&mut self, now: Duration) -> (NextCall, Option<ObjectKey>) {
        let next = self.writes.next_call(now, by_priority);
        let next = next.or_else(|| self.lists.next_call(now, by_priority)).or_else(|| self.next_read(now));
        let NextCall::Granted(ticket, request) = &next else { return (next, None) };
        self.last_used = now;
        let key = self.starts.remove(ticket);
        if key.is_some() {
            self.running += 1;
            self.writers += usize::from(request.priority == Priority::WriteDue);
        }
        (next, key)
    }

    /// Records that a reconciliation ended.
    pub fn end(&mut self, priority: Priority, now: Duration) {
        self.last_used = now;
        self.running = self.running.saturating_sub(1);
        self.writers = self.writers.saturating_sub(usize::from(priority == Priority::WriteDue));
    }

    /// The budget of an operation.
    pub fn budget_mut(&mut self, operation: Operation) -> &mut CallBudget {
        self.queue_mut(operation).budget_mut()
    }

    /// The rate of an operation, in calls a second.
    pub fn rate(&self, operation: Operation) -> f64 {
        match operation {
            Operation::Get => &self.reads,
            Operation::Set => &self.writes,
            Operation::List | Operation::Describe => &self.lists,
        }
        .budget()
        .rate()
    }

    /// When the lane may be dropped, because nobody uses it any more; None while it is used.
    pub fn expires_at(&self) -> Option<Duration> {
        let queues = [&self.reads, &self.writes, &self.lists];
        let is_idle = self.running == 0 && queues.iter().all(|queue| queue.is_empty());
        let is_slowed = queues.iter().any(|queue| queue.budget().is_slowed());
        let after = if is_slowed { FORGET_SLOWED_AFTER } else { FORGET_AFTER };
        is_idle.then(|| self.last_used + after)
    }

    /// A pool whose write is due is read right before its write may be sent. If reads are slow, other reads leave room for
    /// it. Changed specs are then timed likewise, because most lead to a write.
    fn next_read(&mut self, now: Duration) -> NextCall {
        let gap = self.reads.budget().gap();
        if self.reads.is_empty() || now < self.reads.budget().next() {
            return self.reads.next_call(now, by_priority);
        }
        let is_full = self.running >= self.max_running;
        let write_read_at = self.write_read_at();
        let is_timed = |priority, kind: Kind| match priority {
            Priority::WriteDue => kind != Kind::Call,
            // An observer writes nothing, and waits for its pool's owner: timed, it would keep the owner waiting, too.
            Priority::Changed => kind == Kind::StartExclusive && gap > LEAD,
            Priority::Requested | Priority::Routine => false,
        };
        let leaves_room = gap <= LEAD
            || now + gap <= write_read_at
            || self.reads.is_turn_of_checks()
            || !self.reads.has(is_timed);
        // A call of a running reconciliation waits for the rate alone, because the reconciliation cannot end without it. All
        // timed reads have one rank, in which namespaces take turns. Otherwise the changed specs of a namespace would wait
        // for all due writes of another.
        let rank = |priority, kind: Kind| match kind {
            Kind::Call => Some(priority),
            Kind::Start | Kind::StartExclusive if is_full => None,
            _ if is_timed(priority, kind) => (now >= write_read_at).then_some(Priority::WriteDue),
            _ => leaves_room.then_some(priority),
        };
        match self.reads.next_call(now, rank) {
            next if now < write_read_at => next.or_else(|| NextCall::Wait(write_read_at)),
            next => next,
        }
    }

    /// When the next pool whose write is due should be read.
    fn write_read_at(&self) -> Duration {
        let budget = self.writes.budget();
        let ahead = u32::try_from(self.writers).unwrap_or(u32::MAX);
        (budget.next() + budget.gap().saturating_mul(ahead)).saturating_sub(LEAD)
    }

    fn queue_mut(&mut self, operation: Operation) -> &mut CallQueue {
        match operation {
            Operation::Get => &mut self.reads,
            Operation::Set => &mut self.writes,
            Operation::List | Operation::Describe => &mut self.lists,
        }
    }

    fn queues_mut(&mut self) -> [&mut CallQueue; 3] {
        [&mut self.reads, &mut self.writes, &mut self.lists]
    }
}
