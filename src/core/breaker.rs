//! How many lowerings of protection an hour has room for, in the whole fleet.
//!
//! One mistake (a template, a mass edit) must not lower a thousand pools before somebody notices. Times are durations
//! since any fixed start, so a clock that jumps changes nothing. What other processes lowered is read from the objects'
//! statuses, each time once.

use std::{collections::HashMap, time::Duration};

use jiff::Timestamp;

use super::schedule::since;

const HOUR: Duration = Duration::from_hours(1);
/// A lowering in a status that is this near to one known here is the same: the status is written after the Set, in
/// whole seconds.
const SAME: Duration = Duration::from_mins(1);

/// The lowerings of the last hour, and who waits to be the next.
#[derive(Debug)]
pub struct Breaker {
    limit: usize,
    /// The oldest first.
    done: Vec<Lowering>,
    /// Who was held, in the order of their asking.
    line: Vec<String>,
    /// What each object's status told last.
    told: HashMap<String, Timestamp>,
}

#[derive(Debug)]
struct Lowering {
    object: String,
    at: Duration,
    /// Allowed, and not yet known to have been sent.
    pending: bool,
}

impl Breaker {
    /// At most `limit` lowerings an hour.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { limit, done: Vec::new(), line: Vec::new(), told: HashMap::new() }
    }

    /// Lets an object, `namespace/name`, lower its pool now, and counts it until [`Breaker::settle`] says otherwise.
    ///
    /// # Errors
    /// The wait before it is worth asking again: the hour has no room, or those who asked before need what it has.
    pub fn ask(&mut self, object: &str, now: Duration) -> Result<(), Duration> {
        self.forget_old(now);
        let place = self.line.iter().position(|waiting| waiting == object).unwrap_or(self.line.len());
        let free = self.limit.saturating_sub(self.done.len());
        if place < free {
            self.allow(object, now);
            return Ok(());
        }
        if place == self.line.len() {
            self.line.push(object.to_owned());
        }
        let leaves = self.done.get(place - free).map(|lowering| lowering.at + HOUR);
        Err(leaves.map_or(HOUR, |at| at.saturating_sub(now)))
    }

    /// Counts a lowering that somebody asked for by name. It needs no room.
    pub fn allow(&mut self, object: &str, now: Duration) {
        self.leave(object);
        self.done.push(Lowering { object: object.to_owned(), at: now, pending: true });
    }

    /// Tells what became of a lowering that was allowed: `sent` when it was, or may have been.
    pub fn settle(&mut self, object: &str, sent: bool) {
        self.done.retain(|lowering| sent || !lowering.pending || lowering.object != object);
        for lowering in self.done.iter_mut().filter(|lowering| lowering.object == object) {
            lowering.pending = false;
        }
    }

    /// Takes an object out of the line.
    pub fn leave(&mut self, object: &str) {
        self.line.retain(|waiting| waiting != object);
    }

    /// Takes note of the lowering that an object's status tells of. `clock` is the wall clock's `now`: with another
    /// machine's clock, or one that went back, the lowering counts for somewhat longer or shorter, at most an hour.
    pub fn saw(&mut self, object: &str, told: Timestamp, clock: Timestamp, now: Duration) {
        if self.told.insert(object.to_owned(), told) == Some(told) {
            return;
        }
        let at = now.saturating_sub(since(told, clock));
        let known = |lowering: &Lowering| lowering.object == object && lowering.at.abs_diff(at) <= SAME;
        if !self.done.iter().any(known) {
            self.done.push(Lowering { object: object.to_owned(), at, pending: false });
            self.done.sort_by_key(|lowering| lowering.at);
        }
        self.forget_old(now);
    }

    /// Forgets that an object waits, because it is gone. What it lowered counts on.
    pub fn forget(&mut self, object: &str) {
        self.leave(object);
        self.told.remove(object);
    }

    /// How many objects wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    fn forget_old(&mut self, now: Duration) {
        self.done.retain(|lowering| lowering.pending || now.saturating_sub(lowering.at) < HOUR);
    }
}
