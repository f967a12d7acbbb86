//! Every rule of SetUserPoolMfaConfig, without HTTP. A test's name ends with the grade of its rule.

use cognito_emulator::{ApiError, EmailSender, Facts, Pool, SmsRole, Switches, Tier, get, set};
use serde_json::{Value, json};

const ID: &str = "us-east-1_Abcdef123";
const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

fn pool(facts: Facts) -> Pool {
    Pool::new(ID, facts)
}

fn ready() -> Pool {
    pool(Facts::ready())
}

fn try_set(pool: &mut Pool, mut request: Value) -> Result<Value, ApiError> {
    request["UserPoolId"] = json!(ID);
    set(pool, &request, &Switches::default())
}

fn accepts(pool: &mut Pool, request: Value) -> Value {
    try_set(pool, request).unwrap_or_else(|error| panic!("it was refused: {error:?}"))
}

/// Asserts that the write is refused and changes nothing.
fn refuses(pool: &mut Pool, request: Value, code: &str, part_of_message: &str) {
    let before = pool.clone();
    match try_set(pool, request) {
        Ok(answer) => panic!("it was accepted: {answer}"),
        Err(error) => {
            assert_eq!(error.code, code, "{error:?}");
            assert!(error.message.contains(part_of_message), "{error:?}");
        }
    }
    assert_eq!(*pool, before, "a refused write changed the pool");
}

fn refuses_parameter(pool: &mut Pool, request: Value, part_of_message: &str) {
    refuses(pool, request, "InvalidParameterException", part_of_message);
}

fn read_config(pool: &Pool) -> Value {
    get(pool, &Switches::default())
}

fn sns() -> Value {
    json!({"SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x"}})
}

fn eums() -> Value {
    json!({"SmsConfiguration": {"SnsCallerArn": "", "EumsSms": {"CallerArn": ROLE}}})
}

fn totp() -> Value {
    json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
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
        refuses_parameter(&mut ready(), no_mode.clone(), "can't turn off MFA and configure an MFA together");
        let mut off = no_mode;
        off["MfaConfiguration"] = json!("OFF");
        refuses_parameter(&mut ready(), off, "can't turn off MFA and configure an MFA together");
    }
}

#[test]
fn off_with_email_is_refused_measured() {
    let off = json!({"MfaConfiguration": "OFF", "EmailMfaConfiguration": {}});
    refuses_parameter(&mut ready(), off, "can't turn off MFA and configure an MFA together");
}

#[test]
fn off_with_webauthn_is_accepted_measured() {
    let passkeys = json!({"RelyingPartyId": "auth.example.com", "UserVerification": "required"});
    let mut pool = ready();
    accepts(&mut pool, json!({"MfaConfiguration": "OFF", "WebAuthnConfiguration": passkeys}));
    assert_eq!(read_config(&pool)["WebAuthnConfiguration"], passkeys);
}

#[test]
fn on_and_optional_need_a_factor_other_than_passkeys_measured() {
    for mode in ["ON", "OPTIONAL"] {
        refuses_parameter(&mut ready(), json!({"MfaConfiguration": mode}), "must be enabled");
        let passkeys =
            json!({"MfaConfiguration": mode, "WebAuthnConfiguration": {"RelyingPartyId": "a.example.com"}});
        refuses_parameter(&mut ready(), passkeys, "must be enabled");
    }
}

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
fn after_off_reads_return_sms_and_the_pool_keeps_its_configuration_measured() {
    let mut pool = ready();
    let mut request = totp();
    request["SmsMfaConfiguration"] = sns();
    accepts(&mut pool, request);
    accepts(&mut pool, json!({"MfaConfiguration": "OFF"}));
    assert_eq!(read_config(&pool), json!({"MfaConfiguration": "OFF", "SmsMfaConfiguration": sns()}));
    assert_eq!(pool.sms_configuration.as_ref(), Some(&sns()["SmsConfiguration"]));
}

#[test]
fn external_id_and_caller_are_checked_first_in_any_mode_measured() {
    let incomplete = [
        json!({}),
        json!({"SmsConfiguration": {}}),
        json!({"SmsConfiguration": {"SnsCallerArn": ROLE}}),
        json!({"SmsConfiguration": {"ExternalId": "x"}}),
        json!({"SmsConfiguration": {"SnsCallerArn": "not an arn", "ExternalId": "x"}}),
    ];
    for sms in incomplete {
        for mode in ["OFF", "ON", "OPTIONAL"] {
            let request = json!({"MfaConfiguration": mode, "SmsMfaConfiguration": sms});
            refuses_parameter(&mut ready(), request, "external id and a valid caller arn are required");
        }
    }
}

#[test]
fn an_empty_email_section_turns_email_on_docs() {
    let mut pool = ready();
    accepts(&mut pool, json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}));
    assert_eq!(read_config(&pool)["EmailMfaConfiguration"], json!({}));
}

#[test]
fn sns_and_eums_together_are_refused_docs() {
    let both = json!({"SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x", "EumsSms": {"CallerArn": ROLE}}});
    refuses_parameter(
        &mut ready(),
        json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": both}),
        "but not both",
    );
}

#[test]
fn eums_with_an_empty_sns_caller_is_accepted_inferred() {
    let mut pool = ready();
    accepts(&mut pool, json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": eums()}));
    assert_eq!(
        read_config(&pool)["SmsMfaConfiguration"],
        json!({"SmsConfiguration": {"EumsSms": {"CallerArn": ROLE}}})
    );
}

#[test]
fn eums_in_another_region_than_the_pool_is_refused_docs() {
    let mut sms = eums();
    sms["SmsConfiguration"]["EumsSms"]["Region"] = json!("eu-west-1");
    let request = json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sms});
    refuses_parameter(&mut ready(), request, "must be the user pool's Region us-east-1");
}

#[test]
fn email_needs_the_essentials_tier_model() {
    let mut lite = pool(Facts { tier: Tier::Lite, ..Facts::ready() });
    let request = json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}});
    refuses(&mut lite, request.clone(), "FeatureUnavailableInTierException", "Email MFA");
    accepts(&mut pool(Facts { tier: Tier::Plus, ..Facts::ready() }), request);
}

#[test]
fn multi_factor_passkeys_need_the_essentials_tier_docs() {
    let mut lite = pool(Facts { tier: Tier::Lite, ..Facts::ready() });
    let request =
        json!({"WebAuthnConfiguration": {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}});
    refuses(&mut lite, request, "FeatureUnavailableInTierException", "FactorConfiguration");
    accepts(&mut lite, json!({"WebAuthnConfiguration": {"FactorConfiguration": "SINGLE_FACTOR"}}));
}

#[test]
fn email_with_cognitos_own_sender_is_refused_measured() {
    let mut own_sender = pool(Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() });
    let request = json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}});
    refuses_parameter(&mut own_sender, request, "COGNITO_DEFAULT");
}

#[test]
fn email_with_email_as_the_only_recovery_is_refused_reported() {
    let recovering = |names: &[&str]| {
        let recovery = names.iter().map(ToString::to_string).collect();
        pool(Facts { recovery, ..Facts::ready() })
    };
    let request = json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}});
    refuses_parameter(&mut recovering(&["verified_email"]), request.clone(), "verified_email");
    accepts(&mut recovering(&["verified_email", "verified_phone_number"]), request);
}

#[test]
fn sms_with_phone_recovery_is_refused_reported() {
    let mut phone = pool(Facts { recovery: vec!["verified_phone_number".into()], ..Facts::ready() });
    let request = json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sns()});
    refuses_parameter(&mut phone, request, "cannot use verified_phone_number");
    accepts(&mut phone, totp());
}

#[test]
fn a_verified_phone_number_without_sms_configuration_is_refused_reported() {
    let facts = Facts { auto_verified_attributes: vec!["phone_number".into()], ..Facts::ready() };
    let mut verified = pool(facts);
    refuses_parameter(&mut verified, totp(), "SMS configuration is required");
    accepts(&mut verified, json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sns()}));
    accepts(&mut verified, totp());
}

#[test]
fn on_but_not_optional_excludes_a_one_time_password_first_factor_measured() {
    for factor in ["EMAIL_OTP", "SMS_OTP"] {
        let mut passwordless =
            pool(Facts { first_factors: vec!["PASSWORD".into(), factor.into()], ..Facts::ready() });
        refuses_parameter(&mut passwordless, totp(), factor);
        let mut optional = totp();
        optional["MfaConfiguration"] = json!("OPTIONAL");
        accepts(&mut passwordless, optional);
    }
}

#[test]
fn on_but_not_optional_needs_multi_factor_for_first_factor_passkeys_measured() {
    let mut passkeys = pool(Facts { first_factors: vec!["WEB_AUTHN".into()], ..Facts::ready() });
    let single = "Cannot set WebAuthn factor configuration to SINGLE_FACTOR";
    refuses_parameter(&mut passkeys, totp(), single);
    let mut request = totp();
    request["WebAuthnConfiguration"] = json!({"UserVerification": "required"});
    refuses_parameter(&mut passkeys, request.clone(), single);
    request["MfaConfiguration"] = json!("OPTIONAL");
    accepts(&mut passkeys, request.clone());
    request["MfaConfiguration"] = json!("ON");
    request["WebAuthnConfiguration"]["FactorConfiguration"] = json!("MULTI_FACTOR_WITH_USER_VERIFICATION");
    accepts(&mut passkeys, request);
}

#[test]
fn a_relying_party_on_the_public_suffix_list_is_refused_docs() {
    for id in ["com", "co.uk", "GitHub.io", "auth.us-east-1.amazoncognito.com"] {
        let request = json!({"WebAuthnConfiguration": {"RelyingPartyId": id}});
        refuses_parameter(&mut ready(), request, "public suffix");
    }
    let subdomain =
        json!({"WebAuthnConfiguration": {"RelyingPartyId": "my.auth.us-east-1.amazoncognito.com"}});
    accepts(&mut ready(), subdomain);
}

#[test]
fn a_role_that_cognito_cannot_use_is_refused_model() {
    let cases = [
        (SmsRole::NotTrusted, "InvalidSmsRoleTrustRelationshipException"),
        (SmsRole::NotPermitted, "InvalidSmsRoleAccessPolicyException"),
    ];
    for (sms_role, code) in cases {
        let mut pool = pool(Facts { sms_role, ..Facts::ready() });
        let request = json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sns()});
        refuses(&mut pool, request.clone(), code, "Role does not have");
        accepts(&mut pool, totp());
        pool.facts.sms_role = SmsRole::Usable;
        accepts(&mut pool, request);
    }
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
