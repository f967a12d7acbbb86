//! The roles that the operator assumes.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use crate::{
    child::{ACCESS_KEY, Child, SECRET_KEY, SESSION_TOKEN, has_settings},
    server::{Reply, Request, Server, cognito, error, json},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";
const ROLE: &str = "arn:aws:iam::210987654321:role/cognito-mfa";
/// The external id of every child in these tests.
pub const EXTERNAL_ID: &str = "external-id-of-the-test";

/// An STS that lets anybody assume any role; the credentials expire at `expiration`.
pub fn sts(expiration: &str) -> Server {
    let body = format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASSUMED</AccessKeyId>\
         <SecretAccessKey>{SECRET_KEY}</SecretAccessKey><SessionToken>{SESSION_TOKEN}</SessionToken>\
         <Expiration>{expiration}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    );
    Server::start([Reply::Answer(200, body.into_bytes())])
}

/// A child that calls Cognito under `ROLE`.
pub fn child(cognito: &Server, sts: &Server) -> Child {
    Child::at(&cognito.url())
        .env("AWS_ENDPOINT_URL_STS", &sts.url())
        .env("CHILD_ROLE", ROLE)
        .env("CHILD_EXTERNAL_ID", EXTERNAL_ID)
}

fn is_signed_by(key: &str, request: &Request) -> bool {
    request.header("authorization").contains(&format!("Credential={key}/"))
}

#[test]
fn a_role_is_assumed_once_for_all_regions_in_a_session_named_after_the_namespace() {
    let (cognito, sts) = (cognito(), sts("2999-01-01T00:00:00Z"));
    let child = child(&cognito, &sts).env("CHILD_NAMESPACE", "shop");
    let finished = child.get(POOL).get("us-east-1_x").set(POOL, &json!({ "mfaConfiguration": "OFF" })).run();
    assert!(finished.outcomes.iter().all(has_settings), "{}", finished.printed);
    let requests = sts.requests();
    assert_eq!(requests.len(), 1);
    assert!(is_signed_by(ACCESS_KEY, &requests[0]), "the operator's own identity assumes it");
    for field in [
        "Action=AssumeRole&",
        "RoleArn=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%2Fcognito-mfa&",
        "RoleSessionName=cognito-mfa-operator%40shop&",
        &format!("ExternalId={EXTERNAL_ID}"),
    ] {
        assert!(requests[0].body.contains(field), "{field} is not in {}", requests[0].body);
    }
    assert_eq!(cognito.requests().len(), 3);
    for request in cognito.requests() {
        assert!(is_signed_by("ASSUMED", &request), "{request:?}");
        assert_eq!(request.header("x-amz-security-token"), SESSION_TOKEN);
    }
}

#[test]
fn a_session_is_renewed_before_it_expires() {
    let soon = (Timestamp::now() + Duration::from_secs(5)).to_string();
    let (cognito, sts) = (cognito(), sts(&soon));
    let finished = child(&cognito, &sts).get(POOL).get(POOL).run();
    assert!(finished.outcomes.iter().all(has_settings), "{}", finished.printed);
    assert_eq!(sts.requests().len(), 2);
}

#[test]
fn a_session_that_aws_ends_early_is_replaced() {
    let accepted = || json(200, &json!({ "MfaConfiguration": "ON" }));
    for code in ["ExpiredTokenException", "AccessDeniedException"] {
        let refused = || error(400, code, "no more");
        let cognito = Server::start([accepted(), refused(), refused(), accepted(), refused(), accepted()]);
        let sts = sts("2999-01-01T00:00:00Z");
        let finished =
            child(&cognito, &sts).get(POOL).get(POOL).get(POOL).get(POOL).get(POOL).get(POOL).run();
        let ends: Vec<_> = finished.outcomes.iter().map(has_settings).collect();
        assert_eq!(ends, [true, false, false, true, false, true], "{}", finished.printed);
        assert_eq!(sts.requests().len(), 2, "{code}");
    }
}

/// The SDK learns AWS's clock from the answer, and signs the next call of the same client by it.
#[test]
fn a_session_recovers_from_a_wrong_clock_without_assuming_its_role_again() {
    let ahead =
        (Timestamp::now() + Duration::from_hours(1)).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let body = json!({ "__type": "InvalidSignatureException", "message": "Signature expired" }).to_string();
    let refused = format!("HTTP/1.1 403 X\r\ndate: {ahead}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let accepted = json(200, &json!({ "MfaConfiguration": "ON" }));
    let (cognito, sts) =
        (Server::start([Reply::Raw(refused.into_bytes()), accepted]), sts("2999-01-01T00:00:00Z"));
    let finished = child(&cognito, &sts).get(POOL).get(POOL).run();
    let ends: Vec<_> = finished.outcomes.iter().map(has_settings).collect();
    assert_eq!(
        (ends.as_slice(), sts.requests().len()),
        ([false, true].as_slice(), 1),
        "{}",
        finished.printed
    );
    let hour = |request: &Request| request.header("x-amz-date")[..11].to_owned();
    let signed: Vec<_> = cognito.requests().iter().map(hour).collect();
    assert_ne!(signed[0], signed[1], "signed by AWS's clock");
}

#[test]
fn a_role_that_cannot_be_assumed_is_reported_with_what_both_accounts_need() {
    let message = "User: arn:aws:iam::123456789012:user/operator is not authorized to perform: sts:AssumeRole on resource: r";
    let body = format!(
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    let (cognito, sts) = (cognito(), Server::start([Reply::Answer(403, body.into_bytes())]));
    let finished = child(&cognito, &sts).get(POOL).run();
    let outcome = &finished.outcomes[0];
    assert_eq!(
        (&outcome["class"], &outcome["code"]),
        (&json!("Credentials"), &json!("CredentialsNotLoaded"))
    );
    let text = outcome["message"].as_str().unwrap();
    for words in [ROLE, "trust policy", "externalId", message] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    assert!(!finished.printed.contains(EXTERNAL_ID));
    assert!(cognito.requests().is_empty());
}

#[test]
fn no_role_is_assumed_without_credentials() {
    let (cognito, sts) = (cognito(), sts("2999-01-01T00:00:00Z"));
    let outcome = child(&cognito, &sts).without_credentials().get(POOL).outcome();
    assert_eq!(outcome["class"], "Credentials", "{outcome}");
    assert!(cognito.requests().is_empty() && sts.requests().is_empty());
}
