//! Requeueing: when an object is reconciled next.

use std::time::Duration;

use cognito_mfa_core::{
    access::accounts::Forbidden,
    api::v1alpha1::{RECONCILE_REQUESTED_AT, UserPoolMfaConfig},
    calls::failure::{Failure, FailureClass, Operation, SET_TIMEOUT},
    schedule::{
        queue::Priority,
        requeue,
        scheduled_check::{until_confirmation, until_scheduled_check},
    },
    status::outcome::Outcome,
};
use test_support::fixtures::{
    after, at, denied, edited, failed_read, object, observed, off, on_email, on_totp, reconciled_fully,
    settled,
};

const HOUR: Duration = Duration::from_hours(1);

/// `planned` is the wait that the last reconciliation in this process planned.
fn wait_until_due(object: &UserPoolMfaConfig, planned: Option<Duration>) -> Duration {
    requeue::wait_until_due(object, planned, HOUR, at(60))
}

fn requeue_after(object: &UserPoolMfaConfig, outcome: &Outcome, attempt: u32) -> Option<Duration> {
    requeue::requeue_after(object, object.status.as_ref().expect("a status"), outcome, attempt, HOUR, at(60))
}

fn scheduled_check(object: &UserPoolMfaConfig) -> Duration {
    until_scheduled_check(object.metadata.uid.as_deref().expect("a UID"), HOUR, at(60))
}

#[test]
fn a_settled_object_waits_for_its_scheduled_check_after_a_start() {
    let object = settled(&on_totp());
    assert_eq!(wait_until_due(&object, None), scheduled_check(&object));
    assert_eq!(wait_until_due(&object, Some(Duration::from_secs(7))), Duration::from_secs(7));
}

#[test]
fn a_new_an_edited_and_a_requested_object_are_due_now() {
    let mut requested = settled(&on_totp());
    let annotations = [(RECONCILE_REQUESTED_AT.to_owned(), "now".to_owned())];
    requested.metadata.annotations = Some(annotations.into());
    for object in [object(&on_totp()), edited(&settled(&on_totp()), &on_email()), requested.clone()] {
        assert_eq!(wait_until_due(&object, None), Duration::ZERO);
        assert_eq!(wait_until_due(&object, Some(HOUR)), Duration::ZERO);
    }
    let handled = after(&requested, &reconciled_fully(&requested, &observed(&on_totp())), at(0));
    assert_eq!(wait_until_due(&handled, None), scheduled_check(&handled));
}

#[test]
fn an_object_without_calls_is_not_requeued_and_is_due_after_a_start() {
    let denials = [Forbidden::Namespace, Forbidden::Pool, Forbidden::CallerRole("arn".into())];
    let denials = denials.map(|forbidden| denied(forbidden, false));
    for outcome in [Outcome::Suspended, Outcome::NotOwner("shop/a".into())].into_iter().chain(denials) {
        let object = after(&settled(&on_totp()), &outcome, at(60));
        assert_eq!(requeue_after(&object, &outcome, 0), None);
        assert_eq!(wait_until_due(&object, None), Duration::ZERO);
    }
}

#[test]
fn after_a_start_a_failing_object_is_retried_soon_and_a_stalled_one_later() {
    let retrying = after(&object(&on_totp()), &failed_read(FailureClass::Transient), at(60));
    assert!(wait_until_due(&retrying, None) <= Duration::from_secs(30));
    let stalled = after(&settled(&on_totp()), &failed_read(FailureClass::InvalidParameter), at(60));
    let uid = stalled.metadata.uid.as_deref().unwrap();
    assert_eq!(wait_until_due(&stalled, None), until_scheduled_check(uid, Duration::from_mins(20), at(60)));
}

/// The start took the read away that confirms a write.
#[test]
fn after_a_start_an_object_that_was_just_written_is_read_within_a_minute() {
    let object = settled(&on_totp());
    let wait = |second| requeue::wait_until_due(&object, None, HOUR, at(second));
    assert!(wait(59) <= Duration::from_mins(1));
    assert_eq!(wait(60), scheduled_check(&object));
}

#[test]
fn a_write_of_unknown_result_bars_its_pool_until_it_cannot_be_applied() {
    let object = settled(&on_totp());
    let unknown = Failure::new(FailureClass::Transient, Operation::Set, "Timeout", "no answer");
    let refused =
        Failure::new(FailureClass::Throttled, Operation::Set, "TooManyRequestsException", "slow down");
    let failed_read = Failure::new(FailureClass::Transient, Operation::Get, "Timeout", "no answer");
    for (failure, barred) in
        [(unknown, SET_TIMEOUT), (refused, Duration::ZERO), (failed_read, Duration::ZERO)]
    {
        let outcome = Outcome::Failed(failure, None);
        assert_eq!(requeue::block_pool_for(&outcome), barred);
        assert!(requeue_after(&object, &outcome, 0).unwrap() >= barred);
    }
}

#[test]
fn a_check_is_followed_by_the_scheduled_one_and_a_write_by_a_confirming_read() {
    let object = settled(&on_totp());
    assert_eq!(
        requeue_after(&object, &reconciled_fully(&object, &observed(&on_totp())), 0),
        Some(scheduled_check(&object))
    );
    let uid = object.metadata.uid.as_deref().unwrap();
    let confirmation = until_confirmation(uid, 1).min(scheduled_check(&object));
    assert_eq!(requeue_after(&object, &reconciled_fully(&object, &observed(&off())), 0), Some(confirmation));
}

#[test]
fn a_failure_is_retried_with_the_backoff_of_its_class() {
    for class in FailureClass::all() {
        let failure = failed_read(class);
        let object = after(&settled(&on_totp()), &failure, at(60));
        let (first, later) =
            (requeue_after(&object, &failure, 0).unwrap(), requeue_after(&object, &failure, 20).unwrap());
        assert!(first < later, "{class:?}");
        let stalled = class.grace() == Some(Duration::ZERO);
        assert!(later <= class.backoff(20, stalled) && later >= class.backoff(20, stalled).mul_f64(0.8));
    }
}

#[test]
fn a_changed_spec_precedes_requests_and_retries_and_those_precede_routine() {
    let settled = settled(&on_totp());
    let mut requested = settled.clone();
    requested.metadata.annotations = Some([(RECONCILE_REQUESTED_AT.to_owned(), "now".to_owned())].into());
    let retried = after(&object(&on_totp()), &failed_read(FailureClass::Transient), at(60));
    for (object, priority) in [
        (object(&on_totp()), Priority::Changed),
        (edited(&settled, &off()), Priority::Changed),
        (requested, Priority::Requested),
        (retried, Priority::Requested),
        (settled, Priority::Routine),
    ] {
        assert_eq!(requeue::priority(&object), priority, "{:?}", object.status);
    }
}
