//! Edits of an object while it is being reconciled.

use std::time::Duration;

use cognito_emulator::{Effect, Fault};
use serde_json::{Value, json};
use test_support::cluster::{
    deadline::DEADLINE,
    namespace::{TestNamespace, totp, with},
};

const GET: &str = "GetUserPoolMfaConfig";
const SET: &str = "SetUserPoolMfaConfig";

/// Delays the next call of an operation about a pool.
fn delay_call(rig: &TestNamespace, operation: &str, pool: &str) {
    rig.fault(Fault::next(operation, Effect::Delay).on(pool).delayed(Duration::from_secs(2)));
}

/// Waits until a call of an operation about a pool has reached the emulator.
async fn until_called(rig: &TestNamespace, operation: &str, pool: &str) {
    let is_called = || rig.calls(pool).iter().any(|(called, _)| called == operation);
    tokio::time::timeout(DEADLINE, rig.aws.calls_until(|_| is_called())).await.expect("the call comes");
}

/// The modes that were written to a pool, in order.
fn written_modes(rig: &TestNamespace, pool: &str) -> Vec<Value> {
    let writes = rig.aws.calls().into_iter().filter(|call| call.operation == SET);
    writes
        .filter(|call| call.pool.as_deref() == Some(pool))
        .map(|call| call.request["MfaConfiguration"].clone())
        .collect()
}

#[tokio::test]
async fn a_conflict_on_the_status_write_still_ends_with_the_right_status() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    delay_call(&rig, SET, &pool);
    rig.apply("edited", totp(&pool)).await;
    until_called(&rig, SET, &pool).await;
    rig.patch("edited", json!({"metadata": {"labels": {"changed": "concurrently"}}})).await;
    let object = rig.until_reason("edited", "InSync").await;
    assert_eq!(object.metadata.labels.unwrap()["changed"], "concurrently");
    assert!(object.status.unwrap().applied_hash.is_some());
    assert_eq!(rig.call_counts(&pool), (1, 1));
}

#[tokio::test]
async fn a_spec_replaced_while_the_pool_is_read_is_never_written() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    delay_call(&rig, GET, &pool);
    rig.apply("edited", totp(&pool)).await;
    until_called(&rig, GET, &pool).await;
    rig.apply("edited", with(totp(&pool), "mfaConfiguration", json!("OPTIONAL"))).await;
    rig.until_reason("edited", "InSync").await;
    assert_eq!(written_modes(&rig, &pool), ["OPTIONAL"]);
}

#[tokio::test]
async fn a_spec_that_arrives_during_a_write_is_written_after_it() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    delay_call(&rig, SET, &pool);
    rig.apply("changed", totp(&pool)).await;
    until_called(&rig, SET, &pool).await;
    rig.apply("changed", with(totp(&pool), "mfaConfiguration", json!("OPTIONAL"))).await;
    rig.until_reason("changed", "InSync").await;
    assert_eq!(written_modes(&rig, &pool), ["ON", "OPTIONAL"]);
}

#[tokio::test]
async fn a_check_requested_after_the_pool_was_read_is_a_second_check() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    delay_call(&rig, SET, &pool);
    rig.apply("asked", totp(&pool)).await;
    until_called(&rig, SET, &pool).await;
    rig.check("asked").await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
}
