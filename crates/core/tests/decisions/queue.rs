//! Whose call is next, and when, in virtual time.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use cognito_mfa_core::{
    calls::failure::Operation,
    schedule::{
        queue::{CallQueue, CallRequest, NextCall, Priority},
        quota::{CallBudget, pool_gap},
    },
};
use proptest::prelude::*;

const HALF: f64 = 0.5;
const SECOND: Duration = Duration::from_secs(1);

/// A queue, and who went when.
struct Line {
    queue: CallQueue,
    now: Duration,
    names: HashMap<u64, CallRequest>,
    went: Vec<(Duration, CallRequest)>,
}

impl Line {
    fn new(operation: Operation, share: f64) -> Self {
        let budget = CallBudget::new(operation, share, Duration::ZERO);
        let queue = CallQueue::new(budget, pool_gap(share));
        Self { queue, now: Duration::ZERO, names: HashMap::new(), went: Vec::new() }
    }

    fn join(&mut self, namespace: &str, pool: &str, urgency: Priority) -> u64 {
        let request = CallRequest { namespace: namespace.into(), pool: pool.into(), priority: urgency };
        let ticket = self.queue.join(request.clone(), self.now);
        self.names.insert(ticket, request);
        ticket
    }

    /// Lets time pass until somebody goes, but no further than `end`.
    fn next(&mut self, end: Duration) -> Option<CallRequest> {
        loop {
            match self.queue.next_call(self.now) {
                NextCall::Granted(ticket) => {
                    let request = self.names[&ticket].clone();
                    self.went.push((self.now, request.clone()));
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

    fn turns(&mut self, count: usize) -> Vec<String> {
        (0..count).filter_map(|_| self.next(Duration::MAX)).map(|request| request.namespace).collect()
    }
}

/// The most that went in any second.
fn busiest<'a>(times: impl Iterator<Item = &'a Duration>) -> usize {
    let (mut window, mut most) = (VecDeque::new(), 0);
    for at in times {
        window.push_back(*at);
        while window.front().is_some_and(|first| at.abs_diff(*first) >= SECOND) {
            window.pop_front();
        }
        most = most.max(window.len());
    }
    most
}

fn ceil(rate: f64) -> usize {
    (0..100_u8).find(|whole| f64::from(*whole) >= rate).expect("no rate is as high").into()
}

fn urgencies() -> impl Strategy<Value = Priority> {
    prop_oneof![Just(Priority::Changed), Just(Priority::Asked), Just(Priority::Routine)]
}

proptest! {
    #[test]
    fn no_second_has_more_calls_than_the_share_and_no_pool_more_than_its_own(
        share in 0.05..=1.0f64,
        arrivals in prop::collection::vec((0u64..200, 0u8..4, 0u8..6, urgencies(), 0u8..4), 1..150),
    ) {
        let mut line = Line::new(Operation::Get, share);
        for (wait, namespace, pool, urgency, answer) in arrivals {
            let end = line.now + Duration::from_millis(wait);
            while line.next(end).is_some() {
                match answer {
                    0 => line.queue.budget().record_throttled(line.now, line.now),
                    _ => line.queue.budget().record_accepted(),
                };
            }
            line.join(&namespace.to_string(), &pool.to_string(), urgency);
        }
        while line.next(Duration::MAX).is_some() {}
        prop_assert_eq!(line.went.len(), line.names.len());
        prop_assert!(busiest(line.went.iter().map(|(at, _)| at)) <= ceil(20.0 * share));
        for pool in 0..6u8 {
            let of_it = line.went.iter().filter(|(_, request)| request.pool == pool.to_string());
            prop_assert!(busiest(of_it.map(|(at, _)| at)) <= ceil(5.0 * share));
        }
    }
}

/// 500 objects are created at once. Each Get is answered after 40 ms, and a Set follows.
fn five_hundred_new_pools() -> (Line, Line) {
    let (mut gets, mut sets) = (Line::new(Operation::Get, HALF), Line::new(Operation::Set, HALF));
    for number in 0..500 {
        gets.join(&format!("team-{}", number % 20), &format!("pool-{number}"), Priority::Changed);
    }
    while let Some(request) = gets.next(Duration::MAX) {
        let answered = gets.now + Duration::from_millis(40);
        while sets.next(answered).is_some() {}
        sets.join(&request.namespace, &request.pool, Priority::Changed);
    }
    while sets.next(Duration::MAX).is_some() {}
    (gets, sets)
}

#[test]
fn five_hundred_new_pools_stay_within_the_budget_and_use_it() {
    for (line, rate) in <[_; 2]>::from(five_hundred_new_pools()).into_iter().zip([10.0, 7.5]) {
        let times: Vec<_> = line.went.iter().map(|(at, _)| *at).collect();
        assert_eq!(times.len(), 500);
        assert!(busiest(times.iter()) <= ceil(rate), "{}", busiest(times.iter()));
        let used = 499.0 / times[499].abs_diff(times[0]).as_secs_f64() / rate;
        assert!(used >= 0.95, "{used}");
    }
}

#[test]
fn a_namespace_with_one_request_is_served_within_two_turns_of_one_with_a_thousand() {
    for urgency in [Priority::Changed, Priority::Asked, Priority::Routine] {
        for before in [0, 1, 500] {
            let mut line = Line::new(Operation::Get, HALF);
            for number in 0..1_000 {
                line.join("many", &number.to_string(), urgency);
            }
            line.turns(before);
            line.join("one", "alone", urgency);
            assert!(line.turns(2).contains(&"one".to_owned()), "{urgency:?} after {before}");
        }
    }
}

#[test]
fn a_namespace_that_asks_for_a_thousand_checks_delays_only_itself() {
    let mut line = Line::new(Operation::Get, HALF);
    for number in 0..1_000 {
        line.join("asks", &format!("asked-{number}"), Priority::Asked);
    }
    for (namespace, number) in [("a", 0), ("b", 0), ("a", 1), ("b", 1)] {
        line.join(namespace, &format!("{namespace}-{number}"), Priority::Routine);
    }
    let turns = line.turns(6);
    for namespace in ["asks", "a", "b"] {
        assert_eq!(turns.iter().filter(|turn| *turn == namespace).count(), 2, "{turns:?}");
    }
}

#[test]
fn what_somebody_asked_for_goes_ahead_of_the_routine_of_its_own_namespace_for_a_minute() {
    let mut line = Line::new(Operation::Get, HALF);
    line.join("team", "routine", Priority::Routine);
    line.join("team", "asked", Priority::Asked);
    assert_eq!(line.next(Duration::MAX).unwrap().pool, "asked");
    line.now += Duration::from_secs(61);
    line.join("team", "asked again", Priority::Asked);
    assert_eq!(line.next(Duration::MAX).unwrap().pool, "routine");
}

#[test]
fn a_change_goes_before_all_checks_whenever_it_comes() {
    let mut line = Line::new(Operation::Get, HALF);
    for number in 0..1_000 {
        line.join(&format!("team-{}", number % 7), &number.to_string(), Priority::Asked);
    }
    line.turns(10);
    line.join("late", "changed", Priority::Changed);
    assert_eq!(line.turns(1), ["late"]);
}

#[test]
fn checks_have_every_fourth_turn_under_changes_without_end() {
    let mut line = Line::new(Operation::Get, HALF);
    for number in 0..100 {
        line.join("checked", &format!("check-{number}"), Priority::Routine);
    }
    for number in 0..400 {
        line.join("changes", &format!("change-{number}"), Priority::Changed);
        line.next(Duration::MAX);
    }
    let checks = line.went.iter().filter(|(_, request)| request.priority == Priority::Routine);
    assert_eq!(checks.count(), 100);
}

#[test]
fn one_pool_that_is_called_often_does_not_hold_up_the_others() {
    let mut line = Line::new(Operation::Get, HALF);
    for _ in 0..10 {
        line.join("watches", "popular", Priority::Changed);
    }
    for number in 0..10 {
        line.join("team", &number.to_string(), Priority::Routine);
    }
    let pools: Vec<_> = (0..4).map(|_| line.next(Duration::MAX).unwrap().pool).collect();
    assert_eq!(pools, ["popular", "0", "1", "2"]);
}

#[test]
fn who_leaves_leaves_no_hole() {
    let mut line = Line::new(Operation::Set, HALF);
    let tickets: Vec<_> =
        (0..9).map(|number| line.join("team", &number.to_string(), Priority::Changed)).collect();
    tickets[1..8].iter().for_each(|ticket| line.queue.leave(*ticket));
    assert_eq!(line.turns(9).len(), 2);
    assert!(line.went[1].0.abs_diff(line.went[0].0) < Duration::from_millis(134));
}

#[test]
fn a_budget_is_empty_at_first_and_saves_nothing_up() {
    let mut line = Line::new(Operation::Get, HALF);
    for number in 0..3 {
        line.join("team", &number.to_string(), Priority::Changed);
    }
    assert!(line.next(Duration::from_millis(99)).is_none());
    line.now = Duration::from_hours(1);
    assert!(line.next(line.now + SECOND).is_some());
    assert!(line.next(line.now + Duration::from_millis(99)).is_none());
}

#[test]
fn a_rate_whose_gap_is_no_whole_number_of_nanoseconds_is_kept_too() {
    let mut line = Line::new(Operation::Get, 0.15);
    for number in 0..20 {
        line.join("team", &number.to_string(), Priority::Changed);
    }
    line.turns(20);
    assert_eq!(busiest(line.went.iter().map(|(at, _)| at)), 3);
}
