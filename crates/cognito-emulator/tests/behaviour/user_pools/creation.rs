//! CreateUserPool and DeleteUserPool.

use cognito_emulator::{Facts, SmsRole};

use super::*;

const SMS_AND_PHONE: &str =
    "SMS configuration and Auto verification for phone_number are required when MFA is required/optional";

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
async fn a_description_says_why_the_pool_cannot_send_sms_docs() {
    let emulator = start().await;
    let id = create(&emulator, json!({"SmsConfiguration": sns()})).await;
    let set_facts = |sms_role, sms_sandbox| {
        let mut state = emulator.state();
        let pool = state.pools.find(&id).expect("the pool");
        pool.facts = Facts { sms_role, sms_sandbox, ..pool.facts.clone() };
    };
    set_facts(SmsRole::Usable, false);
    assert_eq!(describe(&emulator, &id).await.get("SmsConfigurationFailure"), None);
    set_facts(SmsRole::NotPermitted, true);
    let both = "InvalidSmsRoleAccessPolicyException,SNSSandbox";
    assert_eq!(describe(&emulator, &id).await["SmsConfigurationFailure"], both);
}

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
