//! Whose turn it is, with many who wait. Each step may look at all of them, so its cost is told for one of them.

use std::{hint::black_box, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    plan::budget::{Breaker, Sent},
    schedule::{
        queue::{Queue, Request, Step, Urgency},
        quota::{Budget, pool_gap},
    },
};

use crate::case::{Case, of};

const SECOND: Duration = Duration::from_secs(1);
const STEPS: usize = 100;

pub fn cases(size: usize) -> Vec<Case> {
    vec![join(size), step(size), ask(size)]
}

fn join(size: usize) -> Case {
    of(format!("queue::Queue::join at {size}"), size, move || drop(black_box(line(size))))
}

fn line(size: usize) -> Queue {
    let budget = Budget::new(Operation::Get, 0.5, Duration::ZERO);
    let mut queue = Queue::new(budget, pool_gap(0.5));
    (0..size).for_each(|number| _ = queue.join(request(number), Duration::ZERO));
    queue
}

/// One in three is a change.
fn request(number: usize) -> Request {
    let urgency = if number.is_multiple_of(3) { Urgency::Changed } else { Urgency::Routine };
    Request { namespace: namespace(number), pool: format!("eu-west-1_AbCdEf{number:05}"), urgency }
}

/// Of ten who wait.
fn namespace(number: usize) -> String {
    format!("team-{:04}", number / 10)
}

/// Who has had a turn is followed by another.
fn step(size: usize) -> Case {
    let (mut queue, mut now, mut next) = (line(size), Duration::ZERO, size);
    of(format!("queue::Queue::step at {size}"), STEPS * size, move || {
        for _ in 0..STEPS {
            now += SECOND;
            assert!(
                matches!(queue.step(now), Step::Granted(_)),
                "there is somebody, and a second is long enough"
            );
            queue.join(request(next), now);
            next += 1;
        }
    })
}

/// The hour has no room, and those who were held ask again.
fn ask(size: usize) -> Case {
    let mut breaker = Breaker::new(1);
    let names: Vec<_> = (0..size).map(|number| format!("{}/pool-{number:05}", namespace(number))).collect();
    breaker.ask("team/first", 1, Duration::ZERO).expect("room for one");
    breaker.settle("team/first", Sent::Yes, Duration::ZERO);
    for name in &names {
        assert!(breaker.ask(name, 1, SECOND).is_err(), "no room");
    }
    of(format!("breaker::Breaker::ask at {size}"), STEPS * size, move || {
        for name in names.iter().step_by(size / STEPS) {
            assert!(breaker.ask(name, 1, SECOND).is_err(), "no room");
        }
    })
}
