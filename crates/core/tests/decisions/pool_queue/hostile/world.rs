//! The objects of the hostile world, its clock, and the steps that change it.

use std::{
    collections::{HashMap, VecDeque},
    ops::ControlFlow,
    sync::Arc,
    time::Duration,
};

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::{
        queue::{CallRequest, Kind, Next, ObjectKey, Priority, Queue, Scope, Ticket},
        quota::QuotaScope,
    },
};

use crate::pool_queue::{SECOND, timeline::Timeline, world::LONGEST_LOOK};

pub const OBJECTS: usize = 14;
pub const MAX_WITHOUT_CALLS: usize = 2;

/// How the calls of an object go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Answered,
    Hangs,
    Panics,
    Throttled,
}

#[derive(Clone, Copy, Debug)]
pub enum Step {
    Wake(usize, bool, Priority),
    Remove(usize),
    /// The object's identity becomes that of another account.
    Move(usize, u8),
    Fate(usize, Fate),
    /// No call is made for this many seconds.
    Wait(u64),
}

#[derive(Clone, Debug)]
pub struct Object {
    pub exists: bool,
    pub account: u8,
    pub fate: Fate,
    /// Whether it must be written, with its priority.
    pub need: Option<(bool, Priority)>,
    pub woken_at: Option<Duration>,
    pub started_at: Option<Duration>,
}

#[derive(Debug)]
pub enum Event {
    Answer(ObjectKey),
    Retry(ObjectKey),
    TooOld(ObjectKey, Ticket),
}

/// A running reconciliation.
#[derive(Debug)]
pub struct Run {
    pub scope: Scope,
    pub writes: bool,
    pub cancelled: bool,
    pub waits: Option<(Ticket, Operation)>,
    pub attempts: u8,
    pub in_flight: Option<(Operation, Duration)>,
}

pub struct World {
    pub queue: Queue,
    pub now: Duration,
    /// How long a dispatch waits before it is answered.
    lag: Duration,
    dispatched: VecDeque<(Duration, Next)>,
    pub objects: Vec<Object>,
    pub runs: HashMap<ObjectKey, Run>,
    pub tickets: HashMap<Ticket, ObjectKey>,
    events: Timeline<Event>,
    pub calls: Vec<(Duration, Operation, Scope, String)>,
    pub blocked: HashMap<String, Duration>,
}

fn key(object: usize) -> ObjectKey {
    format!("team-{}/{object}", object % 3).into()
}

pub fn number(key: &str) -> usize {
    key.split_once('/').expect("a namespace").1.parse().expect("a number")
}

pub fn pool(object: usize) -> String {
    format!("{}_{}", ["eu-west-1", "us-east-1"][object % 2], object % 6)
}

pub fn observes(object: usize) -> bool {
    object % 5 == 4
}

pub fn without_calls(object: usize) -> bool {
    object % 7 == 6
}

impl World {
    pub fn new(share: f64, lag: Duration) -> Self {
        let object = Object {
            exists: true,
            account: 0,
            fate: Fate::Answered,
            need: None,
            woken_at: None,
            started_at: None,
        };
        Self {
            queue: Queue::new(share, MAX_WITHOUT_CALLS),
            now: Duration::ZERO,
            lag,
            dispatched: VecDeque::new(),
            objects: vec![object; OBJECTS],
            runs: HashMap::new(),
            tickets: HashMap::new(),
            events: Timeline::new(),
            calls: Vec::new(),
            blocked: HashMap::new(),
        }
    }

    fn scope(&self, object: usize) -> Scope {
        let account = self.objects[object].account.to_string();
        let region = pool(object).split_once('_').expect("a region").0.to_owned();
        (!without_calls(object)).then(|| Arc::new(QuotaScope { account, region }))
    }

    pub fn at(&mut self, wait: Duration, event: Event) {
        self.events.add(self.now + wait, event);
    }

    pub fn apply(&mut self, step: Step) {
        match step {
            Step::Wake(object, writes, priority) => {
                let state = &mut self.objects[object];
                state.exists = true;
                state.need = Some((writes && !observes(object), priority));
                state.woken_at = Some(self.now);
                self.cancel(object);
                self.queue.wake(&key(object), self.now);
            }
            Step::Remove(object) => {
                self.queue.remove(&key(object));
                let state = &mut self.objects[object];
                (state.exists, state.need, state.woken_at) = (false, None, None);
                self.cancel(object);
            }
            Step::Move(object, account) => {
                self.objects[object].account = account;
                self.cancel(object);
                if self.objects[object].exists {
                    self.objects[object].need.get_or_insert((false, Priority::Routine));
                    self.objects[object].woken_at = Some(self.now);
                    self.queue.wake(&key(object), self.now);
                }
            }
            Step::Fate(object, fate) => self.objects[object].fate = fate,
            Step::Wait(seconds) => {
                self.run_until(self.now + SECOND * u32::try_from(seconds).expect("it is known"));
            }
        }
    }

    /// Cancels a reconciliation; a call in flight is finished.
    fn cancel(&mut self, object: usize) {
        let key = key(object);
        let Some(run) = self.runs.get_mut(&key) else { return };
        run.cancelled = true;
        if let Some((ticket, _)) = run.waits.take() {
            self.queue.leave(ticket);
            self.tickets.remove(&ticket);
        }
        if run.in_flight.is_none() {
            self.end(&key, Duration::ZERO, Some(self.now + LONGEST_LOOK), true);
        }
    }

    pub fn run_until(&mut self, end: Duration) -> bool {
        let mut rounds = 0;
        loop {
            rounds += 1;
            assert!(rounds < 2_000_000, "it spins");
            self.answer_dispatches();
            let ControlFlow::Break(queue_at) = self.take_next() else { continue };
            let event_at = self.events.next_at();
            let dispatch_at = self.dispatched.front().map(|(at, _)| *at);
            let Some(next) = queue_at.into_iter().chain(event_at).chain(dispatch_at).min() else {
                self.now = self.now.max(end);
                return false;
            };
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

    fn answer_dispatches(&mut self) {
        while self.dispatched.front().is_some_and(|(at, _)| *at <= self.now) {
            match self.dispatched.pop_front() {
                Some((_, Next::Due(key))) => self.classify(&key),
                Some((_, Next::Start(key, start))) => self.begin(&key, &start.scope),
                _ => {}
            }
        }
    }

    /// Takes what the queue has now. If it has nothing, breaks with the time to look again.
    fn take_next(&mut self) -> ControlFlow<Option<Duration>> {
        match self.queue.next(self.now) {
            next @ (Next::Due(_) | Next::Start(..)) => {
                if let Next::Start(key, start) = &next
                    && start.scope.is_some()
                {
                    self.calls.push((self.now, Operation::Get, start.scope.clone(), pool(number(key))));
                }
                self.dispatched.push_back((self.now + self.lag, next));
            }
            Next::Call(ticket) => self.send(ticket),
            Next::Wait(until) => {
                assert!(until > self.now, "it asks again at once");
                return ControlFlow::Break(Some(until));
            }
            Next::Idle => return ControlFlow::Break(None),
        }
        ControlFlow::Continue(())
    }

    fn classify(&mut self, key: &ObjectKey) {
        self.queue.begin_dispatch(key);
        let object = number(key);
        let Some((_, priority)) = self.objects[object].need.filter(|_| self.objects[object].exists) else {
            return;
        };
        let kind = if observes(object) || without_calls(object) { Kind::Start } else { Kind::StartExclusive };
        let pool = if without_calls(object) { key.to_string() } else { pool(object) };
        let request = CallRequest {
            namespace: key.split_once('/').expect("it is known").0.into(),
            pool,
            priority,
            kind,
        };
        let scope = self.scope(object);
        self.queue.ready(key, &scope, request, self.now);
    }
}
