//! The line of objects on hold for the hourly limit.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    plan::{
        approval::ApprovalTarget,
        budget::{Turn, WeakeningBudget, WriteResult},
        hold::Hold,
        plan_for,
    },
    status::outcome::Outcome,
};
use test_support::fixtures::{after, at, observed, with_sms};

use super::{HOUR, minutes, named, retry_after, weakens};

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
fn an_object_whose_write_was_not_made_stays_in_line_behind_the_next_one() {
    for [first, second, third] in [["a/1", "a/2", "a/3"], ["a/1", "b/1", "c/1"]] {
        let mut budget = WeakeningBudget::new(1);
        assert!(weakens(&mut budget, "team/any", minutes(0)));
        assert!([first, second, third].iter().all(|object| !weakens(&mut budget, object, minutes(1))));
        assert!(budget.request(first, 1, minutes(60)).is_ok());
        assert!(
            retry_after(&mut budget, second, minutes(60)) <= Duration::from_mins(1),
            "the write may fail"
        );
        budget.record_result(first, WriteResult::NotWritten, minutes(61).since_start);
        assert_eq!(budget.waiting(), 3);
        assert!(!weakens(&mut budget, first, minutes(61)), "{second} goes first");
        assert!(weakens(&mut budget, second, minutes(61)));
    }
}

#[test]
fn an_object_that_cannot_use_its_turn_keeps_its_place_and_blocks_nobody() {
    let mut budget = WeakeningBudget::new(1);
    assert!(weakens(&mut budget, "a", minutes(0)));
    assert!(!weakens(&mut budget, "throttled", minutes(1)) && !weakens(&mut budget, "b", minutes(1)));
    budget.let_others_pass("throttled");
    assert!(weakens(&mut budget, "b", minutes(60)));
    assert!(!weakens(&mut budget, "throttled", minutes(61)) && !weakens(&mut budget, "c", minutes(61)));
    assert!(!weakens(&mut budget, "c", minutes(120)), "the other one is back");
    assert!(weakens(&mut budget, "throttled", minutes(120)));
}

#[test]
fn an_object_that_is_late_for_its_turn_blocks_nobody() {
    let mut budget = WeakeningBudget::new(1);
    assert!(weakens(&mut budget, "a", minutes(0)));
    assert!(!weakens(&mut budget, "late", minutes(1)) && !weakens(&mut budget, "b", minutes(2)));
    assert!(!weakens(&mut budget, "b", minutes(61)), "it may come yet");
    assert!(weakens(&mut budget, "b", minutes(63)));
}

#[test]
fn namespaces_take_turns() {
    for limit in [1, 3] {
        let mut budget = WeakeningBudget::new(limit);
        let large = (0..20).map(|number| format!("large/{number:02}"));
        let mut waiting: Vec<_> =
            large.chain(["small/a".into(), "small/b".into(), "third/a".into()]).collect();
        let mut served = Vec::new();
        for minute in 0..=600 {
            waiting.retain(|object| {
                let is_served = weakens(&mut budget, object, minutes(minute));
                if is_served {
                    served.push(object.clone());
                }
                !is_served
            });
        }
        let place = |object: &str| served.iter().position(|served| served == object).unwrap();
        assert!(place("small/a") < 6 && place("third/a") < 6, "{served:?}");
        assert!(place("small/b") < 9, "{served:?}");
    }
}

#[test]
fn an_object_that_did_not_wait_has_no_place_after_a_write_that_was_not_sent() {
    let mut budget = WeakeningBudget::new(1);
    assert!(budget.request("a", 1, minutes(0)).is_ok());
    assert!(!weakens(&mut budget, "waits", minutes(1)));
    budget.record_result("a", WriteResult::NotWritten, minutes(2).since_start);
    assert_eq!(budget.waiting(), 1);
    assert!(weakens(&mut budget, "waits", minutes(3)));
}

#[test]
fn a_new_term_begins_with_an_empty_line() {
    let mut budget = WeakeningBudget::new(1);
    budget.enter_term(1, minutes(1).since_start);
    assert!(weakens(&mut budget, "a", minutes(0)) && !weakens(&mut budget, "gone meanwhile", minutes(1)));
    budget.enter_term(1, minutes(1).since_start);
    assert_eq!(budget.waiting(), 1);
    budget.enter_term(2, minutes(1).since_start);
    assert_eq!(budget.waiting(), 0);
    assert!(!weakens(&mut budget, "b", minutes(59)), "earlier writes still count");
    assert!(weakens(&mut budget, "b", minutes(60)));
}

#[test]
fn a_request_behind_a_waiting_one_gets_the_time_of_the_next_free_slot() {
    let mut budget = WeakeningBudget::new(2);
    assert!(weakens(&mut budget, "a", minutes(0)) && weakens(&mut budget, "b", minutes(10)));
    assert!(!weakens(&mut budget, "waits", minutes(20)));
    // The one free slot is reserved for the object that waits.
    assert_eq!(retry_after(&mut budget, "new", minutes(60)), Duration::from_mins(10));
}

/// An object whose status says that it has been on hold since this time.
fn on_hold_since(object: &str, seconds: i64) -> UserPoolMfaConfig {
    let settled = named(object);
    let live = observed(&with_sms());
    let hold = Hold::HourlyLimit {
        turn: Turn { retry_after: HOUR, expected: Some(at(9000)) },
        approval: ApprovalTarget::Generation(1),
    };
    let outcome = Outcome::OnHold(live.clone(), plan_for(&settled, &live), hold);
    after(&settled, &outcome, at(seconds))
}

#[test]
fn after_a_restart_objects_on_hold_are_served_in_the_order_in_which_they_began_to_wait() {
    let mut budget = WeakeningBudget::new(1);
    for (object, since) in [("team/b", 20), ("team/a", 30), ("team/c", 10), ("team/done", 5)] {
        budget.record_status(&on_hold_since(object, since), minutes(0));
    }
    budget.record_status(&named("team/done"), minutes(1));
    budget.enter_term(0, minutes(1).since_start);
    assert_eq!(budget.waiting(), 3);
    assert!(!weakens(&mut budget, "team/a", minutes(1)) && !weakens(&mut budget, "team/new", minutes(1)));
    assert!(!weakens(&mut budget, "team/b", minutes(1)) && weakens(&mut budget, "team/c", minutes(1)));
    assert!(weakens(&mut budget, "team/b", minutes(61)));
    assert!(weakens(&mut budget, "team/a", minutes(121)));
}

#[test]
fn a_new_term_begins_with_the_objects_that_are_on_hold_by_then() {
    let mut budget = WeakeningBudget::new(1);
    budget.record_status(&on_hold_since("team/a", 10), minutes(0));
    budget.enter_term(1, minutes(0).since_start);
    budget.record_status(&named("team/a"), minutes(1));
    budget.record_status(&on_hold_since("team/b", 60), minutes(1));
    budget.enter_term(2, minutes(2).since_start);
    assert!(!weakens(&mut budget, "team/a", minutes(2)));
    assert!(weakens(&mut budget, "team/b", minutes(2)));
}
