//! What any SDK program takes from its environment: endpoints, profiles, proxies, trust.

use std::process::Command;

use serde_json::json;

use crate::{
    accounts,
    child::{ACCESS_KEY, Child, file, is_live},
    server::{Reply, Server, cognito, json, lines, proxy},
};

const POOL: &str = "eu-west-1_Ab12Cd34E";
const ROLE: &str = "arn:aws:iam::123456789012:role/prod";

#[test]
fn the_services_own_endpoint_variable_comes_before_the_common_one() {
    let (common, own) = (cognito(), cognito());
    let child = Child::at(&common.url()).env("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", &own.url());
    assert!(is_live(&child.get(POOL).outcome()));
    assert_eq!((common.requests().len(), own.requests().len()), (0, 1));
}

#[test]
fn a_profile_gives_endpoint_and_credentials() {
    let server = cognito();
    let config = file(
        "profile",
        &format!(
            "[profile team]\nendpoint_url = {}\naws_access_key_id = FROMPROFILE\naws_secret_access_key = x\n",
            server.url()
        ),
    );
    let child = Child::new().without_credentials().env("AWS_PROFILE", "team").env("AWS_CONFIG_FILE", &config);
    assert!(is_live(&child.get(POOL).outcome()));
    assert!(server.requests()[0].header("authorization").contains("Credential=FROMPROFILE/"));
}

/// A child with credentials in its environment and a person who names a profile.
fn named(server: &Server, profile: &str) -> Child {
    // Tests run at the same time, each with files of its own.
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
fn a_profile_that_is_named_comes_before_credentials_in_the_environment() {
    let server = cognito();
    assert!(is_live(&named(&server, "prod").get(POOL).outcome()));
    assert!(server.requests()[0].header("authorization").contains("Credential=FROMPROD/"));
}

#[test]
fn a_profile_that_is_named_may_be_a_role() {
    let (server, sts) = (cognito(), accounts::sts("2999-01-01T00:00:00Z"));
    let child = named(&server, "role").env("AWS_ENDPOINT_URL_STS", &sts.url());
    let ran = child.get(POOL).run();
    assert!(ran.outcomes.iter().all(is_live), "{}", ran.printed);
    assert!(sts.requests()[0].header("authorization").contains("Credential=FROMPROD/"));
    assert!(!server.requests()[0].header("authorization").contains(ACCESS_KEY));
}

#[test]
fn a_profile_that_is_unknown_or_without_credentials_is_an_error() {
    let server = cognito();
    for profile in ["unknown", "bare"] {
        let outcome = named(&server, profile).get(POOL).outcome();
        assert_eq!(outcome["class"], "Credentials", "{outcome}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn without_an_endpoint_the_pools_region_gives_the_host_through_the_proxy() {
    let proxy = proxy();
    let child = Child::new().env("HTTPS_PROXY", &proxy.url()).env("AWS_REGION", "us-east-1");
    let outcome = child.set(POOL, &json!({ "mfaConfiguration": "OFF" })).outcome();
    assert_eq!((&outcome["class"], &outcome["code"]), (&json!("Transient"), &json!("ConnectionFailed")));
    assert_eq!(lines(&proxy), ["CONNECT cognito-idp.eu-west-1.amazonaws.com:443 HTTP/1.1"]);
}

#[test]
fn an_endpoint_that_is_set_and_empty_counts_as_unset() {
    let token = file("empty-endpoint-token", "token");
    let keys = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", "x")];
    let role = [("AWS_ROLE_ARN", ROLE), ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str())];
    for (credentials, host) in [(keys, "cognito-idp.eu-west-1"), (role, "sts.us-east-1")] {
        for empty in
            ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", "AWS_ENDPOINT_URL_STS"]
        {
            let proxy = proxy();
            let ended = Command::new(env!("CARGO_BIN_EXE_cognito-mfa-operator"))
                .args(["export", "--user-pool-id", POOL])
                .env_clear()
                .envs(credentials)
                .envs([("HTTPS_PROXY", proxy.url().as_str()), ("AWS_REGION", "us-east-1"), (empty, "")])
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&ended.stderr);
            let asked = lines(&proxy);
            assert!(asked.first().is_some_and(|line| line.contains(host)), "{empty}: {asked:?}: {told}");
            assert!(ended.status.code() == Some(2) && !told.contains("panicked"), "{empty}: {told}");
        }
    }
}

#[test]
fn fips_endpoints_are_used_when_asked_for() {
    let proxy = proxy();
    let child = Child::new().env("HTTPS_PROXY", &proxy.url()).env("AWS_USE_FIPS_ENDPOINT", "true");
    child.set("us-west-2_x", &json!({ "mfaConfiguration": "OFF" })).run();
    assert_eq!(lines(&proxy), ["CONNECT cognito-idp-fips.us-west-2.amazonaws.com:443 HTTP/1.1"]);
}

#[test]
fn plain_http_goes_through_http_proxy_unless_no_proxy_names_the_host() {
    let (proxy, server) = (cognito(), cognito());
    let child = |no_proxy| {
        Child::at(&server.url()).env("HTTP_PROXY", &proxy.url()).env("NO_PROXY", no_proxy).get(POOL)
    };
    assert!(is_live(&child("169.254.169.254").outcome()));
    assert_eq!((lines(&proxy), lines(&server).len()), (vec![format!("POST {}/ HTTP/1.1", server.url())], 0));
    assert!(is_live(&child("169.254.169.254,127.0.0.1").outcome()));
    assert_eq!((lines(&proxy).len(), lines(&server).len()), (1, 1));
}

#[test]
fn aws_ca_bundle_and_ssl_cert_file_say_whom_to_trust() {
    let (server, certificate) = Server::start_tls([json(200, &json!({ "MfaConfiguration": "ON" }))]);
    let outcome = Child::at(&server.tls_url()).get(POOL).outcome();
    assert_eq!(outcome["code"], "ConnectionFailed");
    assert!(outcome["message"].as_str().unwrap().contains("certificate"), "{outcome}");
    let bundle = file("bundle.pem", &certificate);
    assert!(is_live(&Child::at(&server.tls_url()).env("AWS_CA_BUNDLE", &bundle).get(POOL).outcome()));
    let system = || Child::at(&server.tls_url()).env("SSL_CERT_FILE", &bundle);
    assert!(is_live(&system().get(POOL).outcome()));
    let (_, stranger) = Server::start_tls([Reply::Hang]);
    let outcome = system().env("AWS_CA_BUNDLE", &file("stranger.pem", &stranger)).get(POOL).outcome();
    assert_eq!(outcome["code"], "ConnectionFailed", "the bundle stands in for the system's certificates");
}

#[test]
fn a_bundle_that_cannot_be_used_is_told_at_the_start() {
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
        let told = outcome["setup"].as_str().unwrap();
        assert!(told.starts_with(&format!("AWS_CA_BUNDLE names {path}, which {reason}")), "{told}");
        assert!(told.ends_with("give a file of PEM certificates, or unset the variable"), "{told}");
    }
}
