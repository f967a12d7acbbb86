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

use crate::elapsed::since;

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
    /// The term of this replica that the line is of.
    term: u32,
}

#[derive(Debug)]
struct Lowering {
    object: String,
    /// What the object declared.
    generation: i64,
    at: Duration,
    sent: Sent,
    /// Whether it stood in the line.
    waited: bool,
    /// Whether it needed room.
    needed_room: bool,
}

/// What became of a lowering that was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Cognito took it.
    Yes,
    /// It may have been done, or may yet be.
    Open,
    /// It was not sent, or refused.
    No,
    /// Not known yet.
    Pending,
}

impl Breaker {
    /// At most `limit` lowerings an hour.
    #[must_use]
    pub fn new(limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { limit, done: Vec::new(), line: Vec::new(), told: HashMap::new(), term: 0 }
    }

    /// Lets an object, `namespace/name`, lower its pool to what it declares at a generation, and counts it until
    /// [`Breaker::settle`] says otherwise.
    ///
    /// # Errors
    /// The wait before it is worth asking again: the hour has no room, or those who asked before need what it has.
    pub fn ask(&mut self, object: &str, generation: i64, now: Duration) -> Result<(), Duration> {
        self.forget_undone(object, generation);
        self.forget_old(now);
        let place = self.line.iter().position(|waiting| waiting == object).unwrap_or(self.line.len());
        let taken = self.taken();
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
    pub fn allow(&mut self, object: &str, generation: i64, now: Duration) {
        self.forget_undone(object, generation);
        self.forget_old(now);
        self.count(object, generation, now, false);
    }

    fn count(&mut self, object: &str, generation: i64, now: Duration, needed_room: bool) {
        let waited = self.line.iter().any(|waiting| waiting == object);
        self.leave(object);
        let object = object.to_owned();
        self.done.push(Lowering { object, generation, at: now, sent: Sent::Pending, waited, needed_room });
    }

    /// When the places of the hour were taken, the oldest first. All that needed no room takes one place a namespace,
    /// that of its last: who lowers their own pools by name, time and again, must not keep all others waiting.
    fn taken(&self) -> Vec<Duration> {
        let mut namespaces = HashSet::new();
        let mut taken = Vec::new();
        for Lowering { object, at, needed_room, .. } in self.done.iter().rev() {
            if *needed_room || namespaces.insert(namespace(object)) {
                taken.push(*at);
            }
        }
        taken.reverse();
        taken
    }

    /// Takes note that the pool of an object was read. What was open of it and has not been asked for again was done,
    /// or may have been, whatever became of the pool since.
    pub fn looked(&mut self, object: &str) {
        let open = |lowering: &&mut Lowering| lowering.sent == Sent::Open && lowering.object == object;
        self.done.iter_mut().filter(open).for_each(|lowering| lowering.sent = Sent::Yes);
    }

    /// Tells what became of a lowering that was allowed, if one was. It counts from now on: its call may have waited
    /// long for its turn. One that was not sent gives its room back, and is the next again if it had waited.
    pub fn settle(&mut self, object: &str, sent: Sent, now: Duration) {
        let of_it = |lowering: &Lowering| lowering.sent == Sent::Pending && lowering.object == object;
        let Some(at) = self.done.iter().position(of_it) else { return };
        let lowering = self.done.remove(at);
        if sent != Sent::No {
            self.done.push(Lowering { at: now, sent, ..lowering });
        } else if lowering.waited {
            self.line.insert(0, lowering.object);
        }
    }

    /// Takes an object out of the line.
    pub fn leave(&mut self, object: &str) {
        self.line.retain(|waiting| waiting != object);
    }

    /// Forgets the line of another term: who stood in it may have been served by another replica.
    pub fn in_term(&mut self, term: u32) {
        if std::mem::replace(&mut self.term, term) != term {
            self.line.clear();
        }
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
            let object = object.to_owned();
            self.done.push(Lowering {
                object,
                generation: 0,
                at,
                sent: Sent::Yes,
                waited: false,
                needed_room: true,
            });
            self.done.sort_by_key(|lowering| lowering.at);
        }
        self.forget_old(now);
    }

    /// Forgets what the status of an object told, because it is gone. What it lowered, or may have, counts on: another
    /// object of its name knows nothing of it.
    pub fn forget(&mut self, object: &str) {
        self.told.remove(object);
        self.looked(object);
    }

    /// How many objects wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// Forgets what was open of an object that asks for the same again: the pool has just been read, and it was not done.
    /// What an earlier generation left open may well have been.
    fn forget_undone(&mut self, object: &str, generation: i64) {
        self.done.retain(|lowering| {
            lowering.sent != Sent::Open || lowering.object != object || lowering.generation != generation
        });
    }

    /// Forgets what is an hour old.
    fn forget_old(&mut self, now: Duration) {
        self.done.retain(|lowering| lowering.sent == Sent::Pending || now.saturating_sub(lowering.at) < HOUR);
    }
}

fn namespace(object: &str) -> &str {
    object.split_once('/').map_or(object, |(namespace, _)| namespace)
}
