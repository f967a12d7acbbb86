//! What the deletion of an object does to its pool, in every way that an object can be deleted.

use cognito_emulator::{Effect, Fault};
use cognito_mfa_core::api::v1alpha1::{FINALIZER, UserPoolMfaConfig};
use k8s_openapi::{
    api::{
        admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding},
        core::v1::Namespace,
    },
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    runtime::wait::await_condition,
};
use serde_json::{Value, json};
use test_support::cluster::{
    deadline::DEADLINE,
    namespace::{TestNamespace, totp, with},
};

use crate::own_control_plane::rerun_on_own_control_plane;

async fn rig_that_allows_disabling() -> TestNamespace {
    let mut rig = TestNamespace::without_operator().await;
    rig.start(&["--allow-disable-on-delete"]).await;
    rig
}

fn with_disable_policy(pool: &str) -> Value {
    with(totp(pool), "deletionPolicy", json!("Disable"))
}

async fn until_deleted(rig: &TestNamespace, name: &str) {
    let is_deleted = |object: Option<&UserPoolMfaConfig>| object.is_none();
    let deleted = await_condition(rig.objects(), name, is_deleted);
    tokio::time::timeout(DEADLINE, deleted).await.expect("it is deleted").expect("the watch works");
}

#[tokio::test]
async fn deletion_policy_disable_turns_mfa_off_keeps_passkeys_and_reports_it() {
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    let passkeys = json!({"relyingPartyId": "auth.example.com", "userVerification": "required"});
    rig.apply_with_finalizer("disabled", with(with_disable_policy(&pool), "webAuthnConfiguration", passkeys))
        .await;
    rig.delete("disabled").await;
    assert_eq!((rig.call_counts(&pool), rig.mode(&pool)), ((2, 2), json!("OFF")));
    let relying_party =
        rig.aws.state().pools.find(&pool).unwrap().live["WebAuthnConfiguration"]["RelyingPartyId"].clone();
    assert_eq!(relying_party, "auth.example.com");
    let events = rig.events("disabled", 2).await;
    assert!(
        events.iter().any(|(reason, note)| reason == "MfaDisabled" && note.contains("lowered protection"))
    );
    rig.until_idle().await;
    let page = rig.page("/metrics").await.1;
    assert!(page.contains(r#"cognito_mfa_operator_lowerings_total{cause="deletion"} 1"#), "{page}");
}

#[tokio::test]
async fn the_finalizer_follows_the_policy_and_other_finalizers_stay() {
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", with_disable_policy(&pool)).await;
    rig.patch("any", json!({"metadata": {"finalizers": ["example.com/other", FINALIZER]}})).await;
    rig.apply("any", totp(&pool)).await;
    rig.until_finalizers("any", &["example.com/other"]).await;
    rig.apply("any", with_disable_policy(&pool)).await;
    rig.until_finalizers("any", &["example.com/other", FINALIZER]).await;
    rig.apply("any", with(with_disable_policy(&pool), "managementPolicy", json!("Observe"))).await;
    rig.until_finalizers("any", &["example.com/other"]).await;
    rig.patch("any", json!({"metadata": {"finalizers": null}})).await;
    rig.delete("any").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}

#[tokio::test]
async fn without_the_flag_a_deletion_leaves_the_pool_unchanged() {
    let mut rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", with_disable_policy(&pool)).await;
    assert!(rig.stop().await);
    rig.start(&[]).await;
    assert!(rig.delete_and_expect_retained("any", &pool).await.contains("--allow-disable-on-delete"));
}

#[tokio::test]
async fn deleting_a_suspended_object_leaves_the_pool_unchanged() {
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", with_disable_policy(&pool)).await;
    rig.apply("any", with(with_disable_policy(&pool), "suspend", json!(true))).await;
    rig.until_reason("any", "Suspended").await;
    assert!(rig.delete_and_expect_retained("any", &pool).await.contains("suspended"));
}

#[tokio::test]
async fn deleting_either_of_two_objects_for_a_pool_leaves_it_unchanged() {
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("older", with_disable_policy(&pool)).await;
    let older = rig.until_reason("older", "InSync").await;
    rig.until_younger_than(&older).await;
    rig.apply("younger", with_disable_policy(&pool)).await;
    rig.until_reason("younger", "PoolOwnedByAnother").await;
    rig.until_finalizers("younger", &[FINALIZER]).await;
    let note = rig.delete_and_expect_retained("younger", &pool).await;
    assert!(note.contains("had never adopted"), "{note}");
    rig.apply("youngest", with_disable_policy(&pool)).await;
    rig.until_reason("youngest", "PoolOwnedByAnother").await;
    let note = rig.delete_and_expect_retained("older", &pool).await;
    assert!(note.contains("/youngest owns the pool"), "{note}");
    rig.until_reason("youngest", "InSync").await;
}

#[tokio::test]
async fn deleting_an_object_that_never_adopted_leaves_the_pool_unchanged() {
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.edit(&pool, &json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}));
    rig.apply("on-hold", with_disable_policy(&pool)).await;
    rig.until_reason("on-hold", "AdoptionHeld").await;
    rig.until_finalizers("on-hold", &[FINALIZER]).await;
    rig.delete("on-hold").await;
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (0, json!("ON")));
}

#[tokio::test]
async fn an_object_whose_pool_is_gone_can_be_deleted() {
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", with_disable_policy(&pool)).await;
    rig.aws.state().pools.remove(&pool);
    rig.delete("any").await;
    let events = rig.events("any", 2).await;
    assert!(events.iter().any(|(reason, note)| reason == "MfaRetained" && note.contains("no such pool")));
}

#[tokio::test]
async fn a_refused_disable_is_reported_and_retried() {
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", with_disable_policy(&pool)).await;
    let message = "the pool is being migrated";
    rig.fault(Fault::error("SetUserPoolMfaConfig", "ConcurrentModificationException", message));
    rig.fault(Fault::error("SetUserPoolMfaConfig", "InvalidParameterException", message));
    rig.request_deletion("any").await;
    let refused = rig.until_reason("any", "InvalidParameter").await;
    let status = refused.status.unwrap();
    assert!(status.last_error.unwrap().message.contains(message));
    assert_eq!((rig.mode(&pool), refused.metadata.finalizers.unwrap().len()), (json!("ON"), 1));
    rig.request_check("any").await;
    until_deleted(&rig, "any").await;
    assert_eq!(rig.mode(&pool), json!("OFF"));
}

#[tokio::test]
async fn a_disable_with_a_truncated_response_is_not_repeated() {
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", with_disable_policy(&pool)).await;
    rig.fault(Fault::next("SetUserPoolMfaConfig", Effect::Truncated).after_applying());
    rig.delete("any").await;
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (2, json!("OFF")));
}

/// Creates an admission policy that refuses to remove the finalizers of this namespace's objects, and waits until it is
/// in force.
async fn forbid_finalizer_removal(
    rig: &TestNamespace,
    name: &str,
) -> (Api<ValidatingAdmissionPolicy>, String) {
    let policy = format!("pin-{}", rig.namespace);
    let namespace = json!({"matchLabels": {"kubernetes.io/metadata.name": rig.namespace}});
    let rules = json!([{"apiGroups": ["cognito.mfaoperator.dev"], "apiVersions": ["*"],
        "operations": ["UPDATE"], "resources": ["userpoolmfaconfigs"]}]);
    let validations =
        json!([{"expression": "has(object.metadata.finalizers)", "message": "it stays pinned"}]);
    let spec = json!({"validations": validations, "failurePolicy": "Fail",
        "matchConstraints": {"namespaceSelector": namespace, "resourceRules": rules}});
    let policies: Api<ValidatingAdmissionPolicy> = Api::all(rig.client.clone());
    let object = json!({"metadata": {"name": policy}, "spec": spec});
    policies.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.expect("created");
    let bindings: Api<ValidatingAdmissionPolicyBinding> = Api::all(rig.client.clone());
    let spec = json!({"policyName": policy, "validationActions": ["Deny"]});
    let object = json!({"metadata": {"name": policy}, "spec": spec});
    bindings.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.expect("created");
    let dry_run = PatchParams { dry_run: true, ..PatchParams::default() };
    let removal = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    let polling = async { while rig.dynamic().patch(name, &dry_run, &removal).await.is_ok() {} };
    tokio::time::timeout(DEADLINE, polling).await.expect("the policy comes into force");
    (policies, policy)
}

#[tokio::test]
async fn an_object_stuck_in_deletion_reports_why_and_makes_no_more_calls() {
    let mut rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("pinned", with_disable_policy(&pool)).await;
    let (policies, policy) = forbid_finalizer_removal(&rig, "pinned").await;
    rig.request_deletion("pinned").await;
    let status = rig.until_reason("pinned", "FinalizerNotRemoved").await.status.unwrap();
    assert_eq!((status.mode.as_deref(), rig.mode(&pool)), (Some("OFF"), json!("OFF")));
    let cost = rig.call_counts(&pool);
    rig.edit(&pool, &json!({"MfaConfiguration": "ON"}));
    rig.request_check("pinned").await;
    rig.until_idle().await;
    assert!(rig.stop().await);
    rig.start(&["--allow-disable-on-delete"]).await;
    rig.operator.as_ref().unwrap().until_logged("it stays pinned").await;
    policies.delete(&policy, &DeleteParams::default()).await.expect("deleted");
    until_deleted(&rig, "pinned").await;
    assert_eq!(
        (rig.call_counts(&pool), rig.mode(&pool)),
        (cost, json!("ON")),
        "a manual edit after the disable is left unchanged"
    );
    let events = rig.events("pinned", 2).await;
    assert_eq!(events.iter().filter(|(reason, _)| reason == "MfaDisabled").count(), 1, "{events:?}");
}

#[tokio::test]
async fn deleting_the_namespace_leaves_the_pools_unchanged() {
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", with_disable_policy(&pool)).await;
    let namespaces: Api<Namespace> = Api::all(rig.client.clone());
    namespaces.delete(&rig.namespace, &DeleteParams::default()).await.expect("deletion is asked for");
    // The control plane runs no namespace controller, so the test deletes the object. No event can be created in a
    // terminating namespace, so the log has the reason.
    rig.delete("any").await;
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (1, json!("ON")));
    rig.operator.as_ref().unwrap().until_logged("the namespace is being deleted, too").await;
}

#[tokio::test]
async fn deleting_the_crd_leaves_the_pools_unchanged() {
    if std::env::var_os("TEST_AUDIT_LOG").is_none() {
        return rerun_on_own_control_plane("deletion::deleting_the_crd_leaves_the_pools_unchanged", &[])
            .await;
    }
    let rig = rig_that_allows_disabling().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", with_disable_policy(&pool)).await;
    let crds: Api<CustomResourceDefinition> = Api::all(rig.client.clone());
    let name = "userpoolmfaconfigs.cognito.mfaoperator.dev";
    crds.delete(name, &DeleteParams::default()).await.expect("deletion is asked for");
    let deleted = await_condition(crds, name, |crd: Option<&CustomResourceDefinition>| crd.is_none());
    tokio::time::timeout(DEADLINE, deleted).await.expect("the CRD is deleted").expect("the watch works");
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (1, json!("ON")));
    let events = rig.events("any", 2).await;
    let cause = "the CustomResourceDefinition is being deleted, too";
    assert!(
        events.iter().any(|(reason, note)| reason == "MfaRetained" && note.contains(cause)),
        "{events:?}"
    );
}
