//! Contested fields: drift that returns after each correction.

use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::{Correction, UserPoolMfaConfig},
    plan::{
        budget::WeakeningBudget,
        contested::newly_contested,
        hold::{Hold, Now, check_hold},
        plan_for,
    },
    settings::observed::Observed,
};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use test_support::fixtures::{at, observed, off, on_email, on_totp, settings, settled, with, with_sms};

const TEN: Duration = Duration::from_mins(10);
const SMS: &str = "smsMfaConfiguration";

fn correction(seconds: i64, field: &str) -> Correction {
    Correction { time: at(seconds), fields: vec![field.into()], lowered: false }
}

fn corrected(declared: &Value, times: &[i64], field: &str) -> UserPoolMfaConfig {
    let mut object = settled(declared);
    let corrections = times.iter().map(|time| correction(*time, field)).collect();
    object.status.as_mut().expect("it is settled").corrections = corrections;
    object
}

fn pause(object: &UserPoolMfaConfig, observed: &Observed, now: Timestamp) -> Option<Duration> {
    pause_with_interval(object, observed, TEN, now)
}

/// How long the correction is on hold. The hourly limit allows any weakening write.
fn pause_with_interval(
    object: &UserPoolMfaConfig,
    observed: &Observed,
    interval: Duration,
    now: Timestamp,
) -> Option<Duration> {
    let (plan, mut budget) = (plan_for(object, observed), WeakeningBudget::new(100));
    let now = Now { wall_clock: now, since_start: Duration::ZERO };
    match check_hold(object, observed, &plan, interval, &mut budget, now) {
        Ok(()) => None,
        Err(Hold::Contested { left }) => Some(left),
        Err(hold) => panic!("{hold:?}"),
    }
}

/// The pause after these corrections of an added SMS factor, whose removal weakens the pool.
fn pause_for_added_sms(times: &[i64], now: i64) -> Option<Duration> {
    pause(&corrected(&on_totp(), times, SMS), &observed(&with_sms()), at(now))
}

#[test]
fn the_fourth_correction_of_a_field_waits_an_hour_and_later_ones_longer() {
    assert_eq!(pause_for_added_sms(&[0, 600], 1200), None);
    assert_eq!(pause_for_added_sms(&[0, 600, 1200], 1800), Some(Duration::from_mins(50)));
    assert_eq!(pause_for_added_sms(&[0, 600, 1200], 4800), None, "the hour is over");
    assert_eq!(pause_for_added_sms(&[0, 600, 1200, 4800], 4800), Some(Duration::from_hours(2)));
    assert_eq!(pause_for_added_sms(&[0, 600, 1200, 4800, 12_000], 12_000), Some(Duration::from_hours(4)));
}

#[test]
fn a_contest_ends_when_the_pause_and_two_checks_have_passed_without_drift() {
    assert_eq!(
        pause_for_added_sms(&[0, 600, 1801], 1801),
        None,
        "a check between the last two found no drift"
    );
    let end = 1200 + 3600 + 1200;
    assert_eq!(pause_for_added_sms(&[0, 600, 1200, end + 1], end + 2), None, "a new row began");
    assert!(pause_for_added_sms(&[0, 600, 1200, end], end + 1).is_some(), "the row went on");
}

#[test]
fn a_correction_of_only_another_field_ends_the_row() {
    let mut object = corrected(&on_totp(), &[0, 600, 1200, 1800], SMS);
    object.status.as_mut().unwrap().corrections[2] = correction(1200, "emailMfaConfiguration");
    assert_eq!(pause(&object, &observed(&with_sms()), at(1900)), None);
}

/// An object whose every current difference was corrected five times in a row.
fn contested(declared: &Value, current: &Value) -> UserPoolMfaConfig {
    let differences = plan_for(&settled(declared), &observed(current)).differences;
    let fields: Vec<_> = differences.into_iter().map(|difference| difference.field).collect();
    let mut object = corrected(declared, &[0, 600, 1200, 1800, 2400], "");
    for correction in &mut object.status.as_mut().expect("it is settled").corrections {
        correction.fields.clone_from(&fields);
    }
    object
}

#[test]
fn a_contested_correction_that_restores_protection_never_waits() {
    let passkeys = |section: Value| with(&on_totp(), &json!({"webAuthnConfiguration": section}));
    let required = passkeys(json!({"relyingPartyId": "a.example.com", "userVerification": "required"}));
    let multi = passkeys(json!({"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}));
    let party = passkeys(json!({"relyingPartyId": "a.example.com"}));
    let both = with(&on_email(), &json!({"softwareTokenMfaConfiguration": {"enabled": true}}));
    for (declared, current) in [
        (on_totp(), off()),
        (on_totp(), with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL"}))),
        (with_sms(), on_totp()),
        (both.clone(), on_email()),
        (both, on_totp()),
        (multi, on_totp()),
        (party, on_totp()),
        (required, passkeys(json!({"relyingPartyId": "b.example.com"}))),
    ] {
        let object = contested(&declared, &current);
        assert_eq!(pause(&object, &observed(&current), at(2500)), None, "{current} to {declared}");
    }
}

#[test]
fn a_contested_correction_that_restores_no_protection_waits() {
    let under_off = |section: Value| with(&off(), &json!({"webAuthnConfiguration": section}));
    for (declared, current) in [
        (on_totp(), with_sms()),
        (
            under_off(json!({"relyingPartyId": "a.example.com"})),
            under_off(json!({"relyingPartyId": "b.example.com"})),
        ),
        (with(&with_sms(), &off()), on_totp()),
    ] {
        let object = contested(&declared, &current);
        assert!(pause(&object, &observed(&current), at(2500)).is_some(), "{current} to {declared}");
    }
}

#[test]
fn a_contested_relying_party_or_message_waits() {
    let times = [0, 600, 1200];
    let party = |id: &str| with(&on_totp(), &json!({"webAuthnConfiguration": {"relyingPartyId": id}}));
    let email = |message: &str| with(&on_totp(), &json!({"emailMfaConfiguration": {"message": message}}));
    for (declared, current, field) in [
        (party("a.example.com"), party("b.example.com"), "webAuthnConfiguration.relyingPartyId"),
        (email("{####}"), email("Code {####}"), "emailMfaConfiguration.message"),
    ] {
        let object = corrected(&declared, &times, field);
        assert!(pause(&object, &observed(&current), at(1201)).is_some(), "{current} to {declared}");
    }
}

#[test]
fn a_changed_spec_is_written_although_a_field_is_contested() {
    let mut object = corrected(&on_totp(), &[0, 600, 1200], SMS);
    object.spec.settings = settings(&with(&on_totp(), &json!({"emailMfaConfiguration": {}})));
    object.metadata.generation = Some(2);
    assert_eq!(pause(&object, &observed(&with_sms()), at(1300)), None);
}

#[test]
fn a_contest_is_reported_once_when_it_begins() {
    let row = |count: i64| (0..count).map(|number| correction(600 * number, SMS)).collect::<Vec<_>>();
    assert!(newly_contested(&row(2), TEN).is_empty() && newly_contested(&[], TEN).is_empty());
    assert_eq!(newly_contested(&row(3), TEN), [SMS]);
    assert!(newly_contested(&row(4), TEN).is_empty() && newly_contested(&row(5), TEN).is_empty());
}

proptest! {
    #[test]
    fn a_correction_waits_at_most_four_hours_after_any_clock_jump(
        times in proptest::collection::vec(-1_000_000i64..1_000_000, 0..6),
        now in -1_000_000_000i64..1_000_000_000,
        interval in 60u64..86_400,
    ) {
        let object = corrected(&on_totp(), &times, SMS);
        let wait = pause_with_interval(&object, &observed(&with_sms()), Duration::from_secs(interval), at(now));
        prop_assert!(wait.is_none_or(|wait| wait <= Duration::from_hours(4)));
    }
}
