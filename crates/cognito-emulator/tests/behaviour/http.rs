//! The wire: awsJson1.1, signatures, the call log, callers, pools and STS.

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
async fn a_set_and_a_get_answer_as_aws_does_docs() {
    let emulator = with_pool().await;
    let set = call(&emulator, "SetUserPoolMfaConfig", &totp()).await;
    assert_eq!(set.status, 200);
    assert!(set.headers.contains("content-type: application/x-amz-json-1.1"), "{}", set.headers);
    assert!(set.headers.contains("x-amzn-requestid: "), "{}", set.headers);
    let got = call(&emulator, "GetUserPoolMfaConfig", &get()).await.json();
    assert_eq!(got, json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}));
    assert_eq!(set.json(), got);
}

#[tokio::test]
async fn an_error_has_awss_shape_docs() {
    let emulator = with_pool().await;
    let refused =
        call(&emulator, "SetUserPoolMfaConfig", &json!({"UserPoolId": ID, "MfaConfiguration": "ON"})).await;
    assert_eq!(refused.status, 400);
    assert!(refused.headers.contains("x-amzn-errortype: invalidparameterexception"), "{}", refused.headers);
    assert_eq!(refused.code(), "InvalidParameterException");
    assert!(refused.json()["message"].is_string());
}

#[tokio::test]
async fn an_unknown_pool_an_unknown_operation_and_a_broken_body_have_their_codes() {
    let emulator = with_pool().await;
    let other = json!({"UserPoolId": "us-east-1_Other"});
    assert_eq!(call(&emulator, "GetUserPoolMfaConfig", &other).await.code(), "ResourceNotFoundException");
    assert_eq!(call(&emulator, "SetUserPoolMfaConfig", &other).await.code(), "ResourceNotFoundException");
    assert_eq!(call(&emulator, "AdminDeleteUser", &get()).await.code(), "UnknownOperationException");
    let headers = format!("X-Amz-Target: AWSCognitoIdentityProviderService.GetUserPoolMfaConfig\r\n{SIGNED}");
    let broken = exchange(&emulator, "POST", "/", &headers, "{").await.expect("it answers");
    assert_eq!((broken.status, broken.code().as_str()), (400, "SerializationException"));
}

#[tokio::test]
async fn an_unsigned_request_is_refused_and_changes_nothing() {
    let emulator = with_pool().await;
    let half =
        "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/cognito-idp/aws4_request\r\n";
    for headers in ["", half, "Authorization: Bearer x\r\n"] {
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
    for other in [SIGNED.replace("us-east-1", "eu-west-1"), SIGNED.replace("cognito-idp", "s3")] {
        let answer = call_with(&emulator, "GetUserPoolMfaConfig", &other, &get()).await.expect("it answers");
        assert_eq!(answer.code(), "InvalidSignatureException", "{other}");
    }
}

#[tokio::test]
async fn the_log_has_every_call_with_its_caller_and_outcome_and_no_signature() {
    let emulator = with_pool().await;
    call(&emulator, "SetUserPoolMfaConfig", &totp()).await;
    call(&emulator, "SetUserPoolMfaConfig", &json!({"UserPoolId": ID, "MfaConfiguration": "ON"})).await;
    call_with(&emulator, "GetUserPoolMfaConfig", "", &get()).await;
    let calls = emulator.calls();
    let told: Vec<_> =
        calls.iter().map(|call| (call.sequence, call.outcome.as_str(), call.applied)).collect();
    let expected = [
        (1, "OK", true),
        (2, "InvalidParameterException", false),
        (3, "MissingAuthenticationTokenException", false),
    ];
    assert_eq!(told, expected);
    assert_eq!(calls[0].operation, "SetUserPoolMfaConfig");
    assert_eq!(calls[0].pool.as_deref(), Some(ID));
    assert_eq!(calls[0].access_key_id.as_deref(), Some("AKIDTEST"));
    assert_eq!(calls[0].request, totp());
    assert!(!format!("{calls:?}").contains("5ec2e7"), "the signature is in the log");
}

#[tokio::test]
async fn a_denied_key_and_an_expired_one_are_told_so() {
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
async fn a_created_pool_has_the_facts_that_its_fields_name() {
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
async fn a_list_comes_in_pages_and_each_pool_once_model() {
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
async fn a_list_without_bounds_or_from_nowhere_is_refused_model() {
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
async fn an_explicit_on_through_update_is_refused_and_off_taken_reported() {
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
async fn an_assumed_role_calls_under_its_own_key_and_account() {
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
    let who =
        exchange(&emulator, "POST", "/", &assumed, "Action=GetCallerIdentity").await.expect("it answers");
    assert!(who.body.contains("<Arn>arn:aws:sts::111122223333:assumed-role/ops/op</Arn>"), "{}", who.body);
    let unsigned = exchange(&emulator, "POST", "/", "", form).await.expect("it answers");
    assert_eq!(unsigned.status, 403);
    assert!(unsigned.body.contains("<Code>MissingAuthenticationToken</Code>"), "{}", unsigned.body);
}

#[tokio::test]
async fn a_role_that_asks_for_an_external_id_lets_no_other_in() {
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
