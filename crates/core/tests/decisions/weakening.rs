//! What a write would weaken, as a table.

use cognito_mfa_core::plan::weakening::weakening;
use serde_json::{Value, json};
use test_support::fixtures::{off, on_totp, settings, sms, with};

fn weakened(observed: &Value, declared: &Value) -> Vec<&'static str> {
    weakening(&settings(observed), &settings(declared))
}

#[track_caller]
fn weakens_nothing(observed: &Value, declared: &Value) {
    assert_eq!(weakened(observed, declared), Vec::<&str>::new());
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
fn a_less_strict_mode_weakens() {
    let mode = |mode: &str| if mode == "OFF" { off() } else { totp(mode) };
    for (observed, declared, expected) in [
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
        let weakened = weakened(&mode(observed), &mode(declared));
        assert_eq!(weakened, Vec::from_iter(expected), "{observed} to {declared}");
    }
}

#[test]
fn each_factor_dropped_while_mfa_stays_on_weakens() {
    for mode in ["ON", "OPTIONAL"] {
        let observed = every_factor(mode);
        for (section, what) in [
            ("smsMfaConfiguration", "SMS as a factor"),
            ("softwareTokenMfaConfiguration", "TOTP as a factor"),
            ("emailMfaConfiguration", "email as a factor"),
        ] {
            let mut declared = observed.clone();
            declared[section].take();
            declared.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            assert_eq!(weakened(&observed, &declared), [what], "{mode}");
            weakens_nothing(&declared, &observed);
        }
    }
}

#[test]
fn declaring_totp_disabled_weakens_as_dropping_it_does() {
    let observed = every_factor("ON");
    let declared = with(&observed, &json!({"softwareTokenMfaConfiguration": {"enabled": false}}));
    assert_eq!(weakened(&observed, &declared), ["TOTP as a factor"]);
    weakens_nothing(&declared, &declared);
}

#[test]
fn dropping_factors_that_off_ignores_weakens_nothing() {
    let leftover = with(&off(), &json!({"smsMfaConfiguration": sms()}));
    weakens_nothing(&leftover, &off());
    weakens_nothing(&leftover, &on_totp());
    assert_eq!(weakened(&every_factor("ON"), &off()), ["mode ON to OFF"]);
}

#[test]
fn passkeys_that_no_longer_count_as_two_factors_weaken_in_any_mode() {
    let multi = json!({"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    let single = json!({"factorConfiguration": "SINGLE_FACTOR"});
    for base in [off(), on_totp()] {
        let pool = |section: &Value| with(&base, &json!({"webAuthnConfiguration": section}));
        assert_eq!(weakened(&pool(&multi), &pool(&single)), [MULTI]);
        assert_eq!(weakened(&pool(&multi), &pool(&json!({}))), [MULTI]);
        assert_eq!(weakened(&pool(&multi), &base), [MULTI]);
        weakens_nothing(&pool(&single), &pool(&multi));
        weakens_nothing(&pool(&multi), &pool(&multi));
        weakens_nothing(&pool(&single), &base);
    }
}

#[test]
fn user_verification_that_is_no_longer_required_weakens() {
    let (required, preferred) = (
        passkeys(&json!({"userVerification": "required"})),
        passkeys(&json!({"userVerification": "preferred"})),
    );
    assert_eq!(weakened(&required, &preferred), [VERIFICATION]);
    assert_eq!(weakened(&required, &passkeys(&json!({}))), [VERIFICATION]);
    assert_eq!(weakened(&required, &off()), [VERIFICATION]);
    weakens_nothing(&preferred, &required);
    weakens_nothing(&preferred, &off());
}

#[test]
fn a_relying_party_that_is_moved_or_dropped_weakens_as_its_passkeys_stop_working() {
    let party = |id: &str| passkeys(&json!({"relyingPartyId": id}));
    assert_eq!(weakened(&party("a.example.com"), &party("b.example.com")), [PARTY]);
    assert_eq!(weakened(&party("a.example.com"), &passkeys(&json!({}))), [PARTY]);
    assert_eq!(weakened(&party("a.example.com"), &off()), [PARTY]);
    weakens_nothing(&party("a.example.com"), &party(" a.example.com"));
    weakens_nothing(&party(""), &off());
    weakens_nothing(&off(), &party("a.example.com"));
}

#[test]
fn every_weakening_is_listed() {
    let observed = with(
        &every_factor("ON"),
        &json!({"webAuthnConfiguration": {"relyingPartyId": "a.example.com",
        "userVerification": "required", "factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}}),
    );
    let declared = with(
        &off(),
        &json!({"mfaConfiguration": "OPTIONAL", "softwareTokenMfaConfiguration": {"enabled": false}}),
    );
    assert_eq!(
        weakened(&observed, &declared),
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
fn other_texts_roles_and_regions_weaken_nothing() {
    let observed =
        with(&every_factor("ON"), &json!({"emailMfaConfiguration": {"message": "A {####}", "subject": "a"}}));
    let mut declared = every_factor("ON");
    declared["smsMfaConfiguration"]["smsConfiguration"] =
        json!({"eumsSms": {"callerArn": "arn:aws:iam::1:role/other"}});
    weakens_nothing(&observed, &declared);
    weakens_nothing(&declared, &observed);
}
