//! Holds: which planned writes wait for the hourly limit or for an approval.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, UserPoolMfaConfig},
    calls::failure::FailureClass,
    plan::{
        approval::ApprovalTarget,
        budget::{Turn, WeakeningBudget},
        hold::{Hold, Now, check_hold},
        memory::memory,
        step::{Cause, Step},
        table::plan,
    },
    schedule::requeue,
    settings::observed::Observed,
    status::{
        event::for_outcome,
        outcome::{Outcome, record_outcome},
    },
};
use jiff::Timestamp;
use serde_json::{Value, json};
use test_support::fixtures::{
    after, at, edited, failed_write, observed, off, on_email, on_totp, reconciled_fully, settled, with,
    with_sms,
};

const TEN: Duration = Duration::from_mins(10);

/// The hold of the planned write when the hourly limit is used up.
fn hold(object: &UserPoolMfaConfig, observed: &Observed, cause: Cause) -> Result<(), Hold> {
    let plan = plan(&object.spec, observed, &memory(object));
    assert_eq!(plan.step, Step::Write(cause));
    let now = Now { wall_clock: at(10), since_start: Duration::from_hours(1) };
    check_hold(object, observed, &plan, TEN, &mut WeakeningBudget::new(0), now)
}

/// Under this policy a write keeps no strength of the pool.
fn exact() -> Value {
    json!({"driftPolicy": "Exact"})
}

#[test]
fn a_spec_change_that_weakens_waits_even_if_it_also_strengthens() {
    for (declared, before) in [(off(), on_totp()), (on_email(), on_totp())] {
        let result = hold(&edited(&settled(&on_totp()), &declared), &observed(&before), Cause::SpecChanged);
        assert_eq!(
            result,
            Err(Hold::HourlyLimit {
                turn: Turn { retry_after: Duration::from_hours(1), expected: None },
                approval: ApprovalTarget::Generation(2)
            })
        );
    }
}

#[test]
fn a_write_that_weakens_nothing_never_waits() {
    assert_eq!(
        hold(&edited(&settled(&on_totp()), &with_sms()), &observed(&on_totp()), Cause::SpecChanged),
        Ok(())
    );
    assert_eq!(hold(&settled(&on_totp()), &observed(&off()), Cause::Drift), Ok(()));
}

#[test]
fn a_correction_that_raises_the_mode_never_waits_whatever_it_takes_away() {
    let weaker_and_more = observed(&with(&on_email(), &json!({"mfaConfiguration": "OPTIONAL"})));
    assert_eq!(hold(&settled(&on_totp()), &weaker_and_more, Cause::Drift), Ok(()));
}

#[test]
fn a_correction_that_raises_anything_but_the_mode_waits() {
    let passkeys = |verification: &str| json!({"webAuthnConfiguration": {"userVerification": verification}});
    let optional = with(&with_sms(), &json!({"mfaConfiguration": "OPTIONAL"}));
    for (declared, live) in [
        (with(&off(), &passkeys("required")), with(&on_totp(), &passkeys("preferred"))),
        (optional, on_totp()),
        (on_totp(), on_email()),
        (on_totp(), with_sms()),
    ] {
        let object = settled(&with(&declared, &exact()));
        assert!(hold(&object, &observed(&live), Cause::Drift).is_err(), "{live} to {declared}");
    }
}

#[test]
fn a_correction_that_gives_the_relying_party_back_never_waits_unless_it_lowers_a_strength() {
    let passkeys = |id: &str| json!({"webAuthnConfiguration": {"relyingPartyId": id}});
    let declared = with(&on_totp(), &passkeys("example.com"));
    for taken in
        [with_sms(), with(&with_sms(), &passkeys("")), with(&on_totp(), &passkeys("stranger.example"))]
    {
        assert_eq!(hold(&settled(&declared), &observed(&taken), Cause::Drift), Ok(()), "{taken}");
    }
    let optional = with(&declared, &json!({"mfaConfiguration": "OPTIONAL"}));
    let multi =
        json!({"webAuthnConfiguration": {"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}});
    for (declared, live) in [(optional, on_totp()), (declared, with(&on_totp(), &multi))] {
        let object = settled(&with(&declared, &exact()));
        assert!(hold(&object, &observed(&live), Cause::Drift).is_err(), "{live} to {declared}");
    }
}

#[test]
fn a_spec_change_that_drops_a_factor_waits_unless_it_gives_an_applied_mode_back() {
    let live = with(&on_email(), &json!({"mfaConfiguration": "OPTIONAL"}));
    let raises_and_drops = |applied: &Value| edited(&settled(applied), &on_totp());
    assert!(hold(&raises_and_drops(&live), &observed(&live), Cause::SpecChanged).is_err());
    assert_eq!(hold(&raises_and_drops(&on_email()), &observed(&live), Cause::SpecChanged), Ok(()));
}

fn object_on_hold(expected: Option<Timestamp>) -> (UserPoolMfaConfig, Outcome) {
    let (object, before) = (edited(&settled(&on_totp()), &off()), observed(&on_totp()));
    let plan = plan(&object.spec, &before, &memory(&object));
    let turn = Turn { retry_after: Duration::from_mins(5), expected };
    let hold = Hold::HourlyLimit { turn, approval: ApprovalTarget::Generation(2) };
    let outcome = Outcome::OnHold(before, plan, hold);
    (after(&object, &outcome, at(10)), outcome)
}

#[test]
fn an_object_on_hold_reports_lowering_held_with_its_turn_and_is_requeued() {
    let (object, outcome) = object_on_hold(Some(at(700)));
    let status = object.status.clone().unwrap();
    let ready = status.condition(ConditionType::Ready).unwrap();
    assert_eq!((ready.status.as_str(), ready.reason.as_str()), ("False", "LoweringHeld"));
    for words in ["mode ON to OFF", "around 2023-11-14T22:25:00Z", "allow-lowering: \"2\""] {
        assert!(ready.message.contains(words), "{}", ready.message);
    }
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
fn with_a_limit_of_zero_an_object_on_hold_is_stalled_and_asks_for_an_approval() {
    let status = object_on_hold(None).0.status.unwrap();
    let stalled = status.condition(ConditionType::Stalled).unwrap();
    assert!(status.condition(ConditionType::Reconciling).is_none());
    assert_eq!(stalled.reason, "LoweringHeld");
    for words in ["--max-lowerings-per-hour is 0", "allow-lowering: \"2\""] {
        assert!(stalled.message.contains(words), "{}", stalled.message);
    }
}

#[test]
fn another_expected_turn_is_no_new_event() {
    let (new, outcome) = (edited(&settled(&on_totp()), &off()), object_on_hold(Some(at(700))).1);
    assert!(for_outcome(&new, &outcome, true).is_some());
    let (on_hold, later) = (after(&new, &outcome, at(10)), object_on_hold(Some(at(1600))).1);
    assert_eq!(for_outcome(&on_hold, &later, true), None);
    assert!(for_outcome(&edited(&on_hold, &off()), &later, true).is_some(), "another generation");
}

#[test]
fn after_a_start_an_object_on_hold_is_checked_within_a_minute() {
    for expected in [Some(at(700)), None] {
        let (object, _) = object_on_hold(expected);
        for hours in [1, 24] {
            let wait = requeue::wait_until_due(&object, None, Duration::from_hours(hours), at(20));
            assert!(wait <= Duration::from_mins(1), "{wait:?}");
        }
    }
}

#[test]
fn last_lowering_time_is_the_time_of_a_weakening_write() {
    let time = |declared: &Value, before: &Value| {
        let object = edited(&settled(&on_totp()), declared);
        let outcome = reconciled_fully(&object, &observed(before));
        after(&object, &outcome, at(30)).status.unwrap().last_lowering_time
    };
    assert_eq!(time(&off(), &on_totp()), Some(at(30)));
    assert_eq!(time(&with_sms(), &on_totp()), None);
}

#[test]
fn a_write_whose_response_was_lost_counts_once_the_pool_is_read_as_weakened() {
    let (mut budget, start) = (WeakeningBudget::new(1), Duration::from_hours(1));
    let hold = |object: &UserPoolMfaConfig, observed: &Observed, budget: &mut WeakeningBudget| {
        let plan = plan(&object.spec, observed, &memory(object));
        check_hold(object, observed, &plan, TEN, budget, Now { wall_clock: at(10), since_start: start })
    };
    let object = edited(&settled(&on_totp()), &off());
    assert_eq!(hold(&object, &observed(&on_totp()), &mut budget), Ok(()));
    let lost = failed_write(&object, &observed(&on_totp()), FailureClass::Transient);
    record_outcome("shop/customers", Some(&lost), &mut budget, start);
    let read = reconciled_fully(&object, &observed(&off()));
    record_outcome("shop/customers", Some(&read), &mut budget, start);
    assert!(hold(&object, &observed(&on_totp()), &mut budget).is_err());
}
