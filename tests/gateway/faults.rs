//! Every error as it comes over the wire, and its class.

use serde_json::{Value, json};

use crate::{
    child::Child,
    server::{Reply, Server, error, json},
};

/// The outcomes of one write for each of these answers.
fn outcomes(replies: Vec<Reply>) -> Vec<Value> {
    let count = replies.len();
    let server = Server::start(replies);
    let mut child = Child::at(&server.url());
    for _ in 0..count {
        child = child.set("eu-west-1_x", &json!({ "mfaConfiguration": "OFF" }));
    }
    let outcomes = child.run().outcomes;
    assert_eq!((outcomes.len(), server.requests().len()), (count, count));
    outcomes
}

#[test]
fn every_code_has_its_class_and_awss_message() {
    let table = [
        (400, "ConcurrentModificationException", "Concurrent"),
        (400, "FeatureUnavailableInTierException", "FeatureUnavailableInTier"),
        (500, "InternalErrorException", "Transient"),
        (400, "InvalidParameterException", "InvalidParameter"),
        (400, "InvalidSmsRoleAccessPolicyException", "SmsRoleNotUsable"),
        (400, "InvalidSmsRoleTrustRelationshipException", "SmsRoleNotUsable"),
        (400, "NotAuthorizedException", "AccessDenied"),
        (400, "OperationNotEnabledException", "OperationNotEnabled"),
        (400, "ResourceNotFoundException", "PoolNotFound"),
        (400, "TooManyRequestsException", "Throttled"),
        (429, "TooManyRequestsException", "Throttled"),
        (400, "ThrottlingException", "Throttled"),
        (503, "Throttling", "Throttled"),
        (400, "RequestLimitExceeded", "Throttled"),
        (400, "AccessDeniedException", "AccessDenied"),
        (403, "OptInRequired", "AccessDenied"),
        (400, "UnrecognizedClientException", "Credentials"),
        (400, "InvalidSignatureException", "Credentials"),
        (400, "ExpiredTokenException", "Credentials"),
        (403, "InvalidClientTokenId", "Credentials"),
        (403, "MissingAuthenticationToken", "Credentials"),
        (400, "MissingAuthenticationTokenException", "Credentials"),
        (400, "IncompleteSignature", "Credentials"),
        (400, "RequestExpired", "Credentials"),
        (403, "RequestTimeTooSkewed", "Credentials"),
        (503, "ServiceUnavailable", "Transient"),
        (500, "InternalFailure", "Transient"),
        (408, "RequestTimeout", "Transient"),
        (400, "ValidationException", "InvalidParameter"),
        (400, "BrandNewException", "InvalidParameter"),
        (503, "BrandNewException", "Transient"),
    ];
    let replies =
        table.iter().map(|(status, code, _)| error(*status, code, &format!("AWS says {code}"))).collect();
    for ((_, code, class), outcome) in table.iter().zip(outcomes(replies)) {
        assert_eq!(outcome["class"], *class, "{code}");
        assert_eq!(
            (&outcome["code"], &outcome["message"]),
            (&json!(code), &json!(format!("AWS says {code}")))
        );
    }
}

#[test]
fn a_code_is_found_in_each_place_where_aws_puts_it() {
    let body = br#"{"message":"m"}"#;
    let mut header = b"HTTP/1.1 400 X\r\nx-amzn-errortype: ResourceNotFoundException:http://x/\r\ncontent-length: 15\r\n\r\n".to_vec();
    header.extend(body);
    let replies = vec![
        error(400, "com.amazonaws.cognitoidentityprovider#ResourceNotFoundException", "m"),
        json(400, &json!({ "code": "ResourceNotFoundException", "Message": "m" })),
        Reply::Raw(header),
    ];
    for outcome in outcomes(replies) {
        assert_eq!((&outcome["class"], &outcome["message"]), (&json!("PoolNotFound"), &json!("m")));
        assert_eq!(outcome["code"], "ResourceNotFoundException");
    }
}

#[test]
fn the_reason_code_of_a_refused_parameter_is_reported() {
    let body = json!({ "__type": "InvalidParameterException", "message": "m", "reasonCode": "BAD_THING" });
    assert_eq!(outcomes(vec![json(400, &body)])[0]["reasonCode"], "BAD_THING");
}

#[test]
fn a_message_is_one_safe_line_without_request_ids() {
    let message = "denied\u{1b}[31m\nnow (Service: Cognito, Request ID: 12-34)";
    let outcome = &outcomes(vec![error(400, "AccessDeniedException", message)])[0];
    assert_eq!(outcome["message"], "denied [31m now");
}

#[test]
fn an_answer_of_a_proxy_is_not_taken_for_an_answer_of_aws() {
    let html = |status| Reply::Answer(status, b"<html>proxy</html>".to_vec());
    let table = [
        (Reply::Answer(500, vec![]), "Transient", "HttpError"),
        (Reply::Answer(503, vec![]), "Transient", "HttpError"),
        (Reply::Answer(403, vec![]), "AccessDenied", "HttpError"),
        (Reply::Answer(429, vec![]), "Throttled", "HttpError"),
        (html(403), "AccessDenied", "HttpError"),
        (html(502), "Transient", "HttpError"),
        (html(407), "Transient", "HttpError"),
        (html(200), "Transient", "UnreadableAnswer"),
        (Reply::Answer(200, vec![]), "Transient", "UnreadableAnswer"),
        (Reply::Answer(204, vec![]), "Transient", "UnreadableAnswer"),
        (json(302, &json!({})), "Transient", "HttpError"),
    ];
    let replies = table.iter().map(|(reply, ..)| reply.clone()).collect();
    for ((index, (_, class, code)), outcome) in table.iter().enumerate().zip(outcomes(replies)) {
        assert_eq!(
            (&outcome["class"], &outcome["code"]),
            (&json!(class), &json!(code)),
            "answer {index}: {outcome}"
        );
    }
}

#[test]
fn a_success_with_an_invalid_body_is_unreadable() {
    let invalid = [
        json!({}),
        json!({ "MfaConfiguration": 1 }),
        json!({ "MfaConfiguration": "ON", "SmsMfaConfiguration": [] }),
        json!({ "MfaConfiguration": "ON", "X": "x".repeat(2 * 1024 * 1024) }),
    ];
    let mut replies: Vec<_> = invalid.iter().map(|body| json(200, body)).collect();
    replies.push(Reply::Answer(200, br#"{"MfaConfiguration":"ON","MfaConfiguration":"OFF"}"#.to_vec()));
    replies.push(Reply::Answer(200, b"{\"MfaConfiguration\":\"ON\",\"X\":\"\xff\"}".to_vec()));
    for outcome in outcomes(replies) {
        assert_eq!(
            (&outcome["class"], &outcome["code"]),
            (&json!("Transient"), &json!("UnreadableAnswer")),
            "{outcome}"
        );
    }
}

#[test]
fn an_endless_body_is_cut_off_at_the_size_limit() {
    assert_eq!(outcomes(vec![Reply::Flood])[0]["code"], "UnreadableAnswer");
}

#[test]
fn an_unknown_mode_is_reported_by_its_name() {
    let outcome = &outcomes(vec![json(200, &json!({ "MfaConfiguration": "ADAPTIVE" }))])[0];
    assert_eq!(outcome["class"], "UnknownSetting");
    assert!(outcome["message"].as_str().unwrap().contains("ADAPTIVE"), "{outcome}");
}
