//! An object that this build cannot read is reported, and harms no other.

use cognito_mfa_core::api::v1alpha1::FINALIZER;
use kube::{
    api::{DeleteParams, PostParams},
    core::DynamicObject,
};
use serde_json::{Value, json};
use test_support::cluster::{
    install,
    namespace::{DEADLINE, TestNamespace, totp},
    operator::Access,
};

use crate::faults::proxy::{FaultProxy, Moment};

/// As `emailMfaConfiguration:` with nothing behind it in a client that does not check.
pub async fn create_with_null(rig: &TestNamespace, name: &str, pool: &str) {
    let mut object: DynamicObject = serde_json::from_value(json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": name}, "spec": totp(pool),
    }))
    .expect("an object");
    object.data["spec"]["emailMfaConfiguration"] = Value::Null;
    rig.dynamic().create(&PostParams::default(), &object).await.expect("the server keeps the null");
}

async fn until_told(rig: &TestNamespace, name: &str) -> Value {
    let told = |object: Option<&DynamicObject>| {
        object.is_some_and(|object| object.data["status"]["conditions"][0]["reason"] == "InvalidSpec")
    };
    let met = kube::runtime::wait::await_condition(rig.dynamic(), name, told);
    let met = tokio::time::timeout(DEADLINE, met).await.expect("it is told").expect("the watch works");
    let object = met.expect("the object is there");
    assert_eq!(object.data["status"]["observedGeneration"], json!(object.metadata.generation));
    object.data["status"]["conditions"].clone()
}

#[tokio::test]
async fn a_null_section_is_reported_with_what_to_write_and_goes_on_once_mended() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    create_with_null(&rig, "nothing", &pool).await;
    let conditions = until_told(&rig, "nothing").await;
    assert!(conditions[0]["message"].as_str().unwrap().contains("write {}"), "{conditions}");
    let (reason, note) = rig.events("nothing", 1).await.remove(0);
    assert!(reason == "InvalidSpec" && note.contains("write {}"), "{note}");
    rig.until_idle().await;
    assert_eq!(rig.call_counts(&pool), (0, 0));
    rig.patch("nothing", json!({"spec": {"emailMfaConfiguration": {}}})).await;
    let status = rig.until_reason("nothing", "InSync").await.status.unwrap();
    assert_eq!(status.factors.as_deref(), Some("TOTP,EMAIL"));
}

#[tokio::test]
async fn an_owner_that_becomes_unreadable_keeps_its_pool() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("older", totp(&pool)).await;
    let older = rig.until_reason("older", "InSync").await;
    rig.until_younger_than(&older).await;
    rig.apply("younger", totp(&pool)).await;
    rig.until_reason("younger", "PoolOwnedByAnother").await;
    let mut broken = rig.dynamic().get("older").await.unwrap();
    broken.data["spec"]["emailMfaConfiguration"] = Value::Null;
    rig.dynamic().replace("older", &PostParams::default(), &broken).await.unwrap();
    until_told(&rig, "older").await;
    rig.check("younger").await;
    rig.until_reason("younger", "PoolOwnedByAnother").await;
    assert_eq!(rig.call_counts(&pool), (1, 1));
}

#[tokio::test]
async fn one_that_is_deleted_and_waits_for_the_operator_goes_and_its_pool_stays() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    create_with_null(&rig, "nothing", &pool).await;
    until_told(&rig, "nothing").await;
    rig.patch("nothing", json!({"metadata": {"finalizers": [FINALIZER]}})).await;
    rig.dynamic().delete("nothing", &DeleteParams::default()).await.expect("deletion is asked for");
    let gone = |object: Option<&DynamicObject>| object.is_none();
    let met = kube::runtime::wait::await_condition(rig.dynamic(), "nothing", gone);
    tokio::time::timeout(DEADLINE, met).await.expect("it goes").expect("the watch works");
    let told = rig.events("nothing", 2).await;
    assert!(
        told.iter().any(|(reason, note)| reason == "MfaRetained" && note.contains("cannot read")),
        "{told:?}"
    );
    assert_eq!(rig.call_counts(&pool), (0, 0));
}

/// A label wakes nobody: the patch that meets it is tried again by itself.
#[tokio::test]
async fn one_that_was_labelled_while_its_finalizer_was_taken_off_goes_all_the_same() {
    let (mut rig, server) = (TestNamespace::without_operator().await, FaultProxy::of_kube().await);
    let access = Access { token: install::token(&rig.client).await, server: Some(server.url.clone()) };
    rig.start_as(&access, &[]).await;
    create_with_null(&rig, "nothing", &rig.pool()).await;
    until_told(&rig, "nothing").await;
    rig.patch("nothing", json!({"metadata": {"finalizers": [FINALIZER]}})).await;
    let patch =
        server.hold(Moment::Before, |what, number| (what, number) == ("PATCH userpoolmfaconfigs nothing", 1));
    rig.dynamic().delete("nothing", &DeleteParams::default()).await.expect("deletion is asked for");
    patch.reached().await;
    rig.patch("nothing", json!({"metadata": {"labels": {"team": "shop"}}})).await;
    patch.release();
    let gone = |object: Option<&DynamicObject>| object.is_none();
    let met = kube::runtime::wait::await_condition(rig.dynamic(), "nothing", gone);
    tokio::time::timeout(DEADLINE, met).await.expect("it goes").expect("the watch works");
}
