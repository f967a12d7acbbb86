//! The reconciliations of the hostile world.

use std::time::Duration;

use cognito_mfa_core::{
    calls::failure::{Operation, SET_TIMEOUT},
    schedule::queue::{CallRequest, Kind, MAX_RUNNING_PER_SCOPE, ObjectKey, Priority, Scope, Ticket},
};

use super::world::{Event, Fate, MAX_WITHOUT_CALLS, Run, World, number, observes, pool, without_calls};
use crate::pool_queue::{SECOND, world::LONGEST_LOOK};

const CALL: Duration = Duration::from_millis(50);
const HANG: Duration = Duration::from_secs(40);

impl World {
    pub fn begin(&mut self, key: &ObjectKey, scope: &Scope) {
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

    pub fn send(&mut self, ticket: Ticket) {
        let key = self.tickets.remove(&ticket).expect("a call that waits");
        let run = self.runs.get_mut(&key).expect("a run that waits");
        let (_, operation) = run.waits.take().expect("it waits");
        run.in_flight = Some((operation, self.now));
        self.calls.push((self.now, operation, run.scope.clone(), pool(number(&key))));
        let fate = self.objects[number(&key)].fate;
        self.at(if fate == Fate::Hangs { HANG } else { CALL }, Event::Answer(key));
    }

    pub fn handle(&mut self, event: Event) {
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

    pub fn end(&mut self, key: &ObjectKey, blocked: Duration, next: Option<Duration>, again: bool) {
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
