//! Objects that this build cannot parse are reported, and do not affect other objects.

use cognito_mfa_core::api::v1alpha1::FINALIZER;
use kube::{
    api::{DeleteParams, PostParams},
    core::DynamicObject,
};
use serde_json::{Value, json};
use test_support::cluster::{
    deadline::DEADLINE,
    install,
    namespace::{TestNamespace, totp},
    operator::Access,
};

use crate::{
    faults::fault_proxy::{FaultProxy, Moment},
    ownership::contest_pool,
};

/// Creates an object with a null section, as a client does that sends `emailMfaConfiguration:` without a value.
pub async fn create_with_null_section(rig: &TestNamespace, name: &str, pool: &str) {
    let mut object: DynamicObject = serde_json::from_value(json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": name}, "spec": totp(pool),
    }))
    .expect("an object");
    object.data["spec"]["emailMfaConfiguration"] = Value::Null;
    rig.dynamic().create(&PostParams::default(), &object).await.expect("the API server keeps the null");
}

async fn until_reported(rig: &TestNamespace, name: &str) -> Value {
    let is_reported = |object: Option<&DynamicObject>| {
        object.is_some_and(|object| object.data["status"]["conditions"][0]["reason"] == "InvalidSpec")
    };
    let reported = kube::runtime::wait::await_condition(rig.dynamic(), name, is_reported);
    let object =
        tokio::time::timeout(DEADLINE, reported).await.expect("it is reported").expect("the watch works");
    let object = object.expect("the object is there");
    assert_eq!(object.data["status"]["observedGeneration"], json!(object.metadata.generation));
    object.data["status"]["conditions"].clone()
}

async fn until_deleted(rig: &TestNamespace, name: &str) {
    let is_deleted = |object: Option<&DynamicObject>| object.is_none();
    let deleted = kube::runtime::wait::await_condition(rig.dynamic(), name, is_deleted);
    tokio::time::timeout(DEADLINE, deleted).await.expect("it is deleted").expect("the watch works");
}

#[tokio::test]
async fn a_null_section_is_reported_with_its_fix_and_reconciled_once_fixed() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    create_with_null_section(&rig, "null-section", &pool).await;
    let conditions = until_reported(&rig, "null-section").await;
    assert!(conditions[0]["message"].as_str().unwrap().contains("write {}"), "{conditions}");
    let (reason, note) = rig.events("null-section", 1).await.remove(0);
    assert!(reason == "InvalidSpec" && note.contains("write {}"), "{note}");
    rig.until_idle().await;
    assert_eq!(rig.call_counts(&pool), (0, 0));
    rig.patch("null-section", json!({"spec": {"emailMfaConfiguration": {}}})).await;
    let status = rig.until_reason("null-section", "InSync").await.status.unwrap();
    assert_eq!(status.factors.as_deref(), Some("TOTP,EMAIL"));
}

#[tokio::test]
async fn an_owner_that_becomes_invalid_keeps_its_pool() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    contest_pool(&rig, &rig, &pool).await;
    let mut invalid = rig.dynamic().get("older").await.unwrap();
    invalid.data["spec"]["emailMfaConfiguration"] = Value::Null;
    rig.dynamic().replace("older", &PostParams::default(), &invalid).await.unwrap();
    until_reported(&rig, "older").await;
    rig.check("younger").await;
    rig.until_reason("younger", "PoolOwnedByAnother").await;
    assert_eq!(rig.call_counts(&pool), (1, 1));
}

#[tokio::test]
async fn deleting_an_invalid_object_leaves_its_pool_unchanged() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    create_with_null_section(&rig, "null-section", &pool).await;
    until_reported(&rig, "null-section").await;
    rig.patch("null-section", json!({"metadata": {"finalizers": [FINALIZER]}})).await;
    rig.dynamic().delete("null-section", &DeleteParams::default()).await.expect("deletion is asked for");
    until_deleted(&rig, "null-section").await;
    let events = rig.events("null-section", 2).await;
    assert!(
        events.iter().any(|(reason, note)| reason == "MfaRetained" && note.contains("cannot read")),
        "{events:?}"
    );
    assert_eq!(rig.call_counts(&pool), (0, 0));
}

/// A label triggers no reconciliation, so the operator must itself retry the patch that conflicts with it.
#[tokio::test]
async fn a_label_during_finalizer_removal_does_not_block_the_deletion() {
    let (mut rig, proxy) = (TestNamespace::without_operator().await, FaultProxy::of_kube().await);
    let access = Access { token: install::token(&rig.client).await, server: Some(proxy.url.clone()) };
    rig.start_as(&access, &[]).await;
    create_with_null_section(&rig, "null-section", &rig.pool()).await;
    until_reported(&rig, "null-section").await;
    rig.patch("null-section", json!({"metadata": {"finalizers": [FINALIZER]}})).await;
    let finalizer_patch = proxy
        .pause(Moment::Before, |kind, number| (kind, number) == ("PATCH userpoolmfaconfigs null-section", 1));
    rig.dynamic().delete("null-section", &DeleteParams::default()).await.expect("deletion is asked for");
    finalizer_patch.reached().await;
    rig.patch("null-section", json!({"metadata": {"labels": {"team": "shop"}}})).await;
    finalizer_patch.resume();
    until_deleted(&rig, "null-section").await;
}
