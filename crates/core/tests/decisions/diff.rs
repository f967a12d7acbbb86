//! One form for settings: what is equal, what differs, what is sent.

use cognito_mfa_core::settings::diff::{differences, factors, hash, is_same, to_write};
use serde_json::{Value, json};
use test_support::fixtures::{ROLE, off, on_email, on_totp, settings, sms, with};

/// The paths in which `live` differs from `declared`.
fn differ(declared: &Value, live: &Value) -> Vec<String> {
    let found = differences(&settings(declared), &settings(live));
    found.into_iter().map(|difference| difference.field).collect()
}

#[track_caller]
fn equal(declared: &Value, live: &Value) {
    assert_eq!(differ(declared, live), Vec::<String>::new());
}

fn passkeys(section: &Value) -> Value {
    with(&on_totp(), &json!({"webAuthnConfiguration": section}))
}

fn email(section: &Value) -> Value {
    json!({"mfaConfiguration": "ON", "emailMfaConfiguration": section})
}

const TOTP: &str = "softwareTokenMfaConfiguration.enabled";
const FACTOR: &str = "webAuthnConfiguration.factorConfiguration";

#[test]
fn absent_totp_is_totp_that_is_not_enabled() {
    let disabled = with(&on_email(), &json!({"softwareTokenMfaConfiguration": {"enabled": false}}));
    equal(&disabled, &on_email());
    equal(&on_email(), &disabled);
    equal(&disabled, &disabled);
}

#[test]
fn totp_that_is_enabled_is_no_absent_totp() {
    let enabled = with(&on_email(), &json!({"softwareTokenMfaConfiguration": {"enabled": true}}));
    let disabled = with(&on_email(), &json!({"softwareTokenMfaConfiguration": {"enabled": false}}));
    assert_eq!(differ(&enabled, &on_email()), [TOTP]);
    assert_eq!(differ(&disabled, &enabled), [TOTP]);
    assert_eq!(differ(&on_email(), &enabled), ["softwareTokenMfaConfiguration"]);
}

#[test]
fn single_factor_alone_is_no_passkeys() {
    let single = passkeys(&json!({"factorConfiguration": "SINGLE_FACTOR"}));
    equal(&on_totp(), &single);
    equal(&single, &on_totp());
    equal(&passkeys(&json!({})), &on_totp());
    equal(&on_totp(), &passkeys(&json!({})));
}

#[test]
fn single_factor_declared_is_an_absent_factor_configuration() {
    let declared =
        passkeys(&json!({"relyingPartyId": "auth.example.com", "factorConfiguration": "SINGLE_FACTOR"}));
    equal(&declared, &passkeys(&json!({"relyingPartyId": "auth.example.com"})));
}

#[test]
fn multi_factor_is_neither_single_nor_absent() {
    let multi = passkeys(&json!({"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}));
    let single = passkeys(&json!({"factorConfiguration": "SINGLE_FACTOR"}));
    assert_eq!(differ(&multi, &single), [FACTOR]);
    assert_eq!(differ(&multi, &on_totp()), [FACTOR]);
    assert_eq!(differ(&single, &multi), [FACTOR]);
    assert_eq!(differ(&on_totp(), &multi), ["webAuthnConfiguration"]);
}

#[test]
fn a_declared_section_leaves_its_other_fields_to_cognito_whatever_it_declares() {
    let found =
        passkeys(&json!({"relyingPartyId": "auth.example.com", "factorConfiguration": "SINGLE_FACTOR"}));
    equal(&passkeys(&json!({"factorConfiguration": "SINGLE_FACTOR"})), &found);
    equal(&passkeys(&json!({})), &found);
    equal(&passkeys(&json!({"relyingPartyId": "auth.example.com"})), &found);
    equal(&on_email(), &email(&json!({"message": "Code {####}", "subject": "Code"})));
    let declared = with(&off(), &json!({"mfaConfiguration": "ON", "smsMfaConfiguration": sms()}));
    let mut filled = declared.clone();
    filled["smsMfaConfiguration"]["smsAuthenticationMessage"] = json!("Code {####}");
    filled["smsMfaConfiguration"]["smsConfiguration"]["snsRegion"] = json!("eu-west-1");
    equal(&declared, &filled);
}

#[test]
fn an_empty_string_is_an_absent_one() {
    let eums = json!({"callerArn": ROLE});
    let sent = json!({"mfaConfiguration": "ON", "smsMfaConfiguration": {"smsConfiguration": {"snsCallerArn": "", "eumsSms": eums}}});
    let shown =
        json!({"mfaConfiguration": "ON", "smsMfaConfiguration": {"smsConfiguration": {"eumsSms": eums}}});
    equal(&sent, &shown);
    equal(&shown, &sent);
    equal(&email(&json!({"subject": ""})), &on_email());
}

#[test]
fn white_space_at_the_ends_is_no_difference_and_inside_it_is_one() {
    let declared = email(&json!({"message": "Your code:\n{####}\n"}));
    equal(&declared, &email(&json!({"message": "Your code:\n{####}"})));
    assert_eq!(
        differ(&declared, &email(&json!({"message": "Your code: {####}"}))),
        ["emailMfaConfiguration.message"]
    );
}

#[test]
fn a_live_section_that_is_not_declared_is_a_difference() {
    let live = with(
        &on_totp(),
        &json!({"smsMfaConfiguration": sms(), "emailMfaConfiguration": {},
        "webAuthnConfiguration": {"relyingPartyId": "auth.example.com"}}),
    );
    assert_eq!(
        differ(&on_totp(), &live),
        ["emailMfaConfiguration", "smsMfaConfiguration", "webAuthnConfiguration"]
    );
}

#[test]
fn a_declared_section_that_is_not_live_is_a_difference_even_when_it_declares_no_field() {
    assert_eq!(
        differ(&with(&on_totp(), &json!({"emailMfaConfiguration": {}})), &on_totp()),
        ["emailMfaConfiguration"]
    );
    assert_eq!(
        differ(&with(&on_totp(), &json!({"smsMfaConfiguration": {}})), &on_totp()),
        ["smsMfaConfiguration"]
    );
}

#[test]
fn each_declared_field_is_compared() {
    let declared = json!({"mfaConfiguration": "ON",
        "smsMfaConfiguration": {"smsAuthenticationMessage": "A {####}", "smsConfiguration": {
            "externalId": "a", "snsRegion": "eu-west-1", "snsCallerArn": ROLE,
            "eumsSms": {"callerArn": ROLE, "externalId": "a", "originationIdentity": "a", "configurationSetName": "a",
                "inEntityId": "a", "inTemplateId": "a", "region": "eu-west-1"}}},
        "softwareTokenMfaConfiguration": {"enabled": true},
        "emailMfaConfiguration": {"message": "A {####}", "subject": "a"},
        "webAuthnConfiguration": {"relyingPartyId": "a", "userVerification": "required",
            "factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}});
    let bare = json!({"mfaConfiguration": "OPTIONAL", "smsMfaConfiguration": {"smsConfiguration": {"externalId": "b"}},
        "emailMfaConfiguration": {}, "webAuthnConfiguration": {"relyingPartyId": "b"}});
    equal(&declared, &declared);
    let fields = differ(&declared, &bare);
    assert_eq!(fields.len(), 18, "{fields:?}");
    assert!(fields.is_sorted(), "{fields:?}");
}

#[test]
fn under_off_the_factor_sections_rest_neither_sent_nor_compared() {
    let resting = with(
        &off(),
        &json!({"smsMfaConfiguration": sms(), "emailMfaConfiguration": {},
        "softwareTokenMfaConfiguration": {"enabled": true}}),
    );
    assert_eq!(to_write(&settings(&resting)), settings(&off()));
    equal(&resting, &off());
    assert_eq!(hash(&settings(&resting)), hash(&settings(&off())));
}

#[test]
fn an_sms_section_that_cognito_goes_on_showing_under_off_is_inert() {
    let shown = with(&off(), &json!({"smsMfaConfiguration": sms()}));
    equal(&off(), &shown);
    assert_eq!(factors(&settings(&shown)), Vec::<&str>::new());
}

#[test]
fn passkeys_do_not_depend_on_the_mode() {
    let declared = with(&off(), &json!({"webAuthnConfiguration": {"relyingPartyId": "auth.example.com"}}));
    assert_eq!(to_write(&settings(&declared)), settings(&declared));
    assert_eq!(differ(&declared, &off()), ["webAuthnConfiguration.relyingPartyId"]);
    assert_eq!(differ(&off(), &declared), ["webAuthnConfiguration"]);
    assert_eq!(factors(&settings(&declared)), ["PASSKEY"]);
}

#[test]
fn with_mfa_on_or_optional_everything_declared_is_sent() {
    for mode in ["ON", "OPTIONAL"] {
        let declared = settings(&with(
            &on_totp(),
            &json!({"mfaConfiguration": mode, "smsMfaConfiguration": sms(),
            "emailMfaConfiguration": {}, "webAuthnConfiguration": {"userVerification": "required"}}),
        ));
        assert_eq!(to_write(&declared), declared);
    }
}

#[test]
fn factors_are_named_in_the_order_of_the_api() {
    let all = with(
        &on_totp(),
        &json!({"smsMfaConfiguration": sms(), "emailMfaConfiguration": {},
        "webAuthnConfiguration": {"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}}),
    );
    assert_eq!(factors(&settings(&all)), ["SMS", "TOTP", "EMAIL", "PASSKEY"]);
    let none = passkeys(&json!({"factorConfiguration": "SINGLE_FACTOR"}));
    assert_eq!(factors(&settings(&none)), ["TOTP"]);
}

#[test]
fn two_answers_show_the_same_pool_when_only_their_form_differs() {
    let pool = |live: &Value| settings(live);
    let shown = with(&on_totp(), &json!({"webAuthnConfiguration": {"factorConfiguration": "SINGLE_FACTOR"}}));
    assert!(is_same(&pool(&on_totp()), &pool(&shown)));
    assert!(!is_same(&pool(&on_totp()), &pool(&with(&on_totp(), &json!({"emailMfaConfiguration": {}})))));
    assert!(!is_same(&pool(&off()), &pool(&with(&off(), &json!({"smsMfaConfiguration": sms()})))));
}

/// The values are the SHA-256 of the JSON text, taken with another program. Another hash for the same settings makes
/// every object that is edited after an upgrade Set once more.
#[test]
fn the_hash_of_settings_is_the_same_in_every_version() {
    let all = json!({"mfaConfiguration": "OPTIONAL",
        "smsMfaConfiguration": {"smsAuthenticationMessage": "Code {####}", "smsConfiguration":
            {"snsCallerArn": ROLE, "externalId": "id", "snsRegion": "eu-west-1"}},
        "softwareTokenMfaConfiguration": {"enabled": true},
        "emailMfaConfiguration": {"message": "Code {####}", "subject": "Code"},
        "webAuthnConfiguration": {"relyingPartyId": "auth.example.com", "userVerification": "required",
            "factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}});
    let eums = json!({"mfaConfiguration": "ON", "smsMfaConfiguration": {"smsConfiguration": {"eumsSms":
        {"callerArn": ROLE, "externalId": "e", "originationIdentity": "o", "configurationSetName": "c", "inEntityId": "i",
            "inTemplateId": "t", "region": "eu-west-1"}}}});
    let passkeys = with(&off(), &json!({"webAuthnConfiguration": {"relyingPartyId": "auth.example.com"}}));
    for (declared, golden) in [
        (on_totp(), "288740b89692010c19c4221b4973551e"),
        (off(), "aec3aeac3cfce5d2ca68d989638e3d89"),
        (passkeys, "8841fa329da0912c282f9ee2f7b79f05"),
        (all, "75bab86d0c5dedf951818c2ecd1fcf00"),
        (eums, "50d3d406cdc0e3dafec539b249cdd248"),
    ] {
        assert_eq!(hash(&settings(&declared)), format!("sha256:{golden}"));
    }
}

#[test]
fn long_and_hostile_values_are_shown_bounded_and_printable() {
    let hostile = "\u{1b}[2J\u{202e}\n".repeat(5_000) + "{####}";
    let found = differences(&settings(&email(&json!({"message": hostile}))), &settings(&on_totp()));
    assert!(found.iter().flat_map(|one| one.declared.iter().chain(&one.found)).all(|shown| {
        shown.chars().count() <= 256 && !shown.chars().any(|c| c.is_control() || c == '\u{202e}')
    }));
    let whole =
        differences(&settings(&on_totp()), &settings(&email(&json!({"message": "x".repeat(20_000)}))));
    assert!(whole.iter().all(|one| one.found.as_ref().is_none_or(|shown| shown.chars().count() <= 256)));
}

#[test]
fn a_section_that_nobody_declared_is_shown_as_cognito_has_it() {
    let found = differences(&settings(&on_totp()), &settings(&test_support::fixtures::with_sms()));
    let shown = serde_json::from_str::<serde_json::Value>(found[0].found.as_deref().unwrap()).unwrap();
    assert_eq!((found.len(), found[0].declared.as_deref()), (1, None));
    assert_eq!(shown["smsConfiguration"]["snsCallerArn"], test_support::fixtures::ROLE);
}
