//! A field that drifts again and again.

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

fn waits(object: &UserPoolMfaConfig, found: &Observed, now: Timestamp) -> Option<Duration> {
    waits_at(object, found, TEN, now)
}

/// How long the gate has the correction wait. There is room for any lowering.
fn waits_at(
    object: &UserPoolMfaConfig,
    found: &Observed,
    interval: Duration,
    now: Timestamp,
) -> Option<Duration> {
    let now = Now { wall_clock: now, since_start: Duration::ZERO };
    match check_hold(object, found, &plan_for(object, found), interval, &mut WeakeningBudget::new(100), now) {
        Ok(()) => None,
        Err(Hold::Contested { left }) => Some(left),
        Err(held) => panic!("{held:?}"),
    }
}

/// A factor that somebody adds again and again: its correction takes protection away.
fn added(times: &[i64], now: i64) -> Option<Duration> {
    waits(&corrected(&on_totp(), times, SMS), &observed(&with_sms()), at(now))
}

#[test]
fn the_fourth_correction_of_a_field_in_a_row_waits_an_hour_and_the_next_ones_longer() {
    assert_eq!(added(&[0, 600], 1200), None);
    assert_eq!(added(&[0, 600, 1200], 1800), Some(Duration::from_mins(50)));
    assert_eq!(added(&[0, 600, 1200], 4800), None, "the hour is over");
    assert_eq!(added(&[0, 600, 1200, 4800], 4800), Some(Duration::from_hours(2)));
    assert_eq!(added(&[0, 600, 1200, 4800, 12_000], 12_000), Some(Duration::from_hours(4)));
}

#[test]
fn a_contest_is_over_when_two_checks_and_the_pause_have_passed_without_drift() {
    assert_eq!(added(&[0, 600, 1801], 1801), None, "a check between the last two found no drift");
    let end = 1200 + 3600 + 1200;
    assert_eq!(added(&[0, 600, 1200, end + 1], end + 2), None, "the row began anew");
    assert!(added(&[0, 600, 1200, end], end + 1).is_some(), "the row went on");
}

#[test]
fn a_check_that_found_only_another_field_ends_the_row() {
    let mut object = corrected(&on_totp(), &[0, 600, 1200, 1800], SMS);
    object.status.as_mut().unwrap().corrections[2] = correction(1200, "emailMfaConfiguration");
    assert_eq!(waits(&object, &observed(&with_sms()), at(1900)), None);
}

/// An object for whose pool all that differs now has been corrected time and again.
fn contested(declared: &Value, found: &Value) -> UserPoolMfaConfig {
    let differences = plan_for(&settled(declared), &observed(found)).differences;
    let fields: Vec<_> = differences.into_iter().map(|difference| difference.field).collect();
    let mut object = corrected(declared, &[0, 600, 1200, 1800, 2400], "");
    for correction in &mut object.status.as_mut().expect("it is settled").corrections {
        correction.fields.clone_from(&fields);
    }
    object
}

#[test]
fn what_gives_protection_back_never_waits() {
    let passkeys = |section: Value| with(&on_totp(), &json!({"webAuthnConfiguration": section}));
    let required = passkeys(json!({"relyingPartyId": "a.example.com", "userVerification": "required"}));
    let multi = passkeys(json!({"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}));
    let party = passkeys(json!({"relyingPartyId": "a.example.com"}));
    let both = with(&on_email(), &json!({"softwareTokenMfaConfiguration": {"enabled": true}}));
    for (declared, found) in [
        (on_totp(), off()),
        (on_totp(), with(&on_totp(), &json!({"mfaConfiguration": "OPTIONAL"}))),
        (with_sms(), on_totp()),
        (both.clone(), on_email()),
        (both, on_totp()),
        (multi, on_totp()),
        (party, on_totp()),
        (required, passkeys(json!({"relyingPartyId": "b.example.com"}))),
    ] {
        let object = contested(&declared, &found);
        assert_eq!(waits(&object, &observed(&found), at(2500)), None, "{found} to {declared}");
    }
}

#[test]
fn what_only_takes_or_changes_waits_however_it_is_declared() {
    let under_off = |section: Value| with(&off(), &json!({"webAuthnConfiguration": section}));
    for (declared, found) in [
        (on_totp(), with_sms()),
        (
            under_off(json!({"relyingPartyId": "a.example.com"})),
            under_off(json!({"relyingPartyId": "b.example.com"})),
        ),
        (with(&with_sms(), &off()), on_totp()),
    ] {
        let object = contested(&declared, &found);
        assert!(waits(&object, &observed(&found), at(2500)).is_some(), "{found} to {declared}");
    }
}

#[test]
fn another_relying_party_and_another_text_wait() {
    let times = [0, 600, 1200];
    let party = |id: &str| with(&on_totp(), &json!({"webAuthnConfiguration": {"relyingPartyId": id}}));
    let email = |message: &str| with(&on_totp(), &json!({"emailMfaConfiguration": {"message": message}}));
    for (declared, found, field) in [
        (party("a.example.com"), party("b.example.com"), "webAuthnConfiguration.relyingPartyId"),
        (email("{####}"), email("Code {####}"), "emailMfaConfiguration.message"),
    ] {
        let object = corrected(&declared, &times, field);
        assert!(waits(&object, &observed(&found), at(1201)).is_some(), "{found} to {declared}");
    }
}

#[test]
fn a_changed_spec_never_waits_for_a_contest() {
    let mut object = corrected(&on_totp(), &[0, 600, 1200], SMS);
    object.spec.settings = settings(&with(&on_totp(), &json!({"emailMfaConfiguration": {}})));
    object.metadata.generation = Some(2);
    assert_eq!(waits(&object, &observed(&with_sms()), at(1300)), None);
}

#[test]
fn a_contest_is_told_once_when_it_begins() {
    let row = |count: i64| (0..count).map(|number| correction(600 * number, SMS)).collect::<Vec<_>>();
    assert!(newly_contested(&row(2), TEN).is_empty() && newly_contested(&[], TEN).is_empty());
    assert_eq!(newly_contested(&row(3), TEN), [SMS]);
    assert!(newly_contested(&row(4), TEN).is_empty() && newly_contested(&row(5), TEN).is_empty());
}

proptest! {
    #[test]
    fn no_clock_makes_a_correction_wait_longer_than_its_pause(
        times in proptest::collection::vec(-1_000_000i64..1_000_000, 0..6),
        now in -1_000_000_000i64..1_000_000_000,
        every in 60u64..86_400,
    ) {
        let object = corrected(&on_totp(), &times, SMS);
        let found = observed(&with_sms());
        let wait = waits_at(&object, &found, Duration::from_secs(every), at(now));
        prop_assert!(wait.is_none_or(|wait| wait <= Duration::from_hours(4)));
    }
}
