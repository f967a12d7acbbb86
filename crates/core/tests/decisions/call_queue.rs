//! The queue of calls: which call is next, and when, in virtual time.

use std::{collections::HashMap, time::Duration};

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::{
        queue::{CallQueue, CallRequest, Kind, NextCall, Priority},
        quota::{CallBudget, pool_gap},
    },
};
use proptest::prelude::*;

use crate::rates::{busiest, ceil};

const HALF: f64 = 0.5;
const SECOND: Duration = Duration::from_secs(1);

/// A queue in virtual time that records when each call was granted.
struct Simulation {
    queue: CallQueue,
    now: Duration,
    requests: HashMap<u64, CallRequest>,
    granted: Vec<(Duration, CallRequest)>,
}

impl Simulation {
    fn new(operation: Operation, share: f64) -> Self {
        let budget = CallBudget::new(operation, share);
        let queue = CallQueue::new(budget, pool_gap(share));
        Self { queue, now: Duration::ZERO, requests: HashMap::new(), granted: Vec::new() }
    }

    fn join(&mut self, namespace: &str, pool: &str, priority: Priority) -> u64 {
        let (namespace, pool) = (namespace.into(), pool.into());
        let request = CallRequest { namespace, pool, priority, kind: Kind::Call };
        let ticket = u64::try_from(self.requests.len()).expect("a small number");
        self.queue.join(ticket, request.clone(), self.now);
        self.requests.insert(ticket, request);
        ticket
    }

    /// Advances the time until a call is granted, but not beyond `end`.
    fn next(&mut self, end: Duration) -> Option<CallRequest> {
        loop {
            match self.queue.next_call(self.now, |priority, _| Some(priority)) {
                NextCall::Granted(_, request) => {
                    self.granted.push((self.now, request.clone()));
                    return Some(request);
                }
                NextCall::Wait(until) if until < end => self.now = until,
                NextCall::Wait(_) | NextCall::Idle => {
                    self.now = self.now.max(end);
                    return None;
                }
            }
        }
    }

    /// The namespaces of the next calls.
    fn next_namespaces(&mut self, count: usize) -> Vec<String> {
        (0..count).filter_map(|_| self.next(Duration::MAX)).map(|request| request.namespace).collect()
    }
}

fn priorities() -> impl Strategy<Value = Priority> {
    prop_oneof![Just(Priority::Changed), Just(Priority::Requested), Just(Priority::Routine)]
}

proptest! {
    #[test]
    fn no_second_exceeds_the_quota_share_in_all_or_for_one_pool(
        share in 0.05..=1.0f64,
        arrivals in prop::collection::vec((0u64..200, 0u8..4, 0u8..6, priorities(), 0u8..4), 1..150),
    ) {
        let mut calls = Simulation::new(Operation::Get, share);
        for (wait, namespace, pool, priority, response) in arrivals {
            let end = calls.now + Duration::from_millis(wait);
            while calls.next(end).is_some() {
                match response {
                    0 => drop(calls.queue.budget_mut().record_throttled(calls.now, calls.now)),
                    _ => calls.queue.budget_mut().record_accepted(),
                }
            }
            calls.join(&namespace.to_string(), &pool.to_string(), priority);
        }
        while calls.next(Duration::MAX).is_some() {}
        prop_assert_eq!(calls.granted.len(), calls.requests.len());
        prop_assert!(busiest(calls.granted.iter().map(|(at, _)| *at)) <= ceil(20.0 * share));
        for pool in 0..6u8 {
            let of_pool = calls.granted.iter().filter(|(_, request)| request.pool == pool.to_string());
            prop_assert!(busiest(of_pool.map(|(at, _)| *at)) <= ceil(5.0 * share));
        }
    }
}

/// Simulates 500 objects that are created at once. Each read takes 40 ms and is followed by a write.
fn five_hundred_new_pools() -> (Simulation, Simulation) {
    let (mut reads, mut writes) =
        (Simulation::new(Operation::Get, HALF), Simulation::new(Operation::Set, HALF));
    for number in 0..500 {
        reads.join(&format!("team-{}", number % 20), &format!("pool-{number}"), Priority::Changed);
    }
    while let Some(request) = reads.next(Duration::MAX) {
        let response_time = reads.now + Duration::from_millis(40);
        while writes.next(response_time).is_some() {}
        writes.join(&request.namespace, &request.pool, Priority::Changed);
    }
    while writes.next(Duration::MAX).is_some() {}
    (reads, writes)
}

#[test]
fn five_hundred_new_pools_stay_within_the_budget_and_use_95_percent_of_it() {
    for (calls, rate) in <[_; 2]>::from(five_hundred_new_pools()).into_iter().zip([10.0, 7.5]) {
        let times: Vec<_> = calls.granted.iter().map(|(at, _)| *at).collect();
        assert_eq!(times.len(), 500);
        assert!(busiest(times.iter().copied()) <= ceil(rate), "{}", busiest(times.iter().copied()));
        let used = 499.0 / times[499].abs_diff(times[0]).as_secs_f64() / rate;
        assert!(used >= 0.95, "{used}");
    }
}

#[test]
fn a_namespace_with_one_request_is_served_within_two_calls() {
    for priority in [Priority::Changed, Priority::Requested, Priority::Routine] {
        for before in [0, 1, 500] {
            let mut calls = Simulation::new(Operation::Get, HALF);
            for number in 0..1_000 {
                calls.join("many", &number.to_string(), priority);
            }
            calls.next_namespaces(before);
            calls.join("one", "alone", priority);
            assert!(calls.next_namespaces(2).contains(&"one".to_owned()), "{priority:?} after {before}");
        }
    }
}

#[test]
fn a_namespace_that_asks_for_a_thousand_checks_delays_only_itself() {
    let mut calls = Simulation::new(Operation::Get, HALF);
    for number in 0..1_000 {
        calls.join("asks", &format!("asked-{number}"), Priority::Requested);
    }
    for (namespace, number) in [("a", 0), ("b", 0), ("a", 1), ("b", 1)] {
        calls.join(namespace, &format!("{namespace}-{number}"), Priority::Routine);
    }
    let namespaces = calls.next_namespaces(6);
    for namespace in ["asks", "a", "b"] {
        assert_eq!(namespaces.iter().filter(|one| *one == namespace).count(), 2, "{namespaces:?}");
    }
}

#[test]
fn a_requested_check_precedes_routine_ones_of_its_namespace_for_a_minute() {
    let mut calls = Simulation::new(Operation::Get, HALF);
    calls.join("team", "routine", Priority::Routine);
    calls.join("team", "asked", Priority::Requested);
    assert_eq!(calls.next(Duration::MAX).unwrap().pool, "asked");
    calls.now += Duration::from_secs(61);
    calls.join("team", "asked again", Priority::Requested);
    assert_eq!(calls.next(Duration::MAX).unwrap().pool, "routine");
}

#[test]
fn a_changed_object_precedes_all_waiting_checks() {
    let mut calls = Simulation::new(Operation::Get, HALF);
    for number in 0..1_000 {
        calls.join(&format!("team-{}", number % 7), &number.to_string(), Priority::Requested);
    }
    calls.next_namespaces(10);
    calls.join("late", "changed", Priority::Changed);
    assert_eq!(calls.next_namespaces(1), ["late"]);
}

#[test]
fn checks_get_every_fourth_call_while_changes_keep_coming() {
    let mut calls = Simulation::new(Operation::Get, HALF);
    for number in 0..100 {
        calls.join("checked", &format!("check-{number}"), Priority::Routine);
    }
    for number in 0..400 {
        calls.join("changes", &format!("change-{number}"), Priority::Changed);
        calls.next(Duration::MAX);
    }
    let checks = calls.granted.iter().filter(|(_, request)| request.priority == Priority::Routine);
    assert_eq!(checks.count(), 100);
}

#[test]
fn a_pool_with_many_requests_does_not_delay_the_others() {
    let mut calls = Simulation::new(Operation::Get, HALF);
    for _ in 0..10 {
        calls.join("watches", "popular", Priority::Changed);
    }
    for number in 0..10 {
        calls.join("team", &number.to_string(), Priority::Routine);
    }
    let pools: Vec<_> = (0..4).map(|_| calls.next(Duration::MAX).unwrap().pool).collect();
    assert_eq!(pools, ["popular", "0", "1", "2"]);
}

#[test]
fn a_request_that_leaves_the_queue_delays_no_other() {
    let mut calls = Simulation::new(Operation::Set, HALF);
    let tickets: Vec<_> =
        (0..9).map(|number| calls.join("team", &number.to_string(), Priority::Changed)).collect();
    tickets[1..8].iter().for_each(|ticket| calls.queue.leave(*ticket));
    assert_eq!(calls.next_namespaces(9).len(), 2);
    assert!(calls.granted[1].0.abs_diff(calls.granted[0].0) < Duration::from_millis(134));
}

#[test]
fn a_budget_starts_empty_and_unused_calls_do_not_accumulate() {
    let mut calls = Simulation::new(Operation::Get, HALF);
    for number in 0..3 {
        calls.join("team", &number.to_string(), Priority::Changed);
    }
    assert!(calls.next(Duration::from_millis(99)).is_none());
    calls.now = Duration::from_hours(1);
    assert!(calls.next(calls.now + SECOND).is_some());
    assert!(calls.next(calls.now + Duration::from_millis(99)).is_none());
}

#[test]
fn a_rate_with_a_fractional_gap_in_nanoseconds_is_not_exceeded() {
    let mut calls = Simulation::new(Operation::Get, 0.15);
    for number in 0..20 {
        calls.join("team", &number.to_string(), Priority::Changed);
    }
    calls.next_namespaces(20);
    assert_eq!(busiest(calls.granted.iter().map(|(at, _)| *at)), 3);
}
