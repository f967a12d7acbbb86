//! How many lowerings an hour has room for.

use std::time::Duration;

use cognito_mfa_core::plan::budget::{WeakeningBudget, WriteResult};
use proptest::prelude::*;
use test_support::fixtures::at;

const HOUR: Duration = Duration::from_hours(1);

fn minutes(count: u64) -> Duration {
    HOUR + Duration::from_mins(count)
}

/// Asks, and sends the Set where it is allowed.
fn lowers(breaker: &mut WeakeningBudget, object: &str, now: Duration) -> bool {
    let allowed = breaker.request(object, 1, now).is_ok();
    if allowed {
        breaker.record_result(object, WriteResult::Accepted, now);
    }
    allowed
}

#[test]
fn what_is_beyond_the_hours_allowance_waits_until_the_oldest_is_an_hour_old() {
    let mut breaker = WeakeningBudget::new(2);
    assert!(lowers(&mut breaker, "a", minutes(0)) && lowers(&mut breaker, "b", minutes(10)));
    assert_eq!(breaker.request("c", 1, minutes(20)), Err(Duration::from_mins(40)));
    assert_eq!(breaker.request("d", 1, minutes(20)), Err(Duration::from_mins(50)));
    assert_eq!(breaker.waiting(), 2);
    assert!(lowers(&mut breaker, "c", minutes(60)));
    assert_eq!(breaker.waiting(), 1);
}

#[test]
fn those_that_wait_go_in_the_order_of_their_asking() {
    let mut breaker = WeakeningBudget::new(1);
    assert!(lowers(&mut breaker, "a", minutes(0)));
    assert!(!lowers(&mut breaker, "b", minutes(1)) && !lowers(&mut breaker, "c", minutes(2)));
    assert!(!lowers(&mut breaker, "c", minutes(61)), "b asked first");
    assert!(!lowers(&mut breaker, "new", minutes(61)), "b and c asked first");
    assert!(lowers(&mut breaker, "b", minutes(62)));
}

#[test]
fn who_wants_it_no_more_holds_nobody_back() {
    let mut breaker = WeakeningBudget::new(1);
    assert!(lowers(&mut breaker, "a", minutes(0)));
    assert!(
        !lowers(&mut breaker, "changed its mind", minutes(1)) && !lowers(&mut breaker, "gone", minutes(1))
    );
    assert!(!lowers(&mut breaker, "c", minutes(2)));
    breaker.leave_line("changed its mind");
    breaker.leave_line("gone");
    assert!(lowers(&mut breaker, "c", minutes(60)));
}

#[test]
fn an_allowance_that_was_not_used_is_given_back_and_an_earlier_one_of_the_same_object_is_not() {
    let mut breaker = WeakeningBudget::new(2);
    assert!(lowers(&mut breaker, "a", minutes(0)));
    assert!(breaker.request("a", 1, minutes(1)).is_ok());
    breaker.record_result("a", WriteResult::NotWritten, minutes(1));
    assert!(lowers(&mut breaker, "b", minutes(2)), "the second was given back");
    assert!(!lowers(&mut breaker, "c", minutes(3)), "the first was not");
    assert!(lowers(&mut breaker, "c", minutes(60)), "and it was the first");
}

#[test]
fn who_waited_and_could_not_be_sent_is_the_next_again() {
    let mut breaker = WeakeningBudget::new(1);
    assert!(lowers(&mut breaker, "a", minutes(0)));
    assert!(!lowers(&mut breaker, "b", minutes(1)) && !lowers(&mut breaker, "c", minutes(2)));
    assert!(breaker.request("b", 1, minutes(60)).is_ok());
    breaker.record_result("b", WriteResult::NotWritten, minutes(61));
    assert!(!lowers(&mut breaker, "c", minutes(61)), "b was first");
    assert!(lowers(&mut breaker, "b", minutes(61)));
}

#[test]
fn who_had_not_waited_and_could_not_be_sent_has_no_place() {
    let mut breaker = WeakeningBudget::new(1);
    assert!(breaker.request("a", 1, minutes(0)).is_ok());
    assert!(!lowers(&mut breaker, "waits", minutes(1)));
    breaker.record_result("a", WriteResult::NotWritten, minutes(2));
    assert_eq!(breaker.waiting(), 1);
    assert!(lowers(&mut breaker, "waits", minutes(3)));
}

#[test]
fn a_lowering_counts_from_when_it_was_sent() {
    let mut breaker = WeakeningBudget::new(1);
    assert!(breaker.request("a", 1, minutes(0)).is_ok());
    breaker.record_result("a", WriteResult::Accepted, minutes(20));
    assert!(!lowers(&mut breaker, "b", minutes(79)) && lowers(&mut breaker, "b", minutes(80)));
}

#[test]
fn a_lowering_whose_end_is_open_takes_room_until_its_object_asks_again() {
    let mut breaker = WeakeningBudget::new(2);
    for tries in 0..5 {
        assert!(breaker.request("fails", 1, minutes(tries)).is_ok(), "try {tries}");
        breaker.record_result("fails", WriteResult::Unknown, minutes(tries));
    }
    assert!(lowers(&mut breaker, "b", minutes(5)));
    assert!(!lowers(&mut breaker, "c", minutes(6)), "the last try may have been done");
}

#[test]
fn a_lowering_whose_answer_was_lost_and_that_was_done_counts_when_the_next_edit_lowers_again() {
    let mut breaker = WeakeningBudget::new(1);
    assert!(breaker.request("a", 2, minutes(0)).is_ok());
    breaker.record_result("a", WriteResult::Unknown, minutes(0));
    assert!(breaker.request("a", 3, minutes(1)).is_err(), "the second generation may have been done");
    assert!(breaker.request("a", 3, minutes(60)).is_ok());
}

#[test]
fn a_lowering_whose_answer_was_lost_counts_once_its_pool_was_found_as_declared() {
    let mut breaker = WeakeningBudget::new(1);
    assert!(breaker.request("a", 2, minutes(0)).is_ok());
    breaker.record_result("a", WriteResult::Unknown, minutes(0));
    breaker.record_read("a");
    assert!(breaker.request("a", 2, minutes(1)).is_err(), "a hand gave back what was taken");
    assert!(breaker.request("a", 2, minutes(60)).is_ok());
}

#[test]
fn a_lowering_whose_answer_was_lost_is_not_undone_by_an_object_of_the_same_name() {
    let mut breaker = WeakeningBudget::new(1);
    assert!(breaker.request("a", 1, minutes(0)).is_ok());
    breaker.record_result("a", WriteResult::Unknown, minutes(0));
    breaker.remove("a");
    assert!(breaker.request("a", 1, minutes(1)).is_err());
}

#[test]
fn another_term_begins_another_line() {
    let mut breaker = WeakeningBudget::new(1);
    breaker.enter_term(1);
    assert!(lowers(&mut breaker, "a", minutes(0)) && !lowers(&mut breaker, "gone meanwhile", minutes(1)));
    breaker.enter_term(1);
    assert_eq!(breaker.waiting(), 1);
    breaker.enter_term(2);
    assert_eq!(breaker.waiting(), 0);
    assert!(!lowers(&mut breaker, "b", minutes(59)), "what was lowered counts on");
    assert!(lowers(&mut breaker, "b", minutes(60)));
}

#[test]
fn a_lowering_allowed_by_name_needs_no_room_and_takes_some() {
    let mut breaker = WeakeningBudget::new(1);
    for object in ["a", "b"] {
        breaker.record_exempt(object, 1, minutes(0));
        breaker.record_result(object, WriteResult::Accepted, minutes(0));
    }
    assert!(!lowers(&mut breaker, "c", minutes(59)));
    assert!(lowers(&mut breaker, "c", minutes(60)));
}

#[test]
fn what_is_lowered_by_name_time_and_again_takes_one_place_a_namespace() {
    let mut breaker = WeakeningBudget::new(2);
    assert!(lowers(&mut breaker, "others/first", minutes(0)));
    for minute in 0..60 {
        let object = format!("tenant/{}", minute % 20);
        breaker.record_exempt(&object, 1, minutes(minute));
        breaker.record_result(&object, WriteResult::Accepted, minutes(minute));
    }
    assert!(!lowers(&mut breaker, "others/second", minutes(59)));
    assert!(lowers(&mut breaker, "others/second", minutes(60)));
    assert_eq!(
        breaker.request("others/third", 1, minutes(60)),
        Err(Duration::from_mins(59)),
        "the tenant's last"
    );
}

#[test]
fn what_others_lowered_within_the_hour_counts_and_what_is_known_already_does_not_count_twice() {
    let mut breaker = WeakeningBudget::new(2);
    breaker.record_from_status("a", at(0), at(1800), minutes(0));
    breaker.record_from_status("a", at(0), at(1800), minutes(0));
    breaker.record_from_status("long ago", at(0), at(3600), minutes(0));
    assert!(lowers(&mut breaker, "b", minutes(0)));
    breaker.record_from_status("b", at(1801), at(1802), minutes(0));
    assert!(!lowers(&mut breaker, "c", minutes(29)));
    assert!(lowers(&mut breaker, "c", minutes(30)), "a's is an hour old");
}

#[test]
fn lowerings_of_two_objects_at_the_same_time_are_two() {
    let mut breaker = WeakeningBudget::new(2);
    breaker.record_from_status("a", at(0), at(10), minutes(0));
    breaker.record_from_status("b", at(0), at(10), minutes(0));
    assert!(!lowers(&mut breaker, "c", minutes(1)));
}

#[test]
fn who_comes_behind_one_that_waits_is_told_when_the_next_room_is_free() {
    let mut breaker = WeakeningBudget::new(2);
    assert!(lowers(&mut breaker, "a", minutes(0)) && lowers(&mut breaker, "b", minutes(10)));
    assert!(!lowers(&mut breaker, "waits", minutes(20)));
    // There is room for one, which is kept for the one that waits.
    assert_eq!(breaker.request("new", 1, minutes(60)), Err(Duration::from_mins(10)));
}

#[test]
fn a_time_from_the_future_counts_for_an_hour_and_no_longer() {
    let mut breaker = WeakeningBudget::new(1);
    breaker.record_from_status("a", at(1_000_000), at(0), minutes(0));
    assert!(!lowers(&mut breaker, "b", minutes(59)));
    assert!(lowers(&mut breaker, "b", minutes(60)));
}

#[test]
fn with_no_allowance_nothing_is_lowered_but_by_name() {
    let mut breaker = WeakeningBudget::new(0);
    assert_eq!(breaker.request("a", 1, minutes(0)), Err(HOUR));
    assert_eq!(breaker.request("a", 1, minutes(600)), Err(HOUR));
}

/// What happens to one of a few objects that want their pools lower.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// A pass that reads the pool, and sets it where it is not as declared and the breaker allows it.
    Pass(u8, End),
    /// The spec asks for less again.
    Edit(u8),
    /// A hand gives back what was taken, after the operator has looked.
    Hand(u8),
    Leave(u8),
    Later(u64),
}

/// How the Set of a pass ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Taken,
    Refused,
    /// Nobody hears whether it was done.
    Lost {
        done: bool,
    },
}

#[derive(Clone, Copy, Debug, Default)]
struct Pool {
    generation: i64,
    is_low: bool,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let end = prop_oneof![
        4 => Just(End::Taken),
        2 => Just(End::Refused),
        4 => any::<bool>().prop_map(|done| End::Lost { done }),
    ];
    let event = prop_oneof![
        8 => (0u8..8, end).prop_map(|(object, end)| Event::Pass(object, end)),
        2 => (0u8..8).prop_map(Event::Edit),
        1 => (0u8..8).prop_map(Event::Hand),
        1 => (0u8..8).prop_map(Event::Leave),
        3 => (0u64..1200).prop_map(Event::Later),
    ];
    proptest::collection::vec(event, 0..200)
}

/// Passes over a pool. Returns whether that lowered it.
fn passes(breaker: &mut WeakeningBudget, object: u8, pool: &mut Pool, end: End, now: Duration) -> bool {
    let name = object.to_string();
    let allowed = !pool.is_low && breaker.request(&name, pool.generation, now).is_ok();
    breaker.record_read(&name);
    if !allowed {
        return false;
    }
    let (sent, done) = match end {
        End::Taken => (WriteResult::Accepted, true),
        End::Refused => (WriteResult::NotWritten, false),
        End::Lost { done } => (WriteResult::Unknown, done),
    };
    breaker.record_result(&name, sent, now);
    pool.is_low = done;
    done
}

proptest! {
    #[test]
    fn no_hour_ever_has_more_lowerings_than_allowed(limit in 0u32..5, events in events()) {
        let (mut breaker, mut now, mut sent) = (WeakeningBudget::new(limit), HOUR, Vec::<Duration>::new());
        let mut pools = [Pool::default(); 8];
        for event in events {
            match event {
                Event::Later(seconds) => now += Duration::from_secs(seconds),
                Event::Leave(object) => breaker.leave_line(&object.to_string()),
                Event::Edit(object) => {
                    pools[usize::from(object)].generation += 1;
                    pools[usize::from(object)].is_low = false;
                }
                Event::Hand(object) => {
                    breaker.record_read(&object.to_string());
                    pools[usize::from(object)].is_low = false;
                }
                Event::Pass(object, end) => {
                    if passes(&mut breaker, object, &mut pools[usize::from(object)], end, now) {
                        sent.push(now);
                    }
                }
            }
            let within = sent.iter().filter(|at| now.saturating_sub(**at) < HOUR).count();
            prop_assert!(within <= usize::try_from(limit).unwrap());
        }
    }

    #[test]
    fn who_asks_again_when_told_to_is_served_in_the_end(limit in 1u32..5, count in 1usize..30) {
        let (mut breaker, mut now) = (WeakeningBudget::new(limit), HOUR);
        let mut left: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        let mut rounds = 0;
        while !left.is_empty() {
            let waits: Vec<_> = left.iter().filter_map(|object| breaker.request(object, 1, now).err()).collect();
            for object in &left {
                breaker.record_result(object, WriteResult::Accepted, now);
            }
            left = left.split_off(left.len() - waits.len());
            now += waits.into_iter().min().unwrap_or_default();
            rounds += 1;
            prop_assert!(rounds <= 2 * count + 2, "{} still wait", left.len());
        }
    }
}
