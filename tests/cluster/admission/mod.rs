//! The specs that the API server accepts and refuses, with the messages that say what to write instead.

mod formats;
mod generated_specs;
mod lengths;
mod rules;
mod types_and_defaults;
mod validate_command;

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use kube::{api::PostParams, core::DynamicObject};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

const ROLE: &str = "arn:aws:iam::123456789012:role/cognito-sms";
const POOL: &str = "eu-west-1_AbCdEf123";

/// Creates an object in a dry run. Returns the object with its defaults, or the message of the refusal.
async fn dry_run(rig: &TestNamespace, spec: &Value) -> Result<DynamicObject, String> {
    let object = json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "any"}, "spec": spec,
    });
    let params = PostParams { dry_run: true, ..PostParams::default() };
    match rig.dynamic().create(&params, &serde_json::from_value(object).expect("an object")).await {
        Ok(object) => Ok(object),
        Err(kube::Error::Api(refusal)) if refusal.code == 422 => Err(refusal.message),
        Err(error) => panic!("{spec}: {error}"),
    }
}

/// Asserts that the API server accepts the spec, and that the operator can parse the result.
async fn accepts(rig: &TestNamespace, spec: Value) {
    let object = dry_run(rig, &spec).await.unwrap_or_else(|message| panic!("refused: {spec}\n{message}"));
    let parsed: Result<UserPoolMfaConfig, _> = object.clone().try_parse();
    parsed.unwrap_or_else(|error| panic!("accepted and invalid: {spec}\n{error}"));
}

/// Asserts that the API server refuses the spec, with these words about this field. (For lengths it counts characters,
/// but its messages say bytes.)
async fn refuses(rig: &TestNamespace, spec: Value, field: &str, words: &str) {
    let Err(message) = dry_run(rig, &spec).await else { panic!("accepted: {spec}") };
    // A single refusal follows the name of the object, and several are in a list.
    let flat = message.replace("[<nil>", ", <nil>").replace("is invalid: [", "is invalid: , ");
    let is_as_expected = flat.contains(&format!(" {field}: ")) && message.contains(words);
    assert!(is_as_expected, "{spec}\nneither {field:?} nor {words:?} in:\n{message}");
}

fn spec() -> Value {
    totp(POOL)
}

fn off() -> Value {
    json!({"userPoolId": POOL, "mfaConfiguration": "OFF"})
}

fn in_region(pool: &str) -> Value {
    with(spec(), "userPoolId", json!(pool))
}

fn sms(sms: Value) -> Value {
    with(spec(), "smsMfaConfiguration", sms)
}

fn sns(sns: Value) -> Value {
    sms(with(json!({}), "smsConfiguration", sns))
}

fn eums(field: &str, value: Value) -> Value {
    sns(json!({"eumsSms": with(json!({"callerArn": ROLE}), field, value)}))
}

fn email(email: Value) -> Value {
    with(spec(), "emailMfaConfiguration", email)
}

fn passkeys(passkeys: Value) -> Value {
    with(spec(), "webAuthnConfiguration", passkeys)
}

/// A text of this many characters, each of several bytes.
fn long(characters: usize) -> String {
    "é".repeat(characters)
}

/// A message of this many characters, with the placeholder for the code.
fn message(characters: usize) -> String {
    format!("{{####}}{}", long(characters - 6))
}

/// An ARN of this many characters.
fn arn(characters: usize) -> String {
    format!("{ROLE}{}", "x".repeat(characters - ROLE.len()))
}
