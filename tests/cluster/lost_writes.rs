//! Writes that Cognito accepted and that another writer undid before the operator looked again.

use std::time::Duration;

use cognito_emulator::{Effect, Fault};
use cognito_mfa_core::api::v1alpha1::ConditionType;
use serde_json::{Value, json};
use test_support::cluster::{
    deadline::DEADLINE,
    namespace::{TestNamespace, totp, with},
};

const SET: &str = "SetUserPoolMfaConfig";

/// Turns MFA off by hand, and again between the operator's correction and its look at the result.
async fn lose_a_race(rig: &TestNamespace, name: &str, pool: &str) {
    rig.edit(pool, &json!({"MfaConfiguration": "OFF"}));
    let late = Fault::next(SET, Effect::Delay).after_applying().delayed(Duration::from_secs(1));
    rig.fault(late.on(pool));
    rig.request_check(name).await;
    let is_corrected = rig.aws.calls_until(|_| rig.mode(pool) == "ON");
    tokio::time::timeout(DEADLINE, is_corrected).await.expect("the correction comes");
    rig.edit(pool, &json!({"MfaConfiguration": "OFF"}));
    let status = rig.until_reason(name, "NotTaken").await.status.unwrap();
    assert_eq!((status.mode.as_deref(), status.not_taken.unwrap().writes), (Some("OFF"), 1));
}

/// Creates an object that requires TOTP, and waits until it is in sync. Returns its pool.
async fn settled(rig: &TestNamespace, name: &str, interval: &str) -> String {
    let pool = rig.pool();
    rig.edit(&pool, &json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}));
    rig.apply(name, with(totp(&pool), "driftCheckInterval", json!(interval))).await;
    rig.until_reason(name, "InSync").await;
    pool
}

#[tokio::test]
async fn a_correction_that_lost_a_race_is_repeated_without_a_request() {
    let rig = TestNamespace::with_operator().await;
    let pool = settled(&rig, "raced", "1m").await;
    lose_a_race(&rig, "raced", &pool).await;
    let status = rig.until_reason("raced", "InSync").await.status.unwrap();
    assert_eq!((rig.mode(&pool), status.not_taken), ("ON".into(), None));
    assert_eq!(rig.call_counts(&pool).1, 2);
}

#[tokio::test]
async fn a_requested_check_repeats_a_lost_write_once() {
    let rig = TestNamespace::with_operator().await;
    let pool = settled(&rig, "asked", "24h").await;
    lose_a_race(&rig, "asked", &pool).await;
    let status = rig.check("asked").await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "InSync");
    assert_eq!((rig.mode(&pool), rig.call_counts(&pool).1), ("ON".into(), 2));
}

#[tokio::test]
async fn a_spec_that_is_reverted_during_its_write_is_written_as_a_changed_spec() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("reverted", totp(&pool)).await;
    rig.until_reason("reverted", "InSync").await;
    rig.fault(Fault::next(SET, Effect::Delay).on(&pool).delayed(Duration::from_secs(2)));
    rig.apply("reverted", with(totp(&pool), "mfaConfiguration", json!("OPTIONAL"))).await;
    let is_sent = rig.aws.calls_until(|_| rig.call_counts(&pool).1 == 2);
    tokio::time::timeout(DEADLINE, is_sent).await.expect("the write comes");
    rig.apply("reverted", totp(&pool)).await;
    let status = rig.until_reason("reverted", "InSync").await.status.unwrap();
    let writes = rig.aws.calls().into_iter().filter(|call| call.operation == SET);
    let writes = writes.filter(|call| call.pool.as_deref() == Some(&pool));
    let modes: Vec<Value> = writes.map(|call| call.request["MfaConfiguration"].clone()).collect();
    assert_eq!(modes, ["ON", "OPTIONAL", "ON"]);
    assert_eq!(status.corrections, [], "the user's own revert is no drift");
    assert!(status.last_lowering_time.is_some(), "the weakening write between was accepted");
}
