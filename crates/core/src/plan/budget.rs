//! The hourly limit on weakening writes, for all pools together.
//!
//! One mistake, such as a wrong template or a mass edit, must not weaken a thousand pools before somebody notices.
//!
//! Times are durations since any fixed start, so a clock that jumps changes nothing. Weakening writes of other processes
//! are read from the objects' statuses, each one once.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jiff::Timestamp;

use crate::elapsed::elapsed;

const HOUR: Duration = Duration::from_hours(1);
/// A status is written after its write to Cognito, in whole seconds. A time in a status this close to a known write is
/// that write.
const SAME_WRITE: Duration = Duration::from_mins(1);

/// The weakening writes of the last hour, and the objects that wait for the limit.
#[derive(Debug)]
pub struct WeakeningBudget {
    limit: usize,
    /// The writes that count, the oldest first.
    writes: Vec<WeakeningWrite>,
    /// The objects that wait, in the order of their requests.
    line: Vec<String>,
    /// The lastLoweringTime that was last read from each object's status.
    last_reported: HashMap<String, Timestamp>,
    /// The leader election term that `line` belongs to.
    term: u32,
}

#[derive(Debug)]
struct WeakeningWrite {
    object: String,
    generation: i64,
    at: Duration,
    result: WriteResult,
    /// Whether the object waited in the line, and so returns to its head when the write is not made.
    was_in_line: bool,
    /// Whether the write is exempt from the limit.
    is_exempt: bool,
}

/// The result of a weakening write that the limit allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteResult {
    /// Cognito accepted the write.
    Accepted,
    /// The write failed in a way that leaves open whether Cognito accepted it, or still will.
    Unknown,
    /// The write was not sent, or Cognito refused it.
    NotWritten,
    /// The reconciliation that makes the write has not ended yet.
    Pending,
}

impl WeakeningBudget {
    /// A budget of at most `limit` weakening writes an hour.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { limit, writes: Vec::new(), line: Vec::new(), last_reported: HashMap::new(), term: 0 }
    }

    /// Allows an object (`namespace/name`) the weakening write of a generation, and counts the write until
    /// [`record_result`](Self::record_result) says otherwise.
    ///
    /// # Errors
    /// The wait before the next request, when the hour has no place left or earlier requests need it. The object then
    /// waits in the line.
    pub fn request(&mut self, object: &str, generation: i64, now: Duration) -> Result<(), Duration> {
        self.drop_undone(object, generation);
        self.drop_old(now);
        let place = self.line.iter().position(|waiting| waiting == object).unwrap_or(self.line.len());
        let taken_at = self.taken_places();
        let free_places = self.limit.saturating_sub(taken_at.len());
        if place < free_places {
            self.count(object, generation, now, false);
            return Ok(());
        }
        if place == self.line.len() {
            self.line.push(object.to_owned());
        }
        let place_free_at = taken_at.get(place - free_places).map(|taken_at| *taken_at + HOUR);
        Err(place_free_at.map_or(HOUR, |free_at| free_at.saturating_sub(now)))
    }

    /// Counts a weakening write that is exempt from the limit.
    pub fn record_exempt(&mut self, object: &str, generation: i64, now: Duration) {
        self.drop_undone(object, generation);
        self.drop_old(now);
        self.count(object, generation, now, true);
    }

    fn count(&mut self, object: &str, generation: i64, now: Duration, is_exempt: bool) {
        let was_in_line = self.line.iter().any(|waiting| waiting == object);
        self.leave_line(object);
        self.writes.push(WeakeningWrite {
            object: object.to_owned(),
            generation,
            at: now,
            result: WriteResult::Pending,
            was_in_line,
            is_exempt,
        });
    }

    /// The times of the writes that count against the limit, the oldest first.
    ///
    /// All exempt writes of a namespace count as one, at the time of the last one: a namespace that approves its own
    /// writes again and again must not keep all others waiting.
    fn taken_places(&self) -> Vec<Duration> {
        let mut exempt_namespaces = HashSet::new();
        let mut taken_at = Vec::new();
        for write in self.writes.iter().rev() {
            if !write.is_exempt || exempt_namespaces.insert(namespace(&write.object)) {
                taken_at.push(write.at);
            }
        }
        taken_at.reverse();
        taken_at
    }

    /// Records that the pool of an object was read. A write with an unknown result then counts as accepted, unless the
    /// object has requested it again.
    pub fn record_read(&mut self, object: &str) {
        let is_unknown =
            |write: &&mut WeakeningWrite| write.result == WriteResult::Unknown && write.object == object;
        self.writes.iter_mut().filter(is_unknown).for_each(|write| write.result = WriteResult::Accepted);
    }

    /// Records the result of an object's pending write, if it has one.
    ///
    /// The write counts from `now`, because its call may have waited long for the rate limit. A write that was not made
    /// counts no longer, and the object returns to the head of the line if it had waited.
    pub fn record_result(&mut self, object: &str, result: WriteResult, now: Duration) {
        let is_pending =
            |write: &WeakeningWrite| write.result == WriteResult::Pending && write.object == object;
        let Some(index) = self.writes.iter().position(is_pending) else { return };
        let write = self.writes.remove(index);
        if result != WriteResult::NotWritten {
            self.writes.push(WeakeningWrite { at: now, result, ..write });
        } else if write.was_in_line {
            self.line.insert(0, write.object);
        }
    }

    /// Removes an object from the line.
    pub fn leave_line(&mut self, object: &str) {
        self.line.retain(|waiting| waiting != object);
    }

    /// Clears the line of an earlier term, because another replica may have served those objects since.
    pub fn enter_term(&mut self, term: u32) {
        if std::mem::replace(&mut self.term, term) != term {
            self.line.clear();
        }
    }

    /// Counts the write that an object's `lastLoweringTime` reports, unless it is known already.
    ///
    /// `wall_clock` is the wall clock's value for `now`. When two machines' clocks differ, or a clock is set back, the
    /// write counts for a longer or shorter time, at most an hour.
    pub fn record_from_status(
        &mut self,
        object: &str,
        last_lowering_time: Timestamp,
        wall_clock: Timestamp,
        now: Duration,
    ) {
        let previous = self.last_reported.insert(object.to_owned(), last_lowering_time);
        if previous == Some(last_lowering_time) {
            return;
        }
        let at = now.saturating_sub(elapsed(last_lowering_time, wall_clock));
        let is_same_write =
            |write: &WeakeningWrite| write.object == object && write.at.abs_diff(at) <= SAME_WRITE;
        if !self.writes.iter().any(is_same_write) {
            self.writes.push(WeakeningWrite {
                object: object.to_owned(),
                generation: 0,
                at,
                result: WriteResult::Accepted,
                was_in_line: false,
                is_exempt: false,
            });
            self.writes.sort_by_key(|write| write.at);
        }
        self.drop_old(now);
    }

    /// Forgets the status of a deleted object. Its writes still count, because a new object of the same name does not
    /// report them.
    pub fn remove(&mut self, object: &str) {
        self.last_reported.remove(object);
        self.record_read(object);
    }

    /// How many objects wait in the line.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Drops the write with an unknown result that an object requests again: its pool was just read, so the write was not
    /// made. An unknown write of an earlier generation may have been made, and stays.
    fn drop_undone(&mut self, object: &str, generation: i64) {
        self.writes.retain(|write| {
            write.result != WriteResult::Unknown || write.object != object || write.generation != generation
        });
    }

    fn drop_old(&mut self, now: Duration) {
        self.writes
            .retain(|write| write.result == WriteResult::Pending || now.saturating_sub(write.at) < HOUR);
    }
}

fn namespace(object: &str) -> &str {
    object.split_once('/').map_or(object, |(namespace, _)| namespace)
}
