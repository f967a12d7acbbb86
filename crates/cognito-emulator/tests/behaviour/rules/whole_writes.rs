//! A write replaces everything, and a read returns what was written.

use serde_json::json;

use super::*;

#[test]
fn an_omitted_webauthn_section_removes_multi_factor_measured() {
    let mut pool = ready();
    let mut request = totp();
    request["WebAuthnConfiguration"] = json!({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    accepts(&mut pool, request);
    accepts(&mut pool, totp());
    assert_eq!(read_config(&pool).pointer("/WebAuthnConfiguration/FactorConfiguration"), None);
}

#[test]
fn writing_back_an_earlier_read_restores_the_pool_measured() {
    let mut pool = ready();
    let mut request = totp();
    request["SmsMfaConfiguration"] = sns();
    request["EmailMfaConfiguration"] = json!({"Message": "{####}", "Subject": "code"});
    request["WebAuthnConfiguration"] = json!({"RelyingPartyId": "a.example.com"});
    accepts(&mut pool, request);
    let earlier = read_config(&pool);
    accepts(&mut pool, json!({}));
    accepts(&mut pool, earlier.clone());
    assert_eq!(read_config(&pool), earlier);
}

#[test]
fn every_field_of_every_section_is_returned_model() {
    let wanted = json!({
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {
            "SmsAuthenticationMessage": "code {####}",
            "SmsConfiguration": {"EumsSms": {
                "CallerArn": ROLE, "ExternalId": "x", "OriginationIdentity": "ACME", "ConfigurationSetName": "set",
                "InEntityId": "entity", "InTemplateId": "template", "Region": "us-east-1",
            }},
        },
        "SoftwareTokenMfaConfiguration": {"Enabled": true},
        "EmailMfaConfiguration": {"Message": "code {####}", "Subject": "your code"},
        "WebAuthnConfiguration": {
            "RelyingPartyId": "a.example.com", "UserVerification": "preferred",
            "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
        },
    });
    let mut pool = ready();
    assert_eq!(accepts(&mut pool, wanted.clone()), wanted, "the answer to the write");
    assert_eq!(read_config(&pool), wanted, "the answer to a read");
}

#[test]
fn after_off_the_pool_keeps_its_sms_configuration_and_reads_show_no_totp_measured() {
    let pool = turned_off();
    assert_eq!(pool.sms_configuration.as_ref(), Some(&sns()["SmsConfiguration"]));
    assert_eq!(read_config(&pool).get("SoftwareTokenMfaConfiguration"), None);
}

#[test]
fn after_off_reads_return_the_sms_section_inferred() {
    let shown = json!({"MfaConfiguration": "OFF", "SmsMfaConfiguration": sns()});
    assert_eq!(read_config(&turned_off()), shown);
}

/// A pool with SMS and TOTP after a write of OFF.
fn turned_off() -> Pool {
    let mut pool = ready();
    accepts(&mut pool, with(totp(), "SmsMfaConfiguration", sns()));
    accepts(&mut pool, json!({"MfaConfiguration": "OFF"}));
    pool
}

#[test]
fn a_write_removes_members_that_the_model_does_not_have_inferred() {
    let mut pool = ready();
    pool.edit_live(&json!({"VoiceMfaConfiguration": {"Enabled": true}}));
    assert_eq!(
        read_config(&pool)["VoiceMfaConfiguration"]["Enabled"],
        true,
        "a read returns members that no SDK knows"
    );
    accepts(&mut pool, totp());
    assert_eq!(read_config(&pool), totp());
}
