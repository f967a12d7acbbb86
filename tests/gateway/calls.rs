//! What is sent, what is read, and how often.

use cognito_mfa_core::calls::failure::SET_TIMEOUT;
use cognito_mfa_operator::aws::Timeouts;
use serde_json::{Value, json};

use crate::{
    child::{Child, is_live},
    server::{Reply, Server, error, json},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";

fn off() -> Value {
    json!({ "MfaConfiguration": "OFF" })
}

/// The bodies that a Set of these settings sends.
fn sent(declared: &Value) -> Vec<Value> {
    let server = Server::start([json(200, &off())]);
    Child::at(&server.url()).set(POOL, declared).run();
    server.requests().iter().map(crate::server::Request::json).collect()
}

#[test]
fn a_get_asks_for_the_pool_signed_for_its_region_and_reads_the_answer() {
    let server = Server::start([json(
        200,
        &json!({ "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": { "Enabled": true, "Push": 1 } }),
    )]);
    let outcome = Child::at(&server.url()).env("AWS_REGION", "us-east-1").get(POOL).outcome();
    assert_eq!(
        outcome["live"],
        json!({ "mfaConfiguration": "ON", "softwareTokenMfaConfiguration": { "enabled": true } })
    );
    assert_eq!(outcome["unknown"], json!(["SoftwareTokenMfaConfiguration.Push"]));
    let request = &server.requests()[0];
    assert_eq!(request.json(), json!({ "UserPoolId": POOL }));
    assert_eq!(request.header("x-amz-target"), "AWSCognitoIdentityProviderService.GetUserPoolMfaConfig");
    assert!(request.header("authorization").contains("/eu-west-1/cognito-idp/aws4_request"), "{request:?}");
}

#[test]
fn a_set_sends_the_mode_and_every_declared_field_and_nothing_else() {
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
    assert_eq!(sent(&declared), [expected]);
}

#[test]
fn a_set_over_end_user_messaging_carries_all_its_fields() {
    let eums = json!({
        "callerArn": "arn:aws:iam::123456789012:role/eums", "externalId": "x", "originationIdentity": "o",
        "configurationSetName": "c", "inEntityId": "e", "inTemplateId": "t", "region": "eu-west-1"
    });
    let declared = json!({
        "mfaConfiguration": "ON", "smsMfaConfiguration": { "smsConfiguration": { "eumsSms": eums } },
        "webAuthnConfiguration": { "userVerification": "preferred", "factorConfiguration": "SINGLE_FACTOR" }
    });
    let sent = sent(&declared);
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
fn a_set_of_nothing_but_a_mode_still_sends_the_mode() {
    assert_eq!(
        sent(&json!({ "mfaConfiguration": "OFF" })),
        [json!({ "UserPoolId": POOL, "MfaConfiguration": "OFF" })]
    );
}

#[test]
fn an_empty_email_section_is_sent_as_one() {
    let sent = sent(&json!({ "mfaConfiguration": "ON", "emailMfaConfiguration": {} }));
    assert_eq!(sent[0]["EmailMfaConfiguration"], json!({}));
}

#[test]
fn the_answer_of_a_set_is_the_new_live_state() {
    let server = Server::start([json(
        200,
        &json!({ "MfaConfiguration": "ON", "EmailMfaConfiguration": { "Message": "d {####}" } }),
    )]);
    let declared = json!({ "mfaConfiguration": "ON", "emailMfaConfiguration": {} });
    let outcome = Child::at(&server.url()).set(POOL, &declared).outcome();
    let live = json!({ "mfaConfiguration": "ON", "emailMfaConfiguration": { "message": "d {####}" } });
    assert_eq!(outcome["live"], live);
}

#[test]
fn a_set_is_sent_once_whatever_happens() {
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
fn a_set_that_has_no_permit_at_the_last_moment_is_not_sent_and_a_get_needs_none() {
    let server = Server::start([json(200, &off()), json(200, &off())]);
    let child = Child::at(&server.url()).env("CHILD_PERMIT", "no");
    let ran = child.set(POOL, &json!({ "mfaConfiguration": "OFF" })).get(POOL).run();
    assert_eq!(ran.outcomes[0], json!({ "sent": false }));
    assert!(is_live(&ran.outcomes[1]));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn nothing_is_sent_for_who_is_called_away_between_turn_and_call() {
    let server = Server::start([json(200, &off())]);
    let set = json!({ "mfaConfiguration": "OFF" });
    for child in [Child::at(&server.url()).get(POOL), Child::at(&server.url()).set(POOL, &set)] {
        assert_eq!(child.env("CHILD_AWAY", "yes").outcome(), json!({ "sent": false }));
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_set_that_hangs_is_sent_once_and_times_out() {
    let server = Server::start([Reply::Hang, json(200, &off())]);
    let child = Child::at(&server.url()).env("CHILD_TIMEOUT_MS", "300");
    let outcome = child.set(POOL, &json!({ "mfaConfiguration": "OFF" })).outcome();
    assert_eq!((&outcome["class"], &outcome["code"]), (&json!("Transient"), &json!("Timeout")));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_set_on_a_connection_that_breaks_under_it_is_not_sent_again_on_another() {
    let server = Server::start([json(200, &off()), Reply::Raw(vec![]), json(200, &off())]);
    let ran = Child::at(&server.url()).get(POOL).set(POOL, &json!({ "mfaConfiguration": "OFF" })).run();
    assert_eq!(ran.outcomes[1]["code"], "ConnectionFailed");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_get_is_tried_three_times() {
    let server = Server::start([
        Reply::Raw(vec![]),
        error(400, "TooManyRequestsException", "slow down"),
        json(200, &off()),
    ]);
    assert_eq!(Child::at(&server.url()).get(POOL).outcome()["live"], json!({ "mfaConfiguration": "OFF" }));
    let server = Server::start([error(500, "InternalErrorException", "oh")]);
    assert_eq!(Child::at(&server.url()).get(POOL).outcome()["code"], "InternalErrorException");
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_get_that_is_refused_or_cannot_be_read_is_not_tried_again() {
    for reply in [error(400, "ResourceNotFoundException", "no pool"), json(200, &json!({}))] {
        let server = Server::start([reply]);
        Child::at(&server.url()).get(POOL).outcome();
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_get_from_an_endpoint_that_hangs_times_out() {
    let server = Server::start([Reply::Hang]);
    let outcome = Child::at(&server.url()).env("CHILD_TIMEOUT_MS", "200").get(POOL).outcome();
    assert_eq!((&outcome["class"], &outcome["code"]), (&json!("Transient"), &json!("Timeout")));
}

#[test]
fn what_is_no_pool_id_never_becomes_a_host() {
    let server = Server::start([json(200, &off())]);
    let ran = Child::at(&server.url()).get("evil.example/x_1").get("eu-west-1").get("_x").run();
    for outcome in ran.outcomes {
        assert_eq!(
            (&outcome["class"], &outcome["code"]),
            (&json!("InvalidParameter"), &json!("InvalidUserPoolId"))
        );
    }
    assert!(server.requests().is_empty());
}

#[test]
fn the_observer_hears_of_every_call_with_a_code_of_a_bounded_set() {
    let server = Server::start([
        json(200, &off()),
        error(400, "ResourceNotFoundException", "x"),
        error(400, "SomethingNewException", "x"),
    ]);
    let printed = Child::at(&server.url()).get(POOL).get(POOL).get(POOL).run().printed;
    let heard: Vec<_> =
        printed.lines().filter_map(|line| line.split_once("OBSERVED ")).map(|(_, heard)| heard).collect();
    let expected =
        ["OK", "ResourceNotFoundException", "Other"].map(|code| format!("GetUserPoolMfaConfig {code}"));
    assert_eq!(heard, expected);
}

#[test]
fn the_default_timeouts_leave_room_for_what_they_contain() {
    let timeouts = Timeouts::default();
    assert!(timeouts.credentials + timeouts.read < timeouts.attempt);
    assert!(timeouts.connect < timeouts.read);
    assert_eq!(timeouts.attempt, SET_TIMEOUT);
}
