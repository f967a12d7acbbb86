//! What is declared is what Cognito has.

use serde_json::json;

use crate::rig::{Rig, totp, with};

#[tokio::test]
async fn a_new_object_costs_one_get_one_set_and_one_status_write() {
    let rig = Rig::running().await;
    let pool = rig.pool();
    let created = rig.apply("new", totp(&pool)).await;
    let object = rig.until_reason("new", "InSync").await;
    assert_eq!(rig.cost(&pool), (1, 1));
    let status = object.status.unwrap();
    assert_eq!(status.mode.as_deref(), Some("ON"));
    assert_eq!(status.factors.as_deref(), Some("TOTP"));
    assert!(status.applied_hash.is_some() && status.last_error.is_none() && status.drift.is_empty());
    assert_eq!(rig.events("new", 1).await[0].0, "Updated");
    assert!(created.metadata.resource_version.is_some());
}

#[tokio::test]
async fn an_equal_pool_is_adopted_without_a_set() {
    let rig = Rig::running().await;
    let pool = rig.pool();
    rig.edit(&pool, &json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}));
    rig.apply("equal", totp(&pool)).await;
    rig.until_reason("equal", "InSync").await;
    assert_eq!(rig.cost(&pool), (1, 0));
    assert_eq!(rig.events("equal", 1).await[0].0, "Adopted");
}

#[tokio::test]
async fn a_pool_with_more_protection_is_held_until_the_spec_says_overwrite() {
    let rig = Rig::running().await;
    let pool = rig.pool();
    rig.edit(
        &pool,
        &json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}, "EmailMfaConfiguration": {}}),
    );
    rig.apply("met", totp(&pool)).await;
    let held = rig.until_reason("met", "AdoptionHeld").await.status.unwrap();
    assert_eq!(rig.cost(&pool), (1, 0));
    assert_eq!(held.drift[0].field, "emailMfaConfiguration");
    assert!(held.condition("Stalled").unwrap().message.contains("email as a factor"));
    rig.apply("met", with(totp(&pool), "adoptionPolicy", json!("Overwrite"))).await;
    rig.until_reason("met", "InSync").await;
    assert_eq!(rig.cost(&pool), (2, 1));
}
