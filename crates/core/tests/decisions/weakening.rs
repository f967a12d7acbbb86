//! What a Set would take away, as a table.

use cognito_mfa_core::plan::weakening::weakening;
use serde_json::{Value, json};
use test_support::fixtures::{off, on_totp, settings, sms, with};

fn lowered(live: &Value, declared: &Value) -> Vec<&'static str> {
    weakening(&settings(live), &settings(declared))
}

#[track_caller]
fn lowers_nothing(live: &Value, declared: &Value) {
    assert_eq!(lowered(live, declared), Vec::<&str>::new());
}

fn totp(mode: &str) -> Value {
    with(&on_totp(), &json!({"mfaConfiguration": mode}))
}

fn passkeys(section: &Value) -> Value {
    with(&off(), &json!({"webAuthnConfiguration": section}))
}

fn every_factor(mode: &str) -> Value {
    with(&totp(mode), &json!({"smsMfaConfiguration": sms(), "emailMfaConfiguration": {}}))
}

const MULTI: &str = "passkeys from multi-factor to single-factor";
const VERIFICATION: &str = "passkeys' user verification from required to preferred";
const PARTY: &str = "the relying party of registered passkeys";

#[test]
fn a_mode_that_asks_less_of_users_is_lower() {
    let mode = |mode: &str| if mode == "OFF" { off() } else { totp(mode) };
    for (live, declared, lowers) in [
        ("OFF", "OFF", None),
        ("OFF", "OPTIONAL", None),
        ("OFF", "ON", None),
        ("OPTIONAL", "OFF", Some("mode OPTIONAL to OFF")),
        ("OPTIONAL", "OPTIONAL", None),
        ("OPTIONAL", "ON", None),
        ("ON", "OFF", Some("mode ON to OFF")),
        ("ON", "OPTIONAL", Some("mode ON to OPTIONAL")),
        ("ON", "ON", None),
    ] {
        assert_eq!(lowered(&mode(live), &mode(declared)), Vec::from_iter(lowers), "{live} to {declared}");
    }
}

#[test]
fn each_live_factor_that_is_dropped_while_mfa_is_on_is_lower() {
    for mode in ["ON", "OPTIONAL"] {
        let live = every_factor(mode);
        for (section, what) in [
            ("smsMfaConfiguration", "SMS as a factor"),
            ("softwareTokenMfaConfiguration", "TOTP as a factor"),
            ("emailMfaConfiguration", "email as a factor"),
        ] {
            let mut declared = live.clone();
            declared[section].take();
            declared.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            assert_eq!(lowered(&live, &declared), [what], "{mode}");
            lowers_nothing(&declared, &live);
        }
    }
}

#[test]
fn totp_declared_disabled_is_totp_dropped() {
    let live = every_factor("ON");
    let declared = with(&live, &json!({"softwareTokenMfaConfiguration": {"enabled": false}}));
    assert_eq!(lowered(&live, &declared), ["TOTP as a factor"]);
    lowers_nothing(&declared, &declared);
}

#[test]
fn factors_that_rest_under_off_are_nothing_to_lose() {
    let leftover = with(&off(), &json!({"smsMfaConfiguration": sms()}));
    lowers_nothing(&leftover, &off());
    lowers_nothing(&leftover, &on_totp());
    assert_eq!(lowered(&every_factor("ON"), &off()), ["mode ON to OFF"]);
}

#[test]
fn passkeys_that_no_longer_count_as_two_factors_are_lower_in_any_mode() {
    let multi = json!({"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    let single = json!({"factorConfiguration": "SINGLE_FACTOR"});
    for base in [off(), on_totp()] {
        let pool = |section: &Value| with(&base, &json!({"webAuthnConfiguration": section}));
        assert_eq!(lowered(&pool(&multi), &pool(&single)), [MULTI]);
        assert_eq!(lowered(&pool(&multi), &pool(&json!({}))), [MULTI]);
        assert_eq!(lowered(&pool(&multi), &base), [MULTI]);
        lowers_nothing(&pool(&single), &pool(&multi));
        lowers_nothing(&pool(&multi), &pool(&multi));
        lowers_nothing(&pool(&single), &base);
    }
}

#[test]
fn user_verification_that_is_no_longer_required_is_lower() {
    let (required, preferred) = (
        passkeys(&json!({"userVerification": "required"})),
        passkeys(&json!({"userVerification": "preferred"})),
    );
    assert_eq!(lowered(&required, &preferred), [VERIFICATION]);
    assert_eq!(lowered(&required, &passkeys(&json!({}))), [VERIFICATION]);
    assert_eq!(lowered(&required, &off()), [VERIFICATION]);
    lowers_nothing(&preferred, &required);
    lowers_nothing(&preferred, &off());
}

#[test]
fn a_relying_party_that_changes_or_goes_is_lower_because_its_passkeys_stop_working() {
    let party = |id: &str| passkeys(&json!({"relyingPartyId": id}));
    assert_eq!(lowered(&party("a.example.com"), &party("b.example.com")), [PARTY]);
    assert_eq!(lowered(&party("a.example.com"), &passkeys(&json!({}))), [PARTY]);
    assert_eq!(lowered(&party("a.example.com"), &off()), [PARTY]);
    lowers_nothing(&party("a.example.com"), &party(" a.example.com"));
    lowers_nothing(&party(""), &off());
    lowers_nothing(&off(), &party("a.example.com"));
}

#[test]
fn everything_that_is_lowered_is_named() {
    let live = with(
        &every_factor("ON"),
        &json!({"webAuthnConfiguration": {"relyingPartyId": "a.example.com",
        "userVerification": "required", "factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}}),
    );
    let declared = with(
        &off(),
        &json!({"mfaConfiguration": "OPTIONAL", "softwareTokenMfaConfiguration": {"enabled": false}}),
    );
    assert_eq!(
        lowered(&live, &declared),
        [
            "mode ON to OPTIONAL",
            "SMS as a factor",
            "TOTP as a factor",
            "email as a factor",
            MULTI,
            VERIFICATION,
            PARTY
        ]
    );
}

#[test]
fn other_texts_roles_and_regions_are_neither_higher_nor_lower() {
    let live =
        with(&every_factor("ON"), &json!({"emailMfaConfiguration": {"message": "A {####}", "subject": "a"}}));
    let mut declared = every_factor("ON");
    declared["smsMfaConfiguration"]["smsConfiguration"] =
        json!({"eumsSms": {"callerArn": "arn:aws:iam::1:role/other"}});
    lowers_nothing(&live, &declared);
    lowers_nothing(&declared, &live);
}
