//! Pools that somebody keeps editing against the spec.

use cognito_mfa_core::api::v1alpha1::ConditionType;
use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp, with};

use crate::weakening_limit::{settled_objects, start_with_flags};

/// Checks the object and waits for a later second, because two corrections of a field in the same second count as one.
async fn check_in_own_second(rig: &TestNamespace, name: &str) {
    let checked = rig.check(name).await;
    let last_correction = checked.status.as_ref().and_then(|status| status.corrections.last());
    if let Some(correction) = last_correction {
        rig.until_server_time_after(&checked, correction.time).await;
    }
}

#[tokio::test]
async fn the_third_manual_edit_in_a_row_is_reported_as_contested_once() {
    let rig = start_with_flags(&["--max-lowerings-per-hour", "0"]).await;
    let (name, pool) = settled_objects(&rig, 1).await.remove(0);
    for round in 1..=4 {
        rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
        check_in_own_second(&rig, &name).await;
        assert_eq!(rig.mode(&pool), "ON");
        rig.until_idle().await;
        let events = rig.events(&name, 2).await;
        let contested = events.iter().filter(|(reason, _)| reason == "Contested").count();
        assert_eq!(contested, usize::from(round >= 3), "round {round}: {events:?}");
    }
}

#[tokio::test]
async fn a_factor_added_repeatedly_is_removed_less_often_even_after_a_restart() {
    let mut rig = start_with_flags(&[]).await;
    let (name, pool) = settled_objects(&rig, 1).await.remove(0);
    for round in 0..4 {
        rig.edit(&pool, &json!({"EmailMfaConfiguration": {}}));
        check_in_own_second(&rig, &name).await;
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
