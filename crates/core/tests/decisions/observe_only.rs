//! What is reported while the operator runs with `--observe-only`, and what is remembered.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::failure::{Failure, FailureClass, Operation},
    plan::{hold::Hold, memory::memory, plan_for},
    schedule::{requeue, scheduled_check::until_scheduled_check},
    status::{
        event::for_outcome,
        next_status::{invalid_status, next_status},
        observe_only::{invalid_status_with_note, next_status_with_note, without_note},
        outcome::Outcome,
        passing_failure::RecentChecks,
    },
};
use proptest::prelude::*;
use test_support::{
    arbitrary::{object_with_history, outcome_template},
    fixtures::{at, failed_read, first_check, observed, off, on_totp, reconciled_fully, settled},
};

const NOTE: &str = " The operator runs with --observe-only: it writes nothing to AWS.";

fn on_hold(object: &UserPoolMfaConfig) -> Outcome {
    let drifted = observed(&off());
    Outcome::OnHold(drifted.clone(), plan_for(object, &drifted), Hold::ObserveOnly)
}

fn with_status(object: &UserPoolMfaConfig, status: Option<UserPoolMfaConfigStatus>) -> UserPoolMfaConfig {
    UserPoolMfaConfig { status: status.or_else(|| object.status.clone()), ..object.clone() }
}

#[test]
fn a_write_that_is_not_made_is_stalled_and_says_which_flag_to_remove() {
    let object = settled(&on_totp());
    let reported =
        with_status(&object, next_status_with_note(&object, &on_hold(&object), first_check(), true, at(60)));
    let status = reported.status.as_ref().unwrap();
    let types: Vec<_> = status.conditions.iter().map(|one| format!("{}={}", one.type_, one.status)).collect();
    assert_eq!(types, ["Ready=False", "Synced=False", "Stalled=True"]);
    for condition in &status.conditions {
        assert_eq!(condition.reason, "ObserveOnly");
        assert_eq!(condition.message.matches("--observe-only").count(), 1, "{}", condition.message);
    }
    let event = for_outcome(&object, &on_hold(&object), true).unwrap();
    assert_eq!((event.warning, event.reason), (true, "ObserveOnly"));
}

#[test]
fn a_write_that_is_not_made_leaves_the_memory_as_it_was() {
    let object = settled(&on_totp());
    let status = next_status_with_note(&object, &on_hold(&object), first_check(), true, at(60)).unwrap();
    let before = object.status.clone().unwrap();
    assert_eq!(status.applied_hash, before.applied_hash);
    assert_eq!(status.corrections, before.corrections);
    assert_eq!(status.last_lowering_time, before.last_lowering_time);
    let reported = with_status(&object, Some(status));
    assert_eq!(plan_for(&reported, &observed(&off())), plan_for(&object, &observed(&off())));
}

#[test]
fn a_write_that_is_not_made_is_planned_again_at_the_next_check_or_after_a_start() {
    let object = settled(&on_totp());
    let reported =
        with_status(&object, next_status_with_note(&object, &on_hold(&object), first_check(), true, at(60)));
    let (uid, hour) = (reported.metadata.uid.as_deref().unwrap(), Duration::from_hours(1));
    let status = reported.status.as_ref().unwrap();
    let wait = requeue::requeue_after(&reported, status, &on_hold(&object), 0, hour, at(60));
    assert_eq!(wait, Some(until_scheduled_check(uid, hour, at(60))));
    let after_start = requeue::wait_until_due(&reported, None, hour, at(60));
    assert!(after_start <= Duration::from_secs(30), "{after_start:?}");
    assert_eq!(requeue::wait_until_due(&reported, wait, hour, at(60)), wait.unwrap());
}

#[test]
fn an_invalid_object_says_that_nothing_is_written_too() {
    let before = settled(&on_totp()).status.unwrap();
    let noted = invalid_status_with_note(&before, 2, "spec.x is unknown", true, at(60)).unwrap();
    assert!(noted.condition(ConditionType::Ready).unwrap().message.ends_with(NOTE));
    assert_eq!(invalid_status_with_note(&noted, 2, "spec.x is unknown", true, at(90)), None);
    let plain = invalid_status_with_note(&noted, 2, "spec.x is unknown", false, at(90)).unwrap();
    assert_eq!(plain, invalid_status(&before, 2, "spec.x is unknown", at(60)).unwrap());
}

#[test]
fn the_note_is_kept_through_a_failure_that_the_conditions_do_not_show() {
    let passes = |object: &UserPoolMfaConfig, outcome: &Outcome, second| {
        let recent = RecentChecks { passing_failures: 3, ..first_check() };
        with_status(object, next_status_with_note(object, outcome, recent, true, at(second)))
    };
    let refused = passes(&settled(&on_totp()), &failed_read(FailureClass::InvalidParameter), 60);
    let throttled = Failure::new(FailureClass::Throttled, Operation::Get, "TooManyRequests", "Slow down.");
    let throttled = passes(&refused, &Outcome::Failed(throttled, None), 90).status.unwrap();
    assert_eq!(throttled.last_error.unwrap().code, "TooManyRequests");
    assert_eq!(throttled.conditions, refused.status.unwrap().conditions);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_note_changes_nothing_but_the_messages(object in object_with_history(), template in outcome_template()) {
        let outcome = template.outcome_for(&object);
        let plain = with_status(&object, next_status(&object, &outcome, first_check(), at(600)));
        let noted = with_status(&object, next_status_with_note(&object, &outcome, first_check(), true, at(600)));
        let status = noted.status.as_ref().unwrap();
        prop_assert!(status.conditions.iter().all(|condition| condition.message.ends_with(NOTE)));
        prop_assert_eq!(without_note(status), plain.status.clone().unwrap());
        prop_assert_eq!(memory(&noted).settled, memory(&plain).settled);
    }

    #[test]
    fn the_note_is_written_once_and_removed_once(object in object_with_history(), template in outcome_template()) {
        let outcome = template.outcome_for(&object);
        let noted = with_status(&object, next_status_with_note(&object, &outcome, first_check(), true, at(600)));
        prop_assert_eq!(next_status_with_note(&noted, &outcome, first_check(), true, at(600)), None);
        let again = with_status(&noted, next_status_with_note(&noted, &outcome, first_check(), false, at(600)));
        prop_assert_eq!(without_note(again.status.as_ref().unwrap()), again.status.clone().unwrap());
        prop_assert_eq!(next_status_with_note(&again, &outcome, first_check(), false, at(600)), None);
    }
}

#[test]
fn an_equal_pool_is_adopted_because_that_needs_no_write() {
    let object = test_support::fixtures::object(&on_totp());
    let outcome = reconciled_fully(&object, &observed(&on_totp()));
    let status = next_status_with_note(&object, &outcome, first_check(), true, at(60)).unwrap();
    assert!(status.applied_hash.is_some());
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "InSync");
}
