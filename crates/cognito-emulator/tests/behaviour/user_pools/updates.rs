//! UpdateUserPool.

use cognito_emulator::{Facts, SmsRole};

use super::*;

const ID: &str = "us-east-1_Abcdef123";

/// A pool with SMS and TOTP, and with every member that an update keeps or resets.
async fn furnished() -> (Emulator, String) {
    let emulator = start().await;
    let recovery = json!({"RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]});
    let id = create(&emulator, json!({
        "SmsConfiguration": sns(), "AccountRecoverySetting": recovery, "UserPoolTier": "PLUS",
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"}, "AutoVerifiedAttributes": ["email"],
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}},
        "LambdaConfig": {"PreSignUp": "arn:aws:lambda:us-east-1:123456789012:function:f"},
        "UserPoolAddOns": {"AdvancedSecurityMode": "AUDIT"}, "UserPoolTags": {"a": "b"},
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK"},
        "DeviceConfiguration": {"ChallengeRequiredOnNewDevice": true},
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": true},
    })).await;
    let sms = json!({"SmsAuthenticationMessage": "code {####}", "SmsConfiguration": sns()});
    let write = json!({"UserPoolId": id, "MfaConfiguration": "ON", "SmsMfaConfiguration": sms,
        "SoftwareTokenMfaConfiguration": {"Enabled": true},
        "WebAuthnConfiguration": {"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}});
    ok(&emulator, "SetUserPoolMfaConfig", write).await;
    (emulator, id)
}

#[tokio::test]
async fn an_update_resets_the_sms_message_and_keeps_mfa_otherwise_measured() {
    let (emulator, id) = furnished().await;
    let mut expected = read_config(&emulator, &id).await;
    ok(&emulator, "UpdateUserPool", json!({"UserPoolId": id})).await;
    expected["SmsMfaConfiguration"].as_object_mut().expect("a section").remove("SmsAuthenticationMessage");
    assert_eq!(read_config(&emulator, &id).await, expected);
}

#[tokio::test]
async fn an_update_keeps_some_omitted_members_and_resets_others_measured() {
    let (emulator, id) = furnished().await;
    let before = describe(&emulator, &id).await;
    ok(&emulator, "UpdateUserPool", json!({"UserPoolId": id})).await;
    let after = describe(&emulator, &id).await;
    for kept in [
        "MfaConfiguration",
        "SmsConfiguration",
        "AccountRecoverySetting",
        "UserPoolTier",
        "Policies",
        "EmailConfiguration",
    ] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    for reset in [
        "LambdaConfig",
        "UserPoolAddOns",
        "VerificationMessageTemplate",
        "DeviceConfiguration",
        "SmsAuthenticationMessage",
    ] {
        assert!(before[reset] != Value::Null && after[reset] == Value::Null, "{reset}");
    }
    assert_eq!((&after["AutoVerifiedAttributes"], &after["AdminCreateUserConfig"]), (&json!([]), &json!({})));
}

#[tokio::test]
async fn an_update_stores_what_it_sends_measured() {
    let (emulator, id) = furnished().await;
    let sent = json!({"UserPoolId": id, "PoolName": "renamed", "SmsAuthenticationMessage": "new {####}",
        "AutoVerifiedAttributes": ["phone_number"], "LambdaConfig": {}});
    ok(&emulator, "UpdateUserPool", sent).await;
    let after = describe(&emulator, &id).await;
    assert_eq!(
        (&after["Name"], &after["AutoVerifiedAttributes"]),
        (&json!("renamed"), &json!(["phone_number"]))
    );
    assert_eq!(
        read_config(&emulator, &id).await["SmsMfaConfiguration"]["SmsAuthenticationMessage"],
        "new {####}"
    );
}

fn mode(id: &str, mode: &str) -> Value {
    json!({"UserPoolId": id, "MfaConfiguration": mode})
}

fn totp(id: &str) -> Value {
    json!({"UserPoolId": id, "MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
}

#[tokio::test]
async fn an_update_turns_mfa_on_only_where_a_factor_is_enabled_measured() {
    let emulator = start().await;
    let id = create(&emulator, json!({})).await;
    let words = "Cannot turn MFA functionality ON, once the user pool has been created.";
    refuses(&emulator, "UpdateUserPool", mode(&id, "ON"), words).await;
    ok(&emulator, "SetUserPoolMfaConfig", totp(&id)).await;
    ok(&emulator, "UpdateUserPool", mode(&id, "ON")).await;
    assert_eq!(read_config(&emulator, &id).await["MfaConfiguration"], "ON");
}

#[tokio::test]
async fn an_update_with_an_explicit_off_resets_the_factors_measured() {
    let emulator = start().await;
    let id = create(&emulator, json!({})).await;
    ok(&emulator, "SetUserPoolMfaConfig", totp(&id)).await;
    ok(&emulator, "UpdateUserPool", mode(&id, "OFF")).await;
    assert_eq!(read_config(&emulator, &id).await, json!({"MfaConfiguration": "OFF"}));
}

#[tokio::test]
async fn an_update_turns_mfa_off_where_phone_verification_refuses_a_write_measured() {
    let emulator = start().await;
    let id =
        create(&emulator, json!({"SmsConfiguration": sns(), "AutoVerifiedAttributes": ["phone_number"]}))
            .await;
    let mut on = totp(&id);
    on["SmsMfaConfiguration"] = json!({"SmsConfiguration": sns()});
    ok(&emulator, "SetUserPoolMfaConfig", on).await;
    refuses(&emulator, "SetUserPoolMfaConfig", mode(&id, "OFF"), SMS_REQUIRED).await;
    let mut off = mode(&id, "OFF");
    off["AutoVerifiedAttributes"] = json!(["phone_number"]);
    ok(&emulator, "UpdateUserPool", off).await;
    assert_eq!(read_config(&emulator, &id).await["MfaConfiguration"], "OFF");
}

#[tokio::test]
async fn an_update_to_first_factor_passkeys_at_on_needs_multi_factor_measured() {
    let emulator = start().await;
    let id = create(&emulator, json!({})).await;
    let mut on = totp(&id);
    on["MfaConfiguration"] = json!("ON");
    ok(&emulator, "SetUserPoolMfaConfig", on.clone()).await;
    let policy = |factor: &str| json!({"UserPoolId": id, "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", factor]}}});
    let words = "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for MFA.";
    refuses(&emulator, "UpdateUserPool", policy("WEB_AUTHN"), words).await;
    let words =
        "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled";
    refuses(&emulator, "UpdateUserPool", policy("EMAIL_OTP"), words).await;
    on["WebAuthnConfiguration"] = json!({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    ok(&emulator, "SetUserPoolMfaConfig", on).await;
    ok(&emulator, "UpdateUserPool", policy("WEB_AUTHN")).await;
}

#[tokio::test]
async fn an_update_with_a_role_that_cognito_cannot_use_is_refused_reported() {
    let emulator = start().await;
    emulator.state().pools.create(ID, Facts { sms_role: SmsRole::NotTrusted, ..Facts::ready() });
    let update = json!({"UserPoolId": ID, "SmsConfiguration": sns()});
    let answer = call(&emulator, "UpdateUserPool", &update).await;
    assert_eq!(answer.code(), "InvalidSmsRoleTrustRelationshipException");
}
