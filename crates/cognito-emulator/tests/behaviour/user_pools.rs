//! CreateUserPool, DescribeUserPool, UpdateUserPool, DeleteUserPool and ListUserPools over HTTP.

mod creation;
mod lists;
mod updates;

use cognito_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::call;

const SMS_REQUIRED: &str =
    "SMS configuration is required when phone_number is selected for auto verification";
const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

async fn start() -> Emulator {
    Emulator::start().await.expect("a free port")
}

fn sns() -> Value {
    json!({"SnsCallerArn": ROLE, "ExternalId": "x"})
}

/// Sends a call that must succeed.
async fn ok(emulator: &Emulator, operation: &str, body: Value) -> Value {
    let answer = call(emulator, operation, &body).await;
    assert_eq!(answer.code(), "OK", "{operation} {body}: {}", answer.body);
    answer.json()
}

/// Asserts that a call is refused with InvalidParameterException and these words.
async fn refuses(emulator: &Emulator, operation: &str, body: Value, words: &str) {
    let answer = call(emulator, operation, &body).await;
    assert_eq!(answer.code(), "InvalidParameterException", "{operation} {body}: {}", answer.body);
    assert_eq!(answer.json()["message"], words);
}

/// Creates a pool with these members and returns its id.
async fn create(emulator: &Emulator, mut members: Value) -> String {
    members["PoolName"] = json!("demo");
    let created = ok(emulator, "CreateUserPool", members).await;
    created["UserPool"]["Id"].as_str().expect("it has an id").to_owned()
}

async fn read_config(emulator: &Emulator, id: &str) -> Value {
    ok(emulator, "GetUserPoolMfaConfig", json!({"UserPoolId": id})).await
}

async fn describe(emulator: &Emulator, id: &str) -> Value {
    ok(emulator, "DescribeUserPool", json!({"UserPoolId": id})).await["UserPool"].take()
}
