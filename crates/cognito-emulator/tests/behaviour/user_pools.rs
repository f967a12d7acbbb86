//! CreateUserPool, DescribeUserPool, UpdateUserPool, DeleteUserPool and ListUserPools over HTTP.

use cognito_emulator::{Emulator, Facts, SmsRole};
use serde_json::{Value, json};

use crate::client::call;

const ID: &str = "us-east-1_Abcdef123";
const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

async fn start() -> Emulator {
    Emulator::start().await.expect("a free port")
}

fn sns() -> Value {
    json!({"SnsCallerArn": ROLE, "ExternalId": "x"})
}

/// Sends a call that must succeed.
async fn ok(emulator: &Emulator, operation: &str, body: Value) -> Value {
    let answer = call(emulator, operation, &body).await;
    assert_eq!(answer.code(), "OK", "{operation} {body}: {}", answer.body);
    answer.json()
}

/// Asserts that a call is refused with InvalidParameterException and these words.
async fn refuses(emulator: &Emulator, operation: &str, body: Value, words: &str) {
    let answer = call(emulator, operation, &body).await;
    assert_eq!(answer.code(), "InvalidParameterException", "{operation} {body}: {}", answer.body);
    assert_eq!(answer.json()["message"], words);
}

/// Creates a pool with these members and returns its id.
async fn create(emulator: &Emulator, mut members: Value) -> String {
    members["PoolName"] = json!("demo");
    let created = ok(emulator, "CreateUserPool", members).await;
    created["UserPool"]["Id"].as_str().expect("it has an id").to_owned()
}

async fn read_config(emulator: &Emulator, id: &str) -> Value {
    ok(emulator, "GetUserPoolMfaConfig", json!({"UserPoolId": id})).await
}

async fn describe(emulator: &Emulator, id: &str) -> Value {
    ok(emulator, "DescribeUserPool", json!({"UserPoolId": id})).await["UserPool"].take()
}

#[tokio::test]
async fn a_created_pool_has_the_fields_of_its_request() {
    let emulator = start().await;
    let request = json!({
        "PoolName": "demo", "UserPoolTier": "ESSENTIALS",
        "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER", "SourceArn": "arn:aws:ses:us-east-1:123456789012:identity/a"},
        "AutoVerifiedAttributes": ["email"],
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
        "UserPoolTags": {"purpose": "test"}, "DeletionProtection": "INACTIVE",
        "SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x"},
        "Policies": {"PasswordPolicy": {"MinimumLength": 12}, "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
    });
    let created = call(&emulator, "CreateUserPool", &request).await.json();
    let id = created["UserPool"]["Id"].as_str().expect("it has an id").to_owned();
    let (region, rest) = id.split_once('_').expect("it has a region");
    assert_eq!((region, rest.len()), ("us-east-1", 9));
    assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{rest}");
    let described = call(&emulator, "DescribeUserPool", &json!({"UserPoolId": id})).await.json();
    assert_eq!(described, created);
    for (member, value) in
        request.as_object().expect("it is an object").iter().filter(|(name, _)| *name != "PoolName")
    {
        assert_eq!(&described["UserPool"][member], value, "{member}");
    }
    let listed = call(&emulator, "ListUserPools", &json!({"MaxResults": 5})).await.json();
    assert_eq!(listed["UserPools"], json!([{"Id": id, "Name": "demo"}]));
    assert_eq!(call(&emulator, "DeleteUserPool", &json!({"UserPoolId": id})).await.code(), "OK");
    assert_eq!(
        call(&emulator, "DescribeUserPool", &json!({"UserPoolId": id})).await.code(),
        "ResourceNotFoundException"
    );
}

#[tokio::test]
async fn pools_are_listed_in_pages_each_pool_once_model() {
    let emulator = start().await;
    for name in ["eu-west-1_Other0000", "us-east-1_Aa", "us-east-1_Bb", "us-east-1_Cc", "us-east-1_Dd"] {
        emulator.state().pools.create(name, Facts::default());
    }
    let (mut request, mut pages) = (json!({"MaxResults": 2}), Vec::new());
    loop {
        let page = call(&emulator, "ListUserPools", &request).await.json();
        pages.push(
            page["UserPools"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|pool| pool["Id"].clone())
                .collect::<Vec<_>>(),
        );
        let Some(token) = page.get("NextToken") else { break };
        request["NextToken"] = token.clone();
    }
    assert_eq!(json!(pages), json!([["us-east-1_Aa", "us-east-1_Bb"], ["us-east-1_Cc", "us-east-1_Dd"]]));
}

#[tokio::test]
async fn a_list_needs_a_valid_size_and_token_model() {
    let emulator = start().await;
    for request in [
        json!({}),
        json!({"MaxResults": 0}),
        json!({"MaxResults": 61}),
        json!({"MaxResults": 1, "NextToken": "x"}),
    ] {
        assert_eq!(
            call(&emulator, "ListUserPools", &request).await.code(),
            "InvalidParameterException",
            "{request}"
        );
    }
    assert_eq!(
        call(&emulator, "ListUserPools", &json!({"MaxResults": "1"})).await.code(),
        "SerializationException"
    );
}

const SMS_REQUIRED: &str =
    "SMS configuration is required when phone_number is selected for auto verification";
const SMS_AND_PHONE: &str =
    "SMS configuration and Auto verification for phone_number are required when MFA is required/optional";

#[tokio::test]
async fn creating_with_mfa_or_phone_verification_needs_sms_measured() {
    let emulator = start().await;
    let on = json!({"PoolName": "x", "MfaConfiguration": "ON"});
    refuses(&emulator, "CreateUserPool", on, SMS_AND_PHONE).await;
    let phone = json!({"PoolName": "x", "AutoVerifiedAttributes": ["phone_number"]});
    refuses(&emulator, "CreateUserPool", phone, SMS_REQUIRED).await;
    let with_sms = json!({"MfaConfiguration": "ON", "AutoVerifiedAttributes": ["phone_number"], "SmsConfiguration": sns()});
    let id = create(&emulator, with_sms).await;
    let live = read_config(&emulator, &id).await;
    assert_eq!(live, json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": {"SmsConfiguration": sns()}}));
}

#[tokio::test]
async fn a_created_pool_reads_as_off_alone_even_with_sms_configuration_measured() {
    let emulator = start().await;
    let id = create(&emulator, json!({"SmsConfiguration": sns()})).await;
    assert_eq!(read_config(&emulator, &id).await, json!({"MfaConfiguration": "OFF"}));
    assert_eq!(describe(&emulator, &id).await["SmsConfiguration"], sns());
}

#[tokio::test]
async fn creating_with_an_sns_region_that_is_not_allowed_is_refused_measured() {
    let emulator = start().await;
    let mut sms = sns();
    sms["SnsRegion"] = json!("eu-west-1");
    let body = json!({"PoolName": "x", "SmsConfiguration": sms});
    refuses(
        &emulator,
        "CreateUserPool",
        body,
        "Invalid snsRegion. Allowed SNS region for us-east-1 is us-east-1",
    )
    .await;
}

#[tokio::test]
async fn creating_with_a_role_of_another_account_is_refused_inferred() {
    let emulator = start().await;
    let sms = json!({"SnsCallerArn": "arn:aws:iam::999999999999:role/sms", "ExternalId": "x"});
    let answer = call(&emulator, "CreateUserPool", &json!({"PoolName": "x", "SmsConfiguration": sms})).await;
    assert_eq!(answer.json()["message"], "Cross-account pass role is not allowed.");
}

#[tokio::test]
async fn a_created_pool_refuses_email_until_recovery_is_set_measured() {
    let emulator = start().await;
    let id = create(&emulator, json!({"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}})).await;
    let email = json!({"UserPoolId": id, "MfaConfiguration": "ON", "EmailMfaConfiguration": {}});
    let words = "Cannot set EmailMfaConfiguration when user pool AccountRecoverySetting is not set or contains only \
                 verified_email in RecoveryMechanisms.";
    refuses(&emulator, "SetUserPoolMfaConfig", email.clone(), words).await;
    let both =
        json!([{"Name": "verified_email", "Priority": 1}, {"Name": "verified_phone_number", "Priority": 2}]);
    let recovery = json!({"UserPoolId": id, "AccountRecoverySetting": {"RecoveryMechanisms": both}});
    ok(&emulator, "UpdateUserPool", recovery).await;
    ok(&emulator, "SetUserPoolMfaConfig", email).await;
}

#[tokio::test]
async fn deletion_protection_refuses_the_deletion_docs() {
    let emulator = start().await;
    let id = create(&emulator, json!({"DeletionProtection": "ACTIVE"})).await;
    let pool = json!({"UserPoolId": id});
    assert_eq!(call(&emulator, "DeleteUserPool", &pool).await.code(), "InvalidParameterException");
    ok(&emulator, "UpdateUserPool", json!({"UserPoolId": id, "DeletionProtection": "INACTIVE"})).await;
    ok(&emulator, "DeleteUserPool", pool).await;
}

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
