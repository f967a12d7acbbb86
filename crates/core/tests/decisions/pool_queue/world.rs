//! A controller in virtual time: it answers the queue as the real one does, and records what happened.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
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

/// How old a read may be when its write is sent.
pub const LONGEST_LOOK: Duration = Duration::from_secs(5);
/// How long a call takes.
const CALL: Duration = Duration::from_millis(50);

/// What an object needs the next time that it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A check finds nothing to do.
    Read,
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
    events: BTreeMap<(Duration, u64), Event>,
    writing: HashMap<Ticket, ObjectKey>,
    last_event: u64,
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
            events: BTreeMap::new(),
            writing: HashMap::new(),
            last_event: 0,
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
    }

    /// Lets the time pass until `end`, or until nothing is left to do. Returns whether something is.
    pub fn run_until(&mut self, end: Duration) -> bool {
        loop {
            let queue_at = match self.queue.next(self.now) {
                Next::Due(key) => {
                    self.classify(&key);
                    continue;
                }
                Next::Start(key, ..) => {
                    self.start(&key);
                    continue;
                }
                Next::Call(ticket) => {
                    self.send_write(ticket);
                    continue;
                }
                Next::Wait(until) => Some(until),
                Next::Idle => None,
            };
            let event_at = self.events.first_key_value().map(|((at, _), _)| *at);
            let Some(next) = queue_at.into_iter().chain(event_at).min() else { return false };
            assert!(next > self.now || event_at == Some(next), "the queue asks again at once");
            if next > end {
                self.now = end;
                return true;
            }
            self.now = next;
            while let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= self.now) {
                let event = entry.remove();
                self.handle(event);
            }
        }
    }

    fn classify(&mut self, key: &ObjectKey) {
        let object = &self.objects[key];
        let Some((need, priority)) = object.need else { return };
        let kind = if object.observes { Kind::Start } else { Kind::StartExclusive };
        let scope: Scope = (need != Need::Status).then(|| Arc::new(object.scope.clone()));
        let (namespace, pool) = (object.namespace.clone(), object.pool.clone());
        self.queue.ready(key, &scope, CallRequest { namespace, pool, priority, kind }, self.now);
    }

    fn start(&mut self, key: &ObjectKey) {
        let object = self.objects.get_mut(key).expect("an object of the world");
        let (need, priority) = object.need.take().expect("only an object with a need is ready");
        assert!(self.running.insert(key.clone()), "{key} is reconciled twice at a time");
        if !object.observes {
            assert!(self.exclusive.insert(object.pool.clone()), "{} is in two reconciliations", object.pool);
        }
        self.most_running = self.most_running.max(self.running.len());
        self.starts.push((self.now, key.clone(), priority));
        if need != Need::Status {
            self.calls.push((self.now, Operation::Get, object.scope.clone()));
        }
        if need != Need::Write {
            return self.at(CALL, Event::End(key.clone()));
        }
        let request = CallRequest {
            namespace: object.namespace.clone(),
            pool: object.pool.clone(),
            priority,
            kind: Kind::Call,
        };
        let scope = Some(Arc::new(object.scope.clone()));
        let ticket = self.queue.join(&scope, Operation::Set, request, self.now + CALL);
        self.writing.insert(ticket, key.clone());
        self.at(CALL + LONGEST_LOOK, Event::TooOld(key.clone(), ticket));
    }

    fn send_write(&mut self, ticket: Ticket) {
        let key = self.writing.remove(&ticket).expect("only writes wait for a turn");
        self.calls.push((self.now, Operation::Set, self.objects[&key].scope.clone()));
        self.writes.push((self.now, key.clone()));
        self.at(CALL, Event::End(key));
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::End(key) => self.end(&key),
            Event::TooOld(key, ticket) => {
                if self.writing.remove(&ticket).is_some() {
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
        self.last_event += 1;
        self.events.insert((self.now + wait, self.last_event), event);
    }
}
