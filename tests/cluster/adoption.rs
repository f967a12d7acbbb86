//! The adoption of a pool by an object, and what happens when the status that records it is lost.

use cognito_mfa_core::api::v1alpha1::ConditionType;
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

fn with_email(pool: &str) -> Value {
    with(totp(pool), "emailMfaConfiguration", json!({}))
}

fn settings_with_email() -> Value {
    json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": {}})
}

#[tokio::test]
async fn a_hold_ends_when_the_spec_declares_what_the_pool_has() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(&pool, &settings_with_email());
    rig.apply("on-hold", totp(&pool)).await;
    rig.until_reason("on-hold", "AdoptionHeld").await;
    assert_eq!(rig.events("on-hold", 1).await[0].0, "AdoptionHeld");
    rig.check("on-hold").await;
    rig.apply("on-hold", with_email(&pool)).await;
    let status = rig.until_reason("on-hold", "InSync").await.status.unwrap();
    assert!(status.applied_hash.is_some() && status.drift.is_empty());
    assert_eq!(rig.call_counts(&pool), (3, 0));
}

#[tokio::test]
async fn a_pool_with_more_protection_is_on_hold_until_the_policy_is_overwrite() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(&pool, &settings_with_email());
    rig.apply("overwriting", totp(&pool)).await;
    let status = rig.until_reason("overwriting", "AdoptionHeld").await.status.unwrap();
    assert_eq!(rig.call_counts(&pool), (1, 0));
    assert_eq!(status.drift[0].field, "emailMfaConfiguration");
    assert!(status.condition(ConditionType::Stalled).unwrap().message.contains("email as a factor"));
    rig.apply("overwriting", with(totp(&pool), "adoptionPolicy", json!("Overwrite"))).await;
    rig.until_reason("overwriting", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn adoption_that_only_adds_protection_is_written_without_a_hold() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(
        &pool,
        &json!({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}}),
    );
    rig.apply("strengthened", with_email(&pool)).await;
    rig.until_reason("strengthened", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (1, 1));
}

#[tokio::test]
async fn a_lost_status_leads_to_a_hold_and_not_to_a_weakening_write() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("wiped", totp(&pool)).await;
    rig.until_reason("wiped", "InSync").await;
    rig.edit(&pool, &settings_with_email());
    let mut object = rig.dynamic().get("wiped").await.unwrap();
    object.data["status"] = json!({"observedGeneration": -1});
    rig.dynamic().replace_status("wiped", &kube::api::PostParams::default(), &object).await.unwrap();
    let status = rig.check("wiped").await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "AdoptionHeld");
    assert_eq!(rig.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn an_object_that_takes_over_a_pool_does_not_weaken_it() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("first", with_email(&pool)).await;
    let first = rig.until_reason("first", "InSync").await;
    rig.until_younger_than(&first).await;
    rig.apply("second", totp(&pool)).await;
    rig.until_reason("second", "PoolOwnedByAnother").await;
    rig.delete("first").await;
    rig.until_reason("second", "AdoptionHeld").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}
