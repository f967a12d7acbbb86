//! Where credentials come from, how missing credentials are reported, and that no credential is logged.

use serde_json::{Value, json};

use crate::{
    accounts,
    child::{ACCESS_KEY, Child, SECRET_KEY, SESSION_TOKEN, file, has_settings},
    server::{Reply, Request, Server, cognito, error, json, lines, proxy},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";

#[test]
fn missing_credentials_fail_the_call_and_not_the_start() {
    let server = cognito();
    let outcome = Child::at(&server.url()).without_credentials().get(POOL).outcome();
    assert_eq!((&outcome["class"], &outcome["code"]), (&json!("Credentials"), &json!("CredentialsNotFound")));
    assert!(
        outcome["message"].as_str().unwrap().starts_with("no AWS credentials: the environment"),
        "{outcome}"
    );
    assert!(server.requests().is_empty());
}

fn container() -> Server {
    Server::start([json(200, &container_credentials())])
}

/// The answer of a container endpoint.
pub fn container_credentials() -> Value {
    json!({
        "AccessKeyId": "FROMCONTAINER", "SecretAccessKey": SECRET_KEY, "Token": SESSION_TOKEN,
        "Expiration": "2999-01-01T00:00:00Z"
    })
}

/// A child whose credentials come from a container endpoint, as with EKS Pod Identity.
pub fn with_container(cognito: &Server, container: &Server) -> Child {
    Child::at(&cognito.url())
        .without_credentials()
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &container.url())
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN", SESSION_TOKEN)
}

#[test]
fn credentials_are_loaded_once_for_all_regions() {
    let container = container();
    let cognito = cognito();
    let finished = with_container(&cognito, &container).get(POOL).get("us-east-1_x").get("eu-west-1_y").run();
    assert!(finished.outcomes.iter().all(has_settings), "{}", finished.printed);
    assert_eq!(container.requests().len(), 1);
    let signed = |request: &Request| request.header("authorization").contains("Credential=FROMCONTAINER/");
    assert!(cognito.requests().iter().all(signed));
}

#[test]
fn node_metadata_that_hang_delay_the_start_once() {
    let (cognito, metadata) = (cognito(), Server::start([Reply::Hang]));
    let child = Child::at(&cognito.url())
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url());
    assert!(has_settings(&child.get(POOL).outcome()));
    assert_eq!(metadata.requests().len(), 1);
}

#[test]
fn a_role_that_sts_refuses_is_reported_in_stss_words() {
    let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized to assume it</Message></Error>\
                </ErrorResponse>";
    let (cognito, sts) = (cognito(), Server::start([Reply::Answer(403, body.as_bytes().to_vec())]));
    let child = irsa().env("AWS_ENDPOINT_URL", &cognito.url()).env("AWS_ENDPOINT_URL_STS", &sts.url());
    let outcome = child.get(POOL).outcome();
    assert_eq!(
        (&outcome["class"], &outcome["code"]),
        (&json!("Credentials"), &json!("CredentialsNotLoaded"))
    );
    assert!(outcome["message"].as_str().unwrap().contains("Not authorized to assume it"), "{outcome}");
    assert!(!outcome.to_string().contains(SESSION_TOKEN));
}

/// A child with a web identity token, as with IRSA.
pub fn irsa() -> Child {
    Child::new()
        .without_credentials()
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", &file("token", SESSION_TOKEN))
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/operator")
}

#[test]
fn sts_is_called_through_the_proxy_and_needs_no_region() {
    let proxy = proxy();
    let outcome = irsa().env("HTTPS_PROXY", &proxy.url()).get(POOL).outcome();
    assert_eq!(outcome["code"], "CredentialsUnreachable");
    let requests = lines(&proxy);
    assert!(
        !requests.is_empty()
            && requests.iter().all(|line| line == "CONNECT sts.us-east-1.amazonaws.com:443 HTTP/1.1"),
        "{requests:?}"
    );
}

/// The logs at TRACE of calls whose credentials come from STS, from a container endpoint and through a proxy.
fn trace_logs(filter: &str, bodies: &str) -> String {
    let sts = Server::start([Reply::Answer(200, web_identity_answer().into_bytes())]);
    let (cognito, container) = (cognito(), container());
    let children = [
        irsa().env("AWS_ENDPOINT_URL", &cognito.url()).env("AWS_ENDPOINT_URL_STS", &sts.url()),
        with_container(&cognito, &container),
        Child::at(&cognito.url()).env("HTTP_PROXY", &cognito.url().replace("//", "//user:proxy-password@")),
        accounts::child(&cognito, &accounts::sts("2999-01-01T00:00:00Z")),
    ];
    let trace =
        |child: Child| child.env("CHILD_TRACE", filter).env("LOG_SENSITIVE_BODIES", bodies).get(POOL).run();
    let printed = children.map(|child| trace(child).printed).concat();
    assert_eq!(cognito.requests().len(), 4, "{printed}");
    assert!(cognito.requests()[2].header("proxy-authorization").starts_with("Basic "));
    printed
}

fn line_with_a_secret(printed: &str) -> Option<&str> {
    let secrets = [SECRET_KEY, SESSION_TOKEN, "Signature=", "proxy-password", "Basic "];
    printed.lines().find(|line| secrets.iter().any(|secret| line.contains(secret)))
}

#[test]
fn no_secret_is_logged_at_any_level() {
    let filtered = trace_logs("filtered", "true");
    assert!(filtered.contains("DEBUG"), "{filtered}");
    assert_eq!(line_with_a_secret(&filtered), None);
    assert!(!filtered.contains(accounts::EXTERNAL_ID));
    assert!(line_with_a_secret(&trace_logs("unfiltered", "true")).is_some(), "there is no secret to filter");
}

#[test]
fn the_sdk_redacts_secrets_unless_configured_otherwise() {
    let unfiltered = trace_logs("unfiltered", "false");
    assert!(unfiltered.contains("transmitting request"), "{unfiltered}");
    assert_eq!(line_with_a_secret(&unfiltered), None);
}

pub fn web_identity_answer() -> String {
    format!(
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
         <AccessKeyId>{ACCESS_KEY}</AccessKeyId><SecretAccessKey>{SECRET_KEY}</SecretAccessKey>\
         <SessionToken>{SESSION_TOKEN}</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
         </Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
    )
}

#[test]
fn an_error_of_aws_about_credentials_has_the_class_credentials() {
    let server = Server::start([error(400, "UnrecognizedClientException", "The security token is invalid.")]);
    let outcome = Child::at(&server.url()).get(POOL).outcome();
    assert_eq!(
        (&outcome["class"], &outcome["message"]),
        (&json!("Credentials"), &json!("The security token is invalid."))
    );
}

#[test]
fn a_session_of_the_operators_own_identity_that_aws_ends_early_is_replaced() {
    let accepted = || json(200, &json!({ "MfaConfiguration": "ON" }));
    for code in ["ExpiredTokenException", "AccessDeniedException"] {
        let refused = || error(400, code, "no more");
        let cognito = Server::start([accepted(), refused(), refused(), accepted(), refused(), accepted()]);
        let agent = container();
        let child = with_container(&cognito, &agent);
        let finished = child.get(POOL).get(POOL).get(POOL).get(POOL).get(POOL).get(POOL).run();
        let ends: Vec<_> = finished.outcomes.iter().map(has_settings).collect();
        assert_eq!(ends, [true, false, false, true, false, true], "{}", finished.printed);
        assert_eq!(agent.requests().len(), 2, "{code}");
    }
}

#[test]
fn lasting_denials_of_the_operators_own_identity_renew_its_session_once_a_minute() {
    let (cognito, agent) = (Server::start([error(400, "AccessDeniedException", "no")]), container());
    let child = with_container(&cognito, &agent);
    child.get(POOL).get(POOL).get(POOL).get(POOL).get(POOL).get(POOL).run();
    assert_eq!((cognito.requests().len(), agent.requests().len()), (6, 2));
}
