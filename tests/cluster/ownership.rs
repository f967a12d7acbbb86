//! One object owns a pool.

use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig};
use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp, with};

use crate::history::History;

/// Starts an operator that watches two namespaces. The first rig has the operator.
async fn watch_two_namespaces() -> (TestNamespace, TestNamespace) {
    let mut here = TestNamespace::without_operator().await;
    let there = here.second_namespace().await;
    watch_both(&mut here, &there).await;
    (here, there)
}

async fn watch_both(here: &mut TestNamespace, there: &TestNamespace) {
    let both = format!("{},{}", here.namespace, there.namespace);
    here.start_with(&["--watch-namespaces", &both], &[]).await;
}

/// Creates an object that owns the pool, and a younger one that does not. Returns the younger one.
pub async fn contest_pool(here: &TestNamespace, there: &TestNamespace, pool: &str) -> UserPoolMfaConfig {
    here.apply("older", totp(pool)).await;
    let older = here.until_reason("older", "InSync").await;
    here.until_younger_than(&older).await;
    there.apply("younger", totp(pool)).await;
    there.until_reason("younger", "PoolOwnedByAnother").await
}

#[tokio::test]
async fn the_younger_object_makes_no_call_and_names_the_owner_across_namespaces() {
    let (here, there) = watch_two_namespaces().await;
    let pool = here.pool();
    let mut history = History::of(&there).await;
    let younger = contest_pool(&here, &there, &pool).await.status.unwrap();
    let owner = format!("{}/older", here.namespace);
    assert!(younger.condition(ConditionType::Stalled).unwrap().message.contains(&owner));
    there.check("younger").await;
    assert_eq!(here.call_counts(&pool), (1, 1));
    assert_eq!(history.status_writes(&there, "younger").await, 2, "the lost pool and the handled check");
}

#[tokio::test]
async fn deleting_the_owner_hands_over_the_pool() {
    let (here, there) = watch_two_namespaces().await;
    let pool = here.pool();
    contest_pool(&here, &there, &pool).await;
    here.delete("older").await;
    there.until_reason("younger", "InSync").await;
    assert_eq!(here.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn a_suspended_object_owns_its_pool_and_an_observing_one_does_not() {
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
async fn changes_while_the_operator_was_down_are_handled_at_its_start() {
    let (mut here, there) = watch_two_namespaces().await;
    let (shared, edited, asked) = (here.pool(), here.pool(), here.pool());
    contest_pool(&here, &there, &shared).await;
    here.apply("edited", totp(&edited)).await;
    here.apply("asked", totp(&asked)).await;
    here.until_reason("edited", "InSync").await;
    here.until_reason("asked", "InSync").await;
    assert!(here.stop().await);

    here.delete("older").await;
    here.apply("edited", with(totp(&edited), "mfaConfiguration", json!("OPTIONAL"))).await;
    here.edit(&asked, &json!({"MfaConfiguration": "OFF"}));
    let request = here.request_check("asked").await;
    watch_both(&mut here, &there).await;

    there.until_reason("younger", "InSync").await;
    let status = here.until_reason("edited", "InSync").await.status.unwrap();
    assert_eq!(status.mode.as_deref(), Some("OPTIONAL"));
    let checked =
        here.until("asked", "checked", |status| status.last_handled_reconcile_at.as_ref() == Some(&request));
    assert_eq!(checked.await.status.unwrap().corrections.len(), 1);
}
