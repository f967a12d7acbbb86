//! Writes that Cognito accepted without taking them, or that somebody else undid at once: they are repeated.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, RECONCILE_REQUESTED_AT, Reason, UserPoolMfaConfig},
    calls::failure::{FailureClass, Operation},
    plan::{
        approval::ApprovalTarget,
        budget::{Turn, WeakeningBudget, WriteResult},
        hold::{Hold, Now, check_hold},
        plan_for,
        step::{Cause, Plan, Step},
    },
    schedule::{interval::DEFAULT_INTERVAL, requeue::wait_until_due},
    settings::observed::Observed,
    status::{event::for_outcome, outcome::Outcome},
};
use serde_json::json;
use test_support::fixtures::{
    after, at, edited, failure, not_taken, observed, off, on_totp, reconciled, reconciled_fully, settled,
    sms, with, with_sms,
};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// One look at a pool that stays as it is: a write when it is due, which changes nothing. Returns whether it was made.
fn look(object: &mut UserPoolMfaConfig, live: &Observed, second: i64) -> bool {
    let plan = plan_for(object, live);
    let now = Now { wall_clock: at(second), since_start: Duration::from_secs(1_000_000) };
    let budget = &mut WeakeningBudget::new(100);
    let outcome = match (plan.step, check_hold(object, live, &plan, DEFAULT_INTERVAL, budget, now)) {
        (Step::Write(_), Ok(())) => Outcome::Written { plan, after: live.clone() },
        (Step::Write(_), Err(hold)) => Outcome::OnHold(live.clone(), plan, hold),
        _ => Outcome::Checked(live.clone(), plan),
    };
    *object = after(object, &outcome, at(second));
    matches!(outcome, Outcome::Written { .. })
}

/// The minutes of the writes in this many hours, with a look each minute.
fn minutes_of_writes(object: &mut UserPoolMfaConfig, live: &Observed, hours: i64) -> Vec<i64> {
    (0..hours * 60).filter(|minute| look(object, live, minute * MINUTE)).collect()
}

/// An object that declares ON, where a second writer set OFF right after the write.
fn undone() -> UserPoolMfaConfig {
    let mut object = settled(&on_totp());
    assert!(look(&mut object, &observed(&off()), 0));
    object
}

#[test]
fn mfa_that_a_second_writer_turned_off_is_restored_after_1_2_4_intervals() {
    let mut object = settled(&on_totp());
    let writes = minutes_of_writes(&mut object, &observed(&off()), 5);
    assert_eq!(writes, [0, 10, 30, 70, 130, 190, 250], "at most an hour apart");
}

#[test]
fn a_leftover_that_weakens_nothing_is_written_at_most_a_day_apart() {
    let mut object = settled(&on_totp());
    let writes = minutes_of_writes(&mut object, &observed(&with_sms()), 100);
    let waits: Vec<_> = writes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
}

#[test]
fn a_missing_factor_is_restored_at_most_an_hour_apart() {
    let mut object = settled(&with_sms());
    let writes = minutes_of_writes(&mut object, &observed(&on_totp()), 6);
    assert_eq!(writes, [0, 10, 30, 70, 130, 190, 250, 310]);
}

#[test]
fn a_request_makes_one_write_at_once() {
    let mut object = undone();
    let annotations = [(RECONCILE_REQUESTED_AT.to_owned(), "now".to_owned())];
    object.metadata.annotations = Some(annotations.into());
    assert!(look(&mut object, &observed(&off()), MINUTE));
    assert!(!look(&mut object, &observed(&off()), 2 * MINUTE), "the request is handled");
}

#[test]
fn any_other_change_of_the_pool_is_corrected_at_once() {
    let mut object = undone();
    let other = with(&off(), &json!({"smsMfaConfiguration": sms()}));
    assert_eq!(plan_for(&object, &observed(&other)).step, Step::Write(Cause::Drift));
    assert!(look(&mut object, &observed(&other), MINUTE));
}

#[test]
fn the_waits_begin_again_once_cognito_has_taken_the_settings() {
    let mut object = settled(&on_totp());
    minutes_of_writes(&mut object, &observed(&off()), 3);
    let outcome = reconciled_fully(&object, &observed(&on_totp()));
    object = after(&object, &outcome, at(4 * HOUR));
    assert_eq!(object.status.as_ref().unwrap().not_taken, None);
    assert!(look(&mut object, &observed(&off()), 5 * HOUR));
    assert!(!look(&mut object, &observed(&off()), 5 * HOUR + 9 * MINUTE));
    assert!(look(&mut object, &observed(&off()), 5 * HOUR + 10 * MINUTE));
}

#[test]
fn a_clock_that_ran_ahead_does_not_delay_the_next_write() {
    let mut object = settled(&on_totp());
    assert!(look(&mut object, &observed(&off()), 240 * HOUR));
    assert!(look(&mut object, &observed(&off()), 0), "the time of the last write is still ahead");
    assert!(!look(&mut object, &observed(&off()), 9 * MINUTE));
}

#[test]
fn a_wait_is_reported_as_a_hold_until_the_next_write() {
    let object = undone();
    let plan = plan_for(&object, &observed(&off()));
    let now = Now { wall_clock: at(4 * MINUTE), since_start: Duration::ZERO };
    let hold =
        check_hold(&object, &observed(&off()), &plan, DEFAULT_INTERVAL, &mut WeakeningBudget::new(1), now);
    assert_eq!(hold, Err(Hold::NotTaken { left: Duration::from_mins(6) }));
}

/// What becomes of a leftover whose repetition ends with this outcome instead.
fn after_a_repetition(outcome: impl FnOnce(Observed, Plan) -> Outcome) -> (UserPoolMfaConfig, Observed) {
    let (mut object, live) = (settled(&on_totp()), observed(&with_sms()));
    assert!(look(&mut object, &live, 0));
    let plan = plan_for(&object, &live);
    object = after(&object, &outcome(live.clone(), plan), at(600));
    (object, live)
}

#[test]
fn a_repetition_that_waits_for_the_hourly_limit_is_no_new_drift() {
    let turn = Turn { retry_after: Duration::from_mins(50), expected: Some(at(3_000)) };
    let hold = Hold::HourlyLimit { turn, approval: ApprovalTarget::Generation(1) };
    let (object, live) = after_a_repetition(|live, plan| Outcome::OnHold(live, plan, hold));
    let status = object.status.as_ref().unwrap();
    assert_eq!(status.reason(ConditionType::Ready), Some(Reason::NotTaken), "no event an hour");
    assert_eq!(plan_for(&object, &live).step, Step::Write(Cause::NotTaken));
    assert_eq!(status.not_taken.unwrap().writes, 1);
}

#[test]
fn a_repetition_that_fails_is_no_new_drift() {
    let (object, live) = after_a_repetition(|live, plan| {
        Outcome::Failed(failure(FailureClass::InvalidParameter, Operation::Set), Some((live, plan)))
    });
    assert_eq!(plan_for(&object, &live).step, Step::Write(Cause::NotTaken));
    assert_eq!(object.status.unwrap().not_taken.unwrap().writes, 1);
}

/// SMS that Cognito keeps is not lost: it uses no place of the hourly limit, and no event says that it went.
#[test]
fn what_cognito_keeps_through_a_weakening_write_does_not_count_as_lost() {
    let object = edited(&settled(&with_sms()), &on_totp());
    let kept = reconciled(&object, &observed(&with_sms()), &observed(&with_sms()));
    let gone = reconciled(&object, &observed(&with_sms()), &observed(&on_totp()));
    for (outcome, result, time) in
        [(&kept, WriteResult::NotWritten, None), (&gone, WriteResult::Accepted, Some(at(60)))]
    {
        assert_eq!(outcome.write_result(), result);
        assert_eq!(after(&object, outcome, at(60)).status.unwrap().last_lowering_time, time);
        let note = for_outcome(&object, outcome, true).unwrap().note;
        assert_eq!(note.contains("lowered protection"), time.is_some(), "{note}");
    }
}

#[test]
fn after_a_start_a_pool_that_did_not_take_a_write_is_read_within_20_minutes() {
    let day = Duration::from_hours(24);
    let wait = wait_until_due(&not_taken(), None, day, at(60));
    assert!(wait <= Duration::from_mins(20), "{wait:?}");
}

#[test]
fn a_repetition_that_waits_for_the_hourly_limit_again_has_no_event() {
    let turn = Turn { retry_after: Duration::from_mins(50), expected: Some(at(3_000)) };
    let hold = Hold::HourlyLimit { turn, approval: ApprovalTarget::Generation(1) };
    let object = not_taken();
    let live = observed(&with_sms());
    let outcome = Outcome::OnHold(live.clone(), plan_for(&object, &live), hold);
    assert_eq!(for_outcome(&object, &outcome, true), None);
}
