//! Failures that pass, and the grace and backoff of a generation.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::failure::{FailureClass, Operation},
    schedule::interval::DEFAULT_INTERVAL,
    status::{
        event::for_outcome,
        next_status::{is_news, next_status},
        outcome::Outcome,
        passing_failure::RecentChecks,
    },
};
use serde_json::json;
use test_support::{
    fixtures::{
        after, at, edited, failed_read, failed_write, failure, not_taken, observed, off, on_totp, reconciled,
        settled, with, with_sms,
    },
    kstatus::{Kstatus, kstatus},
};

const PASSING: [FailureClass; 3] =
    [FailureClass::Transient, FailureClass::Throttled, FailureClass::Concurrent];

fn recent(minutes: u64, passing_failures: u32, interval: Duration) -> RecentChecks {
    RecentChecks { last_good_age: Duration::from_mins(minutes), passing_failures, interval }
}

fn reported(
    object: &UserPoolMfaConfig,
    outcome: &Outcome,
    recent: RecentChecks,
) -> Option<UserPoolMfaConfigStatus> {
    next_status(object, outcome, recent, at(600))
}

fn ready(status: &UserPoolMfaConfigStatus) -> (&str, &str) {
    let ready = status.condition(ConditionType::Ready).expect("Ready");
    (&ready.status, &ready.reason)
}

#[test]
fn a_blip_of_reads_makes_no_event_and_at_most_one_status_write() {
    let mut object = settled(&on_totp());
    let outcome = failed_read(FailureClass::Transient);
    let mut writes = 0;
    for failures in 0..8 {
        let next = reported(&object, &outcome, recent(1, failures, DEFAULT_INTERVAL));
        let changed = next.as_ref().is_some_and(|next| is_news(object.status.as_ref(), next));
        assert!(for_outcome(&object, &outcome, changed).is_none());
        writes += u32::from(next.is_some());
        object.status = next.or(object.status);
    }
    assert_eq!(writes, 1);
    let status = object.status.unwrap();
    assert_eq!(ready(&status), ("True", "InSync"));
    assert_eq!(status.last_error.unwrap().operation.as_deref(), Some("GetUserPoolMfaConfig"));
}

#[test]
fn ready_is_unknown_once_the_last_good_check_is_15_minutes_or_two_intervals_old() {
    let object = settled(&on_totp());
    let outcome = failed_read(FailureClass::Transient);
    for (interval, stale) in [(1, 15), (5, 15), (10, 20), (60, 120)] {
        let at_age =
            |age| reported(&object, &outcome, recent(age, 9, Duration::from_mins(interval))).unwrap();
        assert_eq!(ready(&at_age(stale - 1)), ("True", "InSync"), "every {interval} minutes");
        assert_eq!(ready(&at_age(stale)), ("Unknown", "CognitoUnavailable"), "every {interval} minutes");
    }
}

#[test]
fn a_passing_read_failure_of_a_new_generation_is_reported() {
    let object = edited(&settled(&on_totp()), &off());
    let status =
        reported(&object, &failed_read(FailureClass::Transient), RecentChecks::first(DEFAULT_INTERVAL));
    assert_eq!(ready(&status.unwrap()), ("Unknown", "CognitoUnavailable"));
}

/// Objects that are Stalled, each for another reason.
fn stalled() -> Vec<(UserPoolMfaConfig, cognito_mfa_core::settings::observed::Observed)> {
    let edit = edited(&settled(&on_totp()), &with_sms());
    let live = observed(&on_totp());
    let refused = after(&edit, &failed_write(&edit, &live, FailureClass::InvalidParameter), at(10));
    let observing =
        test_support::fixtures::object(&with(&on_totp(), &json!({"managementPolicy": "Observe"})));
    let observing = after(&observing, &reconciled(&observing, &observed(&off()), &observed(&off())), at(10));
    let held = test_support::fixtures::object(&off());
    let held = after(&held, &reconciled(&held, &observed(&on_totp()), &observed(&on_totp())), at(10));
    vec![
        (refused, live.clone()),
        (observing, observed(&off())),
        (held, observed(&on_totp())),
        (not_taken(), observed(&with_sms())),
    ]
}

#[test]
fn a_stalled_object_stays_stalled_while_any_call_fails_in_passing() {
    for (object, live) in stalled() {
        assert_eq!(kstatus(&object), Kstatus::Failed);
        for class in PASSING {
            let plan = cognito_mfa_core::plan::plan_for(&object, &live);
            let write = Outcome::Failed(failure(class, Operation::Set), Some((live.clone(), plan)));
            for outcome in [failed_read(class), write] {
                let after = after(&object, &outcome, at(20));
                assert_eq!(kstatus(&after), Kstatus::Failed, "{outcome:?}");
                let conditions = |object: &UserPoolMfaConfig| object.status.clone().unwrap().conditions;
                assert_eq!(conditions(&after), conditions(&object));
            }
        }
    }
}

#[test]
fn a_difference_that_is_new_is_reported_though_its_write_fails_in_passing() {
    let object = settled(&on_totp());
    let status = after(&object, &failed_write(&object, &observed(&off()), FailureClass::Throttled), at(20));
    let status = status.status.unwrap();
    assert_eq!(ready(&status), ("False", "Throttled"));
    assert!(status.drift.iter().any(|one| one.field == "mfaConfiguration"));
}

#[test]
fn a_new_generation_has_its_own_grace_period() {
    let class = FailureClass::SmsRoleNotUsable;
    let fail = |object: &UserPoolMfaConfig, second| {
        after(object, &failed_write(object, &observed(&on_totp()), class), at(second))
    };
    let stalled = fail(&fail(&edited(&settled(&on_totp()), &with_sms()), 0), 300);
    assert_eq!(kstatus(&stalled), Kstatus::Failed);
    let mut other = with_sms();
    other["smsMfaConfiguration"]["smsConfiguration"]["externalId"] = "fixed".into();
    let fixed = edited(&stalled, &other);
    let first = fail(&fixed, 400);
    assert_eq!(kstatus(&first), Kstatus::InProgress, "the fix is not Stalled at its first failure");
    assert_eq!(kstatus(&fail(&first, 699)), Kstatus::InProgress);
    assert_eq!(kstatus(&fail(&first, 700)), Kstatus::Failed);
}

#[test]
fn the_backoff_of_a_new_generation_is_not_that_of_a_stalled_one() {
    let class = FailureClass::SmsRoleNotUsable;
    let edit = edited(&settled(&on_totp()), &with_sms());
    let outcome = failed_write(&edit, &observed(&on_totp()), class);
    let stalled = after(&after(&edit, &outcome, at(0)), &outcome, at(300));
    let mut fixed = edited(&stalled, &with_sms());
    fixed.spec.settings.sms_mfa_configuration.as_mut().unwrap().sms_authentication_message =
        Some("{####}".into());
    let fixed = after(&fixed, &failed_write(&fixed, &observed(&on_totp()), class), at(400));
    let wait = |object: &UserPoolMfaConfig| {
        let status = object.status.as_ref().unwrap();
        cognito_mfa_core::schedule::requeue::requeue_after(
            object,
            status,
            &outcome,
            0,
            DEFAULT_INTERVAL,
            at(400),
        )
    };
    assert!(wait(&stalled).unwrap() >= Duration::from_secs(40));
    assert!(wait(&fixed).unwrap() <= Duration::from_secs(5));
}
