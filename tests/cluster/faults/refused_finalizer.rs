//! Finalizers that cannot be put on. No test sees a scheduled check: the operator's interval is 24 hours.

use std::fmt::Debug;

use cognito_mfa_core::api::v1alpha1::FINALIZER;
use k8s_openapi::{
    ClusterResourceScope,
    api::admissionregistration::v1::{
        MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, ValidatingAdmissionPolicy,
        ValidatingAdmissionPolicyBinding,
    },
};
use kube::{
    Api, Resource,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, from_value, json};
use test_support::cluster::namespace::with;

use super::{fault_proxy::Answer, proxied_rig::ProxiedRig};
use crate::eventually::eventually;

const PATCH: &str = "PATCH userpoolmfaconfigs any";

/// Creates the object, and starts the operator once the object cannot get the finalizer any more.
async fn start_with_policy<P, B>(proxied: &ProxiedRig, policy: Value, binding: Value) -> Api<P>
where
    P: Resource<DynamicType = (), Scope = ClusterResourceScope>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned,
    B: Resource<DynamicType = (), Scope = ClusterResourceScope>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned,
{
    let rig = &proxied.rig;
    // The pool equals the spec, so no read that confirms a write makes the object due.
    proxied.edit_pool(1);
    rig.apply("any", with(proxied.spec(1), "deletionPolicy", json!("Disable"))).await;
    let policies: Api<P> = Api::all(rig.client.clone());
    let bindings: Api<B> = Api::all(rig.client.clone());
    let mut policy = json!({"metadata": {"name": rig.namespace}, "spec": policy});
    policy["spec"]["failurePolicy"] = json!("Fail");
    policy["spec"]["matchConstraints"] = json!({
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": rig.namespace}},
        "resourceRules": [{"apiGroups": ["cognito.mfaoperator.dev"], "apiVersions": ["*"],
            "operations": ["UPDATE"], "resources": ["userpoolmfaconfigs"]}],
    });
    let mut binding = json!({"metadata": {"name": rig.namespace}, "spec": binding});
    binding["spec"]["policyName"] = json!(rig.namespace);
    policies.create(&PostParams::default(), &from_value(policy).unwrap()).await.expect("created");
    bindings.create(&PostParams::default(), &from_value(binding).unwrap()).await.expect("created");
    let dry_run = PatchParams { dry_run: true, ..PatchParams::default() };
    let addition = Patch::Merge(json!({"metadata": {"finalizers": [FINALIZER]}}));
    eventually("the policy is in force", async || {
        let patched = rig.dynamic().patch("any", &dry_run, &addition).await;
        patched.map_or(true, |object| object.metadata.finalizers.unwrap_or_default().is_empty())
    })
    .await;
    proxied.start(&["--allow-disable-on-delete"]).await;
    policies
}

/// Asserts that two refused writes are one event, and that the finalizer is put on once the policy is gone.
async fn assert_put_on_without<P>(proxied: &ProxiedRig, policies: Api<P>)
where
    P: Resource + Clone + Debug + DeserializeOwned,
{
    proxied.rig.until_reason("any", "InSync").await;
    proxied.kube.until_answered(PATCH, 2).await;
    policies.delete(&proxied.rig.namespace, &DeleteParams::default()).await.expect("deleted");
    proxied.rig.until_finalizers("any", &[FINALIZER]).await;
    let is_event = |kind: &&String| kind.ends_with(" events FinalizerRefused");
    eventually("the event is published", async || proxied.kube.arrived().iter().any(|kind| is_event(&kind)))
        .await;
    assert_eq!(proxied.kube.arrived().iter().filter(is_event).count(), 1);
}

#[tokio::test]
async fn a_finalizer_that_a_policy_refuses_is_put_on_once_the_policy_is_gone() {
    let proxied = ProxiedRig::new(None).await;
    let validation = json!({"expression": "!has(object.metadata.finalizers)", "message": "no finalizers"});
    let policies = start_with_policy::<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>(
        &proxied,
        json!({"validations": [validation]}),
        json!({"validationActions": ["Deny"]}),
    )
    .await;
    assert_put_on_without(&proxied, policies).await;
}

#[tokio::test]
async fn a_finalizer_that_a_policy_strips_is_put_on_once_the_policy_is_gone() {
    let proxied = ProxiedRig::new(None).await;
    let strip = r#"[JSONPatch{op: "remove", path: "/metadata/finalizers"}]"#;
    let policies = start_with_policy::<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>(
        &proxied,
        json!({
            "reinvocationPolicy": "Never",
            "matchConditions": [{"name": "has-finalizers", "expression": "has(object.metadata.finalizers)"}],
            "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": strip}}],
        }),
        json!({}),
    )
    .await;
    assert_put_on_without(&proxied, policies).await;
}

#[tokio::test]
async fn a_finalizer_write_without_an_answer_is_repeated_without_an_event() {
    let proxied = ProxiedRig::new(None).await;
    // The pool equals the spec, so no read that confirms a write makes the object due.
    proxied.edit_pool(1);
    proxied.kube.answer(Answer::CutOff, |kind, number| kind == PATCH && number == 1);
    proxied.start(&["--allow-disable-on-delete"]).await;
    proxied.rig.apply("any", with(proxied.spec(1), "deletionPolicy", json!("Disable"))).await;
    proxied.rig.until_reason("any", "InSync").await;
    proxied.rig.until_finalizers("any", &[FINALIZER]).await;
    proxied.rig.until_idle().await;
    assert!(!proxied.kube.arrived().iter().any(|kind| kind.ends_with(" events FinalizerRefused")));
}
