//! The events of a simulated controller, in the order of their times.

use std::{
    collections::{BTreeMap, btree_map::OccupiedEntry},
    time::Duration,
};

#[derive(Debug)]
pub struct Timeline<E> {
    events: BTreeMap<(Duration, u64), E>,
    last: u64,
}

impl<E> Timeline<E> {
    pub fn new() -> Self {
        Self { events: BTreeMap::new(), last: 0 }
    }

    /// Adds an event. Of several at the same time the first that was added comes first.
    pub fn add(&mut self, at: Duration, event: E) {
        self.last += 1;
        self.events.insert((at, self.last), event);
    }

    /// When the next event is.
    pub fn next_at(&self) -> Option<Duration> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes the next event, if its time has come.
    pub fn pop_due(&mut self, now: Duration) -> Option<E> {
        self.events.first_entry().filter(|entry| entry.key().0 <= now).map(OccupiedEntry::remove)
    }
}
