//! The object changes while a pass is under way.

use std::time::Duration;

use cognito_emulator::{Effect, Fault};
use serde_json::{Value, json};
use test_support::cluster::namespace::{DEADLINE, TestNamespace, totp, with};

const GET: &str = "GetUserPoolMfaConfig";
const SET: &str = "SetUserPoolMfaConfig";

/// Holds up the next call of an operation about a pool.
fn hold_up(rig: &TestNamespace, operation: &str, pool: &str) {
    rig.fault(Fault::next(operation, Effect::Delay).on(pool).delayed(Duration::from_secs(2)));
}

/// Waits until the next call of an operation about a pool has reached the emulator.
async fn until_called(rig: &TestNamespace, operation: &str, pool: &str, times: usize) {
    let called = || rig.calls(pool).iter().filter(|(name, _)| name == operation).count() >= times;
    tokio::time::timeout(DEADLINE, rig.aws.calls_until(|_| called())).await.expect("the call comes");
}

/// The modes that were sent to a pool, in order.
fn modes(rig: &TestNamespace, pool: &str) -> Vec<Value> {
    let sets = rig.aws.calls().into_iter().filter(|call| call.operation == SET);
    sets.filter(|call| call.pool.as_deref() == Some(pool))
        .map(|call| call.request["MfaConfiguration"].clone())
        .collect()
}

#[tokio::test]
async fn a_conflict_on_the_status_write_still_ends_with_the_right_status() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    hold_up(&rig, SET, &pool);
    rig.apply("contended", totp(&pool)).await;
    until_called(&rig, SET, &pool, 1).await;
    rig.patch("contended", json!({"metadata": {"labels": {"changed": "meanwhile"}}})).await;
    let object = rig.until_reason("contended", "InSync").await;
    assert_eq!(object.metadata.labels.unwrap()["changed"], "meanwhile");
    assert!(object.status.unwrap().applied_hash.is_some());
    assert_eq!(rig.call_counts(&pool), (1, 1));
}

#[tokio::test]
async fn a_declaration_that_was_replaced_while_the_pool_was_read_is_never_set() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    hold_up(&rig, GET, &pool);
    rig.apply("edited", totp(&pool)).await;
    until_called(&rig, GET, &pool, 1).await;
    rig.apply("edited", with(totp(&pool), "mfaConfiguration", json!("OPTIONAL"))).await;
    rig.until_reason("edited", "InSync").await;
    assert_eq!(modes(&rig, &pool), ["OPTIONAL"]);
}

#[tokio::test]
async fn a_declaration_that_comes_while_an_older_one_is_set_is_set_after_it() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    hold_up(&rig, SET, &pool);
    rig.apply("lowered", totp(&pool)).await;
    until_called(&rig, SET, &pool, 1).await;
    rig.apply("lowered", with(totp(&pool), "mfaConfiguration", json!("OPTIONAL"))).await;
    rig.until_reason("lowered", "InSync").await;
    assert_eq!(modes(&rig, &pool), ["ON", "OPTIONAL"]);
}

#[tokio::test]
async fn a_check_asked_for_after_the_pool_was_read_is_another_check() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    hold_up(&rig, SET, &pool);
    rig.apply("asked", totp(&pool)).await;
    until_called(&rig, SET, &pool, 1).await;
    rig.check("asked").await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
}
