//! When an object is passed over next.

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
    after, at, denied, edited, failed_read, object, observed, off, on_email, on_totp, reconciled_well,
    settled,
};

const HOUR: Duration = Duration::from_hours(1);

/// `planned` is the wait that the last pass of this process left.
fn due(object: &UserPoolMfaConfig, planned: Option<Duration>) -> Duration {
    requeue::wait_until_due(object, planned, HOUR, at(60))
}

fn next(object: &UserPoolMfaConfig, outcome: &Outcome, attempt: u32) -> Option<Duration> {
    requeue::requeue_after(object, object.status.as_ref().expect("a status"), outcome, attempt, HOUR, at(60))
}

fn slot(object: &UserPoolMfaConfig) -> Duration {
    until_scheduled_check(object.metadata.uid.as_deref().expect("a UID"), HOUR, at(60))
}

#[test]
fn a_start_asks_for_nothing_that_is_settled() {
    let object = settled(&on_totp());
    assert_eq!(due(&object, None), slot(&object));
    assert_eq!(due(&object, Some(Duration::from_secs(7))), Duration::from_secs(7));
}

#[test]
fn what_is_new_edited_or_asked_for_is_due_now() {
    let mut asked = settled(&on_totp());
    let annotations = [(RECONCILE_REQUESTED_AT.to_owned(), "now".to_owned())];
    asked.metadata.annotations = Some(annotations.into());
    for object in [object(&on_totp()), edited(&settled(&on_totp()), &on_email()), asked.clone()] {
        assert_eq!(due(&object, None), Duration::ZERO);
        assert_eq!(due(&object, Some(HOUR)), Duration::ZERO);
    }
    let handled = after(&asked, &reconciled_well(&asked, &observed(&on_totp())), at(60));
    assert_eq!(due(&handled, None), slot(&handled));
}

#[test]
fn an_object_that_made_no_calls_is_due_when_it_may_again() {
    let denials = [Forbidden::Namespace, Forbidden::Pool, Forbidden::CallerRole("arn".into())];
    let denials = denials.map(|what| denied(what, false));
    for outcome in [Outcome::Suspended, Outcome::NotOwner("shop/a".into())].into_iter().chain(denials) {
        let object = after(&settled(&on_totp()), &outcome, at(60));
        assert_eq!(next(&object, &outcome, 0), None);
        assert_eq!(due(&object, None), Duration::ZERO);
    }
}

#[test]
fn what_was_being_retried_goes_on_soon_after_a_start_and_what_was_stalled_at_its_slot() {
    let retrying = after(&settled(&on_totp()), &failed_read(FailureClass::Transient), at(60));
    assert!(due(&retrying, None) <= Duration::from_secs(30));
    let stalled = after(&settled(&on_totp()), &failed_read(FailureClass::InvalidParameter), at(60));
    let uid = stalled.metadata.uid.as_deref().unwrap();
    assert_eq!(due(&stalled, None), until_scheduled_check(uid, Duration::from_mins(20), at(60)));
}

#[test]
fn a_set_whose_outcome_is_open_bars_the_pool_until_it_cannot_land_any_more() {
    let object = settled(&on_totp());
    let open = Failure::new(FailureClass::Transient, Operation::Set, "Timeout", "no answer");
    let known =
        Failure::new(FailureClass::Throttled, Operation::Set, "TooManyRequestsException", "slow down");
    let unread = Failure::new(FailureClass::Transient, Operation::Get, "Timeout", "no answer");
    for (failure, barred) in [(open, SET_TIMEOUT), (known, Duration::ZERO), (unread, Duration::ZERO)] {
        let outcome = Outcome::Failed(failure, None);
        assert_eq!(requeue::barred_for(&outcome), barred);
        assert!(next(&object, &outcome, 0).unwrap() >= barred);
    }
}

#[test]
fn a_check_is_followed_by_the_slot_and_a_set_by_the_confirming_get_at_the_latest() {
    let object = settled(&on_totp());
    assert_eq!(next(&object, &reconciled_well(&object, &observed(&on_totp())), 0), Some(slot(&object)));
    let uid = object.metadata.uid.as_deref().unwrap();
    let confirmation = until_confirmation(uid, 1).min(slot(&object));
    assert_eq!(next(&object, &reconciled_well(&object, &observed(&off())), 0), Some(confirmation));
}

#[test]
fn a_failure_is_followed_by_its_class_s_own_wait_slower_once_it_is_stalled() {
    for class in FailureClass::all() {
        let failure = failed_read(class);
        let object = after(&settled(&on_totp()), &failure, at(60));
        let (first, later) = (next(&object, &failure, 0).unwrap(), next(&object, &failure, 20).unwrap());
        assert!(first < later, "{class:?}");
        let stalled = class.grace() == Some(Duration::ZERO);
        assert!(later <= class.backoff(20, stalled) && later >= class.backoff(20, stalled).mul_f64(0.8));
    }
}

#[test]
fn a_new_spec_is_more_urgent_than_what_is_asked_for_or_tried_again_and_that_than_routine() {
    let settled = settled(&on_totp());
    let mut asked = settled.clone();
    asked.metadata.annotations = Some([(RECONCILE_REQUESTED_AT.to_owned(), "now".to_owned())].into());
    let retried = after(&settled, &failed_read(FailureClass::Transient), at(60));
    for (object, urgency) in [
        (object(&on_totp()), Priority::Changed),
        (edited(&settled, &off()), Priority::Changed),
        (asked, Priority::Asked),
        (retried, Priority::Asked),
        (settled, Priority::Routine),
    ] {
        assert_eq!(requeue::priority(&object), urgency, "{:?}", object.status);
    }
}
