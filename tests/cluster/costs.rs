//! What each thing costs in calls of Cognito and in writes to the API server.

use std::time::Duration;

use cognito_mfa_core::{api::v1alpha1::UserPoolMfaConfig, schedule::scheduled_check::until_scheduled_check};
use jiff::Timestamp;
use kube::{ResourceExt, api::ListParams};
use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp, with};

use crate::history::History;

#[tokio::test]
async fn a_new_object_costs_a_get_a_set_and_a_status_write_and_one_confirming_get() {
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
async fn adopting_an_equal_pool_costs_a_get_and_a_status_write() {
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
async fn a_check_that_finds_no_change_costs_a_get_and_writes_only_what_it_answers() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("same", totp(&pool)).await;
    let mut before = rig.until_reason("same", "InSync").await.status.unwrap();
    let mut history = History::of(&rig).await;
    let after = rig.check("same").await.status.unwrap();
    rig.until_idle().await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
    assert_eq!(history.versions(&rig, "same").await.len(), 2, "the annotation and the answer");
    before.last_handled_reconcile_at.clone_from(&after.last_handled_reconcile_at);
    before.last_verified_time = after.last_verified_time;
    assert_eq!(before, after);
}

#[tokio::test]
async fn labels_and_other_annotations_and_the_status_wake_nothing() {
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
async fn a_restart_with_fifty_settled_objects_costs_nothing() {
    let mut rig = TestNamespace::with_operator().await;
    for number in 0..50 {
        rig.apply(&format!("settled-{number}"), totp(&rig.pool())).await;
    }
    for number in 0..50 {
        rig.until_reason(&format!("settled-{number}"), "InSync").await;
    }
    assert!(rig.stop().await);
    let objects = rig.objects().list(&ListParams::default()).await.unwrap().items;
    rig.start(&[]).await;
    rig.until_idle().await;
    for object in objects.into_iter().filter(has_no_slot_in_this_test) {
        let now = rig.objects().get(&object.name_any()).await.unwrap();
        assert_eq!(now.resource_version(), object.resource_version());
        assert_eq!(rig.call_counts(&object.spec.user_pool_id), (1, 1));
    }
}

/// The slots of fifty objects are anywhere in the day.
fn has_no_slot_in_this_test(object: &UserPoolMfaConfig) -> bool {
    let uid = object.uid().expect("a stored object has a uid");
    until_scheduled_check(&uid, Duration::from_hours(24), Timestamp::now()) > Duration::from_mins(30)
}

#[tokio::test]
async fn a_suspended_object_costs_no_call_whatever_is_asked_of_it() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("paused", with(totp(&pool), "suspend", json!(true))).await;
    rig.until_reason("paused", "Suspended").await;
    rig.check("paused").await;
    assert_eq!(rig.call_counts(&pool), (0, 0));
    rig.apply("paused", totp(&pool)).await;
    rig.until_reason("paused", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (1, 1));
}
