//! The line of objects on hold for the hourly limit. Namespaces take turns; within a namespace the first request is first.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use jiff::Timestamp;

use super::namespace;

/// The objects that wait, by namespace.
#[derive(Debug, Default)]
pub(super) struct Line {
    namespaces: BTreeMap<String, Queue>,
    last_stamp: u64,
}

/// The objects of a namespace that wait, the first one first.
#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Grows when the namespace joins and with each of its turns. Of two namespaces the one with the lower stamp is next.
    stamp: u64,
}

#[derive(Debug)]
struct Waiting {
    object: String,
    /// Until when nobody behind the object may go first. An object that cannot use its turn must not block the others.
    reserved_until: Duration,
    /// The time that was announced for its turn.
    expected: Option<Timestamp>,
}

impl Line {
    /// A line of objects in this order, each with a reserved turn.
    pub fn new<'a>(objects: impl Iterator<Item = &'a str>, reserved_until: Duration) -> Self {
        let mut line = Self::default();
        objects.for_each(|object| line.wait(object, reserved_until, None));
        line
    }

    /// How many objects that wait go before this one. The namespace with the fewest `writes` in the last hour is next;
    /// of several the one that has waited for its turn for longest.
    pub fn place(&self, object: &str, writes: &HashMap<&str, usize>, now: Duration) -> usize {
        let is_reserved = |waiting: &&Waiting| now < waiting.reserved_until;
        let writes_of = |namespace: &str| writes.get(namespace).copied().unwrap_or_default();
        let own = self.namespaces.get(namespace(object));
        let ahead = own.into_iter().flat_map(|queue| &queue.waiting);
        let ahead = ahead.take_while(|waiting| waiting.object != object).filter(is_reserved).count();
        let turn = (writes_of(namespace(object)) + ahead, own.map_or(u64::MAX, |queue| queue.stamp));
        let others = self.namespaces.iter().filter(|(name, _)| name.as_str() != namespace(object));
        let ahead_elsewhere = others.map(|(name, queue)| {
            let turns = queue.waiting.iter().filter(is_reserved).zip(writes_of(name)..);
            turns.take_while(|(_, writes)| (*writes, queue.stamp) < turn).count()
        });
        ahead + ahead_elsewhere.sum::<usize>()
    }

    /// The time that was announced for the object's turn.
    pub fn expected(&self, object: &str) -> Option<Timestamp> {
        let queue = self.namespaces.get(namespace(object))?;
        queue.waiting.iter().find(|waiting| waiting.object == object)?.expected
    }

    /// Has the object wait at its place, or at the end of its namespace.
    pub fn wait(&mut self, object: &str, reserved_until: Duration, expected: Option<Timestamp>) {
        let queue = self.queue_mut(object);
        if let Some(waiting) = queue.waiting.iter_mut().find(|waiting| waiting.object == object) {
            (waiting.reserved_until, waiting.expected) = (reserved_until, expected);
        } else {
            queue.waiting.push(Waiting { object: object.to_owned(), reserved_until, expected });
        }
    }

    /// Returns an object to the line that could not use its turn. The next object of its namespace goes first.
    pub fn rejoin(&mut self, object: String) {
        let queue = self.queue_mut(&object);
        let place = queue.waiting.len().min(1);
        queue.waiting.insert(place, Waiting { object, reserved_until: Duration::ZERO, expected: None });
    }

    /// Gives the reservation of the object up until it asks again. It keeps its place.
    pub fn let_others_pass(&mut self, object: &str) {
        let queue = self.namespaces.get_mut(namespace(object));
        let mut waiting = queue.into_iter().flat_map(|queue| &mut queue.waiting);
        if let Some(waiting) = waiting.find(|waiting| waiting.object == object) {
            waiting.reserved_until = Duration::ZERO;
        }
    }

    /// Removes the object, whose turn it is. The other namespaces are next. Returns whether it waited.
    pub fn take_turn(&mut self, object: &str) -> bool {
        let waited = self.leave(object);
        let stamp = self.next_stamp();
        if let Some(queue) = self.namespaces.get_mut(namespace(object)) {
            queue.stamp = stamp;
        }
        waited
    }

    /// Removes the object. Returns whether it waited.
    pub fn leave(&mut self, object: &str) -> bool {
        let Some(queue) = self.namespaces.get_mut(namespace(object)) else { return false };
        let length = queue.waiting.len();
        queue.waiting.retain(|waiting| waiting.object != object);
        let has_left = queue.waiting.len() < length;
        if queue.waiting.is_empty() {
            self.namespaces.remove(namespace(object));
        }
        has_left
    }

    pub fn len(&self) -> usize {
        self.namespaces.values().map(|queue| queue.waiting.len()).sum()
    }

    fn queue_mut(&mut self, object: &str) -> &mut Queue {
        let stamp = self.next_stamp();
        let new = || Queue { stamp, waiting: Vec::new() };
        self.namespaces.entry(namespace(object).to_owned()).or_insert_with(new)
    }

    fn next_stamp(&mut self) -> u64 {
        self.last_stamp += 1;
        self.last_stamp
    }
}
