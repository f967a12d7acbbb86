//! Pools that somebody keeps editing against the spec: that is reported, and slows no correction.

use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig};
use serde_json::json;
use test_support::{
    cluster::namespace::TestNamespace,
    kstatus::{Kstatus, kstatus},
};

use crate::weakening_limit::{settled_objects, start_with_flags};

/// Checks the object and waits for a later second, because two corrections of a field in the same second count as one.
async fn check_in_own_second(rig: &TestNamespace, name: &str) -> UserPoolMfaConfig {
    let checked = rig.check(name).await;
    let last_correction = checked.status.as_ref().and_then(|status| status.corrections.last());
    if let Some(correction) = last_correction {
        rig.until_server_time_after(&checked, correction.time).await;
    }
    checked
}

fn ready_reason(object: &UserPoolMfaConfig) -> &str {
    &object.status.as_ref().unwrap().condition(ConditionType::Ready).unwrap().reason
}

#[tokio::test]
async fn the_third_manual_edit_in_a_row_is_reported_as_contested_once() {
    let rig = start_with_flags(&["--max-lowerings-per-hour", "0"]).await;
    let (name, pool) = settled_objects(&rig, 1).await.remove(0);
    for round in 1..=4 {
        rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
        let checked = check_in_own_second(&rig, &name).await;
        assert_eq!(rig.mode(&pool), "ON");
        let expected = if round >= 3 { "Contested" } else { "InSync" };
        assert_eq!((ready_reason(&checked), kstatus(&checked)), (expected, Kstatus::Current), "{round}");
        rig.until_idle().await;
        let events = rig.events(&name, 2).await;
        let contested = events.iter().filter(|(reason, _)| reason == "Contested").count();
        assert_eq!(contested, usize::from(round >= 3), "round {round}: {events:?}");
    }
}

#[tokio::test]
async fn a_factor_added_repeatedly_is_removed_at_every_check_even_after_a_restart() {
    let mut rig = start_with_flags(&[]).await;
    let (name, pool) = settled_objects(&rig, 1).await.remove(0);
    for round in 0..4 {
        rig.edit(&pool, &json!({"EmailMfaConfiguration": {}}));
        check_in_own_second(&rig, &name).await;
        assert_eq!(rig.call_counts(&pool).1, 2 + round, "round {round}");
    }
    rig.until_reason(&name, "Contested").await;
    assert!(rig.stop().await);
    rig.start(&[]).await;
    rig.edit(&pool, &json!({"EmailMfaConfiguration": {}}));
    let checked = rig.check(&name).await;
    assert_eq!((ready_reason(&checked), kstatus(&checked)), ("Contested", Kstatus::Current));
    assert!(checked.status.unwrap().drift.is_empty());
    assert_eq!(rig.call_counts(&pool).1, 6);
}
