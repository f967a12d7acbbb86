//! Weakening writes that were surely not sent weaken nothing, and a retry of an open one is not another.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    calls::failure::FailureClass,
    plan::{
        budget::{Now, WeakeningBudget, WriteResult},
        step::Cause,
    },
    schedule::requeue::block_pool_for,
    status::{
        event::for_outcome,
        open_weakenings::OpenWeakenings,
        outcome::{Outcome, record_outcome},
    },
};
use proptest::{prelude::*, sample::select};
use serde_json::json;
use test_support::fixtures::{
    after, at, edited, failed_read, failed_write, observed, off, on_totp, reconciled_fully, settled, with,
};

const OBJECT: &str = "shop/customers";
const HOUR: Duration = Duration::from_hours(1);

/// An object whose changed spec turns MFA off.
fn weakening() -> UserPoolMfaConfig {
    edited(&settled(&on_totp()), &off())
}

/// The outcome where the weakening write timed out.
fn open(object: &UserPoolMfaConfig) -> Outcome {
    failed_write(object, &observed(&on_totp()), FailureClass::Transient)
}

/// The outcome where the weakening write was not sent.
fn unsent(object: &UserPoolMfaConfig) -> Outcome {
    match open(object) {
        Outcome::Failed(failure, read) => Outcome::Failed(failure.not_sent(), read),
        other => other,
    }
}

#[test]
fn a_weakening_write_that_was_not_sent_is_reported_nowhere() {
    let object = weakening();
    let outcome = unsent(&object);
    assert_eq!((outcome.write_result(), outcome.weakened().len()), (WriteResult::NotWritten, 0));
    assert_eq!(after(&object, &outcome, at(9)).status.unwrap().last_lowering_time, None);
    let event = for_outcome(&object, &outcome, true).expect("the failure is reported");
    assert!(!event.note.contains("lowered"), "{}", event.note);
    assert_eq!(OpenWeakenings::default().record(OBJECT, 2, &outcome), None);
}

#[test]
fn a_write_that_was_not_sent_does_not_bar_its_pool() {
    let object = weakening();
    assert_eq!(block_pool_for(&unsent(&object)), Duration::ZERO);
    assert!(block_pool_for(&open(&object)) > Duration::ZERO);
}

#[test]
fn a_write_that_was_not_sent_does_not_use_the_hourly_limit() {
    let object = weakening();
    let mut budget = WeakeningBudget::new(1);
    for minute in 0..10 {
        let now = HOUR + Duration::from_mins(minute);
        assert_eq!(budget.request(OBJECT, 2, clocks(now)), Ok(()));
        record_outcome(OBJECT, Some(&unsent(&object)), &mut budget, now);
    }
    assert_eq!(budget.request("shop/other", 2, clocks(HOUR)), Ok(()));
}

fn clocks(since_start: Duration) -> Now {
    Now { wall_clock: at(0), since_start }
}

#[test]
fn a_weakening_write_is_counted_once_however_often_it_is_retried() {
    let object = weakening();
    let mut all = OpenWeakenings::default();
    let mut record = |outcome: &Outcome| all.record(OBJECT, 2, outcome);
    assert_eq!(record(&open(&object)), Some(Cause::SpecChanged));
    for retry in [
        open(&object),
        unsent(&object),
        failed_read(FailureClass::Transient),
        failed_write(&object, &observed(&on_totp()), FailureClass::Throttled),
        open(&object),
        reconciled_fully(&object, &observed(&on_totp())),
    ] {
        assert_eq!(record(&retry), None, "{retry:?}");
    }
    let again = reconciled_fully(&object, &observed(&on_totp()));
    assert_eq!(record(&again), Some(Cause::SpecChanged), "the write before has ended");
}

#[test]
fn another_generation_another_loss_and_a_check_in_between_are_other_weakenings() {
    let object = weakening();
    let mut all = OpenWeakenings::default();
    assert!(all.record(OBJECT, 2, &open(&object)).is_some());
    assert!(all.record(OBJECT, 3, &open(&object)).is_some());
    let passkeys = json!({"webAuthnConfiguration": {"relyingPartyId": "a.example.com"}});
    let with_passkeys = observed(&with(&on_totp(), &passkeys));
    let of_passkeys = failed_write(&object, &with_passkeys, FailureClass::Transient);
    assert!(all.record(OBJECT, 3, &of_passkeys).is_some());
    assert_eq!(all.record(OBJECT, 3, &reconciled_fully(&object, &observed(&off()))), None);
    assert!(all.record(OBJECT, 3, &of_passkeys).is_some());
    assert!(all.record("shop/other", 3, &of_passkeys).is_some());
}

proptest! {
    /// Whatever happens between them: a write that was not sent counts nothing, and failures in a row count once.
    #[test]
    fn failures_in_a_row_count_as_one_weakening_if_any_was_sent(
        sent in proptest::collection::vec(select(vec![Some(true), Some(false), None]), 0..20)
    ) {
        let object = weakening();
        let mut all = OpenWeakenings::default();
        let counted = sent.iter().filter_map(|sent| {
            let outcome = match sent {
                Some(true) => open(&object),
                Some(false) => unsent(&object),
                None => failed_read(FailureClass::Transient),
            };
            all.record(OBJECT, 2, &outcome)
        });
        prop_assert_eq!(counted.count(), usize::from(sent.contains(&Some(true))));
    }
}
