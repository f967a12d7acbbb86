//! The AWS operations over HTTP: encoding, signatures, the call log, access keys and STS.

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
