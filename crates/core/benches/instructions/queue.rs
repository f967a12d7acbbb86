//! Queues with many waiting requests. One step may visit all of them, so its cost is divided by their number.

use std::{hint::black_box, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    plan::budget::{Now, WeakeningBudget, WriteResult},
    schedule::{
        queue::{CallQueue, CallRequest, Kind, NextCall, Priority},
        quota::{CallBudget, pool_gap},
    },
};

use jiff::Timestamp;

use crate::case::{Case, of};

const SECOND: Duration = Duration::from_secs(1);
const STEPS: usize = 100;

pub fn cases(size: usize) -> Vec<Case> {
    vec![join(size), next_call(size), request_weakening(size)]
}

fn join(size: usize) -> Case {
    of(format!("queue::CallQueue::join at {size}"), size, move || drop(black_box(queue(size))))
}

fn queue(size: usize) -> CallQueue {
    let budget = CallBudget::new(Operation::Get, 0.5);
    let mut queue = CallQueue::new(budget, pool_gap(0.5));
    (0..size).for_each(|number| queue.join(ticket(number), request(number), Duration::ZERO));
    queue
}

/// One in three requests is of a changed object.
fn request(number: usize) -> CallRequest {
    let priority = if number.is_multiple_of(3) { Priority::Changed } else { Priority::Routine };
    let pool = format!("eu-west-1_AbCdEf{number:05}");
    CallRequest { namespace: namespace(number), pool, priority, kind: Kind::Call }
}

fn ticket(number: usize) -> u64 {
    u64::try_from(number).expect("a small number")
}

/// A namespace has ten requests.
fn namespace(number: usize) -> String {
    format!("team-{:04}", number / 10)
}

/// Each granted call is replaced by a new request.
fn next_call(size: usize) -> Case {
    let (mut queue, mut now, mut next) = (queue(size), Duration::ZERO, size);
    of(format!("queue::CallQueue::next_call at {size}"), STEPS * size, move || {
        for _ in 0..STEPS {
            now += SECOND;
            assert!(
                matches!(queue.next_call(now, |priority, _| Some(priority)), NextCall::Granted(..)),
                "a call is granted each second"
            );
            queue.join(ticket(next), request(next), now);
            next += 1;
        }
    })
}

/// The hourly limit is used up, and the waiting objects ask again.
fn request_weakening(size: usize) -> Case {
    let mut budget = WeakeningBudget::new(1);
    let names: Vec<_> = (0..size).map(|number| format!("{}/pool-{number:05}", namespace(number))).collect();
    let now = |since_start| Now { wall_clock: Timestamp::UNIX_EPOCH, since_start };
    budget.request("team/first", 1, now(Duration::ZERO)).expect("the first request is allowed");
    budget.record_result("team/first", WriteResult::Accepted, Duration::ZERO);
    for name in &names {
        assert!(budget.request(name, 1, now(SECOND)).is_err(), "the limit is used up");
    }
    of(format!("budget::WeakeningBudget::request at {size}"), STEPS * size, move || {
        for name in names.iter().step_by(size / STEPS) {
            assert!(budget.request(name, 1, now(SECOND)).is_err(), "the limit is used up");
        }
    })
}
