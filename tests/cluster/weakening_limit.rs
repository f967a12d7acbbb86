//! Weakening writes ("lowerings") beyond the hourly limit are on hold.

use cognito_mfa_core::{
    api::v1alpha1::{ALLOW_LOWERING, ConditionType},
    settings::diff,
};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp};

fn off(pool: &str) -> Value {
    json!({"userPoolId": pool, "mfaConfiguration": "OFF"})
}

pub async fn start_with_flags(flags: &[&str]) -> TestNamespace {
    let mut rig = TestNamespace::without_operator().await;
    rig.start(flags).await;
    rig
}

/// Creates objects that require TOTP, and waits until they are in sync. Returns their names and pools.
pub async fn settled_objects(rig: &TestNamespace, count: u32) -> Vec<(String, String)> {
    let mut objects = Vec::new();
    for number in 0..count {
        let (name, pool) = (format!("pool-{number}"), rig.pool());
        rig.apply(&name, totp(&pool)).await;
        rig.until_reason(&name, "InSync").await;
        objects.push((name, pool));
    }
    objects
}

#[tokio::test]
async fn a_mass_edit_to_off_weakens_only_as_many_pools_as_the_limit_allows() {
    let rig = start_with_flags(&["--max-lowerings-per-hour", "2"]).await;
    let objects = settled_objects(&rig, 5).await;
    for (name, pool) in &objects {
        rig.apply(name, off(pool)).await;
        let is_final = |reason: &str| matches!(reason, "InSync" | "LoweringHeld");
        rig.until(name, "in sync or on hold", |status| {
            status.condition(ConditionType::Ready).is_some_and(|ready| is_final(&ready.reason))
        })
        .await;
    }
    let modes: Vec<_> = objects.iter().map(|(_, pool)| rig.mode(pool)).collect();
    assert_eq!(modes, ["OFF", "OFF", "ON", "ON", "ON"]);
    let events = rig.events(&objects[4].0, 2).await;
    assert!(
        events.iter().any(|(reason, note)| reason == "LoweringHeld" && note.contains("allow-lowering")),
        "{events:?}"
    );
    let page = rig.page("/metrics").await.1;
    for line in
        [r#"lowerings_total{cause="spec"} 2"#, "lowerings_held 3", r#"objects{state="LoweringHeld"} 3"#]
    {
        assert!(page.contains(&format!("cognito_mfa_operator_{line}")), "{line} is not in\n{page}");
    }
}

#[tokio::test]
async fn a_weakening_write_is_approved_by_naming_its_generation() {
    let rig = start_with_flags(&["--max-lowerings-per-hour", "0"]).await;
    let (name, pool) = settled_objects(&rig, 1).await.remove(0);
    rig.apply(&name, off(&pool)).await;
    let on_hold = rig.until_reason(&name, "LoweringHeld").await;
    let generation = on_hold.metadata.generation.unwrap();
    rig.patch(&name, json!({"metadata": {"annotations": {ALLOW_LOWERING: (generation - 1).to_string()}}}))
        .await;
    rig.check(&name).await;
    assert_eq!(rig.mode(&pool), "ON");
    rig.patch(&name, json!({"metadata": {"annotations": {ALLOW_LOWERING: generation.to_string()}}})).await;
    rig.until_reason(&name, "InSync").await;
    assert_eq!(rig.mode(&pool), "OFF");
    rig.apply(&name, totp(&pool)).await;
    rig.until_reason(&name, "InSync").await;
    rig.apply(&name, off(&pool)).await;
    let stalled = rig.until_reason(&name, "LoweringHeld").await;
    assert!(stalled.status.unwrap().condition(ConditionType::Stalled).is_some(), "nobody but a person helps");
}

#[tokio::test]
async fn a_commit_that_carries_the_hash_of_its_settings_approves_its_own_write_once() {
    let rig = start_with_flags(&["--max-lowerings-per-hour", "0"]).await;
    let (name, pool) = settled_objects(&rig, 1).await.remove(0);
    let hash = diff::hash(&serde_json::from_value(json!({"mfaConfiguration": "OFF"})).unwrap());
    let approval = json!({"metadata": {"annotations": {ALLOW_LOWERING: hash}}});
    let spec = json!({"mfaConfiguration": "OFF", "softwareTokenMfaConfiguration": null});
    rig.patch(&name, json!({"metadata": approval["metadata"], "spec": spec})).await;
    rig.until_reason(&name, "InSync").await;
    assert_eq!(rig.mode(&pool), "OFF");
    rig.apply(&name, totp(&pool)).await;
    rig.until_reason(&name, "InSync").await;
    rig.patch(&name, json!({"metadata": approval["metadata"], "spec": spec})).await;
    rig.until_reason(&name, "LoweringHeld").await;
    rig.check(&name).await;
    assert_eq!(rig.mode(&pool), "ON");
}

#[tokio::test]
async fn a_restart_remembers_the_weakening_writes_of_the_last_hour() {
    let mut rig = start_with_flags(&["--max-lowerings-per-hour", "1"]).await;
    let objects = settled_objects(&rig, 2).await;
    rig.apply(&objects[0].0, off(&objects[0].1)).await;
    rig.until_reason(&objects[0].0, "InSync").await;
    assert!(rig.stop().await);
    rig.start(&["--max-lowerings-per-hour", "1"]).await;
    rig.apply(&objects[1].0, off(&objects[1].1)).await;
    rig.until_reason(&objects[1].0, "LoweringHeld").await;
    assert_eq!(rig.mode(&objects[1].1), "ON");
}

#[tokio::test]
async fn after_a_restart_objects_on_hold_wait_in_the_order_in_which_they_asked() {
    let mut rig = start_with_flags(&["--max-lowerings-per-hour", "0"]).await;
    let objects = settled_objects(&rig, 3).await;
    for (name, pool) in objects.iter().rev() {
        rig.apply(name, off(pool)).await;
        let on_hold = rig.until_reason(name, "LoweringHeld").await;
        let stalled = on_hold.status.as_ref().unwrap().condition(ConditionType::Stalled).unwrap();
        // The times in statuses are whole seconds.
        rig.until_server_time_after(&on_hold, stalled.last_transition_time.0).await;
    }
    assert!(rig.stop().await);
    rig.start(&["--max-lowerings-per-hour", "1"]).await;
    rig.until_reason(&objects[2].0, "InSync").await;
    for (name, pool) in &objects[..2] {
        rig.until(name, "waiting for its turn", |status| {
            status.condition(ConditionType::Reconciling).is_some()
        })
        .await;
        assert_eq!(rig.mode(pool), "ON");
    }
}
