//! The calls that wait, in the order in which they may go. With ten thousand of them the first one is still found at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use super::{CallRequest, Kind, Priority, Ticket};

/// The order within a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// When the call is due.
    pub position: Duration,
    pub ticket: Ticket,
}

/// The calls of one priority and kind, by namespace. The namespace that was served longest ago comes first.
type Class = BTreeMap<(u64, String), BTreeSet<Place>>;

/// The calls that wait.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    calls: HashMap<Ticket, (Place, CallRequest)>,
    classes: HashMap<(Priority, Kind), Class>,
    /// How many calls wait for each pool beside the starts of its observers. These wait for the others: otherwise observers
    /// that change all the time would take each turn of the pool, because its calls keep a gap.
    of_owners: HashMap<String, usize>,
    /// The number with which each namespace was last served, or joined, since the queue was last empty. It has one in each
    /// [`rank`], so that its checks do not cost it the turns of its urgent calls.
    last_served: [HashMap<String, u64>; 3],
    last_number: u64,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The priorities and kinds of the calls that wait.
    pub fn classes(&self) -> impl Iterator<Item = (Priority, Kind)> {
        self.classes.keys().copied()
    }

    /// The first call of a class that `is_free`, with the number with which its namespace was last served.
    pub fn first(
        &self,
        class: (Priority, Kind),
        is_free: impl Fn(&CallRequest) -> bool,
    ) -> Option<(u64, Place)> {
        let is_free = |place: &&Place| {
            self.calls.get(&place.ticket).is_some_and(|(_, request)| {
                is_free(request)
                    && (request.kind != Kind::Start || !self.of_owners.contains_key(&request.pool))
            })
        };
        let mut namespaces = self.classes.get(&class)?.iter();
        namespaces.find_map(|((last_served, _), places)| Some((*last_served, *places.iter().find(is_free)?)))
    }

    /// Adds a call. A namespace without waiting calls starts behind those that have some.
    pub fn insert(&mut self, place: Place, request: CallRequest) {
        let last_served = match self.last_served[rank(request.priority)].get(&request.namespace) {
            Some(number) => *number,
            None => self.put_last(request.priority, &request.namespace),
        };
        let class = self.classes.entry((request.priority, request.kind)).or_default();
        class.entry((last_served, request.namespace.clone())).or_default().insert(place);
        if request.kind != Kind::Start {
            *self.of_owners.entry(request.pool.clone()).or_default() += 1;
        }
        self.calls.insert(place.ticket, (place, request));
    }

    /// Removes a call, if it waits.
    pub fn remove(&mut self, ticket: Ticket) -> Option<CallRequest> {
        let (place, request) = self.calls.remove(&ticket)?;
        if request.kind != Kind::Start
            && let Some(count) = self.of_owners.get_mut(&request.pool)
        {
            *count -= 1;
            if *count == 0 {
                self.of_owners.remove(&request.pool);
            }
        }
        let last_served =
            self.last_served[rank(request.priority)].get(&request.namespace).copied().unwrap_or_default();
        let (key, class) = ((last_served, request.namespace.clone()), (request.priority, request.kind));
        if let Some(namespaces) = self.classes.get_mut(&class) {
            if let Some(places) = namespaces.get_mut(&key) {
                places.remove(&place);
                if places.is_empty() {
                    namespaces.remove(&key);
                }
            }
            if namespaces.is_empty() {
                self.classes.remove(&class);
            }
        }
        if self.calls.is_empty() {
            self.last_served.iter_mut().for_each(HashMap::clear);
        }
        Some(request)
    }

    /// Removes a call whose turn it is. The other namespaces are next.
    pub fn serve(&mut self, ticket: Ticket) -> Option<CallRequest> {
        let (_, request) = self.calls.get(&ticket)?;
        let before =
            self.last_served[rank(request.priority)].get(&request.namespace).copied().unwrap_or_default();
        let request = self.remove(ticket)?;
        if self.calls.is_empty() {
            return Some(request);
        }
        let now = self.put_last(request.priority, &request.namespace);
        let same_rank = |(priority, _): &(Priority, Kind)| rank(*priority) == rank(request.priority);
        for (_, namespaces) in self.classes.iter_mut().filter(|(class, _)| same_rank(class)) {
            if let Some(places) = namespaces.remove(&(before, request.namespace.clone())) {
                namespaces.insert((now, request.namespace.clone()), places);
            }
        }
        Some(request)
    }

    /// Puts a namespace behind all others.
    fn put_last(&mut self, priority: Priority, namespace: &str) -> u64 {
        self.last_number += 1;
        self.last_served[rank(priority)].insert(namespace.to_owned(), self.last_number);
        self.last_number
    }
}

/// Calls of one rank take turns with each other.
fn rank(priority: Priority) -> usize {
    match priority {
        Priority::WriteDue => 0,
        Priority::Changed => 1,
        Priority::Requested | Priority::Routine => 2,
    }
}
