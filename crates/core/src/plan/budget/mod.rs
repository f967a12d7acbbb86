//! The hourly limit on weakening writes, for all pools together.
//!
//! One mistake, such as a wrong template or a mass edit, must not weaken a thousand pools before somebody notices.
//!
//! Times are durations since any fixed start, so a clock that jumps changes nothing but the times that are announced.
//! Weakening writes of other processes are read from the objects' statuses, each one once.

mod line;
mod turn;
mod writes;

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;
use line::Line;
pub use turn::Turn;
pub use writes::WriteResult;
use writes::{WeakeningWrite, Writes};

use crate::{
    access::ownership::object_key,
    api::v1alpha1::{ConditionType, Reason, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    elapsed::elapsed,
};

const HOUR: Duration = Duration::from_hours(1);
/// How long an object may be late for its turn before others go first. It is also how long the objects that were on hold
/// before a restart may take to ask.
const RESERVED: Duration = Duration::from_mins(2);

/// The time of a decision, on both clocks that the decisions use.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// The wall clock, which status times are compared with.
    pub wall_clock: Timestamp,
    /// The time since the fixed start of the [`WeakeningBudget`].
    pub since_start: Duration,
}

/// The weakening writes of the last hour, and the objects that wait for the limit.
#[derive(Debug)]
pub struct WeakeningBudget {
    limit: usize,
    writes: Writes,
    line: Line,
    /// The lastLoweringTime that was last read from each object's status.
    last_reported: HashMap<String, Timestamp>,
    /// The objects that are on hold according to their statuses, and since when.
    on_hold_since: HashMap<String, Timestamp>,
    /// The leader election term that `line` belongs to.
    term: Option<u32>,
}

impl WeakeningBudget {
    /// A budget of at most `limit` weakening writes an hour.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        Self {
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            writes: Writes::default(),
            line: Line::default(),
            last_reported: HashMap::new(),
            on_hold_since: HashMap::new(),
            term: None,
        }
    }

    /// Allows an object (`namespace/name`) the weakening write of a generation, and counts the write until
    /// [`record_result`](Self::record_result) says otherwise. A write that was allowed and has no result yet keeps its place:
    /// it could not be sent before its pool had to be read again.
    ///
    /// # Errors
    /// The turn of the object, when the hour has no place left or other objects go first. The object then waits in the
    /// line.
    pub fn request(&mut self, object: &str, generation: i64, now: Now) -> Result<(), Turn> {
        if self.writes.renew_pending(object, generation, now.since_start) {
            return Ok(());
        }
        // That of an earlier generation was never sent.
        drop(self.writes.take_pending(object));
        self.writes.drop_undone(object, generation);
        self.writes.drop_old(now.since_start);
        let place = self.line.place(object, &self.writes.by_namespace(), now.since_start);
        let taken_at = self.writes.taken_places(self.limit);
        let free = self.limit.saturating_sub(taken_at.len());
        if place < free {
            self.count(object, generation, now.since_start, false);
            return Ok(());
        }
        let wait = turn::wait(self.limit, &taken_at, place, now.since_start);
        let retry_after = turn::retry_after(wait, place < free + self.writes.pending());
        let announced = |wait| turn::announced(self.line.expected(object), wait, now.wall_clock);
        let expected = wait.map(announced);
        self.line.wait(object, now.since_start + retry_after + RESERVED, expected);
        Err(Turn { retry_after, expected })
    }

    /// Counts a weakening write that is exempt from the limit. It says nothing about an earlier write with an unknown
    /// result, which may have been made and undone by somebody.
    pub fn record_exempt(&mut self, object: &str, generation: i64, now: Duration) {
        self.writes.drop_old(now);
        self.count(object, generation, now, true);
    }

    fn count(&mut self, object: &str, generation: i64, at: Duration, is_exempt: bool) {
        let earlier = self.writes.take_pending(object);
        let was_in_line = if is_exempt { self.line.leave(object) } else { self.line.take_turn(object) }
            || earlier.is_some_and(|write| write.was_in_line);
        let (object, result) = (object.to_owned(), WriteResult::Pending);
        self.writes.push(WeakeningWrite { object, generation, at, result, was_in_line, is_exempt });
    }

    /// Records that the pool of an object was read. A write with an unknown result then counts as accepted, unless the
    /// object has requested it again.
    pub fn record_read(&mut self, object: &str) {
        self.writes.accept_unknown(object);
    }

    /// Records the result of an object's pending write, if it has one.
    ///
    /// The write counts from `now`, because its call may have waited long for the rate limit. A write that was not made
    /// counts no longer, and the object returns to the line if it had waited.
    pub fn record_result(&mut self, object: &str, result: WriteResult, now: Duration) {
        let Some(write) = self.writes.take_pending(object) else { return };
        if result != WriteResult::NotWritten {
            self.writes.push(WeakeningWrite { at: now, result, ..write });
        } else if write.was_in_line {
            self.line.rejoin(write.object);
        }
    }

    /// Lets others go before an object whose call failed, until it asks again. It keeps its place in the line.
    pub fn let_others_pass(&mut self, object: &str) {
        self.line.let_others_pass(object);
    }

    /// Removes an object from the line.
    pub fn leave_line(&mut self, object: &str) {
        self.line.leave(object);
    }

    /// Begins a new line with a new term, because another replica may have served the objects of the old one. The objects
    /// whose statuses say that they are on hold wait in the order in which they began to.
    pub fn enter_term(&mut self, term: u32, now: Duration) {
        if self.term.replace(term) != Some(term) {
            let mut on_hold: Vec<_> = self.on_hold_since.iter().collect();
            on_hold.sort_by_key(|(object, since)| (*since, *object));
            self.line = Line::new(on_hold.into_iter().map(|(object, _)| object.as_str()), now + RESERVED);
            self.writes.doubt_pending(|_| true);
        }
    }

    /// Records what the status of an object says: since when it is on hold, and its last weakening write, unless that is
    /// known already.
    ///
    /// When two machines' clocks differ, or a clock is set back, the write counts for a longer or shorter time, at most an
    /// hour.
    pub fn record_status(&mut self, object: &UserPoolMfaConfig, now: Now) {
        let key = object_key(object);
        let status = object.status.as_ref();
        match status.and_then(on_hold_since) {
            Some(since) => drop(self.on_hold_since.insert(key.clone(), since)),
            None => drop(self.on_hold_since.remove(&key)),
        }
        if let Some((status, time)) = status.and_then(|status| Some((status, status.last_lowering_time?))) {
            self.record_reported(key, time, status.last_lowering_exempt, now);
        }
    }

    fn record_reported(&mut self, object: String, time: Timestamp, is_exempt: bool, now: Now) {
        if self.last_reported.insert(object.clone(), time) == Some(time) {
            return;
        }
        let at = now.since_start.saturating_sub(elapsed(time, now.wall_clock));
        let (result, was_in_line) = (WriteResult::Accepted, false);
        self.writes.push_reported(WeakeningWrite {
            object,
            generation: 0,
            at,
            result,
            was_in_line,
            is_exempt,
        });
        self.writes.drop_old(now.since_start);
    }

    /// Forgets the status of a deleted object. Its writes still count, because a new object of the same name does not
    /// report them.
    pub fn remove(&mut self, object: &str) {
        self.last_reported.remove(object);
        self.on_hold_since.remove(object);
        self.leave_line(object);
        self.writes.doubt_pending(|of| of == object);
        self.record_read(object);
    }

    /// How many objects wait in the line.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.len()
    }
}

/// Since when an object has been on hold for the limit. The transition times of the other conditions may be older.
fn on_hold_since(status: &UserPoolMfaConfigStatus) -> Option<Timestamp> {
    let conditions = [ConditionType::Reconciling, ConditionType::Stalled];
    let mut conditions = conditions.iter().filter_map(|type_| status.condition(*type_));
    let on_hold = conditions.find(|condition| condition.reason == Reason::LoweringHeld.as_str());
    on_hold.map(|condition| condition.last_transition_time.0)
}

fn namespace(object: &str) -> &str {
    object.split_once('/').map_or(object, |(namespace, _)| namespace)
}
