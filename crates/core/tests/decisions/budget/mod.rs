//! The hourly limit on weakening writes.

mod hostile;
mod line;
mod properties;
mod turns;

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    plan::budget::{Now, WeakeningBudget, WriteResult},
};
use jiff::Timestamp;
use test_support::fixtures::{at, on_totp, settled};

const HOUR: Duration = Duration::from_hours(1);

/// The time of this many minutes after the test began.
fn minutes(count: u64) -> Now {
    seconds(count * 60)
}

fn seconds(count: u64) -> Now {
    Now { wall_clock: at(count.cast_signed()), since_start: HOUR + Duration::from_secs(count) }
}

/// Requests a weakening write and records it as accepted where the budget allows it.
fn weakens(budget: &mut WeakeningBudget, object: &str, now: Now) -> bool {
    let allowed = budget.request(object, 1, now).is_ok();
    if allowed {
        budget.record_result(object, WriteResult::Accepted, now.since_start);
    }
    allowed
}

/// The wait before the next request.
fn retry_after(budget: &mut WeakeningBudget, object: &str, now: Now) -> Duration {
    budget.request(object, 1, now).expect_err("the limit is used up").retry_after
}

/// Makes a weakening write that is exempt from the limit.
fn weakens_exempt(budget: &mut WeakeningBudget, object: &str, now: Now) {
    budget.record_exempt(object, 1, now.since_start);
    budget.record_result(object, WriteResult::Accepted, now.since_start);
}

/// An object, `namespace/name`, whose status reports a weakening write.
fn weakened_at(object: &str, time: Timestamp) -> UserPoolMfaConfig {
    let mut reporting = named(object);
    reporting.status.as_mut().expect("it is settled").last_lowering_time = Some(time);
    reporting
}

fn named(object: &str) -> UserPoolMfaConfig {
    let (mut named, (namespace, name)) = (settled(&on_totp()), object.split_once('/').expect("a namespace"));
    named.metadata.namespace = Some(namespace.into());
    named.metadata.name = Some(name.into());
    named
}

#[test]
fn a_write_beyond_the_limit_waits_until_the_oldest_is_an_hour_old() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "a", minutes(0)) && weakens(&mut budget, "b", minutes(10)));
    assert_eq!(retry_after(&mut budget, "c", minutes(20)), Duration::from_mins(40));
    assert_eq!(retry_after(&mut budget, "d", minutes(20)), Duration::from_mins(50));
    assert_eq!(budget.waiting(), 2);
    assert!(weakens(&mut budget, "c", minutes(60)));
    assert_eq!(budget.waiting(), 1);
}

#[test]
fn an_unused_slot_is_returned_and_an_earlier_one_of_the_object_is_kept() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "a", minutes(0)));
    assert!(budget.request("a", 1, minutes(1)).is_ok());
    budget.record_result("a", WriteResult::NotWritten, minutes(1).since_start);
    assert!(weakens(&mut budget, "b", minutes(2)), "the second was returned");
    assert!(!weakens(&mut budget, "c", minutes(3)), "the first was not");
    assert!(weakens(&mut budget, "c", minutes(60)), "and it was the first");
}

#[test]
fn the_hour_of_a_write_begins_when_it_was_sent() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 1, minutes(0)).is_ok());
    budget.record_result("a", WriteResult::Accepted, minutes(20).since_start);
    assert!(!weakens(&mut budget, "b", minutes(79)) && weakens(&mut budget, "b", minutes(80)));
}

#[test]
fn a_write_of_unknown_result_counts_until_its_object_asks_again() {
    let mut budget = WeakeningBudget::new(2);
    for tries in 0..5 {
        assert!(budget.request("fails", 1, minutes(tries)).is_ok(), "try {tries}");
        budget.record_result("fails", WriteResult::Unknown, minutes(tries).since_start);
    }
    assert!(weakens(&mut budget, "b", minutes(5)));
    assert!(!weakens(&mut budget, "c", minutes(6)), "the last try may have been done");
}

#[test]
fn a_write_of_unknown_result_counts_when_the_next_generation_weakens_again() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 2, minutes(0)).is_ok());
    budget.record_result("a", WriteResult::Unknown, minutes(0).since_start);
    assert!(budget.request("a", 3, minutes(1)).is_err(), "the second generation may have been done");
    assert!(budget.request("a", 3, minutes(60)).is_ok());
}

#[test]
fn a_write_of_unknown_result_counts_once_a_read_shows_it_was_applied() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 2, minutes(0)).is_ok());
    budget.record_result("a", WriteResult::Unknown, minutes(0).since_start);
    budget.record_read("a");
    assert!(budget.request("a", 2, minutes(1)).is_err(), "somebody restored the pool");
    assert!(budget.request("a", 2, minutes(60)).is_ok());
}

#[test]
fn a_write_of_unknown_result_counts_for_a_new_object_of_the_same_name() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 1, minutes(0)).is_ok());
    budget.record_result("a", WriteResult::Unknown, minutes(0).since_start);
    budget.remove("a");
    assert!(budget.request("a", 1, minutes(1)).is_err());
}

#[test]
fn a_write_that_could_not_be_sent_yet_keeps_its_place() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("team/a", 1, minutes(0)).is_ok());
    assert!(budget.request("other/b", 1, minutes(1)).is_err(), "the place is taken");
    assert!(
        budget.request("team/a", 1, minutes(2)).is_ok(),
        "the pool was read again, and the write is sent"
    );
    budget.record_result("team/a", WriteResult::NotWritten, minutes(2).since_start);
    assert!(budget.request("other/b", 1, minutes(2)).is_ok(), "the place was one");
}

#[test]
fn a_write_that_was_not_sent_before_another_replica_led_may_have_been_sent() {
    let mut budget = WeakeningBudget::new(1);
    budget.enter_term(1, Duration::ZERO);
    assert!(budget.request("team/a", 1, minutes(0)).is_ok());
    budget.enter_term(2, Duration::ZERO);
    assert!(budget.request("other/b", 1, minutes(1)).is_err());
    assert!(budget.request("other/b", 1, minutes(60)).is_ok(), "it counts for an hour");
}

#[test]
fn a_status_counts_within_its_hour_and_a_known_write_counts_once() {
    let mut budget = WeakeningBudget::new(2);
    budget.record_status(&weakened_at("team/a", at(-1800)), minutes(0));
    budget.record_status(&weakened_at("team/a", at(-1800)), minutes(0));
    budget.record_status(&weakened_at("team/old", at(-3600)), minutes(0));
    assert!(weakens(&mut budget, "team/b", minutes(0)));
    budget.record_status(&weakened_at("team/b", at(1)), seconds(2));
    assert!(!weakens(&mut budget, "team/c", minutes(29)));
    assert!(weakens(&mut budget, "team/c", minutes(30)), "the write of a is an hour old");
}

#[test]
fn writes_of_two_objects_at_the_same_time_count_twice() {
    let mut budget = WeakeningBudget::new(2);
    budget.record_status(&weakened_at("team/a", at(0)), seconds(10));
    budget.record_status(&weakened_at("team/b", at(0)), seconds(10));
    assert!(!weakens(&mut budget, "c", minutes(1)));
}

#[test]
fn a_write_time_in_the_future_counts_for_one_hour() {
    let mut budget = WeakeningBudget::new(1);
    budget.record_status(&weakened_at("team/a", at(1_000_000)), minutes(0));
    assert!(!weakens(&mut budget, "b", minutes(59)));
    assert!(weakens(&mut budget, "b", minutes(60)));
}

#[test]
fn a_limit_of_zero_refuses_every_request() {
    let mut budget = WeakeningBudget::new(0);
    for minute in [0, 600] {
        let turn = budget.request("a", 1, minutes(minute)).unwrap_err();
        assert_eq!((turn.retry_after, turn.expected), (HOUR, None));
    }
}

#[test]
fn an_exempt_write_is_always_allowed_and_counts() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "first", minutes(0)));
    weakens_exempt(&mut budget, "a", minutes(0));
    assert!(!weakens(&mut budget, "c", minutes(59)));
    assert!(weakens(&mut budget, "c", minutes(60)));
}

#[test]
fn repeated_exempt_writes_count_once_for_each_namespace() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "others/first", minutes(0)));
    for minute in 0..60 {
        let object = format!("tenant/{}", minute % 20);
        weakens_exempt(&mut budget, &object, minutes(minute));
    }
    assert!(!weakens(&mut budget, "others/second", minutes(59)));
    assert!(weakens(&mut budget, "others/second", minutes(60)));
    let wait = retry_after(&mut budget, "others/third", minutes(60));
    assert_eq!(wait, Duration::from_mins(59), "the tenant's last");
}

#[test]
fn half_of_the_limit_is_kept_for_writes_that_are_not_exempt() {
    for (limit, kept) in [(1, 1), (2, 1), (3, 2), (10, 5)] {
        let mut budget = WeakeningBudget::new(limit);
        for number in 0..20 {
            weakens_exempt(&mut budget, &format!("tenant-{number}/a"), minutes(0));
        }
        let allowed = (0..20).filter(|number| weakens(&mut budget, &format!("team/{number}"), minutes(1)));
        assert_eq!(allowed.count(), kept, "of {limit}");
    }
}

#[test]
fn an_exempt_write_of_another_process_takes_no_place_of_the_kept_half() {
    let mut budget = WeakeningBudget::new(2);
    for number in 0..20 {
        let mut exempt = weakened_at(&format!("tenant-{number}/a"), at(0));
        exempt.status.as_mut().unwrap().last_lowering_exempt = true;
        budget.record_status(&exempt, minutes(0));
    }
    assert!(weakens(&mut budget, "team/a", minutes(1)));
    assert!(!weakens(&mut budget, "team/b", minutes(1)));
}
