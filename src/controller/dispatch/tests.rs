use cognito_mfa_core::{access::accounts::Accounts, api::v1alpha1::FINALIZER};
use serde_json::{Value, json};

use crate::controller::test_controller::{TestController, object};

const POOL: &str = "eu-west-1_Own";

/// An object with these fields that is being deleted, which asks to turn MFA off. It adopted its pool, unless `status` says
/// otherwise.
fn being_deleted(name: &str, fields: &Value, status: &Value) -> Value {
    let mut object = object("team", name, 30, fields);
    object["spec"]["deletionPolicy"] = json!("Disable");
    object["metadata"]["finalizers"] = json!([FINALIZER]);
    object["metadata"]["deletionTimestamp"] = json!("2026-01-01T01:00:00Z");
    object["metadata"]["generation"] = json!(2);
    object["status"] = status.clone();
    object
}

fn adopted() -> Value {
    json!({"observedGeneration": 1, "appliedHash": "any"})
}

/// Whether the deletion of the object starts with a turn of its pool, next to these other objects.
async fn takes_turn(deleted: Value, others: &[Value]) -> bool {
    let mut controller = TestController::new(&["team"], Accounts::without_file()).await;
    let key = format!("team/{}", deleted["metadata"]["name"].as_str().unwrap());
    controller.list(0, &[others, &[deleted]].concat());
    controller.start_of(&key).await.allows_calls(POOL, false)
}

#[tokio::test]
async fn a_deletion_that_turns_mfa_off_takes_the_turn_of_its_pool() {
    assert!(takes_turn(being_deleted("only", &json!({}), &adopted()), &[]).await);
}

#[tokio::test]
async fn a_deletion_that_leaves_the_pool_unchanged_does_not_take_its_turn() {
    let owner = object("team", "owner", 0, &json!({}));
    assert!(!takes_turn(being_deleted("not-owner", &json!({}), &adopted()), &[owner]).await);
    assert!(!takes_turn(being_deleted("never-adopted", &json!({}), &json!({})), &[]).await);
    let suspended = being_deleted("suspended", &json!({"suspend": true}), &adopted());
    assert!(!takes_turn(suspended, &[]).await);
}
