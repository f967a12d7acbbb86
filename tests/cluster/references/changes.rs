//! A reference that leads to another pool than before.

use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp, with};

use super::{
    Foreign, rig, to_ack,
    values::{Values, to_config_map},
};

/// A reference leads to another pool once a minute at most, so the tests have it named the present one long ago.
async fn name_long_ago(rig: &TestNamespace, name: &str) {
    rig.patch_status(name, json!({"userPoolIdSince": "2026-01-01T00:00:00Z"})).await;
}

#[tokio::test]
async fn another_id_is_another_pool_which_is_adopted_anew() {
    let rig = rig().await;
    let (first, second) = (rig.pool(), rig.pool());
    Foreign::ACK.apply(&rig, "any", json!({}), json!({"id": first})).await;
    rig.apply("any", to_ack("any")).await;
    rig.until_reason("any", "InSync").await;
    name_long_ago(&rig, "any").await;
    rig.edit(&first, &json!({"MfaConfiguration": "OFF"}));
    Foreign::ACK.apply(&rig, "any", json!({}), json!({"id": second})).await;
    rig.request_check("any").await;
    let is_second = |id: Option<&str>| id == Some(second.as_str());
    let changed = rig
        .until("any", "at the second pool", |status| {
            is_second(status.user_pool_id.as_deref()) && status.applied_hash.is_some()
        })
        .await;
    assert_eq!((rig.mode(&first), rig.mode(&second)), (json!("OFF"), json!("ON")));
    assert_eq!(changed.status.unwrap().previous_user_pool_id, Some(first.clone()));
    let events = rig.events("any", 3).await;
    let is_change =
        |reason: &str, note: &str| reason == "PoolChanged" && note.contains(&first) && note.contains(&second);
    assert!(events.iter().any(|(reason, note)| is_change(reason, note)), "{events:?}");
}

#[tokio::test]
async fn overwrite_counts_for_the_first_pool_alone() {
    let rig = rig().await;
    let (first, second) = (rig.pool(), rig.pool());
    rig.edit(&first, &json!({"EmailMfaConfiguration": {}}));
    rig.edit(&second, &json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}));
    Foreign::ACK.apply(&rig, "any", json!({}), json!({"id": first})).await;
    rig.apply("any", with(to_ack("any"), "adoptionPolicy", json!("Overwrite"))).await;
    rig.until_reason("any", "InSync").await;
    name_long_ago(&rig, "any").await;
    Foreign::ACK.apply(&rig, "any", json!({}), json!({"id": second})).await;
    rig.request_check("any").await;
    let held = rig.until_reason("any", "AdoptionHeld").await;
    assert_eq!((held.pool_id(), rig.call_counts(&second).1), (Some(second.as_str()), 0));
}

#[tokio::test]
async fn an_edited_config_map_takes_no_pool_from_its_owner() {
    let rig = rig().await;
    let (own, others) = (rig.pool(), rig.pool());
    rig.apply_value("config-map", "outputs", &own).await;
    rig.apply("referrer", to_config_map("outputs")).await;
    let referrer = rig.until_reason("referrer", "InSync").await;
    rig.until_younger_than(&referrer).await;
    rig.apply("owner", totp(&others)).await;
    rig.until_reason("owner", "InSync").await;
    name_long_ago(&rig, "referrer").await;
    rig.apply_value("config-map", "outputs", &others).await;
    rig.request_check("referrer").await;
    rig.until_reason("referrer", "PoolOwnedByAnother").await;
    rig.check("owner").await;
    assert_eq!(rig.until_reason("owner", "InSync").await.pool_id(), Some(others.as_str()));
}
