//! The AWS operations over HTTP: encoding, signatures, the call log, access keys, user pools and STS.

use cognito_emulator::{Emulator, Facts, KeyStatus};
use serde_json::{Value, json};

use crate::client::{SIGNED, call, call_with, exchange};

const ID: &str = "us-east-1_Abcdef123";

async fn with_pool() -> Emulator {
    let emulator = Emulator::start().await.expect("a free port");
    emulator.state().pools.create(ID, Facts::ready());
    emulator
}

fn get() -> Value {
    json!({"UserPoolId": ID})
}

fn totp() -> Value {
    json!({"UserPoolId": ID, "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
}

#[tokio::test]
async fn a_write_and_a_read_answer_as_aws_does_docs() {
    let emulator = with_pool().await;
    let write = call(&emulator, "SetUserPoolMfaConfig", &totp()).await;
    assert_eq!(write.status, 200);
    assert!(write.headers.contains("content-type: application/x-amz-json-1.1"), "{}", write.headers);
    assert!(write.headers.contains("x-amzn-requestid: "), "{}", write.headers);
    let read = call(&emulator, "GetUserPoolMfaConfig", &get()).await.json();
    assert_eq!(read, json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}));
    assert_eq!(write.json(), read);
}

#[tokio::test]
async fn an_error_has_the_shape_of_aws_errors_docs() {
    let emulator = with_pool().await;
    let refused =
        call(&emulator, "SetUserPoolMfaConfig", &json!({"UserPoolId": ID, "MfaConfiguration": "ON"})).await;
    assert_eq!(refused.status, 400);
    assert!(refused.headers.contains("x-amzn-errortype: invalidparameterexception"), "{}", refused.headers);
    assert_eq!(refused.code(), "InvalidParameterException");
    assert!(refused.json()["message"].is_string());
}

#[tokio::test]
async fn unknown_pools_unknown_operations_and_invalid_json_have_their_codes() {
    let emulator = with_pool().await;
    let other = json!({"UserPoolId": "us-east-1_Other"});
    assert_eq!(call(&emulator, "GetUserPoolMfaConfig", &other).await.code(), "ResourceNotFoundException");
    assert_eq!(call(&emulator, "SetUserPoolMfaConfig", &other).await.code(), "ResourceNotFoundException");
    assert_eq!(call(&emulator, "AdminDeleteUser", &get()).await.code(), "UnknownOperationException");
    let headers = format!("X-Amz-Target: AWSCognitoIdentityProviderService.GetUserPoolMfaConfig\r\n{SIGNED}");
    let invalid = exchange(&emulator, "POST", "/", &headers, "{").await.expect("it answers");
    assert_eq!((invalid.status, invalid.code().as_str()), (400, "SerializationException"));
}

#[tokio::test]
async fn an_unsigned_request_is_refused_and_changes_nothing() {
    let emulator = with_pool().await;
    let without_signature =
        "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/cognito-idp/aws4_request\r\n";
    for headers in ["", without_signature, "Authorization: Bearer x\r\n"] {
        let answer =
            call_with(&emulator, "SetUserPoolMfaConfig", headers, &totp()).await.expect("it answers");
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "MissingAuthenticationTokenException"),
            "{headers}"
        );
    }
    assert_eq!(call(&emulator, "GetUserPoolMfaConfig", &get()).await.json()["MfaConfiguration"], "OFF");
}

#[tokio::test]
async fn a_signature_for_another_region_or_service_is_refused() {
    let emulator = with_pool().await;
    for signature in [SIGNED.replace("us-east-1", "eu-west-1"), SIGNED.replace("cognito-idp", "s3")] {
        let answer =
            call_with(&emulator, "GetUserPoolMfaConfig", &signature, &get()).await.expect("it answers");
        assert_eq!(answer.code(), "InvalidSignatureException", "{signature}");
    }
}

#[tokio::test]
async fn the_log_has_the_access_key_and_outcome_of_each_call_but_no_signature() {
    let emulator = with_pool().await;
    call(&emulator, "SetUserPoolMfaConfig", &totp()).await;
    call(&emulator, "SetUserPoolMfaConfig", &json!({"UserPoolId": ID, "MfaConfiguration": "ON"})).await;
    call_with(&emulator, "GetUserPoolMfaConfig", "", &get()).await;
    let calls = emulator.calls();
    let outcomes: Vec<_> =
        calls.iter().map(|call| (call.sequence, call.outcome.as_str(), call.applied)).collect();
    let expected = [
        (1, "OK", true),
        (2, "InvalidParameterException", false),
        (3, "MissingAuthenticationTokenException", false),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(calls[0].operation, "SetUserPoolMfaConfig");
    assert_eq!(calls[0].pool.as_deref(), Some(ID));
    assert_eq!(calls[0].access_key_id.as_deref(), Some("AKIDTEST"));
    assert_eq!(calls[0].request, totp());
    assert!(!format!("{calls:?}").contains("5ec2e7"), "the signature is in the log");
}

#[tokio::test]
async fn denied_and_expired_access_keys_are_refused() {
    let emulator = with_pool().await;
    emulator.state().iam.set_key_status("AKIDTEST", KeyStatus::Denied);
    let denied = call(&emulator, "GetUserPoolMfaConfig", &get()).await;
    assert_eq!((denied.status, denied.code().as_str()), (400, "AccessDeniedException"));
    let message = denied.json()["message"].as_str().unwrap_or_default().to_owned();
    assert!(message.contains("is not authorized to perform: cognito-idp:GetUserPoolMfaConfig on resource: arn:aws:cognito-idp:us-east-1:"), "{message}");
    emulator.state().iam.set_key_status("AKIDTEST", KeyStatus::Expired);
    assert_eq!(call(&emulator, "GetUserPoolMfaConfig", &get()).await.code(), "ExpiredTokenException");
    emulator.state().iam.set_key_status("AKIDTEST", KeyStatus::Allowed);
    assert_eq!(call(&emulator, "GetUserPoolMfaConfig", &get()).await.code(), "OK");
}

#[tokio::test]
async fn a_created_pool_has_the_fields_of_its_request() {
    let emulator = Emulator::start().await.expect("a free port");
    let request = json!({
        "PoolName": "demo", "UserPoolTier": "LITE", "EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"},
        "AutoVerifiedAttributes": ["email"],
        "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
        "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}},
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
    let emulator = Emulator::start().await.expect("a free port");
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
    let emulator = Emulator::start().await.expect("a free port");
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

#[tokio::test]
async fn creating_with_mfa_or_phone_verification_needs_sms_reported() {
    let emulator = Emulator::start().await.expect("a free port");
    let refused = [
        json!({"PoolName": "x", "MfaConfiguration": "ON"}),
        json!({"PoolName": "x", "AutoVerifiedAttributes": ["phone_number"]}),
    ];
    for request in refused {
        assert_eq!(
            call(&emulator, "CreateUserPool", &request).await.code(),
            "InvalidParameterException",
            "{request}"
        );
    }
    let sms = json!({"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x"});
    let request = json!({"PoolName": "x", "MfaConfiguration": "ON", "AutoVerifiedAttributes": ["phone_number"], "SmsConfiguration": sms});
    let created = call(&emulator, "CreateUserPool", &request).await.json();
    let pool = json!({"UserPoolId": created["UserPool"]["Id"]});
    let live = call(&emulator, "GetUserPoolMfaConfig", &pool).await.json();
    assert_eq!(live, json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": {"SmsConfiguration": sms}}));
}

#[tokio::test]
async fn an_update_without_a_mode_keeps_it_and_resets_verified_attributes_measured() {
    let emulator = with_pool().await;
    emulator
        .state()
        .pools
        .create(ID, Facts { auto_verified_attributes: vec!["email".into()], ..Facts::ready() });
    call(&emulator, "SetUserPoolMfaConfig", &totp()).await;
    assert_eq!(call(&emulator, "UpdateUserPool", &get()).await.code(), "OK");
    let live = call(&emulator, "GetUserPoolMfaConfig", &get()).await.json();
    assert_eq!(live, json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}));
    assert!(
        emulator.state().pools.get(ID).is_some_and(|pool| pool.facts.auto_verified_attributes.is_empty())
    );
}

#[tokio::test]
async fn an_update_to_on_is_refused_and_to_off_accepted_reported() {
    let emulator = with_pool().await;
    call(&emulator, "SetUserPoolMfaConfig", &totp()).await;
    let mode = |mode: &str| json!({"UserPoolId": ID, "MfaConfiguration": mode});
    assert_eq!(call(&emulator, "UpdateUserPool", &mode("ON")).await.code(), "InvalidParameterException");
    assert_eq!(call(&emulator, "UpdateUserPool", &mode("OFF")).await.code(), "OK");
    assert_eq!(
        call(&emulator, "GetUserPoolMfaConfig", &get()).await.json(),
        json!({"MfaConfiguration": "OFF"})
    );
}

#[tokio::test]
async fn an_assumed_role_has_its_own_access_key_and_account() {
    let emulator = with_pool().await;
    let form = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=op&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fa%2Fops";
    let sts = SIGNED.replace("cognito-idp", "sts");
    let answer = exchange(&emulator, "POST", "/", &sts, form).await.expect("it answers");
    assert!(answer.headers.contains("content-type: text/xml"), "{}", answer.headers);
    let key = answer
        .body
        .split("<AccessKeyId>")
        .nth(1)
        .and_then(|rest| rest.split('<').next())
        .expect("it has a key");
    let assumed = sts.replace("AKIDTEST", key);
    let identity =
        exchange(&emulator, "POST", "/", &assumed, "Action=GetCallerIdentity").await.expect("it answers");
    assert!(
        identity.body.contains("<Arn>arn:aws:sts::111122223333:assumed-role/ops/op</Arn>"),
        "{}",
        identity.body
    );
    let unsigned = exchange(&emulator, "POST", "/", "", form).await.expect("it answers");
    assert_eq!(unsigned.status, 403);
    assert!(unsigned.body.contains("<Code>MissingAuthenticationToken</Code>"), "{}", unsigned.body);
}

#[tokio::test]
async fn a_role_that_requires_an_external_id_refuses_any_other() {
    let emulator = with_pool().await;
    emulator.state().iam.require_external_id("arn:aws:iam::111122223333:role/ops", "id");
    let form = "Action=AssumeRole&Version=2011-06-15&RoleSessionName=op&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fops";
    let sts = SIGNED.replace("cognito-idp", "sts");
    for (external_id, status) in [("", 403), ("&ExternalId=other", 403), ("&ExternalId=id", 200)] {
        let form = format!("{form}{external_id}");
        let answer = exchange(&emulator, "POST", "/", &sts, &form).await.expect("it answers");
        assert_eq!(answer.status, status, "{external_id}: {}", answer.body);
        assert_eq!(answer.body.contains("<Code>AccessDenied</Code>"), status == 403, "{}", answer.body);
    }
}
