//! What a deletion does to the pool: every way that an object can go.

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
use test_support::cluster::namespace::{DEADLINE, TestNamespace, totp, with};

use crate::plane::again_on_a_plane_of_its_own;

async fn allowing() -> TestNamespace {
    let mut rig = TestNamespace::without_operator().await;
    rig.start(&["--allow-disable-on-delete"]).await;
    rig
}

fn disabling(pool: &str) -> Value {
    with(totp(pool), "deletionPolicy", json!("Disable"))
}

#[tokio::test]
async fn a_deletion_that_disables_turns_mfa_off_keeps_declared_passkeys_and_tells() {
    let rig = allowing().await;
    let pool = rig.pool();
    let passkeys = json!({"relyingPartyId": "auth.example.com", "userVerification": "required"});
    rig.apply_with_finalizer("going", with(disabling(&pool), "webAuthnConfiguration", passkeys)).await;
    rig.delete("going").await;
    assert_eq!((rig.call_counts(&pool), rig.mode(&pool)), ((2, 2), json!("OFF")));
    let party =
        &rig.aws.state().pools.find(&pool).unwrap().live["WebAuthnConfiguration"]["RelyingPartyId"].clone();
    assert_eq!(party, "auth.example.com");
    let told = rig.events("going", 2).await;
    assert!(told.iter().any(|(reason, note)| reason == "MfaDisabled" && note.contains("lowered protection")));
    rig.until_idle().await;
    let page = rig.page("/metrics").await.1;
    assert!(page.contains(r#"cognito_mfa_operator_lowerings_total{cause="deletion"} 1"#), "{page}");
}

#[tokio::test]
async fn a_finalizer_comes_and_goes_with_the_policy_and_leaves_others_alone() {
    let rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", disabling(&pool)).await;
    rig.patch("any", json!({"metadata": {"finalizers": ["example.com/other", FINALIZER]}})).await;
    rig.apply("any", totp(&pool)).await;
    rig.until_finalizers("any", &["example.com/other"]).await;
    rig.apply("any", disabling(&pool)).await;
    rig.until_finalizers("any", &["example.com/other", FINALIZER]).await;
    rig.apply("any", with(disabling(&pool), "managementPolicy", json!("Observe"))).await;
    rig.until_finalizers("any", &["example.com/other"]).await;
    rig.patch("any", json!({"metadata": {"finalizers": null}})).await;
    rig.delete("any").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}

#[tokio::test]
async fn without_the_flag_an_object_goes_and_its_pool_stays() {
    let mut rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", disabling(&pool)).await;
    assert!(rig.stop().await);
    rig.start(&[]).await;
    assert!(rig.delete_and_expect_retained("any", &pool).await.contains("--allow-disable-on-delete"));
}

#[tokio::test]
async fn a_suspended_object_goes_and_its_pool_stays() {
    let rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", disabling(&pool)).await;
    rig.apply("any", with(disabling(&pool), "suspend", json!(true))).await;
    rig.until_reason("any", "Suspended").await;
    assert!(rig.delete_and_expect_retained("any", &pool).await.contains("suspended"));
}

#[tokio::test]
async fn an_object_whose_pool_is_anothers_goes_and_the_pool_stays_in_either_order() {
    let rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("older", disabling(&pool)).await;
    let older = rig.until_reason("older", "InSync").await;
    rig.until_younger_than(&older).await;
    rig.apply("younger", disabling(&pool)).await;
    rig.until_reason("younger", "PoolOwnedByAnother").await;
    rig.until_finalizers("younger", &[FINALIZER]).await;
    let told = rig.delete_and_expect_retained("younger", &pool).await;
    assert!(told.contains("had never adopted"), "{told}");
    rig.apply("heir", disabling(&pool)).await;
    rig.until_reason("heir", "PoolOwnedByAnother").await;
    let told = rig.delete_and_expect_retained("older", &pool).await;
    assert!(told.contains("/heir owns the pool"), "{told}");
    rig.until_reason("heir", "InSync").await;
}

#[tokio::test]
async fn an_object_that_never_adopted_its_pool_goes_and_the_pool_stays() {
    let rig = allowing().await;
    let pool = rig.pool();
    rig.edit(&pool, &json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}));
    rig.apply("held", disabling(&pool)).await;
    rig.until_reason("held", "AdoptionHeld").await;
    rig.until_finalizers("held", &[FINALIZER]).await;
    rig.delete("held").await;
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (0, json!("ON")));
}

#[tokio::test]
async fn an_object_whose_pool_is_gone_goes() {
    let rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", disabling(&pool)).await;
    rig.aws.state().pools.remove(&pool);
    rig.delete("any").await;
    let told = rig.events("any", 2).await;
    assert!(told.iter().any(|(reason, note)| reason == "MfaRetained" && note.contains("no such pool")));
}

#[tokio::test]
async fn a_refused_disabling_is_reported_and_tried_again() {
    let rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", disabling(&pool)).await;
    let why = "the pool is being migrated";
    rig.fault(Fault::error("SetUserPoolMfaConfig", "ConcurrentModificationException", why));
    rig.fault(Fault::error("SetUserPoolMfaConfig", "InvalidParameterException", why));
    rig.request_deletion("any").await;
    let refused = rig.until_reason("any", "InvalidParameter").await;
    let status = refused.status.unwrap();
    assert!(status.last_error.unwrap().message.contains(why));
    assert_eq!((rig.mode(&pool), refused.metadata.finalizers.unwrap().len()), (json!("ON"), 1));
    rig.request_check("any").await;
    let gone = await_condition(rig.objects(), "any", |object: Option<&UserPoolMfaConfig>| object.is_none());
    tokio::time::timeout(DEADLINE, gone).await.expect("it goes").expect("the watch works");
    assert_eq!(rig.mode(&pool), json!("OFF"));
}

#[tokio::test]
async fn a_disabling_whose_answer_was_cut_off_is_not_repeated() {
    let rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", disabling(&pool)).await;
    rig.fault(Fault::next("SetUserPoolMfaConfig", Effect::Truncated).after_applying());
    rig.delete("any").await;
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (2, json!("OFF")));
}

/// A policy of the namespace that lets nobody take a finalizer off, in force.
async fn pinned_finalizers(rig: &TestNamespace, name: &str) -> (Api<ValidatingAdmissionPolicy>, String) {
    let policy = format!("pin-{}", rig.namespace);
    let here = json!({"matchLabels": {"kubernetes.io/metadata.name": rig.namespace}});
    let rules = json!([{"apiGroups": ["cognito.mfaoperator.dev"], "apiVersions": ["*"],
        "operations": ["UPDATE"], "resources": ["userpoolmfaconfigs"]}]);
    let pins = json!([{"expression": "has(object.metadata.finalizers)", "message": "it stays pinned"}]);
    let spec = json!({"validations": pins, "failurePolicy": "Fail",
        "matchConstraints": {"namespaceSelector": here, "resourceRules": rules}});
    let policies: Api<ValidatingAdmissionPolicy> = Api::all(rig.client.clone());
    let new = json!({"metadata": {"name": policy}, "spec": spec});
    policies.create(&PostParams::default(), &serde_json::from_value(new).unwrap()).await.expect("created");
    let bindings: Api<ValidatingAdmissionPolicyBinding> = Api::all(rig.client.clone());
    let binds = json!({"policyName": policy, "validationActions": ["Deny"]});
    let new = json!({"metadata": {"name": policy}, "spec": binds});
    bindings.create(&PostParams::default(), &serde_json::from_value(new).unwrap()).await.expect("created");
    let dry = PatchParams { dry_run: true, ..PatchParams::default() };
    let off = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    let refused = async { while rig.dynamic().patch(name, &dry, &off).await.is_ok() {} };
    tokio::time::timeout(DEADLINE, refused).await.expect("the policy comes into force");
    (policies, policy)
}

#[tokio::test]
async fn an_object_that_cannot_go_tells_why_and_looks_at_its_pool_no_more_even_after_a_restart() {
    let mut rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("pinned", disabling(&pool)).await;
    let (policies, policy) = pinned_finalizers(&rig, "pinned").await;
    rig.request_deletion("pinned").await;
    let waits = rig.until_reason("pinned", "FinalizerNotRemoved").await.status.unwrap();
    assert_eq!((waits.mode.as_deref(), rig.mode(&pool)), (Some("OFF"), json!("OFF")));
    let cost = rig.call_counts(&pool);
    rig.edit(&pool, &json!({"MfaConfiguration": "ON"}));
    rig.request_check("pinned").await;
    rig.until_idle().await;
    assert!(rig.stop().await);
    rig.start(&["--allow-disable-on-delete"]).await;
    rig.operator.as_ref().unwrap().until_logged("it stays pinned").await;
    policies.delete(&policy, &DeleteParams::default()).await.expect("deleted");
    let gone = |object: Option<&UserPoolMfaConfig>| object.is_none();
    let gone = await_condition(rig.objects(), "pinned", gone);
    tokio::time::timeout(DEADLINE, gone).await.expect("it goes").expect("the watch works");
    assert_eq!(
        (rig.call_counts(&pool), rig.mode(&pool)),
        (cost, json!("ON")),
        "what a hand made of it since is theirs"
    );
    let told = rig.events("pinned", 2).await;
    assert_eq!(told.iter().filter(|(reason, _)| reason == "MfaDisabled").count(), 1, "{told:?}");
}

#[tokio::test]
async fn while_the_namespace_is_being_deleted_an_object_goes_and_its_pool_stays() {
    let rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", disabling(&pool)).await;
    let namespaces: Api<Namespace> = Api::all(rig.client.clone());
    namespaces.delete(&rig.namespace, &DeleteParams::default()).await.expect("deletion is asked for");
    // Nothing empties a namespace here: the object is deleted as the namespace's controller does it. No event can be
    // created in a namespace that goes; the log has it.
    rig.delete("any").await;
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (1, json!("ON")));
    rig.operator.as_ref().unwrap().until_logged("the namespace is being deleted, too").await;
}

#[tokio::test]
async fn while_the_kind_is_being_deleted_its_objects_go_and_their_pools_stay() {
    if std::env::var_os("TEST_AUDIT_LOG").is_none() {
        return again_on_a_plane_of_its_own(
            "deletion::while_the_kind_is_being_deleted_its_objects_go_and_their_pools_stay",
        )
        .await;
    }
    let rig = allowing().await;
    let pool = rig.pool();
    rig.apply_with_finalizer("any", disabling(&pool)).await;
    let kinds: Api<CustomResourceDefinition> = Api::all(rig.client.clone());
    let name = "userpoolmfaconfigs.cognito.mfaoperator.dev";
    kinds.delete(name, &DeleteParams::default()).await.expect("deletion is asked for");
    let gone = await_condition(kinds, name, |kind: Option<&CustomResourceDefinition>| kind.is_none());
    tokio::time::timeout(DEADLINE, gone).await.expect("the kind goes").expect("the watch works");
    assert_eq!((rig.call_counts(&pool).1, rig.mode(&pool)), (1, json!("ON")));
    let told = rig.events("any", 2).await;
    let why = "the CustomResourceDefinition is being deleted, too";
    assert!(told.iter().any(|(reason, note)| reason == "MfaRetained" && note.contains(why)), "{told:?}");
}
