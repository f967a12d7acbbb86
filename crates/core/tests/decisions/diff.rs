//! The comparison of settings: what is equal, what differs, what is written.

use cognito_mfa_core::settings::diff::{differences, factors, hash, is_same, to_write};
use serde_json::{Value, json};
use test_support::fixtures::{ROLE, off, on_email, on_totp, settings, sms, with, with_sms};

/// The fields in which `observed` differs from `declared`.
fn differing_fields(declared: &Value, observed: &Value) -> Vec<String> {
    let differences = differences(&settings(declared), &settings(observed));
    differences.into_iter().map(|difference| difference.field).collect()
}

#[track_caller]
fn assert_equal(declared: &Value, observed: &Value) {
    assert_eq!(differing_fields(declared, observed), Vec::<String>::new());
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
fn absent_totp_equals_disabled_totp() {
    let disabled = with(&on_email(), &json!({"softwareTokenMfaConfiguration": {"enabled": false}}));
    assert_equal(&disabled, &on_email());
    assert_equal(&on_email(), &disabled);
    assert_equal(&disabled, &disabled);
}

#[test]
fn enabled_totp_differs_from_absent_and_from_disabled_totp() {
    let enabled = with(&on_email(), &json!({"softwareTokenMfaConfiguration": {"enabled": true}}));
    let disabled = with(&on_email(), &json!({"softwareTokenMfaConfiguration": {"enabled": false}}));
    assert_eq!(differing_fields(&enabled, &on_email()), [TOTP]);
    assert_eq!(differing_fields(&disabled, &enabled), [TOTP]);
    assert_eq!(differing_fields(&on_email(), &enabled), ["softwareTokenMfaConfiguration"]);
}

#[test]
fn a_passkey_section_with_single_factor_alone_equals_an_absent_one() {
    let single = passkeys(&json!({"factorConfiguration": "SINGLE_FACTOR"}));
    assert_equal(&on_totp(), &single);
    assert_equal(&single, &on_totp());
    assert_equal(&passkeys(&json!({})), &on_totp());
    assert_equal(&on_totp(), &passkeys(&json!({})));
}

#[test]
fn declared_single_factor_equals_an_absent_factor_configuration() {
    let declared =
        passkeys(&json!({"relyingPartyId": "auth.example.com", "factorConfiguration": "SINGLE_FACTOR"}));
    assert_equal(&declared, &passkeys(&json!({"relyingPartyId": "auth.example.com"})));
}

#[test]
fn multi_factor_differs_from_single_factor_and_from_absent() {
    let multi = passkeys(&json!({"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}));
    let single = passkeys(&json!({"factorConfiguration": "SINGLE_FACTOR"}));
    assert_eq!(differing_fields(&multi, &single), [FACTOR]);
    assert_eq!(differing_fields(&multi, &on_totp()), [FACTOR]);
    assert_eq!(differing_fields(&single, &multi), [FACTOR]);
    assert_eq!(differing_fields(&on_totp(), &multi), ["webAuthnConfiguration"]);
}

#[test]
fn fields_that_a_declared_section_omits_are_not_compared() {
    let observed =
        passkeys(&json!({"relyingPartyId": "auth.example.com", "factorConfiguration": "SINGLE_FACTOR"}));
    assert_equal(&passkeys(&json!({"factorConfiguration": "SINGLE_FACTOR"})), &observed);
    assert_equal(&passkeys(&json!({})), &observed);
    assert_equal(&passkeys(&json!({"relyingPartyId": "auth.example.com"})), &observed);
    assert_equal(&on_email(), &email(&json!({"message": "Code {####}", "subject": "Code"})));
    let declared = with(&off(), &json!({"mfaConfiguration": "ON", "smsMfaConfiguration": sms()}));
    let mut filled = declared.clone();
    filled["smsMfaConfiguration"]["smsAuthenticationMessage"] = json!("Code {####}");
    filled["smsMfaConfiguration"]["smsConfiguration"]["snsRegion"] = json!("eu-west-1");
    assert_equal(&declared, &filled);
}

#[test]
fn an_empty_string_equals_an_absent_one() {
    let eums = json!({"callerArn": ROLE});
    let with_empty = json!({"mfaConfiguration": "ON", "smsMfaConfiguration": {"smsConfiguration": {"snsCallerArn": "", "eumsSms": eums}}});
    let without =
        json!({"mfaConfiguration": "ON", "smsMfaConfiguration": {"smsConfiguration": {"eumsSms": eums}}});
    assert_equal(&with_empty, &without);
    assert_equal(&without, &with_empty);
    assert_equal(&email(&json!({"subject": ""})), &on_email());
}

#[test]
fn white_space_is_compared_inside_a_text_but_not_at_its_ends() {
    let declared = email(&json!({"message": "Your code:\n{####}\n"}));
    assert_equal(&declared, &email(&json!({"message": "Your code:\n{####}"})));
    assert_eq!(
        differing_fields(&declared, &email(&json!({"message": "Your code: {####}"}))),
        ["emailMfaConfiguration.message"]
    );
}

#[test]
fn an_observed_section_that_is_not_declared_is_a_difference() {
    let observed = with(
        &on_totp(),
        &json!({"smsMfaConfiguration": sms(), "emailMfaConfiguration": {},
        "webAuthnConfiguration": {"relyingPartyId": "auth.example.com"}}),
    );
    assert_eq!(
        differing_fields(&on_totp(), &observed),
        ["emailMfaConfiguration", "smsMfaConfiguration", "webAuthnConfiguration"]
    );
}

#[test]
fn a_declared_empty_section_that_the_pool_lacks_is_a_difference() {
    assert_eq!(
        differing_fields(&with(&on_totp(), &json!({"emailMfaConfiguration": {}})), &on_totp()),
        ["emailMfaConfiguration"]
    );
    assert_eq!(
        differing_fields(&with(&on_totp(), &json!({"smsMfaConfiguration": {}})), &on_totp()),
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
    assert_equal(&declared, &declared);
    let fields = differing_fields(&declared, &bare);
    assert_eq!(fields.len(), 18, "{fields:?}");
    assert!(fields.is_sorted(), "{fields:?}");
}

#[test]
fn factor_sections_under_off_are_neither_written_nor_compared() {
    let ignored = with(
        &off(),
        &json!({"smsMfaConfiguration": sms(), "emailMfaConfiguration": {},
        "softwareTokenMfaConfiguration": {"enabled": true}}),
    );
    assert_eq!(to_write(&settings(&ignored)), settings(&off()));
    assert_equal(&ignored, &off());
    assert_eq!(hash(&settings(&ignored)), hash(&settings(&off())));
}

#[test]
fn an_sms_section_that_cognito_still_shows_under_off_is_ignored() {
    let observed = with(&off(), &json!({"smsMfaConfiguration": sms()}));
    assert_equal(&off(), &observed);
    assert_eq!(factors(&settings(&observed)), Vec::<&str>::new());
}

#[test]
fn passkeys_are_written_and_compared_under_off_too() {
    let declared = with(&off(), &json!({"webAuthnConfiguration": {"relyingPartyId": "auth.example.com"}}));
    assert_eq!(to_write(&settings(&declared)), settings(&declared));
    assert_eq!(differing_fields(&declared, &off()), ["webAuthnConfiguration.relyingPartyId"]);
    assert_eq!(differing_fields(&off(), &declared), ["webAuthnConfiguration"]);
    assert_eq!(factors(&settings(&declared)), ["PASSKEY"]);
}

#[test]
fn every_declared_section_is_written_under_on_and_optional() {
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
fn factors_are_listed_in_the_order_of_the_api() {
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
fn observed_settings_that_differ_only_in_form_are_the_same() {
    let single =
        with(&on_totp(), &json!({"webAuthnConfiguration": {"factorConfiguration": "SINGLE_FACTOR"}}));
    let email = with(&on_totp(), &json!({"emailMfaConfiguration": {}}));
    let sms = with(&off(), &json!({"smsMfaConfiguration": sms()}));
    assert!(is_same(&settings(&on_totp()), &settings(&single)));
    assert!(!is_same(&settings(&on_totp()), &settings(&email)));
    assert!(!is_same(&settings(&off()), &settings(&sms)));
}

/// The values are the SHA-256 of the JSON text, computed with another program. If the hash of the same settings
/// changed, every object would be written once more at its first edit after an upgrade.
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
fn long_and_hostile_values_are_shown_truncated_and_printable() {
    let hostile = "\u{1b}[2J\u{202e}\n".repeat(5_000) + "{####}";
    let hostile = differences(&settings(&email(&json!({"message": hostile}))), &settings(&on_totp()));
    assert!(hostile.iter().flat_map(|one| one.declared.iter().chain(&one.found)).all(|shown| {
        shown.chars().count() <= 256 && !shown.chars().any(|c| c.is_control() || c == '\u{202e}')
    }));
    let long = differences(&settings(&on_totp()), &settings(&email(&json!({"message": "x".repeat(20_000)}))));
    assert!(long.iter().all(|one| one.found.as_ref().is_none_or(|shown| shown.chars().count() <= 256)));
}

#[test]
fn a_section_that_is_not_declared_is_shown_as_cognito_has_it() {
    let differences = differences(&settings(&on_totp()), &settings(&with_sms()));
    let shown = serde_json::from_str::<Value>(differences[0].found.as_deref().unwrap()).unwrap();
    assert_eq!((differences.len(), differences[0].declared.as_deref()), (1, None));
    assert_eq!(shown["smsConfiguration"]["snsCallerArn"], ROLE);
}
