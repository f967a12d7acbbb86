//! The mode and the factors that it needs.

use cognito_emulator::{Facts, get};
use serde_json::json;

use super::*;

const OFF_WITH_A_FACTOR: &str =
    "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.";
const NO_FACTOR: &str =
    "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.";

#[test]
fn a_pool_that_no_write_touched_has_only_its_mode_measured() {
    let untouched = Pool::new(ID, Facts::default());
    assert_eq!(get(&untouched, &Switches::default()), json!({"MfaConfiguration": "OFF"}));
}

#[test]
fn a_write_of_only_the_pool_id_turns_mfa_off_and_drops_totp_measured() {
    let mut pool = ready();
    accepts(&mut pool, totp());
    accepts(&mut pool, json!({}));
    assert_eq!(read_config(&pool), json!({"MfaConfiguration": "OFF"}));
}

#[test]
fn off_or_no_mode_with_totp_even_disabled_is_refused_measured() {
    for enabled in [true, false] {
        let no_mode = json!({"SoftwareTokenMfaConfiguration": {"Enabled": enabled}});
        refuses_parameter(&mut ready(), no_mode.clone(), OFF_WITH_A_FACTOR);
        let mut off = no_mode;
        off["MfaConfiguration"] = json!("OFF");
        refuses_parameter(&mut ready(), off, OFF_WITH_A_FACTOR);
    }
}

#[test]
fn off_with_email_is_refused_measured() {
    let off = json!({"MfaConfiguration": "OFF", "EmailMfaConfiguration": {}});
    refuses_parameter(&mut ready(), off, OFF_WITH_A_FACTOR);
}

#[test]
fn off_with_webauthn_is_accepted_measured() {
    let passkeys = json!({"RelyingPartyId": "auth.example.com", "UserVerification": "required"});
    let mut pool = ready();
    accepts(&mut pool, json!({"MfaConfiguration": "OFF", "WebAuthnConfiguration": passkeys.clone()}));
    let stored = with(passkeys, "FactorConfiguration", json!("SINGLE_FACTOR"));
    assert_eq!(read_config(&pool)["WebAuthnConfiguration"], stored);
}

#[test]
fn on_and_optional_need_a_factor_other_than_passkeys_measured() {
    for mode in ["ON", "OPTIONAL"] {
        refuses_parameter(&mut ready(), json!({"MfaConfiguration": mode}), NO_FACTOR);
        let passkeys =
            json!({"MfaConfiguration": mode, "WebAuthnConfiguration": {"RelyingPartyId": "a.example.com"}});
        refuses_parameter(&mut ready(), passkeys, NO_FACTOR);
    }
}

#[test]
fn off_with_email_is_refused_before_the_sender_is_looked_at_measured() {
    let off = json!({"MfaConfiguration": "OFF", "EmailMfaConfiguration": {}});
    refuses_parameter(&mut pool(Facts::default()), off, OFF_WITH_A_FACTOR);
}

#[test]
fn on_and_optional_with_totp_disabled_alone_are_accepted_measured() {
    for mode in ["ON", "OPTIONAL"] {
        let request = json!({"MfaConfiguration": mode, "SoftwareTokenMfaConfiguration": {"Enabled": false}});
        let mut pool = ready();
        accepts(&mut pool, request.clone());
        assert_eq!(read_config(&pool), request);
    }
}

#[test]
fn sms_with_totp_disabled_is_accepted_and_both_are_read_measured() {
    let request = with(
        with(totp(), "SmsMfaConfiguration", sns()),
        "SoftwareTokenMfaConfiguration",
        json!({"Enabled": false}),
    );
    let mut pool = ready();
    accepts(&mut pool, request.clone());
    assert_eq!(read_config(&pool), request);
}

#[test]
fn a_write_that_omits_totp_and_keeps_sms_drops_totp_measured() {
    let mut pool = ready();
    accepts(&mut pool, with(totp(), "SmsMfaConfiguration", sns()));
    let sms = json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sns()});
    accepts(&mut pool, sms.clone());
    assert_eq!(read_config(&pool), sms);
}
