//! What requests contain, how answers are read, and how often a call is sent.

use cognito_mfa_core::calls::failure::SET_TIMEOUT;
use cognito_mfa_operator::aws::Timeouts;
use serde_json::{Value, json};

use crate::{
    child::{Child, has_settings},
    server::{Reply, Server, error, json},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";

fn off() -> Value {
    json!({ "MfaConfiguration": "OFF" })
}

/// The bodies of the requests that a write of these settings sends.
fn bodies_of_write(declared: &Value) -> Vec<Value> {
    let server = Server::start([json(200, &off())]);
    Child::at(&server.url()).set(POOL, declared).run();
    server.requests().iter().map(crate::server::Request::json).collect()
}

#[test]
fn a_read_is_signed_for_the_pools_region_and_decodes_the_answer() {
    let server = Server::start([json(
        200,
        &json!({ "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": { "Enabled": true, "Push": 1 } }),
    )]);
    let outcome = Child::at(&server.url()).env("AWS_REGION", "us-east-1").get(POOL).outcome();
    assert_eq!(
        outcome["settings"],
        json!({ "mfaConfiguration": "ON", "softwareTokenMfaConfiguration": { "enabled": true } })
    );
    assert_eq!(outcome["unknown"], json!(["SoftwareTokenMfaConfiguration.Push"]));
    let request = &server.requests()[0];
    assert_eq!(request.json(), json!({ "UserPoolId": POOL }));
    assert_eq!(request.header("x-amz-target"), "AWSCognitoIdentityProviderService.GetUserPoolMfaConfig");
    assert!(request.header("authorization").contains("/eu-west-1/cognito-idp/aws4_request"), "{request:?}");
}

#[test]
fn a_write_sends_exactly_the_declared_settings() {
    let declared = json!({
        "mfaConfiguration": "OPTIONAL",
        "smsMfaConfiguration": {
            "smsAuthenticationMessage": "code {####}",
            "smsConfiguration": { "snsCallerArn": "arn:aws:iam::123456789012:role/sns", "externalId": "x", "snsRegion": "eu-west-1" }
        },
        "softwareTokenMfaConfiguration": { "enabled": true },
        "emailMfaConfiguration": { "message": "m {####}", "subject": "s" },
        "webAuthnConfiguration": {
            "relyingPartyId": "auth.example.com", "userVerification": "required",
            "factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"
        }
    });
    let expected = json!({
        "UserPoolId": POOL,
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {
            "SmsAuthenticationMessage": "code {####}",
            "SmsConfiguration": { "SnsCallerArn": "arn:aws:iam::123456789012:role/sns", "ExternalId": "x", "SnsRegion": "eu-west-1" }
        },
        "SoftwareTokenMfaConfiguration": { "Enabled": true },
        "EmailMfaConfiguration": { "Message": "m {####}", "Subject": "s" },
        "WebAuthnConfiguration": {
            "RelyingPartyId": "auth.example.com", "UserVerification": "required",
            "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"
        }
    });
    assert_eq!(bodies_of_write(&declared), [expected]);
}

#[test]
fn a_write_sends_all_fields_of_end_user_messaging() {
    let eums = json!({
        "callerArn": "arn:aws:iam::123456789012:role/eums", "externalId": "x", "originationIdentity": "o",
        "configurationSetName": "c", "inEntityId": "e", "inTemplateId": "t", "region": "eu-west-1"
    });
    let declared = json!({
        "mfaConfiguration": "ON", "smsMfaConfiguration": { "smsConfiguration": { "eumsSms": eums } },
        "webAuthnConfiguration": { "userVerification": "preferred", "factorConfiguration": "SINGLE_FACTOR" }
    });
    let sent = bodies_of_write(&declared);
    // The SDK writes the empty SnsCallerArn: the model requires the member.
    let expected = json!({ "SnsCallerArn": "", "EumsSms": {
        "CallerArn": "arn:aws:iam::123456789012:role/eums", "ExternalId": "x", "OriginationIdentity": "o",
        "ConfigurationSetName": "c", "InEntityId": "e", "InTemplateId": "t", "Region": "eu-west-1"
    } });
    assert_eq!(sent[0]["SmsMfaConfiguration"], json!({ "SmsConfiguration": expected }));
    let passkeys = json!({ "UserVerification": "preferred", "FactorConfiguration": "SINGLE_FACTOR" });
    assert_eq!(sent[0]["WebAuthnConfiguration"], passkeys);
}

#[test]
fn a_write_of_a_mode_alone_sends_the_mode() {
    assert_eq!(
        bodies_of_write(&json!({ "mfaConfiguration": "OFF" })),
        [json!({ "UserPoolId": POOL, "MfaConfiguration": "OFF" })]
    );
}

#[test]
fn an_empty_email_section_is_sent() {
    let sent = bodies_of_write(&json!({ "mfaConfiguration": "ON", "emailMfaConfiguration": {} }));
    assert_eq!(sent[0]["EmailMfaConfiguration"], json!({}));
}

#[test]
fn the_answer_of_a_write_has_the_pools_new_settings() {
    let server = Server::start([json(
        200,
        &json!({ "MfaConfiguration": "ON", "EmailMfaConfiguration": { "Message": "d {####}" } }),
    )]);
    let declared = json!({ "mfaConfiguration": "ON", "emailMfaConfiguration": {} });
    let outcome = Child::at(&server.url()).set(POOL, &declared).outcome();
    let settings = json!({ "mfaConfiguration": "ON", "emailMfaConfiguration": { "message": "d {####}" } });
    assert_eq!(outcome["settings"], settings);
}

#[test]
fn a_write_is_sent_once_whatever_the_answer() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"MfaConfiguration\":\"ON\"}".to_vec();
    let faults = [
        (error(500, "InternalErrorException", "x"), "InternalErrorException"),
        (error(400, "TooManyRequestsException", "x"), "TooManyRequestsException"),
        (error(429, "ThrottlingException", "x"), "ThrottlingException"),
        (error(400, "ConcurrentModificationException", "x"), "ConcurrentModificationException"),
        (Reply::Answer(503, vec![]), "HttpError"),
        (Reply::Raw(cut), "UnreadableAnswer"),
        (Reply::Raw(vec![]), "ConnectionFailed"),
    ];
    for (fault, code) in faults {
        let server = Server::start([fault, json(200, &off())]);
        let outcome = Child::at(&server.url()).set(POOL, &json!({ "mfaConfiguration": "OFF" })).outcome();
        assert_eq!((&outcome["code"], &outcome["operation"]), (&json!(code), &json!("SetUserPoolMfaConfig")));
        assert_eq!(server.requests().len(), 1, "{code}");
    }
}

#[test]
fn a_write_without_a_permit_is_not_sent_and_a_read_needs_none() {
    let server = Server::start([json(200, &off()), json(200, &off())]);
    let child = Child::at(&server.url()).env("CHILD_PERMIT", "no");
    let finished = child.set(POOL, &json!({ "mfaConfiguration": "OFF" })).get(POOL).run();
    assert_eq!(finished.outcomes[0], json!({ "sent": false, "why": "refused" }));
    assert!(has_settings(&finished.outcomes[1]));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_client_cancelled_between_turn_and_call_sends_nothing() {
    let server = Server::start([json(200, &off())]);
    let declared = json!({ "mfaConfiguration": "OFF" });
    for child in [Child::at(&server.url()).get(POOL), Child::at(&server.url()).set(POOL, &declared)] {
        let outcome = child.env("CHILD_CANCELLED", "yes").outcome();
        assert_eq!(outcome, json!({ "sent": false, "why": "cancelled" }));
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_write_that_hangs_is_sent_once_and_times_out() {
    let server = Server::start([Reply::Hang, json(200, &off())]);
    let child = Child::at(&server.url()).env("CHILD_TIMEOUT_MS", "300");
    let outcome = child.set(POOL, &json!({ "mfaConfiguration": "OFF" })).outcome();
    assert_eq!((&outcome["class"], &outcome["code"]), (&json!("Transient"), &json!("Timeout")));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_write_is_not_sent_again_when_its_connection_breaks() {
    let server = Server::start([json(200, &off()), Reply::Raw(vec![]), json(200, &off())]);
    let finished = Child::at(&server.url()).get(POOL).set(POOL, &json!({ "mfaConfiguration": "OFF" })).run();
    assert_eq!(finished.outcomes[1]["code"], "ConnectionFailed");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_read_has_three_attempts() {
    let server = Server::start([
        Reply::Raw(vec![]),
        error(400, "TooManyRequestsException", "slow down"),
        json(200, &off()),
    ]);
    assert_eq!(
        Child::at(&server.url()).get(POOL).outcome()["settings"],
        json!({ "mfaConfiguration": "OFF" })
    );
    let server = Server::start([error(500, "InternalErrorException", "oh")]);
    assert_eq!(Child::at(&server.url()).get(POOL).outcome()["code"], "InternalErrorException");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_read_is_not_retried_when_it_is_refused_or_unreadable() {
    for reply in [error(400, "ResourceNotFoundException", "no pool"), json(200, &json!({}))] {
        let server = Server::start([reply]);
        Child::at(&server.url()).get(POOL).outcome();
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_read_from_an_endpoint_that_hangs_times_out() {
    let server = Server::start([Reply::Hang]);
    let outcome = Child::at(&server.url()).env("CHILD_TIMEOUT_MS", "200").get(POOL).outcome();
    assert_eq!((&outcome["class"], &outcome["code"]), (&json!("Transient"), &json!("Timeout")));
}

#[test]
fn an_invalid_pool_id_never_becomes_a_host_name() {
    let server = Server::start([json(200, &off())]);
    let finished = Child::at(&server.url()).get("evil.example/x_1").get("eu-west-1").get("_x").run();
    for outcome in finished.outcomes {
        assert_eq!(
            (&outcome["class"], &outcome["code"]),
            (&json!("InvalidParameter"), &json!("InvalidUserPoolId"))
        );
    }
    assert!(server.requests().is_empty());
}

#[test]
fn the_observer_gets_every_call_with_a_code_of_a_bounded_set() {
    let server = Server::start([
        json(200, &off()),
        error(400, "ResourceNotFoundException", "x"),
        error(400, "SomethingNewException", "x"),
    ]);
    let printed = Child::at(&server.url()).get(POOL).get(POOL).get(POOL).run().printed;
    let observed = printed.lines().filter_map(|line| line.split_once("OBSERVED "));
    let observed: Vec<_> = observed.map(|(_, call)| call).collect();
    let expected =
        ["OK", "ResourceNotFoundException", "Other"].map(|code| format!("GetUserPoolMfaConfig {code}"));
    assert_eq!(observed, expected);
}

#[test]
fn the_default_timeouts_leave_room_for_their_parts() {
    let timeouts = Timeouts::default();
    assert!(timeouts.credentials + timeouts.read < timeouts.attempt);
    assert!(timeouts.connect < timeouts.read);
    assert_eq!(timeouts.attempt, SET_TIMEOUT);
}
