//! How many lowerings of protection an hour has room for, in the whole fleet.
//!
//! One mistake (a template, a mass edit) must not lower a thousand pools before somebody notices. Times are durations
//! since any fixed start, so a clock that jumps changes nothing. What other processes lowered is read from the objects'
//! statuses, each time once.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use jiff::Timestamp;

use crate::elapsed::elapsed;

const HOUR: Duration = Duration::from_hours(1);
/// A lowering in a status that is this near to one known here is the same: the status is written after the Set, in
/// whole seconds.
const SAME_WRITE: Duration = Duration::from_mins(1);

/// The lowerings of the last hour, and who waits to be the next.
#[derive(Debug)]
pub struct WeakeningBudget {
    limit: usize,
    /// The oldest first.
    writes: Vec<WeakeningWrite>,
    /// Who was held, in the order of their asking.
    line: Vec<String>,
    /// What each object's status told last.
    last_reported: HashMap<String, Timestamp>,
    /// The term of this replica that the line is of.
    term: u32,
}

#[derive(Debug)]
struct WeakeningWrite {
    object: String,
    /// What the object declared.
    generation: i64,
    at: Duration,
    result: WriteResult,
    /// Whether it stood in the line.
    waited: bool,
    /// Whether it needed room.
    counts_fully: bool,
}

/// What became of a lowering that was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteResult {
    /// Cognito took it.
    Accepted,
    /// It may have been done, or may yet be.
    Unknown,
    /// It was not sent, or refused.
    NotWritten,
    /// Not known yet.
    Pending,
}

impl WeakeningBudget {
    /// At most `limit` lowerings an hour.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { limit, writes: Vec::new(), line: Vec::new(), last_reported: HashMap::new(), term: 0 }
    }

    /// Lets an object, `namespace/name`, lower its pool to what it declares at a generation, and counts it until
    /// [`Breaker::settle`] says otherwise.
    ///
    /// # Errors
    /// The wait before it is worth asking again: the hour has no room, or those who asked before need what it has.
    pub fn request(&mut self, object: &str, generation: i64, now: Duration) -> Result<(), Duration> {
        self.drop_undone(object, generation);
        self.drop_old(now);
        let place = self.line.iter().position(|waiting| waiting == object).unwrap_or(self.line.len());
        let taken = self.taken_places();
        let free = self.limit.saturating_sub(taken.len());
        if place < free {
            self.count(object, generation, now, true);
            return Ok(());
        }
        if place == self.line.len() {
            self.line.push(object.to_owned());
        }
        let leaves = taken.get(place - free).map(|at| *at + HOUR);
        Err(leaves.map_or(HOUR, |at| at.saturating_sub(now)))
    }

    /// Counts a lowering that somebody asked for by name. It needs no room.
    pub fn record_exempt(&mut self, object: &str, generation: i64, now: Duration) {
        self.drop_undone(object, generation);
        self.drop_old(now);
        self.count(object, generation, now, false);
    }

    fn count(&mut self, object: &str, generation: i64, now: Duration, needed_room: bool) {
        let waited = self.line.iter().any(|waiting| waiting == object);
        self.leave_line(object);
        let object = object.to_owned();
        self.writes.push(WeakeningWrite {
            object,
            generation,
            at: now,
            result: WriteResult::Pending,
            waited,
            counts_fully: needed_room,
        });
    }

    /// When the places of the hour were taken, the oldest first. All that needed no room takes one place a namespace,
    /// that of its last: who lowers their own pools by name, time and again, must not keep all others waiting.
    fn taken_places(&self) -> Vec<Duration> {
        let mut namespaces = HashSet::new();
        let mut taken = Vec::new();
        for WeakeningWrite { object, at, counts_fully: needed_room, .. } in self.writes.iter().rev() {
            if *needed_room || namespaces.insert(namespace(object)) {
                taken.push(*at);
            }
        }
        taken.reverse();
        taken
    }

    /// Takes note that the pool of an object was read. What was open of it and has not been asked for again was done,
    /// or may have been, whatever became of the pool since.
    pub fn record_read(&mut self, object: &str) {
        let open = |lowering: &&mut WeakeningWrite| {
            lowering.result == WriteResult::Unknown && lowering.object == object
        };
        self.writes.iter_mut().filter(open).for_each(|lowering| lowering.result = WriteResult::Accepted);
    }

    /// Tells what became of a lowering that was allowed, if one was. It counts from now on: its call may have waited
    /// long for its turn. One that was not sent gives its room back, and is the next again if it had waited.
    pub fn record_result(&mut self, object: &str, sent: WriteResult, now: Duration) {
        let of_it =
            |lowering: &WeakeningWrite| lowering.result == WriteResult::Pending && lowering.object == object;
        let Some(at) = self.writes.iter().position(of_it) else { return };
        let lowering = self.writes.remove(at);
        if sent != WriteResult::NotWritten {
            self.writes.push(WeakeningWrite { at: now, result: sent, ..lowering });
        } else if lowering.waited {
            self.line.insert(0, lowering.object);
        }
    }

    /// Takes an object out of the line.
    pub fn leave_line(&mut self, object: &str) {
        self.line.retain(|waiting| waiting != object);
    }

    /// Forgets the line of another term: who stood in it may have been served by another replica.
    pub fn enter_term(&mut self, term: u32) {
        if std::mem::replace(&mut self.term, term) != term {
            self.line.clear();
        }
    }

    /// Takes note of the lowering that an object's status tells of. `clock` is the wall clock's `now`: with another
    /// machine's clock, or one that went back, the lowering counts for somewhat longer or shorter, at most an hour.
    pub fn record_from_status(&mut self, object: &str, told: Timestamp, clock: Timestamp, now: Duration) {
        if self.last_reported.insert(object.to_owned(), told) == Some(told) {
            return;
        }
        let at = now.saturating_sub(elapsed(told, clock));
        let known =
            |lowering: &WeakeningWrite| lowering.object == object && lowering.at.abs_diff(at) <= SAME_WRITE;
        if !self.writes.iter().any(known) {
            let object = object.to_owned();
            self.writes.push(WeakeningWrite {
                object,
                generation: 0,
                at,
                result: WriteResult::Accepted,
                waited: false,
                counts_fully: true,
            });
            self.writes.sort_by_key(|lowering| lowering.at);
        }
        self.drop_old(now);
    }

    /// Forgets what the status of an object told, because it is gone. What it lowered, or may have, counts on: another
    /// object of its name knows nothing of it.
    pub fn remove(&mut self, object: &str) {
        self.last_reported.remove(object);
        self.record_read(object);
    }

    /// How many objects wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Forgets what was open of an object that asks for the same again: the pool has just been read, and it was not done.
    /// What an earlier generation left open may well have been.
    fn drop_undone(&mut self, object: &str, generation: i64) {
        self.writes.retain(|lowering| {
            lowering.result != WriteResult::Unknown
                || lowering.object != object
                || lowering.generation != generation
        });
    }

    /// Forgets what is an hour old.
    fn drop_old(&mut self, now: Duration) {
        self.writes.retain(|lowering| {
            lowering.result == WriteResult::Pending || now.saturating_sub(lowering.at) < HOUR
        });
    }
}

fn namespace(object: &str) -> &str {
    object.split_once('/').map_or(object, |(namespace, _)| namespace)
}
