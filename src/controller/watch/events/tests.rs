use std::time::Duration;

use cognito_mfa_core::access::accounts::Accounts;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::controller::{
    reconcile::Action,
    test_controller::{TestController, object},
};

const POOL: &str = "eu-west-1_Own";
const YOUNGER: &str = "team/younger";

/// A changed object that owned its pool so far.
fn younger() -> Value {
    let mut object = object("team", "younger", 30, &json!({"userPoolId": POOL}));
    object["metadata"]["generation"] = json!(2);
    object["status"] = json!({"observedGeneration": 1, "appliedHash": "any"});
    object
}

/// Asserts that the reconciliation of the younger object is cancelled when a claim of an older object turns up, and that the
/// next one makes no call.
async fn assert_cancelled(mut controller: TestController, show_older: impl FnOnce(&mut TestController)) {
    assert!(controller.start_of(YOUNGER).await.allows_calls(POOL, false));
    let running = CancellationToken::new();
    controller.context.table.begin_run(YOUNGER, running.clone()).expect("it is in the table");
    show_older(&mut controller);
    assert!(running.is_cancelled());
    let next = Action::Requeue(Duration::from_hours(1));
    controller.context.end_run(&YOUNGER.into(), next, Duration::ZERO);
    assert!(!controller.start_of(YOUNGER).await.allows_calls(POOL, false), "it owns its pool no more");
}

/// A controller that watches two namespaces, and has listed the one of the younger object.
async fn controller() -> TestController {
    let mut controller = TestController::new(&["late", "team"], Accounts::without_file()).await;
    controller.list(1, &[younger()]);
    controller
}

#[tokio::test]
async fn an_older_object_that_a_late_list_shows_cancels_the_younger_one() {
    let older = object("late", "older", 0, &json!({"userPoolId": POOL}));
    assert_cancelled(controller().await, |controller| controller.list_in_part(0, &[older])).await;
}

#[tokio::test]
async fn an_older_object_that_claims_its_pool_again_cancels_the_younger_one() {
    let mut older = object("late", "older", 0, &json!({"userPoolId": POOL, "managementPolicy": "Observe"}));
    let mut controller = controller().await;
    controller.list(0, &[older.clone()]);
    older["spec"]["managementPolicy"] = json!("Enforce");
    older["metadata"]["generation"] = json!(2);
    assert_cancelled(controller, |controller| controller.show(0, &older)).await;
}
