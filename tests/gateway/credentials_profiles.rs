//! The profiles of a person's configuration: `aws login`, IAM Identity Center, a web identity, a process, and a typo.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    child::{Child, SECRET_KEY, SESSION_TOKEN, file, has_settings},
    server::cognito,
};

const POOL: &str = "eu-west-1_Ab12Cd34E";
const LOGIN: &str = "arn:aws:iam::123456789012:user/alice";

/// A child with a profile of this configuration; each test names a file of its own.
fn child(test: &str, profile: &str, config: &str) -> Child {
    let config = file(&format!("{test}.config"), config);
    Child::new().without_credentials().env("AWS_CONFIG_FILE", &config).env("AWS_PROFILE", profile)
}

/// The message of a call whose credentials are refused.
fn message(child: Child) -> String {
    let outcome = child.env("HOME", "/nonexistent").get(POOL).outcome();
    assert_eq!(outcome["class"], "Credentials", "{outcome}");
    outcome["message"].as_str().unwrap().to_owned()
}

/// The folder with the login that `aws login` has cached.
fn cached_login() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("login");
    fs::create_dir_all(&folder).unwrap();
    let hash = Sha256::digest(LOGIN).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let access = json!({
        "accessKeyId": "FROMLOGIN", "secretAccessKey": SECRET_KEY, "sessionToken": SESSION_TOKEN,
        "accountId": "123456789012", "expiresAt": "2999-01-01T00:00:00Z"
    });
    let login: Value = json!({
        "accessToken": access, "tokenType": "aws_sigv4", "refreshToken": "any",
        "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": "any"
    });
    fs::write(folder.join(hash).with_extension("json"), login.to_string()).unwrap();
    folder
}

#[test]
fn the_login_of_the_console_is_used() {
    let server = cognito();
    let config = format!("[profile console]\nlogin_session = {LOGIN}\nregion = eu-west-1\n");
    let child = child("login", "console", &config).env("AWS_ENDPOINT_URL", &server.url());
    let cache = cached_login();
    let outcome = child.env("AWS_LOGIN_CACHE_DIRECTORY", cache.to_str().unwrap()).get(POOL).outcome();
    assert!(has_settings(&outcome), "{outcome}");
    assert!(server.requests()[0].header("authorization").contains("Credential=FROMLOGIN/"));
}

#[test]
fn without_a_login_the_message_says_how_to_sign_in() {
    let config = format!(
        "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n\
         [profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Reader\n\
         [profile console]\nlogin_session = {LOGIN}\n\
         [profile chained]\nsource_profile = console\nrole_arn = arn:aws:iam::123456789012:role/reader\n"
    );
    for (profile, command) in [
        ("sso", "aws sso login --profile sso"),
        ("console", "aws login --profile console"),
        ("chained", "aws login --profile console"),
    ] {
        let message = message(child(&format!("sign-in-{profile}"), profile, &config));
        assert!(message.ends_with(command) && !message.contains("cargo"), "{message}");
    }
}

#[test]
fn a_missing_token_file_and_a_failing_process_are_named() {
    let config = "[profile web]\nrole_arn = arn:aws:iam::123456789012:role/reader\n\
        web_identity_token_file = /nonexistent/token\n\
        [profile process]\ncredential_process = sh -c \"echo sign in at the vault >&2; exit 3\"\n";
    let web = message(child("web", "web", config));
    assert!(web.contains("No such file") && web.contains("/nonexistent/token"), "{web}");
    let variable = Child::new().without_credentials().env("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent/irsa");
    let variable = message(variable.env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/reader"));
    assert!(variable.contains("/nonexistent/irsa"), "{variable}");
    let path = std::env::var("PATH").unwrap();
    let process = message(child("process", "process", config).env("PATH", &path));
    assert!(process.contains("sign in at the vault"), "{process}");
}

#[test]
fn a_profile_that_does_not_exist_is_no_other_identity() {
    let server = cognito();
    let keys = Child::at(&server.url()).env("AWS_PROFILE", "typo");
    let keys =
        message(keys.env("AWS_CONFIG_FILE", &file("typo.config", "[profile prod]\nregion = eu-west-1\n")));
    assert!(keys.contains("the profile \"typo\" is in neither"), "{keys}");
    assert!(server.requests().is_empty());
}
