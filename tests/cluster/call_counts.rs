//! The number of Cognito calls and API server writes that each kind of change costs.

use std::time::Duration;

use cognito_mfa_core::{api::v1alpha1::UserPoolMfaConfig, schedule::scheduled_check::until_scheduled_check};
use jiff::Timestamp;
use kube::{ResourceExt, api::ListParams};
use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp, with};

use crate::history::History;

#[tokio::test]
async fn a_new_object_costs_a_read_a_write_a_status_write_and_a_confirming_read() {
    let rig = TestNamespace::with_operator().await;
    let (mut history, pool) = (History::of(&rig).await, rig.pool());
    rig.apply("new", totp(&pool)).await;
    let status = rig.until_reason("new", "InSync").await.status.unwrap();
    assert_eq!(rig.call_counts(&pool), (1, 1));
    assert_eq!((status.mode.as_deref(), status.factors.as_deref()), (Some("ON"), Some("TOTP")));
    assert!(status.applied_hash.is_some() && status.last_error.is_none() && status.drift.is_empty());
    assert_eq!(rig.events("new", 1).await[0].0, "Updated");
    rig.until_call_counts(&pool, (2, 1)).await;
    rig.until_idle().await;
    assert_eq!(history.status_writes(&rig, "new").await, 1);
}

#[tokio::test]
async fn adopting_an_equal_pool_costs_a_read_and_a_status_write() {
    let rig = TestNamespace::with_operator().await;
    let (mut history, pool) = (History::of(&rig).await, rig.pool());
    rig.edit(&pool, &json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}));
    rig.apply("equal", totp(&pool)).await;
    rig.until_reason("equal", "InSync").await;
    assert_eq!(rig.events("equal", 1).await[0].0, "Adopted");
    rig.until_idle().await;
    assert_eq!((rig.call_counts(&pool), history.status_writes(&rig, "equal").await), ((1, 0), 1));
}

#[tokio::test]
async fn a_check_without_a_change_costs_a_read_and_updates_only_its_timestamps() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("same", totp(&pool)).await;
    let mut before = rig.until_reason("same", "InSync").await.status.unwrap();
    let mut history = History::of(&rig).await;
    let after = rig.check("same").await.status.unwrap();
    rig.until_idle().await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
    assert_eq!(history.versions(&rig, "same").await.len(), 2, "the annotation and the status write");
    before.last_handled_reconcile_at.clone_from(&after.last_handled_reconcile_at);
    before.last_verified_time = after.last_verified_time;
    assert_eq!(before, after);
}

#[tokio::test]
async fn labels_other_annotations_and_status_edits_trigger_no_reconciliation() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("labelled", totp(&pool)).await;
    rig.until_reason("labelled", "InSync").await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OPTIONAL"}));
    let mut history = History::of(&rig).await;
    rig.patch("labelled", json!({"metadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}}})).await;
    rig.patch_status("labelled", json!({"region": "by-hand"})).await;
    rig.until_idle().await;
    assert_eq!((rig.call_counts(&pool), history.versions(&rig, "labelled").await.len()), ((1, 1), 2));
}

#[tokio::test]
async fn a_restart_makes_no_call_and_no_write_for_settled_objects() {
    let mut rig = TestNamespace::with_operator().await;
    for number in 0..50 {
        rig.apply(&format!("settled-{number}"), totp(&rig.pool())).await;
    }
    for number in 0..50 {
        rig.until_reason(&format!("settled-{number}"), "InSync").await;
    }
    assert!(rig.stop().await);
    // A pool that was set within the last minute is read once more to confirm it, also after a restart.
    for number in 0..50 {
        rig.patch_status(&format!("settled-{number}"), json!({"lastVerifiedTime": "2026-01-01T00:00:00Z"}))
            .await;
    }
    let objects = rig.objects().list(&ListParams::default()).await.unwrap().items;
    let before: Vec<_> = objects.iter().map(|object| rig.call_counts(object.pool_id().unwrap())).collect();
    rig.start(&[]).await;
    rig.until_idle().await;
    let settled = objects.iter().zip(before).filter(|(object, _)| is_not_due_during_this_test(object));
    for (object, before) in settled {
        let current = rig.objects().get(&object.name_any()).await.unwrap();
        assert_eq!(current.resource_version(), object.resource_version());
        assert_eq!(rig.call_counts(object.pool_id().unwrap()), before);
    }
}

/// The scheduled checks of fifty objects are spread over the day, so one may fall into the test.
fn is_not_due_during_this_test(object: &UserPoolMfaConfig) -> bool {
    let uid = object.uid().expect("a stored object has a uid");
    until_scheduled_check(&uid, Duration::from_hours(24), Timestamp::now()) > Duration::from_mins(30)
}

#[tokio::test]
async fn a_suspended_object_costs_no_call_even_when_a_check_is_requested() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("suspended", with(totp(&pool), "suspend", json!(true))).await;
    rig.until_reason("suspended", "Suspended").await;
    rig.check("suspended").await;
    assert_eq!(rig.call_counts(&pool), (0, 0));
    rig.apply("suspended", totp(&pool)).await;
    rig.until_reason("suspended", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (1, 1));
}
