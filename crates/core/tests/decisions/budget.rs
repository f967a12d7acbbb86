//! The hourly limit on weakening writes.

use std::time::Duration;

use cognito_mfa_core::plan::budget::{WeakeningBudget, WriteResult};
use proptest::prelude::*;
use test_support::fixtures::at;

const HOUR: Duration = Duration::from_hours(1);

fn minutes(count: u64) -> Duration {
    HOUR + Duration::from_mins(count)
}

/// Requests a weakening write and records it as accepted where the budget allows it.
fn weakens(budget: &mut WeakeningBudget, object: &str, now: Duration) -> bool {
    let allowed = budget.request(object, 1, now).is_ok();
    if allowed {
        budget.record_result(object, WriteResult::Accepted, now);
    }
    allowed
}

#[test]
fn a_write_beyond_the_limit_waits_until_the_oldest_is_an_hour_old() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "a", minutes(0)) && weakens(&mut budget, "b", minutes(10)));
    assert_eq!(budget.request("c", 1, minutes(20)), Err(Duration::from_mins(40)));
    assert_eq!(budget.request("d", 1, minutes(20)), Err(Duration::from_mins(50)));
    assert_eq!(budget.waiting(), 2);
    assert!(weakens(&mut budget, "c", minutes(60)));
    assert_eq!(budget.waiting(), 1);
}

#[test]
fn waiting_objects_are_served_in_the_order_of_their_requests() {
    let mut budget = WeakeningBudget::new(1);
    assert!(weakens(&mut budget, "a", minutes(0)));
    assert!(!weakens(&mut budget, "b", minutes(1)) && !weakens(&mut budget, "c", minutes(2)));
    assert!(!weakens(&mut budget, "c", minutes(61)), "b asked first");
    assert!(!weakens(&mut budget, "new", minutes(61)), "b and c asked first");
    assert!(weakens(&mut budget, "b", minutes(62)));
}

#[test]
fn objects_that_leave_the_line_do_not_delay_others() {
    let mut budget = WeakeningBudget::new(1);
    assert!(weakens(&mut budget, "a", minutes(0)));
    assert!(
        !weakens(&mut budget, "changed its mind", minutes(1)) && !weakens(&mut budget, "gone", minutes(1))
    );
    assert!(!weakens(&mut budget, "c", minutes(2)));
    budget.leave_line("changed its mind");
    budget.leave_line("gone");
    assert!(weakens(&mut budget, "c", minutes(60)));
}

#[test]
fn an_unused_slot_is_returned_and_an_earlier_one_of_the_object_is_kept() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "a", minutes(0)));
    assert!(budget.request("a", 1, minutes(1)).is_ok());
    budget.record_result("a", WriteResult::NotWritten, minutes(1));
    assert!(weakens(&mut budget, "b", minutes(2)), "the second was returned");
    assert!(!weakens(&mut budget, "c", minutes(3)), "the first was not");
    assert!(weakens(&mut budget, "c", minutes(60)), "and it was the first");
}

#[test]
fn an_object_that_waited_keeps_its_place_after_a_write_that_was_not_sent() {
    let mut budget = WeakeningBudget::new(1);
    assert!(weakens(&mut budget, "a", minutes(0)));
    assert!(!weakens(&mut budget, "b", minutes(1)) && !weakens(&mut budget, "c", minutes(2)));
    assert!(budget.request("b", 1, minutes(60)).is_ok());
    budget.record_result("b", WriteResult::NotWritten, minutes(61));
    assert!(!weakens(&mut budget, "c", minutes(61)), "b was first");
    assert!(weakens(&mut budget, "b", minutes(61)));
}

#[test]
fn an_object_that_did_not_wait_has_no_place_after_a_write_that_was_not_sent() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 1, minutes(0)).is_ok());
    assert!(!weakens(&mut budget, "waits", minutes(1)));
    budget.record_result("a", WriteResult::NotWritten, minutes(2));
    assert_eq!(budget.waiting(), 1);
    assert!(weakens(&mut budget, "waits", minutes(3)));
}

#[test]
fn the_hour_of_a_write_begins_when_it_was_sent() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 1, minutes(0)).is_ok());
    budget.record_result("a", WriteResult::Accepted, minutes(20));
    assert!(!weakens(&mut budget, "b", minutes(79)) && weakens(&mut budget, "b", minutes(80)));
}

#[test]
fn a_write_of_unknown_result_counts_until_its_object_asks_again() {
    let mut budget = WeakeningBudget::new(2);
    for tries in 0..5 {
        assert!(budget.request("fails", 1, minutes(tries)).is_ok(), "try {tries}");
        budget.record_result("fails", WriteResult::Unknown, minutes(tries));
    }
    assert!(weakens(&mut budget, "b", minutes(5)));
    assert!(!weakens(&mut budget, "c", minutes(6)), "the last try may have been done");
}

#[test]
fn a_write_of_unknown_result_counts_when_the_next_generation_weakens_again() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 2, minutes(0)).is_ok());
    budget.record_result("a", WriteResult::Unknown, minutes(0));
    assert!(budget.request("a", 3, minutes(1)).is_err(), "the second generation may have been done");
    assert!(budget.request("a", 3, minutes(60)).is_ok());
}

#[test]
fn a_write_of_unknown_result_counts_once_a_read_shows_it_was_applied() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 2, minutes(0)).is_ok());
    budget.record_result("a", WriteResult::Unknown, minutes(0));
    budget.record_read("a");
    assert!(budget.request("a", 2, minutes(1)).is_err(), "somebody restored the pool");
    assert!(budget.request("a", 2, minutes(60)).is_ok());
}

#[test]
fn a_write_of_unknown_result_counts_for_a_new_object_of_the_same_name() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 1, minutes(0)).is_ok());
    budget.record_result("a", WriteResult::Unknown, minutes(0));
    budget.remove("a");
    assert!(budget.request("a", 1, minutes(1)).is_err());
}

#[test]
fn a_new_term_begins_with_an_empty_line() {
    let mut budget = WeakeningBudget::new(1);
    budget.enter_term(1);
    assert!(weakens(&mut budget, "a", minutes(0)) && !weakens(&mut budget, "gone meanwhile", minutes(1)));
    budget.enter_term(1);
    assert_eq!(budget.waiting(), 1);
    budget.enter_term(2);
    assert_eq!(budget.waiting(), 0);
    assert!(!weakens(&mut budget, "b", minutes(59)), "earlier writes still count");
    assert!(weakens(&mut budget, "b", minutes(60)));
}

#[test]
fn an_exempt_write_is_always_allowed_and_counts() {
    let mut budget = WeakeningBudget::new(1);
    for object in ["a", "b"] {
        budget.record_exempt(object, 1, minutes(0));
        budget.record_result(object, WriteResult::Accepted, minutes(0));
    }
    assert!(!weakens(&mut budget, "c", minutes(59)));
    assert!(weakens(&mut budget, "c", minutes(60)));
}

#[test]
fn repeated_exempt_writes_count_once_for_each_namespace() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "others/first", minutes(0)));
    for minute in 0..60 {
        let object = format!("tenant/{}", minute % 20);
        budget.record_exempt(&object, 1, minutes(minute));
        budget.record_result(&object, WriteResult::Accepted, minutes(minute));
    }
    assert!(!weakens(&mut budget, "others/second", minutes(59)));
    assert!(weakens(&mut budget, "others/second", minutes(60)));
    assert_eq!(
        budget.request("others/third", 1, minutes(60)),
        Err(Duration::from_mins(59)),
        "the tenant's last"
    );
}

#[test]
fn a_status_counts_within_its_hour_and_a_known_write_counts_once() {
    let mut budget = WeakeningBudget::new(2);
    budget.record_from_status("a", at(0), at(1800), minutes(0));
    budget.record_from_status("a", at(0), at(1800), minutes(0));
    budget.record_from_status("long ago", at(0), at(3600), minutes(0));
    assert!(weakens(&mut budget, "b", minutes(0)));
    budget.record_from_status("b", at(1801), at(1802), minutes(0));
    assert!(!weakens(&mut budget, "c", minutes(29)));
    assert!(weakens(&mut budget, "c", minutes(30)), "the write of a is an hour old");
}

#[test]
fn writes_of_two_objects_at_the_same_time_count_twice() {
    let mut budget = WeakeningBudget::new(2);
    budget.record_from_status("a", at(0), at(10), minutes(0));
    budget.record_from_status("b", at(0), at(10), minutes(0));
    assert!(!weakens(&mut budget, "c", minutes(1)));
}

#[test]
fn a_request_behind_a_waiting_one_gets_the_time_of_the_next_free_slot() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "a", minutes(0)) && weakens(&mut budget, "b", minutes(10)));
    assert!(!weakens(&mut budget, "waits", minutes(20)));
    // The one free slot is reserved for the object that waits.
    assert_eq!(budget.request("new", 1, minutes(60)), Err(Duration::from_mins(10)));
}

#[test]
fn a_write_time_in_the_future_counts_for_one_hour() {
    let mut budget = WeakeningBudget::new(1);
    budget.record_from_status("a", at(1_000_000), at(0), minutes(0));
    assert!(!weakens(&mut budget, "b", minutes(59)));
    assert!(weakens(&mut budget, "b", minutes(60)));
}

#[test]
fn a_limit_of_zero_refuses_every_request() {
    let mut budget = WeakeningBudget::new(0);
    assert_eq!(budget.request("a", 1, minutes(0)), Err(HOUR));
    assert_eq!(budget.request("a", 1, minutes(600)), Err(HOUR));
}

/// An event in the life of a few objects whose specs weaken their pools.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A reconciliation: it reads the pool, and writes it if it is not weakened yet and the budget allows it.
    Reconcile(u8, Response),
    /// An edit after which the spec weakens the pool again.
    Edit(u8),
    /// Somebody restores the pool after the operator has read it.
    Restore(u8),
    LeaveLine(u8),
    Wait(u64),
}

/// Cognito's response to a write.
#[derive(Clone, Copy, Debug)]
enum Response {
    Accepted,
    Refused,
    /// The response is lost; the write was applied or not.
    Lost {
        applied: bool,
    },
}

#[derive(Clone, Copy, Debug, Default)]
struct Pool {
    generation: i64,
    weakened: bool,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let response = prop_oneof![
        4 => Just(Response::Accepted),
        2 => Just(Response::Refused),
        4 => any::<bool>().prop_map(|applied| Response::Lost { applied }),
    ];
    let event = prop_oneof![
        8 => (0u8..8, response).prop_map(|(object, response)| Event::Reconcile(object, response)),
        2 => (0u8..8).prop_map(Event::Edit),
        1 => (0u8..8).prop_map(Event::Restore),
        1 => (0u8..8).prop_map(Event::LeaveLine),
        3 => (0u64..1200).prop_map(Event::Wait),
    ];
    proptest::collection::vec(event, 0..200)
}

/// Reconciles a pool. Returns whether that weakened it.
fn reconcile(
    budget: &mut WeakeningBudget,
    object: u8,
    pool: &mut Pool,
    response: Response,
    now: Duration,
) -> bool {
    let name = object.to_string();
    let allowed = !pool.weakened && budget.request(&name, pool.generation, now).is_ok();
    budget.record_read(&name);
    if !allowed {
        return false;
    }
    let (result, applied) = match response {
        Response::Accepted => (WriteResult::Accepted, true),
        Response::Refused => (WriteResult::NotWritten, false),
        Response::Lost { applied } => (WriteResult::Unknown, applied),
    };
    budget.record_result(&name, result, now);
    pool.weakened = applied;
    applied
}

proptest! {
    #[test]
    fn no_hour_has_more_weakening_writes_than_the_limit(limit in 0u32..5, events in events()) {
        let (mut budget, mut now, mut writes) = (WeakeningBudget::new(limit), HOUR, Vec::<Duration>::new());
        let mut pools = [Pool::default(); 8];
        for event in events {
            match event {
                Event::Wait(seconds) => now += Duration::from_secs(seconds),
                Event::LeaveLine(object) => budget.leave_line(&object.to_string()),
                Event::Edit(object) => {
                    pools[usize::from(object)].generation += 1;
                    pools[usize::from(object)].weakened = false;
                }
                Event::Restore(object) => {
                    budget.record_read(&object.to_string());
                    pools[usize::from(object)].weakened = false;
                }
                Event::Reconcile(object, response) => {
                    if reconcile(&mut budget, object, &mut pools[usize::from(object)], response, now) {
                        writes.push(now);
                    }
                }
            }
            let last_hour = writes.iter().filter(|at| now.saturating_sub(**at) < HOUR).count();
            prop_assert!(last_hour <= usize::try_from(limit).unwrap());
        }
    }

    #[test]
    fn every_object_that_asks_again_in_time_is_served_eventually(limit in 1u32..5, count in 1usize..30) {
        let (mut budget, mut now) = (WeakeningBudget::new(limit), HOUR);
        let mut waiting: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        let mut rounds = 0;
        while !waiting.is_empty() {
            let waits: Vec<_> = waiting.iter().filter_map(|object| budget.request(object, 1, now).err()).collect();
            for object in &waiting {
                budget.record_result(object, WriteResult::Accepted, now);
            }
            waiting = waiting.split_off(waiting.len() - waits.len());
            now += waits.into_iter().min().unwrap_or_default();
            rounds += 1;
            prop_assert!(rounds <= 2 * count + 2, "{} still wait", waiting.len());
        }
    }
}
