//! One object speaks for a pool.

use cognito_mfa_core::api::v1alpha1::ConditionType;
use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp, with};

use crate::history::History;

/// An operator that watches two namespaces, one rig for each; the first holds the operator.
async fn two_namespaces() -> (TestNamespace, TestNamespace) {
    let mut here = TestNamespace::without_operator().await;
    let there = here.second_namespace().await;
    start(&mut here, &there).await;
    (here, there)
}

async fn start(here: &mut TestNamespace, there: &TestNamespace) {
    let both = format!("{},{}", here.namespace, there.namespace);
    here.start_with(&["--watch-namespaces", &both], &[]).await;
}

#[tokio::test]
async fn the_younger_of_two_objects_makes_no_call_and_says_who_owns_across_namespaces() {
    let (here, there) = two_namespaces().await;
    let pool = here.pool();
    here.apply("older", totp(&pool)).await;
    let older = here.until_reason("older", "InSync").await;
    here.until_younger_than(&older).await;
    let mut history = History::of(&there).await;
    there.apply("younger", totp(&pool)).await;
    let younger = there.until_reason("younger", "PoolOwnedByAnother").await.status.unwrap();
    let owner = format!("{}/older", here.namespace);
    assert!(younger.condition(ConditionType::Stalled).unwrap().message.contains(&owner));
    there.check("younger").await;
    assert_eq!(here.call_counts(&pool), (1, 1));
    assert_eq!(history.status_writes(&there, "younger").await, 2, "the loss and the check's answer");
}

#[tokio::test]
async fn a_deleted_owner_hands_the_pool_over() {
    let (here, there) = two_namespaces().await;
    let pool = here.pool();
    here.apply("older", totp(&pool)).await;
    let older = here.until_reason("older", "InSync").await;
    here.until_younger_than(&older).await;
    there.apply("younger", totp(&pool)).await;
    there.until_reason("younger", "PoolOwnedByAnother").await;
    here.delete("older").await;
    there.until_reason("younger", "InSync").await;
    assert_eq!(here.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn a_suspended_owner_still_owns_and_one_that_observes_owns_nothing() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("older", with(totp(&pool), "suspend", json!(true))).await;
    let older = rig.until_reason("older", "Suspended").await;
    rig.until_younger_than(&older).await;
    rig.apply("younger", totp(&pool)).await;
    rig.until_reason("younger", "PoolOwnedByAnother").await;
    assert_eq!(rig.call_counts(&pool), (0, 0));
    rig.apply("older", with(totp(&pool), "managementPolicy", json!("Observe"))).await;
    rig.until_reason("younger", "InSync").await;
    rig.apply("older", totp(&pool)).await;
    rig.until_reason("older", "InSync").await;
    rig.until_reason("younger", "PoolOwnedByAnother").await;
}

#[tokio::test]
async fn what_happened_while_the_operator_was_down_is_picked_up_at_its_start() {
    let (mut here, there) = two_namespaces().await;
    let (shared, edited, asked) = (here.pool(), here.pool(), here.pool());
    here.apply("older", totp(&shared)).await;
    let older = here.until_reason("older", "InSync").await;
    here.until_younger_than(&older).await;
    there.apply("younger", totp(&shared)).await;
    there.until_reason("younger", "PoolOwnedByAnother").await;
    here.apply("edited", totp(&edited)).await;
    here.apply("asked", totp(&asked)).await;
    here.until_reason("edited", "InSync").await;
    here.until_reason("asked", "InSync").await;
    assert!(here.stop().await);

    here.delete("older").await;
    here.apply("edited", with(totp(&edited), "mfaConfiguration", json!("OPTIONAL"))).await;
    here.edit(&asked, &json!({"MfaConfiguration": "OFF"}));
    let request = here.request_check("asked").await;
    start(&mut here, &there).await;

    there.until_reason("younger", "InSync").await;
    let status = here.until_reason("edited", "InSync").await.status.unwrap();
    assert_eq!(status.mode.as_deref(), Some("OPTIONAL"));
    let handled =
        here.until("asked", "handled", |status| status.last_handled_reconcile_at.as_ref() == Some(&request));
    assert_eq!(handled.await.status.unwrap().corrections.len(), 1);
}
