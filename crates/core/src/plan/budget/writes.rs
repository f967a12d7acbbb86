//! The weakening writes of the last hour.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use super::{HOUR, namespace};

/// A status is written after its write to Cognito, in whole seconds. A time in a status this close to a known write is
/// that write.
const SAME_WRITE: Duration = Duration::from_mins(1);

/// The weakening writes of the last hour, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Writes(Vec<WeakeningWrite>);

/// A weakening write, made or allowed.
#[derive(Debug)]
pub(super) struct WeakeningWrite {
    pub object: String,
    pub generation: i64,
    pub at: Duration,
    pub result: WriteResult,
    /// Whether the object waited in the line, and so returns to it when the write is not made.
    pub was_in_line: bool,
    /// Whether the write is exempt from the limit.
    pub is_exempt: bool,
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

impl Writes {
    pub fn push(&mut self, write: WeakeningWrite) {
        self.0.push(write);
    }

    /// Adds a write that a status reports, unless it is known already.
    pub fn push_reported(&mut self, write: WeakeningWrite) {
        let is_same = |known: &WeakeningWrite| {
            known.object == write.object && known.at.abs_diff(write.at) <= SAME_WRITE
        };
        if !self.0.iter().any(is_same) {
            self.0.push(write);
            self.0.sort_by_key(|write| write.at);
        }
    }

    /// The times of the writes that count against the limit, the oldest first.
    ///
    /// Half of the limit is kept for writes that are not exempt, so exempt writes take at most the other half. All exempt
    /// writes of a namespace count as one, at the time of the last one.
    pub fn taken_places(&self, limit: usize) -> Vec<Duration> {
        let (mut namespaces, mut places_left) = (HashSet::new(), limit / 2);
        let mut taken_at = Vec::new();
        for write in self.0.iter().rev() {
            if !write.is_exempt {
                taken_at.push(write.at);
            } else if places_left > 0 && namespaces.insert(namespace(&write.object)) {
                places_left -= 1;
                taken_at.push(write.at);
            }
        }
        taken_at.reverse();
        taken_at
    }

    /// How many writes each namespace made that are not exempt.
    pub fn by_namespace(&self) -> HashMap<&str, usize> {
        let mut counts = HashMap::new();
        for write in self.0.iter().filter(|write| !write.is_exempt) {
            *counts.entry(namespace(&write.object)).or_default() += 1;
        }
        counts
    }

    /// How many writes that are not exempt have no result yet.
    pub fn pending(&self) -> usize {
        self.0.iter().filter(|write| write.result == WriteResult::Pending && !write.is_exempt).count()
    }

    /// Takes the pending write of an object.
    pub fn take_pending(&mut self, object: &str) -> Option<WeakeningWrite> {
        let is_pending =
            |write: &WeakeningWrite| write.result == WriteResult::Pending && write.object == object;
        let index = self.0.iter().position(is_pending)?;
        Some(self.0.remove(index))
    }

    /// Whether the limit allowed the write of a generation of an object, which has no result yet. It counts from now, when
    /// it may be sent, because it may have been due for long.
    pub fn renew_pending(&mut self, object: &str, generation: i64, now: Duration) -> bool {
        let is_it = |write: &WeakeningWrite| write.object == object && write.generation == generation;
        let is_pending = |write: &WeakeningWrite| write.result == WriteResult::Pending && !write.is_exempt;
        let Some(index) = self.0.iter().position(|write| is_pending(write) && is_it(write)) else {
            return false;
        };
        let write = self.0.remove(index);
        self.push(WeakeningWrite { at: now, ..write });
        true
    }

    /// Counts the pending writes of these objects as sent with an unknown result, because nobody will record it.
    pub fn doubt_pending(&mut self, is_of: impl Fn(&str) -> bool) {
        let is_pending = |write: &&mut WeakeningWrite| write.result == WriteResult::Pending;
        let pending = self.0.iter_mut().filter(is_pending).filter(|write| is_of(&write.object));
        pending.for_each(|write| write.result = WriteResult::Unknown);
    }

    /// Counts the writes of an object with an unknown result as accepted.
    pub fn accept_unknown(&mut self, object: &str) {
        let is_unknown =
            |write: &&mut WeakeningWrite| write.result == WriteResult::Unknown && write.object == object;
        self.0.iter_mut().filter(is_unknown).for_each(|write| write.result = WriteResult::Accepted);
    }

    /// Drops the write with an unknown result that an object requests again: its pool was just read, so the write was not
    /// made. An unknown write of an earlier generation may have been made, and stays.
    pub fn drop_undone(&mut self, object: &str, generation: i64) {
        self.0.retain(|write| {
            write.result != WriteResult::Unknown || write.object != object || write.generation != generation
        });
    }

    pub fn drop_old(&mut self, now: Duration) {
        self.0.retain(|write| write.result == WriteResult::Pending || now.saturating_sub(write.at) < HOUR);
    }
}
