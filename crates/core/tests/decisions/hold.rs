//! Which planned Sets wait.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ALLOW_LOWERING, ConditionType, UserPoolMfaConfig},
    calls::failure::FailureClass,
    plan::{
        budget::WeakeningBudget,
        hold::{Hold, Now, check_hold},
        memory::memory,
        step::{Cause, Step},
        table::plan,
    },
    schedule::requeue,
    settings::observed::Observed,
    status::outcome::{Outcome, record_outcome},
};
use serde_json::{Value, json};
use test_support::fixtures::{
    after, at, edited, failed_write, observed, off, on_email, on_totp, reconciled_well, settled, with,
    with_sms,
};

const TEN: Duration = Duration::from_mins(10);

/// The gate's answer where the hour has no room.
fn asked(object: &UserPoolMfaConfig, found: &Observed, cause: Cause) -> Result<(), Hold> {
    let plan = plan(&object.spec, found, &memory(object));
    assert_eq!(plan.step, Step::Write(cause));
    let now = Now { wall_clock: at(10), since_start: Duration::from_hours(1) };
    check_hold(object, found, &plan, TEN, &mut WeakeningBudget::new(0), now)
}

fn named(mut object: UserPoolMfaConfig, generation: &str) -> UserPoolMfaConfig {
    object.metadata.annotations = Some([(ALLOW_LOWERING.to_owned(), generation.to_owned())].into());
    object
}

#[test]
fn a_changed_spec_that_lowers_waits_even_where_it_raises_too() {
    for (declared, found) in [(off(), on_totp()), (on_email(), on_totp())] {
        let held = asked(&edited(&settled(&on_totp()), &declared), &observed(&found), Cause::SpecChanged);
        assert_eq!(held, Err(Hold::HourlyLimit { left: Duration::from_hours(1), generation: 2 }));
    }
}

#[test]
fn what_lowers_nothing_never_waits() {
    assert_eq!(
        asked(&edited(&settled(&on_totp()), &with_sms()), &observed(&on_totp()), Cause::SpecChanged),
        Ok(())
    );
    assert_eq!(asked(&settled(&on_totp()), &observed(&off()), Cause::Drift), Ok(()));
}

#[test]
fn a_correction_that_gives_something_back_never_waits_and_one_that_only_takes_does() {
    let turned_off_and_more = observed(&with(&on_email(), &json!({"mfaConfiguration": "OPTIONAL"})));
    assert_eq!(asked(&settled(&on_totp()), &turned_off_and_more, Cause::Drift), Ok(()));
    assert!(asked(&settled(&on_totp()), &observed(&with_sms()), Cause::Drift).is_err());
}

#[test]
fn the_annotation_lets_the_generation_through_that_it_names_and_no_other() {
    let object = edited(&settled(&on_totp()), &off());
    let on = observed(&on_totp());
    assert_eq!(asked(&named(object.clone(), "2"), &on, Cause::SpecChanged), Ok(()));
    for other in ["1", "3", "", "true", "02"] {
        assert!(asked(&named(object.clone(), other), &on, Cause::SpecChanged).is_err(), "{other:?}");
    }
}

fn held() -> (UserPoolMfaConfig, Outcome) {
    let (object, on) = (edited(&settled(&on_totp()), &off()), observed(&on_totp()));
    let plan = plan(&object.spec, &on, &memory(&object));
    let wait = Hold::HourlyLimit { left: Duration::from_mins(5), generation: 2 };
    let outcome = Outcome::OnHold(on, plan, wait);
    (after(&object, &outcome, at(10)), outcome)
}

#[test]
fn an_object_that_is_held_says_so_keeps_its_memory_and_is_on_its_way() {
    let (object, outcome) = held();
    let status = object.status.clone().unwrap();
    let ready = status.condition(ConditionType::Ready).unwrap();
    assert_eq!((ready.status.as_str(), ready.reason.as_str()), ("False", "LoweringHeld"));
    assert!(ready.message.contains("mode ON to OFF") && ready.message.contains("allow-lowering: \"2\""));
    assert!(
        status.condition(ConditionType::Reconciling).is_some()
            && status.condition(ConditionType::Stalled).is_none()
    );
    assert_eq!(status.applied_hash, settled(&on_totp()).status.unwrap().applied_hash);
    assert_eq!(memory(&object).applied_hash, status.applied_hash.as_deref());
    assert_eq!(
        plan(&object.spec, &observed(&on_totp()), &memory(&object)).step,
        Step::Write(Cause::SpecChanged)
    );
    let wait =
        requeue::requeue_after(&object, &status, &outcome, 0, Duration::from_hours(24), at(10)).unwrap();
    assert!(wait > Duration::from_mins(5) && wait <= Duration::from_secs(310), "{wait:?}");
}

#[test]
fn the_annotation_makes_an_object_due_that_is_held() {
    let (object, _) = held();
    let due = |object: &UserPoolMfaConfig| requeue::wait_until_due(object, Some(TEN), TEN, at(20));
    assert_eq!(due(&object), TEN);
    assert_eq!(due(&named(object.clone(), "1")), TEN);
    assert_eq!(due(&named(object, "2")), Duration::ZERO);
}

#[test]
fn a_set_that_lowers_is_remembered_with_its_time_and_one_that_does_not_is_not() {
    let time = |declared: &Value, found: &Value| {
        let object = edited(&settled(&on_totp()), declared);
        let outcome = test_support::fixtures::reconciled_well(&object, &observed(found));
        after(&object, &outcome, at(30)).status.unwrap().last_lowering_time
    };
    assert_eq!(time(&off(), &on_totp()), Some(at(30)));
    assert_eq!(time(&with_sms(), &on_totp()), None);
}

#[test]
fn a_lowering_whose_answer_was_lost_gives_no_room_to_the_next_once_its_pool_was_found_lowered() {
    let (mut breaker, start) = (WeakeningBudget::new(1), Duration::from_hours(1));
    let ask = |object: &UserPoolMfaConfig, found: &Observed, breaker: &mut WeakeningBudget| {
        let plan = plan(&object.spec, found, &memory(object));
        check_hold(object, found, &plan, TEN, breaker, Now { wall_clock: at(10), since_start: start })
    };
    let object = edited(&settled(&on_totp()), &off());
    assert_eq!(ask(&object, &observed(&on_totp()), &mut breaker), Ok(()));
    let lost = failed_write(&object, &observed(&on_totp()), FailureClass::Transient);
    record_outcome("shop/customers", Some(&lost), &mut breaker, start);
    let found = reconciled_well(&object, &observed(&off()));
    record_outcome("shop/customers", Some(&found), &mut breaker, start);
    assert!(ask(&object, &observed(&on_totp()), &mut breaker).is_err());
}
