//! What the API server takes and what it refuses, with the words that tell what to write instead.

mod bounds;
mod forms;
mod generated;
mod judged;
mod rules;
mod values;

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use kube::{api::PostParams, core::DynamicObject};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

const ROLE: &str = "arn:aws:iam::123456789012:role/cognito-sms";
const POOL: &str = "eu-west-1_AbCdEf123";

/// What a refusal says, or the object with the defaults filled in.
async fn asked(rig: &TestNamespace, spec: &Value) -> Result<DynamicObject, String> {
    let object = json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "asked"}, "spec": spec,
    });
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    match rig.dynamic().create(&dry, &serde_json::from_value(object).expect("an object")).await {
        Ok(object) => Ok(object),
        Err(kube::Error::Api(refusal)) if refusal.code == 422 => Err(refusal.message),
        Err(error) => panic!("{spec}: {error}"),
    }
}

/// The server takes it, and the operator can read what the server takes.
async fn accepts(rig: &TestNamespace, spec: Value) {
    let object = asked(rig, &spec).await.unwrap_or_else(|message| panic!("refused: {spec}\n{message}"));
    let read: Result<UserPoolMfaConfig, _> = object.clone().try_parse();
    read.unwrap_or_else(|error| panic!("accepted and unreadable: {spec}\n{error}"));
}

/// The server refuses it, and says so at the field in these words. (It counts characters and says bytes.)
async fn refuses(rig: &TestNamespace, spec: Value, field: &str, words: &str) {
    let Err(message) = asked(rig, &spec).await else { panic!("accepted: {spec}") };
    // One refusal stands after the name of the object, several stand in a list.
    let flat = message.replace("[<nil>", ", <nil>").replace("is invalid: [", "is invalid: , ");
    let told = flat.contains(&format!(" {field}: ")) && message.contains(words);
    assert!(told, "{spec}\nneither {field:?} nor {words:?} in:\n{message}");
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

/// A text of that many characters, each of several bytes.
fn long(characters: usize) -> String {
    "é".repeat(characters)
}

fn message(characters: usize) -> String {
    format!("{{####}}{}", long(characters - 6))
}

/// An ARN of that many characters.
fn arn(characters: usize) -> String {
    format!("{ROLE}{}", "x".repeat(characters - ROLE.len()))
}
