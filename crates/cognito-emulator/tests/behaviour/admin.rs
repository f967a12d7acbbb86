//! The admin path over HTTP.

use cognito_emulator::{Emulator, SmsRole, Switches, Tier};
use serde_json::{Value, json};

use crate::client::{call, exchange};

const ID: &str = "us-east-1_Abcdef123";

async fn start() -> Emulator {
    Emulator::start().await.expect("a free port")
}

/// Sends an admin request and returns the status and the body of the answer.
async fn admin(emulator: &Emulator, method: &str, path: &str, body: Value) -> (u16, Value) {
    let path = format!("/_admin/{path}");
    let answer = exchange(emulator, method, &path, "", &body.to_string()).await.expect("it answers");
    (answer.status, answer.json())
}

async fn read_config(emulator: &Emulator) -> Value {
    call(emulator, "GetUserPoolMfaConfig", &json!({"UserPoolId": ID})).await.json()
}

#[tokio::test]
async fn a_pool_can_be_put_patched_listed_and_deleted() {
    let emulator = start().await;
    let path = format!("pools/{ID}");
    let (status, _) = admin(&emulator, "PUT", &path, json!({"facts": {"emailSender": "DEVELOPER"}})).await;
    assert_eq!(status, 200);
    let change = json!({"facts": {"tier": "LITE", "smsRole": "NotTrusted"}});
    let (_, pool) = admin(&emulator, "PATCH", &path, change).await;
    assert_eq!(pool["facts"]["emailSender"], "DEVELOPER", "a patch keeps the other facts");
    let facts = emulator.state().pools.get(ID).expect("it exists").facts.clone();
    assert_eq!((facts.tier, facts.sms_role), (Tier::Lite, SmsRole::NotTrusted));
    let (_, pools) = admin(&emulator, "GET", "pools", Value::Null).await;
    assert_eq!(pools[0]["id"], ID);
    assert_eq!(admin(&emulator, "DELETE", &path, Value::Null).await.0, 200);
    assert_eq!(admin(&emulator, "GET", &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn the_live_settings_can_be_patched_to_anything() {
    let emulator = start().await;
    let path = format!("pools/{ID}");
    let first =
        json!({"live": {"MfaConfiguration": "SOMETIMES", "VoiceMfaConfiguration": {"Enabled": true}}});
    admin(&emulator, "PUT", &path, first).await;
    let expected = json!({"MfaConfiguration": "SOMETIMES", "VoiceMfaConfiguration": {"Enabled": true}});
    assert_eq!(read_config(&emulator).await, expected);
    admin(
        &emulator,
        "PATCH",
        &path,
        json!({"live": {"MfaConfiguration": null, "VoiceMfaConfiguration": null}}),
    )
    .await;
    assert_eq!(read_config(&emulator).await, json!({}), "null removes any member, even the mode");
}

#[tokio::test]
async fn calls_can_be_read_and_cleared_and_exclude_admin_requests() {
    let emulator = start().await;
    read_config(&emulator).await;
    let (_, calls) = admin(&emulator, "GET", "calls", Value::Null).await;
    let arrived = calls[0]["arrivedMs"].as_u64().expect("milliseconds");
    let expected = json!([{"sequence": 1, "arrivedMs": arrived, "operation": "GetUserPoolMfaConfig", "pool": ID, "accessKeyId": "AKIDTEST",
        "request": {"UserPoolId": ID}, "outcome": "ResourceNotFoundException", "applied": false}]);
    assert_eq!(calls, expected);
    admin(&emulator, "DELETE", "calls", Value::Null).await;
    assert_eq!(emulator.calls(), []);
    read_config(&emulator).await;
    assert_eq!(emulator.calls()[0].sequence, 2, "clearing the log does not reset the sequence");
}

#[tokio::test]
async fn switches_can_be_patched_and_reset() {
    let emulator = start().await;
    let (status, answer) = admin(&emulator, "PATCH", "switches", json!({"smsRemoval": "ShownOn"})).await;
    assert_eq!(
        (status, &answer["smsRemoval"], &answer["setAnswer"]),
        (200, &json!("ShownOn"), &json!("StoredState"))
    );
    assert_ne!(emulator.state().switches, Switches::default());
    admin(&emulator, "DELETE", "switches", Value::Null).await;
    assert_eq!(emulator.state().switches, Switches::default());
}

#[tokio::test]
async fn faults_are_queued_and_cleared() {
    let emulator = start().await;
    let fault = json!({"operation": "GetUserPoolMfaConfig", "pool": ID, "times": 2, "when": "After", "delayMs": 1,
        "effect": {"Error": {"code": "InternalErrorException", "message": "why"}}});
    let (status, queued) = admin(&emulator, "POST", "faults", fault).await;
    assert_eq!((status, &queued[0]["times"]), (200, &json!(2)));
    assert_eq!(read_config(&emulator).await, json!({"__type": "InternalErrorException", "message": "why"}));
    admin(&emulator, "DELETE", "faults", Value::Null).await;
    assert_eq!(read_config(&emulator).await["__type"], "ResourceNotFoundException");
}

#[tokio::test]
async fn access_keys_can_be_denied_and_quotas_enabled() {
    let emulator = start().await;
    assert_eq!(admin(&emulator, "PUT", "access-keys/AKIDTEST", json!({"status": "Denied"})).await.0, 200);
    assert_eq!(read_config(&emulator).await["__type"], "AccessDeniedException");
    assert_eq!(admin(&emulator, "PUT", "quotas", json!({"enabled": true})).await.0, 200);
    assert!(emulator.state().quota.enabled);
}

#[tokio::test]
async fn an_invalid_admin_request_is_refused_with_the_reason() {
    let emulator = start().await;
    let requests = [
        ("PATCH", "switches", json!({"smsRemovals": "ShownOn"}), "smsRemovals"),
        ("PATCH", "switches", json!({"smsRemoval": "Gone"}), "Gone"),
        ("POST", "faults", json!({"operation": "GetUserPoolMfaConfig", "effect": "Explode"}), "Explode"),
        ("PUT", "pools/us-east-1_X", json!({"lives": {}}), "lives"),
        ("PUT", "pools/us-east-1_X", json!({"facts": {"tier": "GOLD"}}), "GOLD"),
    ];
    for (method, path, body, culprit) in requests {
        let (status, answer) = admin(&emulator, method, path, body).await;
        assert_eq!(status, 400, "{path}");
        assert!(answer["error"].as_str().is_some_and(|error| error.contains(culprit)), "{answer}");
    }
}
