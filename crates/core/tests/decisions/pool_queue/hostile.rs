//! A hostile world in virtual time: reconciliations hang, panic and are throttled, objects are removed and created again
//! and move to other accounts, reads are retried, and time jumps.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use cognito_mfa_core::{
    calls::failure::{Operation, SET_TIMEOUT},
    schedule::{
        queue::{CallRequest, Kind, MAX_RUNNING_PER_SCOPE, Next, ObjectKey, Priority, Queue, Scope, Ticket},
        quota::{QuotaScope, published_rate},
    },
};
use proptest::prelude::*;

use super::{SECOND, busiest, ceil, world::LONGEST_LOOK};

const OBJECTS: usize = 14;
const MAX_WITHOUT_CALLS: usize = 2;
const CALL: Duration = Duration::from_millis(50);
const HANG: Duration = Duration::from_secs(40);

/// How the calls of an object go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Answered,
    Hangs,
    Panics,
    Throttled,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Wake(usize, bool, Priority),
    Remove(usize),
    /// The object's identity becomes that of another account.
    Move(usize, u8),
    Fate(usize, Fate),
    /// No call is made for this many seconds.
    Wait(u64),
}

#[derive(Clone, Debug)]
struct Object {
    exists: bool,
    account: u8,
    fate: Fate,
    /// Whether it must be written, with its priority.
    need: Option<(bool, Priority)>,
    woken_at: Option<Duration>,
    started_at: Option<Duration>,
}

#[derive(Debug)]
enum Event {
    Answer(ObjectKey),
    Retry(ObjectKey),
    TooOld(ObjectKey, Ticket),
}

/// A running reconciliation.
#[derive(Debug)]
struct Run {
    scope: Scope,
    writes: bool,
    cancelled: bool,
    waits: Option<(Ticket, Operation)>,
    attempts: u8,
    in_flight: Option<(Operation, Duration)>,
}

struct World {
    queue: Queue,
    now: Duration,
    /// How long a dispatch waits before it is answered.
    lag: Duration,
    dispatched: VecDeque<(Duration, Next)>,
    objects: Vec<Object>,
    runs: HashMap<ObjectKey, Run>,
    tickets: HashMap<Ticket, ObjectKey>,
    events: BTreeMap<(Duration, u64), Event>,
    last_event: u64,
    calls: Vec<(Duration, Operation, Scope, String)>,
    blocked: HashMap<String, Duration>,
}

fn key(object: usize) -> ObjectKey {
    format!("team-{}/{object}", object % 3).into()
}

fn number(key: &str) -> usize {
    key.split_once('/').expect("a namespace").1.parse().expect("a number")
}

fn pool(object: usize) -> String {
    format!("{}_{}", ["eu-west-1", "us-east-1"][object % 2], object % 6)
}

fn observes(object: usize) -> bool {
    object % 5 == 4
}

fn without_calls(object: usize) -> bool {
    object % 7 == 6
}

impl World {
    fn new(share: f64, lag: Duration) -> Self {
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
            events: BTreeMap::new(),
            last_event: 0,
            calls: Vec::new(),
            blocked: HashMap::new(),
        }
    }

    fn scope(&self, object: usize) -> Scope {
        let account = self.objects[object].account.to_string();
        let region = pool(object).split_once('_').expect("a region").0.to_owned();
        (!without_calls(object)).then(|| Arc::new(QuotaScope { account, region }))
    }

    fn at(&mut self, wait: Duration, event: Event) {
        self.last_event += 1;
        self.events.insert((self.now + wait, self.last_event), event);
    }

    fn apply(&mut self, step: Step) {
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

    fn run_until(&mut self, end: Duration) -> bool {
        let mut rounds = 0;
        loop {
            rounds += 1;
            assert!(rounds < 2_000_000, "it spins");
            while self.dispatched.front().is_some_and(|(at, _)| *at <= self.now) {
                match self.dispatched.pop_front() {
                    Some((_, Next::Due(key))) => self.classify(&key),
                    Some((_, Next::Start(key, start))) => self.begin(&key, &start.scope),
                    _ => {}
                }
            }
            let queue_at = match self.queue.next(self.now) {
                next @ (Next::Due(_) | Next::Start(..)) => {
                    if let Next::Start(key, start) = &next
                        && start.scope.is_some()
                    {
                        self.calls.push((self.now, Operation::Get, start.scope.clone(), pool(number(key))));
                    }
                    self.dispatched.push_back((self.now + self.lag, next));
                    continue;
                }
                Next::Call(ticket) => {
                    self.send(ticket);
                    continue;
                }
                Next::Wait(until) => {
                    assert!(until > self.now, "it asks again at once");
                    Some(until)
                }
                Next::Idle => None,
            };
            let event_at = self.events.first_key_value().map(|((at, _), _)| *at);
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
            while let Some(entry) = self.events.first_entry().filter(|entry| entry.key().0 <= self.now) {
                let event = entry.remove();
                self.handle(event);
            }
        }
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

    fn begin(&mut self, key: &ObjectKey, scope: &Scope) {
        let object = number(key);
        let exclusive = !observes(object) && !without_calls(object);
        if exclusive {
            let other = self.runs.keys().find(|other| {
                let other = number(other);
                !observes(other) && !without_calls(other) && pool(other) == pool(object)
            });
            assert!(other.is_none(), "{key} and {other:?} reconcile one pool");
            assert!(
                self.blocked.get(&pool(object)).is_none_or(|until| *until <= self.now),
                "{key} is blocked"
            );
        }
        let state = &mut self.objects[object];
        let need = state.need.take().filter(|_| state.exists);
        state.started_at = Some(self.now);
        let run = Run {
            writes: need.is_some_and(|(writes, _)| writes) && !without_calls(object),
            cancelled: need.is_none(),
            waits: None,
            attempts: 1,
            in_flight: Some((Operation::Get, self.now)),
            scope: scope.clone(),
        };
        assert!(self.runs.insert(key.clone(), run).is_none(), "{key} runs twice");
        let most = if scope.is_some() { MAX_RUNNING_PER_SCOPE } else { MAX_WITHOUT_CALLS };
        assert!(self.runs.values().filter(|run| run.scope == *scope).count() <= most);
        if need.is_none() {
            return self.end(key, Duration::ZERO, None, false);
        }
        let fate = self.objects[object].fate;
        self.at(if fate == Fate::Hangs { HANG } else { CALL }, Event::Answer(key.clone()));
    }

    fn join(&mut self, key: &ObjectKey, operation: Operation) {
        let (object, run) = (number(key), &self.runs[key]);
        let request = CallRequest {
            namespace: key.split_once('/').expect("it is known").0.into(),
            pool: pool(object),
            priority: if run.writes { Priority::Changed } else { Priority::Routine },
            kind: Kind::Call,
        };
        let ticket = self.queue.join(&run.scope.clone(), operation, request, self.now);
        self.tickets.insert(ticket, key.clone());
        self.runs.get_mut(key).expect("it is known").waits = Some((ticket, operation));
        if operation == Operation::Set {
            self.at(LONGEST_LOOK, Event::TooOld(key.clone(), ticket));
        }
    }

    fn send(&mut self, ticket: Ticket) {
        let key = self.tickets.remove(&ticket).expect("a call that waits");
        let run = self.runs.get_mut(&key).expect("a run that waits");
        let (_, operation) = run.waits.take().expect("it waits");
        run.in_flight = Some((operation, self.now));
        self.calls.push((self.now, operation, run.scope.clone(), pool(number(&key))));
        let fate = self.objects[number(&key)].fate;
        self.at(if fate == Fate::Hangs { HANG } else { CALL }, Event::Answer(key));
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Answer(key) => self.answer(&key),
            Event::Retry(key) => {
                if self
                    .runs
                    .get(&key)
                    .is_some_and(|run| !run.cancelled && run.waits.is_none() && run.in_flight.is_none())
                {
                    self.join(&key, Operation::Get);
                }
            }
            Event::TooOld(key, ticket) => {
                if self.tickets.remove(&ticket).is_some() {
                    self.queue.leave(ticket);
                    self.runs.get_mut(&key).expect("it is known").waits = None;
                    self.objects[number(&key)].need.get_or_insert((true, Priority::WriteDue));
                    self.end(&key, Duration::ZERO, Some(self.now), false);
                }
            }
        }
    }

    fn answer(&mut self, key: &ObjectKey) {
        let object = number(key);
        let fate = self.objects[object].fate;
        let run = self.runs.get_mut(key).expect("a run with a call");
        let (operation, called_at) = run.in_flight.take().expect("a call");
        let scope = run.scope.clone();
        if scope.is_none() {
            return self.end(key, Duration::ZERO, None, false);
        }
        match fate {
            Fate::Throttled => {
                self.queue.budget(&scope, operation).record_throttled(called_at, self.now);
            }
            Fate::Answered => self.queue.budget(&scope, operation).record_accepted(),
            Fate::Hangs | Fate::Panics => {}
        }
        let run = self.runs.get_mut(key).expect("it is known");
        if run.cancelled {
            return self.end(key, Duration::ZERO, Some(self.now + LONGEST_LOOK), true);
        }
        match (fate, operation) {
            (Fate::Panics, _) => {
                self.objects[object].fate = Fate::Answered;
                self.end(key, SET_TIMEOUT, Some(self.now + SECOND * 2), true);
            }
            (Fate::Throttled | Fate::Hangs, Operation::Get) if run.attempts < 3 => {
                run.attempts += 1;
                self.objects[object].fate = if run.attempts == 3 { Fate::Answered } else { fate };
                self.at(SECOND / 2, Event::Retry(key.clone()));
            }
            (Fate::Throttled | Fate::Hangs, _) => {
                self.objects[object].fate = Fate::Answered;
                self.end(key, SET_TIMEOUT, Some(self.now + SECOND * 30), true);
            }
            (Fate::Answered, Operation::Get) if run.writes => self.join(key, Operation::Set),
            (Fate::Answered, _) => self.end(key, Duration::ZERO, None, false),
        }
    }

    fn end(&mut self, key: &ObjectKey, blocked: Duration, next: Option<Duration>, again: bool) {
        let object = number(key);
        let run = self.runs.remove(key).expect("a run");
        let next = next.filter(|_| self.objects[object].exists);
        if next.is_some() && again {
            self.objects[object].need.get_or_insert((run.writes, Priority::Requested));
        }
        if !observes(object) && !without_calls(object) {
            self.blocked.insert(pool(object), self.now + blocked);
        }
        self.queue.end(key, blocked, next, self.now);
    }
}

fn priorities() -> impl Strategy<Value = Priority> {
    prop_oneof![2 => Just(Priority::Changed), 1 => Just(Priority::Requested), 2 => Just(Priority::Routine)]
}

fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
    let fate =
        prop_oneof![Just(Fate::Hangs), Just(Fate::Panics), Just(Fate::Throttled), Just(Fate::Answered)];
    let step = prop_oneof![
        10 => (0..OBJECTS, any::<bool>(), priorities()).prop_map(|(object, writes, priority)| Step::Wake(object, writes, priority)),
        2 => (0..OBJECTS).prop_map(Step::Remove),
        2 => (0..OBJECTS, 0..3u8).prop_map(|(object, account)| Step::Move(object, account)),
        5 => (0..OBJECTS, fate).prop_map(|(object, fate)| Step::Fate(object, fate)),
        1 => prop_oneof![0u64..100, Just(7_200)].prop_map(Step::Wait),
    ];
    prop::collection::vec((prop_oneof![Just(0), 0u64..30, 0u64..4_000], step), 1..150)
}

fn check(share: f64, lag: Duration, steps: Vec<(u64, Step)>) -> Result<(), TestCaseError> {
    let mut world = World::new(share, lag);
    for (wait, step) in steps {
        world.run_until(world.now + Duration::from_millis(wait));
        world.apply(step);
    }
    prop_assert!(!world.run_until(world.now + SECOND * 100_000), "something goes on for ever");
    prop_assert!(world.runs.is_empty(), "it waits for ever: {:?}", world.runs);
    for (object, state) in world.objects.iter().enumerate() {
        let served = state.started_at >= state.woken_at;
        prop_assert!(!state.exists || (served && state.need.is_none()), "{object} was not served: {state:?}");
    }
    for operation in [Operation::Get, Operation::Set] {
        let scopes: std::collections::HashSet<_> =
            world.calls.iter().map(|(_, _, scope, _)| scope.clone()).collect();
        for scope in scopes {
            let calls = || world.calls.iter().filter(|(_, made, of, _)| *made == operation && *of == scope);
            let limit = ceil(published_rate(operation) * share);
            prop_assert!(busiest(calls().map(|(at, ..)| *at)) <= limit);
            for object in 0..OBJECTS {
                let of_pool = calls().filter(|(.., called)| *called == pool(object));
                prop_assert!(busiest(of_pool.map(|(at, ..)| *at)) <= ceil(5.0 * share));
            }
        }
    }
    world.queue.next(world.now + SECOND * 3_700);
    prop_assert_eq!(world.queue.scopes(), 0, "nothing is left");
    prop_assert!(!world.queue.any_blocked(world.now + SECOND * 3_700));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn promises_hold_when_dispatches_are_answered_at_once(share in 0.05..=1.0f64, steps in steps()) {
        check(share, Duration::ZERO, steps)?;
    }

    #[test]
    fn promises_hold_when_dispatches_wait(share in 0.05..=1.0f64, lag in 1u64..20, steps in steps()) {
        check(share, Duration::from_millis(lag), steps)?;
    }
}
