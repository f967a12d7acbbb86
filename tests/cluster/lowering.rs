//! Lowerings beyond the allowance wait; pools that somebody else keeps changing are told of.

use cognito_mfa_core::api::v1alpha1::{ALLOW_LOWERING, ConditionType};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

fn off(pool: &str) -> Value {
    json!({"userPoolId": pool, "mfaConfiguration": "OFF"})
}

async fn with_flags(flags: &[&str]) -> TestNamespace {
    let mut rig = TestNamespace::without_operator().await;
    rig.start(flags).await;
    rig
}

/// Settles objects with TOTP for everyone. Returns their names and pools.
async fn settled(rig: &TestNamespace, count: u32) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for number in 0..count {
        let (name, pool) = (format!("pool-{number}"), rig.pool());
        rig.apply(&name, totp(&pool)).await;
        rig.until_reason(&name, "InSync").await;
        all.push((name, pool));
    }
    all
}

/// Corrections are told in whole seconds, and two of the same fields in the same second are one.
async fn check_in_its_own_second(rig: &TestNamespace, name: &str) {
    let checked = rig.check(name).await;
    let last = checked.status.as_ref().and_then(|status| status.corrections.last()).map(|last| last.time);
    if let Some(last) = last {
        rig.until_server_time_after(&checked, last).await;
    }
}

fn mode(rig: &TestNamespace, pool: &str) -> Value {
    rig.aws.state().pools.find(pool).expect("the pool is there").live["MfaConfiguration"].clone()
}

#[tokio::test]
async fn a_mass_edit_to_off_lowers_as_many_pools_as_allowed_and_holds_the_rest() {
    let rig = with_flags(&["--max-lowerings-per-hour", "2"]).await;
    let all = settled(&rig, 5).await;
    for (name, pool) in &all {
        rig.apply(name, off(pool)).await;
        let told = |reason: &str| matches!(reason, "InSync" | "LoweringHeld");
        rig.until(name, "told", |status| {
            status.condition(ConditionType::Ready).is_some_and(|ready| told(&ready.reason))
        })
        .await;
    }
    let modes: Vec<_> = all.iter().map(|(_, pool)| mode(&rig, pool)).collect();
    assert_eq!(modes, ["OFF", "OFF", "ON", "ON", "ON"]);
    let told = rig.events(&all[4].0, 2).await;
    assert!(
        told.iter().any(|(reason, note)| reason == "LoweringHeld" && note.contains("allow-lowering")),
        "{told:?}"
    );
    let page = rig.page("/metrics").await.1;
    for line in
        [r#"lowerings_total{cause="spec"} 2"#, "lowerings_held 3", r#"objects{state="LoweringHeld"} 3"#]
    {
        assert!(page.contains(&format!("cognito_mfa_operator_{line}")), "{line} is not in\n{page}");
    }
}

#[tokio::test]
async fn a_held_lowering_is_done_when_the_annotation_names_its_generation() {
    let rig = with_flags(&["--max-lowerings-per-hour", "0"]).await;
    let (name, pool) = settled(&rig, 1).await.remove(0);
    rig.apply(&name, off(&pool)).await;
    let held = rig.until_reason(&name, "LoweringHeld").await;
    let generation = held.metadata.generation.unwrap();
    rig.patch(&name, json!({"metadata": {"annotations": {ALLOW_LOWERING: (generation - 1).to_string()}}}))
        .await;
    rig.check(&name).await;
    assert_eq!(mode(&rig, &pool), "ON");
    rig.patch(&name, json!({"metadata": {"annotations": {ALLOW_LOWERING: generation.to_string()}}})).await;
    rig.until_reason(&name, "InSync").await;
    assert_eq!(mode(&rig, &pool), "OFF");
    rig.apply(&name, totp(&pool)).await;
    rig.until_reason(&name, "InSync").await;
    rig.apply(&name, off(&pool)).await;
    rig.until_reason(&name, "LoweringHeld").await;
}

#[tokio::test]
async fn a_restart_forgets_no_lowering_of_the_last_hour() {
    let mut rig = with_flags(&["--max-lowerings-per-hour", "1"]).await;
    let all = settled(&rig, 2).await;
    rig.apply(&all[0].0, off(&all[0].1)).await;
    rig.until_reason(&all[0].0, "InSync").await;
    assert!(rig.stop().await);
    rig.start(&["--max-lowerings-per-hour", "1"]).await;
    rig.apply(&all[1].0, off(&all[1].1)).await;
    rig.until_reason(&all[1].0, "LoweringHeld").await;
    assert_eq!(mode(&rig, &all[1].1), "ON");
}

#[tokio::test]
async fn the_third_hand_edit_in_a_row_is_told_as_a_contest_and_the_fourth_not_again() {
    let rig = with_flags(&["--max-lowerings-per-hour", "0"]).await;
    let (name, pool) = settled(&rig, 1).await.remove(0);
    for round in 1..=4 {
        rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
        check_in_its_own_second(&rig, &name).await;
        assert_eq!(mode(&rig, &pool), "ON");
        rig.until_idle().await;
        let told = rig.events(&name, 2).await;
        let contests = told.iter().filter(|(reason, _)| reason == "Contested").count();
        assert_eq!(contests, usize::from(round >= 3), "round {round}: {told:?}");
    }
}

#[tokio::test]
async fn a_factor_that_somebody_adds_again_and_again_is_taken_away_ever_more_slowly_even_after_a_restart() {
    let mut rig = with_flags(&[]).await;
    let (name, pool) = settled(&rig, 1).await.remove(0);
    for round in 0..4 {
        rig.edit(&pool, &json!({"EmailMfaConfiguration": {}}));
        check_in_its_own_second(&rig, &name).await;
        assert_eq!(rig.call_counts(&pool).1, 2 + round.min(2), "round {round}");
    }
    rig.until_reason(&name, "Contested").await;
    assert!(rig.stop().await);
    rig.start(&[]).await;
    let status = rig.check(&name).await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "Contested");
    assert!(status.condition(ConditionType::Stalled).is_some() && status.drift.len() == 1);
    assert_eq!(rig.call_counts(&pool).1, 4);
    rig.apply(&name, with(totp(&pool), "emailMfaConfiguration", json!({}))).await;
    rig.until_reason(&name, "InSync").await;
}
