//! What the SDK takes from the environment: endpoints, profiles, proxies and trusted certificates.

use std::process::Command;

use serde_json::json;

use crate::{
    accounts,
    child::{ACCESS_KEY, Child, file, has_settings},
    server::{Reply, Server, cognito, json, lines, proxy},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";
const ROLE: &str = "arn:aws:iam::123456789012:role/prod";

#[test]
fn the_endpoint_of_the_service_comes_before_the_common_one() {
    let (common, own) = (cognito(), cognito());
    let child = Child::at(&common.url()).env("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", &own.url());
    assert!(has_settings(&child.get(POOL).outcome()));
    assert_eq!((common.requests().len(), own.requests().len()), (0, 1));
}

#[test]
fn a_profile_provides_endpoint_and_credentials() {
    let server = cognito();
    let config = file(
        "profile",
        &format!(
            "[profile team]\nendpoint_url = {}\naws_access_key_id = FROMPROFILE\naws_secret_access_key = x\n",
            server.url()
        ),
    );
    let child = Child::new().without_credentials().env("AWS_PROFILE", "team").env("AWS_CONFIG_FILE", &config);
    assert!(has_settings(&child.get(POOL).outcome()));
    assert!(server.requests()[0].header("authorization").contains("Credential=FROMPROFILE/"));
}

/// A child that is given a profile by name, and has credentials in its environment.
fn with_profile(server: &Server, profile: &str) -> Child {
    let keys = "[prod]\naws_access_key_id = FROMPROD\naws_secret_access_key = x\n[bare]\nregion = x\n";
    let credentials = file(&format!("{profile}-credentials"), keys);
    let role = format!("[profile role]\nrole_arn = {ROLE}\nsource_profile = prod\nregion = eu-west-1\n");
    let config = file(&format!("{profile}-config"), &role);
    Child::at(&server.url())
        .env("AWS_SHARED_CREDENTIALS_FILE", &credentials)
        .env("AWS_CONFIG_FILE", &config)
        .env("CHILD_PROFILE", profile)
}

#[test]
fn a_named_profile_comes_before_credentials_in_the_environment() {
    let server = cognito();
    assert!(has_settings(&with_profile(&server, "prod").get(POOL).outcome()));
    assert!(server.requests()[0].header("authorization").contains("Credential=FROMPROD/"));
}

#[test]
fn a_named_profile_may_be_a_role() {
    let (server, sts) = (cognito(), accounts::sts("2999-01-01T00:00:00Z"));
    let child = with_profile(&server, "role").env("AWS_ENDPOINT_URL_STS", &sts.url());
    let finished = child.get(POOL).run();
    assert!(finished.outcomes.iter().all(has_settings), "{}", finished.printed);
    assert!(sts.requests()[0].header("authorization").contains("Credential=FROMPROD/"));
    assert!(!server.requests()[0].header("authorization").contains(ACCESS_KEY));
}

#[test]
fn a_profile_that_is_unknown_or_has_no_credentials_fails_the_call() {
    let server = cognito();
    for profile in ["unknown", "bare"] {
        let outcome = with_profile(&server, profile).get(POOL).outcome();
        assert_eq!(outcome["class"], "Credentials", "{outcome}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn without_an_endpoint_the_host_follows_from_the_pools_region() {
    let proxy = proxy();
    let child = Child::new().env("HTTPS_PROXY", &proxy.url()).env("AWS_REGION", "us-east-1");
    let outcome = child.set(POOL, &json!({ "mfaConfiguration": "OFF" })).outcome();
    assert_eq!((&outcome["class"], &outcome["code"]), (&json!("Transient"), &json!("ConnectionFailed")));
    assert_eq!(lines(&proxy), ["CONNECT cognito-idp.eu-west-1.amazonaws.com:443 HTTP/1.1"]);
}

#[test]
fn an_empty_endpoint_variable_fails_the_start() {
    let services = ["", "_COGNITO_IDENTITY_PROVIDER", "_STS", "_SSO", "_SSO_OIDC"];
    for variable in services.map(|service| format!("AWS_ENDPOINT_URL{service}")) {
        let outcome = Child::new().env(&variable, "").get(POOL).outcome();
        let expected =
            format!("{variable} is set and empty: unset the variable, or give it the address of an endpoint");
        assert_eq!(outcome, json!({ "setup": expected }));
    }
}

#[test]
fn an_empty_endpoint_in_the_profile_fails_the_start() {
    let keys = "aws_access_key_id = FROMPROFILE\naws_secret_access_key = x\n";
    let config = file("empty-endpoint", &format!("[profile team]\nendpoint_url =\n{keys}"));
    let child = || Child::new().env("AWS_CONFIG_FILE", &config);
    let expected =
        "endpoint_url is empty in the AWS profile: remove the line, or give it the address of an endpoint";
    for named in [child().env("AWS_PROFILE", "team"), child().env("CHILD_PROFILE", "team")] {
        assert_eq!(named.get(POOL).outcome(), json!({ "setup": expected }));
    }
    let server = cognito();
    let other_profile = child().env("AWS_ENDPOINT_URL", &server.url());
    assert!(has_settings(&other_profile.get(POOL).outcome()));
}

#[test]
fn an_empty_endpoint_that_the_operator_does_not_use_is_ignored() {
    let server = cognito();
    let child = || Child::at(&server.url()).env("AWS_ENDPOINT_URL_S3", "");
    assert!(has_settings(&child().get(POOL).outcome()));
}

/// The SDK's clients of STS and SSO read the variable even so (aws-config 1.13, `ProviderConfig::client_config`).
#[test]
fn an_empty_endpoint_is_refused_where_configured_endpoints_are_ignored() {
    let ignored = Child::new().env("AWS_ENDPOINT_URL", "").env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    let outcome = ignored.get(POOL).outcome();
    assert!(
        outcome["setup"].as_str().is_some_and(|why| why.starts_with("AWS_ENDPOINT_URL is set")),
        "{outcome}"
    );
}

#[test]
fn the_program_refuses_an_empty_endpoint_in_one_line() {
    let ended = Command::new(env!("CARGO_BIN_EXE_cognito-mfa-operator"))
        .args(["export", "--user-pool-id", POOL])
        .env_clear()
        .env("AWS_ENDPOINT_URL", "")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&ended.stderr);
    assert!(text.contains("AWS_ENDPOINT_URL is set and empty: unset the variable"), "{text}");
    assert_eq!((ended.status.code(), text.lines().count()), (Some(2), 1), "{text}");
}

#[test]
fn fips_endpoints_are_used_when_configured() {
    let proxy = proxy();
    let child = Child::new().env("HTTPS_PROXY", &proxy.url()).env("AWS_USE_FIPS_ENDPOINT", "true");
    child.set("us-west-2_x", &json!({ "mfaConfiguration": "OFF" })).run();
    assert_eq!(lines(&proxy), ["CONNECT cognito-idp-fips.us-west-2.amazonaws.com:443 HTTP/1.1"]);
}

#[test]
fn plain_http_goes_through_http_proxy_unless_no_proxy_has_the_host() {
    let (proxy, server) = (cognito(), cognito());
    let child = |no_proxy| {
        Child::at(&server.url()).env("HTTP_PROXY", &proxy.url()).env("NO_PROXY", no_proxy).get(POOL)
    };
    assert!(has_settings(&child("169.254.169.254").outcome()));
    assert_eq!((lines(&proxy), lines(&server).len()), (vec![format!("POST {}/ HTTP/1.1", server.url())], 0));
    assert!(has_settings(&child("169.254.169.254,127.0.0.1").outcome()));
    assert_eq!((lines(&proxy).len(), lines(&server).len()), (1, 1));
}

#[test]
fn trusted_certificates_come_from_aws_ca_bundle_or_ssl_cert_file() {
    let (server, certificate) = Server::start_tls([json(200, &json!({ "MfaConfiguration": "ON" }))]);
    let outcome = Child::at(&server.tls_url()).get(POOL).outcome();
    assert_eq!(outcome["code"], "ConnectionFailed");
    assert!(outcome["message"].as_str().unwrap().contains("certificate"), "{outcome}");
    let bundle = file("bundle.pem", &certificate);
    assert!(has_settings(&Child::at(&server.tls_url()).env("AWS_CA_BUNDLE", &bundle).get(POOL).outcome()));
    let system = || Child::at(&server.tls_url()).env("SSL_CERT_FILE", &bundle);
    assert!(has_settings(&system().get(POOL).outcome()));
    let (_, stranger) = Server::start_tls([Reply::Hang]);
    let outcome = system().env("AWS_CA_BUNDLE", &file("stranger.pem", &stranger)).get(POOL).outcome();
    assert_eq!(outcome["code"], "ConnectionFailed", "the bundle stands in for the system's certificates");
}

#[test]
fn a_ca_bundle_that_cannot_be_used_fails_the_start() {
    let nonsense = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let torn = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
    let bundles = [
        ("/nonexistent/ca.pem".to_owned(), "cannot be read"),
        (file("empty.pem", ""), "holds no certificate"),
        (file("torn.pem", torn), "is not PEM"),
        (file("nonsense.pem", nonsense), "has a certificate (number 1) that cannot be used"),
    ];
    for (path, reason) in bundles {
        let outcome = Child::new().env("AWS_CA_BUNDLE", &path).get(POOL).outcome();
        let text = outcome["setup"].as_str().unwrap();
        assert!(text.starts_with(&format!("AWS_CA_BUNDLE names {path}, which {reason}")), "{text}");
        assert!(text.ends_with("give a file of PEM certificates, or unset the variable"), "{text}");
    }
}

#[test]
fn a_host_that_is_not_reached_is_named() {
    let message = |child: Child| child.get(POOL).outcome()["message"].as_str().unwrap().to_owned();
    let cognito = message(Child::at("http://cognito.invalid"));
    assert!(cognito.starts_with("AWS could not be reached: cognito.invalid: "), "{cognito}");
    let agent = "http://127.0.0.1:1/v1/credentials";
    let agent = Child::new().without_credentials().env("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent);
    let agent = message(agent);
    assert!(agent.contains("their source cannot be reached") && agent.contains(" 127.0.0.1:1: "), "{agent}");
}
