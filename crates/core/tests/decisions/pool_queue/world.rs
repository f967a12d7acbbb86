//! A controller in virtual time: it answers the queue as the real one does, and records what happened.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use cognito_mfa_core::{
    access::ownership::split_key,
    calls::failure::Operation,
    schedule::{
        queue::{CallRequest, Kind, Next, ObjectKey, Priority, Queue, Scope, Ticket},
        quota::QuotaScope,
    },
};

use super::timeline::Timeline;

/// How old a read may be when its write is sent.
pub const LONGEST_LOOK: Duration = Duration::from_secs(5);
/// How long a call takes.
const CALL: Duration = Duration::from_millis(50);

/// What an object needs the next time that it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A check finds nothing to do.
    Read,
    /// The first read fails, and the second one finds nothing to do.
    Retry,
    /// The pool must be written.
    Write,
    /// Only the API server is called.
    Status,
}

#[derive(Clone, Debug)]
pub struct Object {
    pub namespace: String,
    pub pool: String,
    pub scope: QuotaScope,
    pub observes: bool,
    pub need: Option<(Need, Priority)>,
}

#[derive(Debug)]
enum Event {
    /// A reconciliation ends.
    End(ObjectKey),
    /// A write that waits for its turn would be sent on an old look.
    TooOld(ObjectKey, Ticket),
}

pub struct World {
    pub queue: Queue,
    pub now: Duration,
    pub objects: HashMap<ObjectKey, Object>,
    dispatches: VecDeque<Next>,
    events: Timeline<Event>,
    calling: HashMap<Ticket, (ObjectKey, Operation)>,
    running: HashSet<ObjectKey>,
    exclusive: HashSet<String>,
    /// The reads and the writes of each scope, the starts of each object, and the most reconciliations at the same time.
    pub calls: Vec<(Duration, Operation, QuotaScope)>,
    pub starts: Vec<(Duration, ObjectKey, Priority)>,
    pub writes: Vec<(Duration, ObjectKey)>,
    pub most_running: usize,
}

impl World {
    pub fn new(share: f64) -> Self {
        Self {
            queue: Queue::new(share, 4),
            now: Duration::ZERO,
            objects: HashMap::new(),
            dispatches: VecDeque::new(),
            events: Timeline::new(),
            calling: HashMap::new(),
            running: HashSet::new(),
            exclusive: HashSet::new(),
            calls: Vec::new(),
            starts: Vec::new(),
            writes: Vec::new(),
            most_running: 0,
        }
    }

    pub fn add(&mut self, key: &str, pool: &str, observes: bool) -> ObjectKey {
        let namespace = split_key(key).0.to_owned();
        let object =
            Object { namespace, pool: pool.into(), scope: QuotaScope::own(pool), observes, need: None };
        self.objects.insert(key.into(), object);
        key.into()
    }

    /// Something changes that makes the object due.
    pub fn wake(&mut self, key: &ObjectKey, need: Need, priority: Priority) {
        self.objects.get_mut(key).expect("an object of the world").need = Some((need, priority));
        self.queue.wake(key, self.now);
        self.take_dispatches();
    }

    /// Lets the time pass until `end`, or until nothing is left to do. Returns whether something is.
    pub fn run_until(&mut self, end: Duration) -> bool {
        loop {
            let queue_at = self.take_dispatches();
            if let Some(dispatch) = self.dispatches.pop_front() {
                self.handle_dispatch(dispatch);
                continue;
            }
            let event_at = self.events.next_at();
            let Some(next) = queue_at.into_iter().chain(event_at).min() else { return false };
            assert!(next > self.now || event_at == Some(next), "the queue asks again at once");
            if next > end {
                self.now = end;
                return true;
            }
            self.now = next;
            while let Some(event) = self.events.pop_due(self.now) {
                self.handle(event);
            }
        }
    }

    /// Takes what the queue has now. The controller sees dispatches later, through a channel. Returns when to look again.
    fn take_dispatches(&mut self) -> Option<Duration> {
        loop {
            match self.queue.next(self.now) {
                Next::Call(ticket) => self.send(ticket),
                dispatch @ (Next::Due(_) | Next::Start(..)) => self.dispatches.push_back(dispatch),
                Next::Wait(until) => return Some(until),
                Next::Idle => return None,
            }
        }
    }

    fn handle_dispatch(&mut self, dispatch: Next) {
        match dispatch {
            Next::Due(key) => self.classify(&key),
            Next::Start(key, start) => self.start(&key, start.scope.is_some()),
            other => unreachable!("{other:?} is no dispatch"),
        }
    }

    fn classify(&mut self, key: &ObjectKey) {
        self.queue.begin_dispatch(key);
        let object = &self.objects[key];
        let Some((need, priority)) = object.need else { return };
        let kind = if object.observes { Kind::Start } else { Kind::StartExclusive };
        let scope: Scope = (need != Need::Status).then(|| Arc::new(object.scope.clone()));
        let (namespace, pool) = (object.namespace.clone(), object.pool.clone());
        self.queue.ready(key, &scope, CallRequest { namespace, pool, priority, kind }, self.now);
    }

    fn start(&mut self, key: &ObjectKey, allows_calls: bool) {
        let object = self.objects.get_mut(key).expect("an object of the world");
        // A second dispatch may have found the need that the first one served.
        let (need, priority) = object.need.take().unwrap_or((Need::Status, Priority::Routine));
        let is_late = need != Need::Status && !allows_calls;
        assert!(self.running.insert(key.clone()), "{key} is reconciled twice at a time");
        if !object.observes {
            assert!(self.exclusive.insert(object.pool.clone()), "{} is in two reconciliations", object.pool);
        }
        self.most_running = self.most_running.max(self.running.len());
        if is_late {
            // It became due since it was dispatched, and starts again with a turn.
            object.need = Some((need, priority));
            self.queue.wake(key, self.now);
            return self.at(CALL, Event::End(key.clone()));
        }
        self.starts.push((self.now, key.clone(), priority));
        if need != Need::Status {
            self.calls.push((self.now, Operation::Get, object.scope.clone()));
        }
        let operation = match need {
            Need::Read | Need::Status => return self.at(CALL, Event::End(key.clone())),
            Need::Retry => Operation::Get,
            Need::Write => Operation::Set,
        };
        let request = CallRequest {
            namespace: object.namespace.clone(),
            pool: object.pool.clone(),
            priority,
            kind: Kind::Call,
        };
        let scope = Some(Arc::new(object.scope.clone()));
        let ticket = self.queue.join(&scope, operation, request, self.now + CALL);
        self.calling.insert(ticket, (key.clone(), operation));
        if operation == Operation::Set {
            self.at(CALL + LONGEST_LOOK, Event::TooOld(key.clone(), ticket));
        }
    }

    fn send(&mut self, ticket: Ticket) {
        let (key, operation) = self.calling.remove(&ticket).expect("it waits for its turn");
        self.calls.push((self.now, operation, self.objects[&key].scope.clone()));
        if operation == Operation::Set {
            self.writes.push((self.now, key.clone()));
        }
        self.at(CALL, Event::End(key));
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::End(key) => self.end(&key),
            Event::TooOld(key, ticket) => {
                if self.calling.remove(&ticket).is_some() {
                    self.queue.leave(ticket);
                    let object = self.objects.get_mut(&key).expect("an object of the world");
                    object.need.get_or_insert((Need::Write, Priority::WriteDue));
                    self.queue.wake(&key, self.now);
                    self.end(&key);
                }
            }
        }
    }

    fn end(&mut self, key: &ObjectKey) {
        self.running.remove(key);
        let object = &self.objects[key];
        if !object.observes {
            self.exclusive.remove(&object.pool);
        }
        self.queue.end(key, Duration::ZERO, None, self.now);
    }

    fn at(&mut self, wait: Duration, event: Event) {
        self.events.add(self.now + wait, event);
    }
}
