//! Sources of credentials that have an outage, or say no.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    accounts,
    child::{Child, has_settings},
    credentials::{irsa, web_identity_answer, with_container},
    server::{Reply, Server, cognito, error, json, nowhere},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";
const UNREACHABLE: (&str, &str) = ("Transient", "CredentialsUnreachable");
const REFUSED: (&str, &str) = ("Credentials", "CredentialsNotLoaded");
const MISSING: (&str, &str) = ("Credentials", "CredentialsNotFound");

fn class_and_code(outcome: &Value) -> (&str, &str) {
    (outcome["class"].as_str().unwrap_or_default(), outcome["code"].as_str().unwrap_or_default())
}

/// An error as STS sends it.
fn sts_error(status: u16, code: &str) -> Reply {
    let body =
        format!("<ErrorResponse><Error><Code>{code}</Code><Message>why</Message></Error></ErrorResponse>");
    Reply::Answer(status, body.into_bytes())
}

fn empty(status: u16) -> Reply {
    Reply::Answer(status, vec![])
}

/// The children whose credentials come from STS: by a web identity token, by a role of the accounts file, and by such a
/// role on top of a web identity.
fn children_of_sts(cognito: &str, sts: &str) -> [Child; 3] {
    let with_role = |child: Child| child.env("CHILD_ROLE", "arn:aws:iam::210987654321:role/cognito-mfa");
    let web_identity = || irsa().env("AWS_ENDPOINT_URL", cognito);
    [web_identity(), with_role(Child::at(cognito)), with_role(web_identity())]
        .map(|child| child.env("AWS_ENDPOINT_URL_STS", sts).env("AWS_MAX_ATTEMPTS", "1"))
}

fn assert_of_sts(reply: &Reply, expected: (&str, &str)) {
    let (cognito, sts) = (cognito(), Server::start([reply.clone()]));
    for (index, child) in children_of_sts(&cognito.url(), &sts.url()).into_iter().enumerate() {
        let outcome = child.get(POOL).outcome();
        assert_eq!(class_and_code(&outcome), expected, "child {index}: {outcome}");
    }
    assert!(cognito.requests().is_empty());
}

#[test]
fn an_outage_of_sts_is_transient() {
    for reply in [
        sts_error(500, "InternalFailure"),
        sts_error(503, "ServiceUnavailable"),
        sts_error(400, "Throttling"),
        sts_error(400, "IDPCommunicationError"),
        empty(502),
        Reply::Raw(vec![]),
    ] {
        assert_of_sts(&reply, UNREACHABLE);
    }
}

#[test]
fn an_sts_that_cannot_be_reached_or_hangs_is_transient() {
    let (cognito, hanging) = (cognito(), Server::start([Reply::Hang]));
    for child in children_of_sts(&cognito.url(), &nowhere()) {
        assert_eq!(class_and_code(&child.get(POOL).outcome()), UNREACHABLE);
    }
    for child in children_of_sts(&cognito.url(), &hanging.url()) {
        let outcome = child.env("CHILD_TIMEOUT_MS", "300").get(POOL).outcome();
        assert_eq!(class_and_code(&outcome), UNREACHABLE, "{outcome}");
    }
}

#[test]
fn a_refusal_of_sts_is_about_credentials() {
    for reply in [
        sts_error(403, "AccessDenied"),
        sts_error(400, "InvalidIdentityToken"),
        sts_error(400, "ExpiredTokenException"),
        sts_error(400, "BrandNewRefusal"),
        empty(403),
    ] {
        assert_of_sts(&reply, REFUSED);
    }
}

#[test]
fn an_outage_of_the_pod_identity_agent_is_transient_and_its_refusal_is_not() {
    let cognito = cognito();
    for (reply, expected) in [
        (empty(500), UNREACHABLE),
        (empty(503), UNREACHABLE),
        (empty(429), UNREACHABLE),
        (Reply::Raw(vec![]), UNREACHABLE),
        (Reply::Answer(200, b"<html>".to_vec()), UNREACHABLE),
        (empty(400), REFUSED),
        (empty(403), REFUSED),
        (empty(404), REFUSED),
        (json(200, &json!({ "Code": "AccessDenied", "Message": "no" })), REFUSED),
    ] {
        let agent = Server::start([reply]);
        let outcome = with_container(&cognito, &agent).get(POOL).outcome();
        assert_eq!(class_and_code(&outcome), expected, "{outcome}");
    }
    let agent = Server::start([Reply::Hang]);
    let outcome = with_container(&cognito, &agent).env("CHILD_TIMEOUT_MS", "300").get(POOL).outcome();
    assert_eq!(class_and_code(&outcome), UNREACHABLE, "{outcome}");
    assert!(cognito.requests().is_empty(), "it is not reported as an outage of Cognito");
}

/// A child without credentials that asks the node's metadata service, at an address that the environment names.
fn with_metadata(cognito: &Server, metadata: &str) -> Child {
    Child::at(&cognito.url())
        .without_credentials()
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata)
}

#[test]
fn an_outage_of_the_nodes_metadata_is_transient_and_its_refusal_is_not() {
    let cognito = cognito();
    let outcome = with_metadata(&cognito, &nowhere()).get(POOL).outcome();
    assert_eq!(class_and_code(&outcome), UNREACHABLE, "{outcome}");
    for (reply, expected) in [(empty(503), UNREACHABLE), (Reply::Hang, UNREACHABLE), (empty(403), REFUSED)] {
        let metadata = Server::start([reply]);
        let outcome = with_metadata(&cognito, &metadata.url()).get(POOL).outcome();
        assert_eq!(class_and_code(&outcome), expected, "{outcome}");
        assert!(!outcome.to_string().contains("StatusCode"), "no debug text: {outcome}");
    }
    let without_role = Server::start([session_token_of_metadata(), empty(404)]);
    let outcome = with_metadata(&cognito, &without_role.url()).get(POOL).outcome();
    assert_eq!(class_and_code(&outcome), MISSING, "{outcome}");
}

/// A child without credentials that asks the node's metadata service, at an address of which its environment says
/// nothing.
fn with_unnamed_metadata(cognito: &Server, metadata: &str, name: &str) -> Child {
    let home = file_in_home(name, &format!("[default]\nec2_metadata_service_endpoint = {metadata}\n"));
    with_metadata(cognito, "")
        .without("AWS_EC2_METADATA_SERVICE_ENDPOINT")
        .without("AWS_CONFIG_FILE")
        .without("AWS_SHARED_CREDENTIALS_FILE")
        .env("HOME", &home)
}

/// A home directory whose AWS configuration is this text.
fn file_in_home(name: &str, config: &str) -> String {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(home.join(".aws")).unwrap();
    fs::write(home.join(".aws/config"), config).unwrap();
    home.to_str().unwrap().to_owned()
}

#[test]
fn node_metadata_that_never_answered_are_no_outage_but_no_credentials() {
    let cognito = cognito();
    let outcome = with_unnamed_metadata(&cognito, &nowhere(), "no-metadata").get(POOL).outcome();
    assert_eq!(outcome["class"], "Credentials", "{outcome}");
    assert!(cognito.requests().is_empty());
}

#[test]
fn node_metadata_that_answered_before_have_an_outage() {
    let expired = || error(400, "ExpiredTokenException", "no more");
    let cognito = Server::start([json(200, &json!({ "MfaConfiguration": "ON" })), expired(), expired()]);
    let role = Reply::Answer(200, b"node-role".to_vec());
    let credentials = json!({
        "Code": "Success", "AccessKeyId": "FROMNODE", "SecretAccessKey": "x", "Token": "y",
        "Expiration": "2999-01-01T00:00:00Z"
    });
    let answers = [session_token_of_metadata(), role, json(200, &credentials), Reply::Raw(vec![])];
    let metadata = Server::start(answers);
    let child = with_unnamed_metadata(&cognito, &metadata.url(), "lost-metadata");
    let outcomes = child.get(POOL).get(POOL).get(POOL).get(POOL).run().outcomes;
    assert!(has_settings(&outcomes[0]), "{}", outcomes[0]);
    assert_eq!(class_and_code(&outcomes[2]), ("Credentials", "ExpiredTokenException"));
    assert_eq!(class_and_code(&outcomes[3]), UNREACHABLE, "{}", outcomes[3]);
}

/// The metadata service's answer to the request for a session token, which precedes each question.
fn session_token_of_metadata() -> Reply {
    let head = "HTTP/1.1 200 X\r\nconnection: close\r\nx-aws-ec2-metadata-token-ttl-seconds: 600\r\ncontent-length: 5\r\n\r\ntoken";
    Reply::Raw(head.as_bytes().to_vec())
}

#[test]
fn the_first_call_after_an_outage_of_the_source_has_credentials() {
    let down = sts_error(503, "ServiceUnavailable");
    // The SDK asks STS three times.
    let sts = Server::start([
        down.clone(),
        down.clone(),
        down,
        Reply::Answer(200, web_identity_answer().into_bytes()),
    ]);
    let cognito = cognito();
    let child = irsa().env("AWS_ENDPOINT_URL", &cognito.url()).env("AWS_ENDPOINT_URL_STS", &sts.url());
    let outcomes = child.get(POOL).get(POOL).run().outcomes;
    assert_eq!(class_and_code(&outcomes[0]), UNREACHABLE);
    assert!(has_settings(&outcomes[1]), "{}", outcomes[1]);
    assert_eq!(sts.requests().len(), 4, "an outage is not made worse");
}

#[test]
fn an_outage_of_sts_asks_for_no_change_of_a_role() {
    let (cognito, nowhere) = (cognito(), nowhere());
    let outcome = accounts::child(&cognito, &accounts::sts("2999-01-01T00:00:00Z"))
        .env("AWS_ENDPOINT_URL_STS", &nowhere)
        .get(POOL)
        .outcome();
    assert!(
        !outcome["message"].as_str().unwrap().contains("trust policy"),
        "an outage is not about rights: {outcome}"
    );
}
