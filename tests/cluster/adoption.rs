//! The first time an object meets its pool, and every time its memory is lost.

use cognito_mfa_core::api::v1alpha1::ConditionType;
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

fn with_email(pool: &str) -> Value {
    with(totp(pool), "emailMfaConfiguration", json!({}))
}

fn live_with_email() -> Value {
    json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": {}})
}

#[tokio::test]
async fn a_held_object_stays_held_and_is_adopted_once_it_declares_what_the_pool_has() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(&pool, &live_with_email());
    rig.apply("held", totp(&pool)).await;
    rig.until_reason("held", "AdoptionHeld").await;
    assert_eq!(rig.events("held", 1).await[0].0, "AdoptionHeld");
    rig.check("held").await;
    rig.apply("held", with_email(&pool)).await;
    let status = rig.until_reason("held", "InSync").await.status.unwrap();
    assert!(status.applied_hash.is_some() && status.drift.is_empty());
    assert_eq!(rig.call_counts(&pool), (3, 0));
}

#[tokio::test]
async fn a_pool_with_more_protection_is_held_until_the_spec_says_overwrite() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(&pool, &live_with_email());
    rig.apply("met", totp(&pool)).await;
    let held = rig.until_reason("met", "AdoptionHeld").await.status.unwrap();
    assert_eq!(rig.call_counts(&pool), (1, 0));
    assert_eq!(held.drift[0].field, "emailMfaConfiguration");
    assert!(held.condition(ConditionType::Stalled).unwrap().message.contains("email as a factor"));
    rig.apply("met", with(totp(&pool), "adoptionPolicy", json!("Overwrite"))).await;
    rig.until_reason("met", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn a_pool_that_only_gains_protection_is_set_without_asking() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(
        &pool,
        &json!({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}}),
    );
    rig.apply("raised", with_email(&pool)).await;
    rig.until_reason("raised", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (1, 1));
}

#[tokio::test]
async fn a_lost_status_ends_in_a_hold_rather_than_in_lowering() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("forgetful", totp(&pool)).await;
    rig.until_reason("forgetful", "InSync").await;
    rig.edit(&pool, &live_with_email());
    let mut wiped = rig.dynamic().get("forgetful").await.unwrap();
    wiped.data["status"] = json!({"observedGeneration": -1});
    rig.dynamic().replace_status("forgetful", &kube::api::PostParams::default(), &wiped).await.unwrap();
    let status = rig.check("forgetful").await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "AdoptionHeld");
    assert_eq!(rig.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn a_second_object_that_inherits_a_pool_does_not_lower_it() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("first", with_email(&pool)).await;
    let first = rig.until_reason("first", "InSync").await;
    rig.until_younger_than(&first).await;
    rig.apply("forgotten", totp(&pool)).await;
    rig.until_reason("forgotten", "PoolOwnedByAnother").await;
    rig.delete("first").await;
    rig.until_reason("forgotten", "AdoptionHeld").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}
