//! How many lowerings an hour has room for.

use std::time::Duration;

use cognito_mfa_operator::core::breaker::{Breaker, Sent};
use proptest::prelude::*;

use crate::given::at;

const HOUR: Duration = Duration::from_hours(1);

fn minutes(count: u64) -> Duration {
    HOUR + Duration::from_mins(count)
}

/// Asks, and sends the Set where it is allowed.
fn lowers(breaker: &mut Breaker, object: &str, now: Duration) -> bool {
    let allowed = breaker.ask(object, now).is_ok();
    if allowed {
        breaker.settle(object, Sent::Yes, now);
    }
    allowed
}

#[test]
fn what_is_beyond_the_hours_allowance_waits_until_the_oldest_is_an_hour_old() {
    let mut breaker = Breaker::new(2);
    assert!(lowers(&mut breaker, "a", minutes(0)) && lowers(&mut breaker, "b", minutes(10)));
    assert_eq!(breaker.ask("c", minutes(20)), Err(Duration::from_mins(40)));
    assert_eq!(breaker.ask("d", minutes(20)), Err(Duration::from_mins(50)));
    assert_eq!(breaker.waiting(), 2);
    assert!(lowers(&mut breaker, "c", minutes(60)));
    assert_eq!(breaker.waiting(), 1);
}

#[test]
fn those_that_wait_go_in_the_order_of_their_asking() {
    let mut breaker = Breaker::new(1);
    assert!(lowers(&mut breaker, "a", minutes(0)));
    assert!(!lowers(&mut breaker, "b", minutes(1)) && !lowers(&mut breaker, "c", minutes(2)));
    assert!(!lowers(&mut breaker, "c", minutes(61)), "b asked first");
    assert!(!lowers(&mut breaker, "new", minutes(61)), "b and c asked first");
    assert!(lowers(&mut breaker, "b", minutes(62)));
}

#[test]
fn who_wants_it_no_more_holds_nobody_back() {
    let mut breaker = Breaker::new(1);
    assert!(lowers(&mut breaker, "a", minutes(0)));
    assert!(
        !lowers(&mut breaker, "changed its mind", minutes(1)) && !lowers(&mut breaker, "gone", minutes(1))
    );
    assert!(!lowers(&mut breaker, "c", minutes(2)));
    breaker.leave("changed its mind");
    breaker.leave("gone");
    assert!(lowers(&mut breaker, "c", minutes(60)));
}

#[test]
fn an_allowance_that_was_not_used_is_given_back_and_an_earlier_one_of_the_same_object_is_not() {
    let mut breaker = Breaker::new(2);
    assert!(lowers(&mut breaker, "a", minutes(0)));
    assert!(breaker.ask("a", minutes(1)).is_ok());
    breaker.settle("a", Sent::No, minutes(1));
    assert!(lowers(&mut breaker, "b", minutes(2)), "the second was given back");
    assert!(!lowers(&mut breaker, "c", minutes(3)), "the first was not");
    assert!(lowers(&mut breaker, "c", minutes(60)), "and it was the first");
}

#[test]
fn who_waited_and_could_not_be_sent_is_the_next_again() {
    let mut breaker = Breaker::new(1);
    assert!(lowers(&mut breaker, "a", minutes(0)));
    assert!(!lowers(&mut breaker, "b", minutes(1)) && !lowers(&mut breaker, "c", minutes(2)));
    assert!(breaker.ask("b", minutes(60)).is_ok());
    breaker.settle("b", Sent::No, minutes(61));
    assert!(!lowers(&mut breaker, "c", minutes(61)), "b was first");
    assert!(lowers(&mut breaker, "b", minutes(61)));
}

#[test]
fn who_had_not_waited_and_could_not_be_sent_has_no_place() {
    let mut breaker = Breaker::new(1);
    assert!(breaker.ask("a", minutes(0)).is_ok());
    assert!(!lowers(&mut breaker, "waits", minutes(1)));
    breaker.settle("a", Sent::No, minutes(2));
    assert_eq!(breaker.waiting(), 1);
    assert!(lowers(&mut breaker, "waits", minutes(3)));
}

#[test]
fn a_lowering_counts_from_when_it_was_sent() {
    let mut breaker = Breaker::new(1);
    assert!(breaker.ask("a", minutes(0)).is_ok());
    breaker.settle("a", Sent::Yes, minutes(20));
    assert!(!lowers(&mut breaker, "b", minutes(79)) && lowers(&mut breaker, "b", minutes(80)));
}

#[test]
fn a_lowering_whose_end_is_open_takes_room_until_its_object_asks_again() {
    let mut breaker = Breaker::new(2);
    for tries in 0..5 {
        assert!(breaker.ask("fails", minutes(tries)).is_ok(), "try {tries}");
        breaker.settle("fails", Sent::Open, minutes(tries));
    }
    assert!(lowers(&mut breaker, "b", minutes(5)));
    assert!(!lowers(&mut breaker, "c", minutes(6)), "the last try may have been done");
}

#[test]
fn another_term_begins_another_line() {
    let mut breaker = Breaker::new(1);
    breaker.in_term(1);
    assert!(lowers(&mut breaker, "a", minutes(0)) && !lowers(&mut breaker, "gone meanwhile", minutes(1)));
    breaker.in_term(1);
    assert_eq!(breaker.waiting(), 1);
    breaker.in_term(2);
    assert_eq!(breaker.waiting(), 0);
    assert!(!lowers(&mut breaker, "b", minutes(59)), "what was lowered counts on");
    assert!(lowers(&mut breaker, "b", minutes(60)));
}

#[test]
fn a_lowering_allowed_by_name_needs_no_room_and_takes_some() {
    let mut breaker = Breaker::new(1);
    for object in ["a", "b"] {
        breaker.allow(object, minutes(0));
        breaker.settle(object, Sent::Yes, minutes(0));
    }
    assert!(!lowers(&mut breaker, "c", minutes(59)));
    assert!(lowers(&mut breaker, "c", minutes(60)));
}

#[test]
fn what_others_lowered_within_the_hour_counts_and_what_is_known_already_does_not_count_twice() {
    let mut breaker = Breaker::new(2);
    breaker.saw("a", at(0), at(1800), minutes(0));
    breaker.saw("a", at(0), at(1800), minutes(0));
    breaker.saw("long ago", at(0), at(3600), minutes(0));
    assert!(lowers(&mut breaker, "b", minutes(0)));
    breaker.saw("b", at(1801), at(1802), minutes(0));
    assert!(!lowers(&mut breaker, "c", minutes(29)));
    assert!(lowers(&mut breaker, "c", minutes(30)), "a's is an hour old");
}

#[test]
fn lowerings_of_two_objects_at_the_same_time_are_two() {
    let mut breaker = Breaker::new(2);
    breaker.saw("a", at(0), at(10), minutes(0));
    breaker.saw("b", at(0), at(10), minutes(0));
    assert!(!lowers(&mut breaker, "c", minutes(1)));
}

#[test]
fn who_comes_behind_one_that_waits_is_told_when_the_next_room_is_free() {
    let mut breaker = Breaker::new(2);
    assert!(lowers(&mut breaker, "a", minutes(0)) && lowers(&mut breaker, "b", minutes(10)));
    assert!(!lowers(&mut breaker, "waits", minutes(20)));
    // There is room for one, which is kept for the one that waits.
    assert_eq!(breaker.ask("new", minutes(60)), Err(Duration::from_mins(10)));
}

#[test]
fn a_time_from_the_future_counts_for_an_hour_and_no_longer() {
    let mut breaker = Breaker::new(1);
    breaker.saw("a", at(1_000_000), at(0), minutes(0));
    assert!(!lowers(&mut breaker, "b", minutes(59)));
    assert!(lowers(&mut breaker, "b", minutes(60)));
}

#[test]
fn with_no_allowance_nothing_is_lowered_but_by_name() {
    let mut breaker = Breaker::new(0);
    assert_eq!(breaker.ask("a", minutes(0)), Err(HOUR));
    assert_eq!(breaker.ask("a", minutes(600)), Err(HOUR));
}

#[derive(Clone, Debug)]
enum Event {
    Ask(u8),
    Refused(u8),
    Leave(u8),
    Later(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (0u8..20).prop_map(Event::Ask),
        1 => (0u8..20).prop_map(Event::Refused),
        1 => (0u8..20).prop_map(Event::Leave),
        3 => (0u64..1200).prop_map(Event::Later),
    ];
    proptest::collection::vec(event, 0..200)
}

proptest! {
    #[test]
    fn no_hour_ever_has_more_lowerings_than_allowed(limit in 0u32..5, events in events()) {
        let (mut breaker, mut now, mut sent) = (Breaker::new(limit), HOUR, Vec::<Duration>::new());
        for event in events {
            match event {
                Event::Later(seconds) => now += Duration::from_secs(seconds),
                Event::Leave(object) => breaker.leave(&object.to_string()),
                Event::Refused(object) => if breaker.ask(&object.to_string(), now).is_ok() {
                    breaker.settle(&object.to_string(), Sent::No, now);
                },
                Event::Ask(object) => if lowers(&mut breaker, &object.to_string(), now) {
                    sent.push(now);
                },
            }
            let within = sent.iter().filter(|at| now.saturating_sub(**at) < HOUR).count();
            prop_assert!(within <= usize::try_from(limit).unwrap());
        }
    }

    #[test]
    fn who_asks_again_when_told_to_is_served_in_the_end(limit in 1u32..5, count in 1usize..30) {
        let (mut breaker, mut now) = (Breaker::new(limit), HOUR);
        let mut left: Vec<String> = (0..count).map(|number| number.to_string()).collect();
        let mut rounds = 0;
        while !left.is_empty() {
            let waits: Vec<_> = left.iter().filter_map(|object| breaker.ask(object, now).err()).collect();
            for object in &left {
                breaker.settle(object, Sent::Yes, now);
            }
            left = left.split_off(left.len() - waits.len());
            now += waits.into_iter().min().unwrap_or_default();
            rounds += 1;
            prop_assert!(rounds <= 2 * count + 2, "{} still wait", left.len());
        }
    }
}
