//! Whose turn it is, with many who wait. Each step may look at all of them, so its cost is told for one of them.

use std::{hint::black_box, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    plan::budget::{WeakeningBudget, WriteResult},
    schedule::{
        queue::{CallQueue, CallRequest, NextCall, Priority},
        quota::{CallBudget, pool_gap},
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

fn line(size: usize) -> CallQueue {
    let budget = CallBudget::new(Operation::Get, 0.5, Duration::ZERO);
    let mut queue = CallQueue::new(budget, pool_gap(0.5));
    (0..size).for_each(|number| _ = queue.join(request(number), Duration::ZERO));
    queue
}

/// One in three is a change.
fn request(number: usize) -> CallRequest {
    let urgency = if number.is_multiple_of(3) { Priority::Changed } else { Priority::Routine };
    CallRequest {
        namespace: namespace(number),
        pool: format!("eu-west-1_AbCdEf{number:05}"),
        priority: urgency,
    }
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
                matches!(queue.next_call(now), NextCall::Granted(_)),
                "there is somebody, and a second is long enough"
            );
            queue.join(request(next), now);
            next += 1;
        }
    })
}

/// The hour has no room, and those who were held ask again.
fn ask(size: usize) -> Case {
    let mut breaker = WeakeningBudget::new(1);
    let names: Vec<_> = (0..size).map(|number| format!("{}/pool-{number:05}", namespace(number))).collect();
    breaker.request("team/first", 1, Duration::ZERO).expect("room for one");
    breaker.record_result("team/first", WriteResult::Accepted, Duration::ZERO);
    for name in &names {
        assert!(breaker.request(name, 1, SECOND).is_err(), "no room");
    }
    of(format!("breaker::Breaker::ask at {size}"), STEPS * size, move || {
        for name in names.iter().step_by(size / STEPS) {
            assert!(breaker.request(name, 1, SECOND).is_err(), "no room");
        }
    })
}
