//! A validation rule that a later CRD adds must not block status writes and deletions of objects that break it.
//!
//! All tests share the CRD, so this test changes a copy. The copy has other names, so that kubectl in other tests does
//! not confuse the two.

use cognito_mfa_core::api::v1alpha1::crd;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    core::{ApiResource, DynamicObject},
    runtime::{conditions::is_crd_established, wait::await_condition},
};
use serde_json::{Value, json};
use test_support::cluster::{
    deadline::DEADLINE,
    namespace::{admin, new_namespace, totp},
};

const PLURAL: &str = "copies";

/// The CRD under other names.
struct CopiedCrd {
    objects: Api<DynamicObject>,
    crds: Api<CustomResourceDefinition>,
    name: String,
    group: String,
}

impl CopiedCrd {
    async fn install() -> Self {
        let client = admin().await;
        let namespace = new_namespace(&client).await;
        let group = format!("{namespace}.example.com");
        let name = format!("{PLURAL}.{group}");
        let mut copy = serde_json::to_value(crd()).expect("a CRD is JSON");
        copy["metadata"]["name"] = json!(name);
        copy["spec"]["group"] = json!(group);
        copy["spec"]["names"] = json!({"plural": PLURAL, "kind": "Copy"});
        let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
        let copy = serde_json::from_value(copy).expect("a CRD");
        crds.create(&PostParams::default(), &copy).await.expect("the server accepts the copy");
        await_condition(crds.clone(), &name, is_crd_established()).await.expect("the copy is established");
        let kind = ApiResource {
            group: group.clone(),
            version: "v1alpha1".into(),
            api_version: format!("{group}/v1alpha1"),
            kind: "Copy".into(),
            plural: PLURAL.into(),
        };
        let objects = Api::namespaced_with(client, &namespace, &kind);
        Self { objects, crds, name, group }
    }

    fn object(&self, name: &str, spec: &Value) -> DynamicObject {
        let object = json!({
            "apiVersion": format!("{}/v1alpha1", self.group), "kind": "Copy",
            "metadata": {"name": name}, "spec": spec,
        });
        serde_json::from_value(object).expect("an object")
    }

    /// Adds rules to the spec, a section and a field, and waits until the API server refuses this spec.
    async fn tighten(&self, refused: &Value) {
        let crd = self.crds.get(&self.name).await.expect("the copy is there");
        let mut crd = serde_json::to_value(crd).expect("a CRD is JSON");
        let spec = "/spec/versions/0/schema/openAPIV3Schema/properties/spec";
        let add_rule = |path: &str, rule: &str, crd: &mut Value| {
            let node = crd.pointer_mut(&format!("{spec}{path}")).expect("the node is there");
            let mut rules = node["x-kubernetes-validations"].as_array().cloned().unwrap_or_default();
            rules.push(json!({"rule": rule, "message": "a later rule"}));
            node["x-kubernetes-validations"] = json!(rules);
        };
        add_rule("", "self.mfaConfiguration != 'ON'", &mut crd);
        add_rule("/properties/softwareTokenMfaConfiguration", "!self.enabled", &mut crd);
        let max_length = crd.pointer_mut(&format!("{spec}/properties/userPoolId/maxLength"));
        *max_length.expect("the limit is there") = json!(12);
        let crd = serde_json::from_value(crd).expect("a CRD");
        self.crds
            .replace(&self.name, &PostParams::default(), &crd)
            .await
            .expect("the new rules are accepted");
        let dry_run = PostParams { dry_run: true, ..PostParams::default() };
        let applied = async {
            while self.objects.create(&dry_run, &self.object("probe", refused)).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, applied).await.expect("the server applies the new rules");
    }
}

#[tokio::test]
async fn status_and_finalizers_stay_writable_on_an_object_that_a_new_rule_refuses() {
    let copy = CopiedCrd::install().await;
    let spec = totp("eu-west-1_TooLongByThen");
    copy.objects.create(&PostParams::default(), &copy.object("old", &spec)).await.unwrap();
    copy.tighten(&spec).await;

    let mut object = copy.objects.get("old").await.unwrap();
    object.data["status"] =
        json!({"observedGeneration": 1, "mode": "ON", "observed": {"mfaConfiguration": "NEW"}});
    let object = copy
        .objects
        .replace_status("old", &PostParams::default(), &object)
        .await
        .expect("the status is written");
    assert_eq!(object.data["status"]["mode"], "ON");

    let patch = |patch: Value| async {
        copy.objects.patch("old", &PatchParams::default(), &Patch::Merge(patch)).await
    };
    patch(json!({"metadata": {"finalizers": ["example.com/other"]}})).await.expect("a finalizer is added");
    let refused = patch(json!({"spec": {"suspend": true}})).await;
    assert!(refused.unwrap_err().to_string().contains("a later rule"), "the rules do apply to a new spec");

    copy.objects.delete("old", &DeleteParams::default()).await.unwrap();
    patch(json!({"metadata": {"finalizers": null}})).await.expect("a finalizer is removed");
    assert!(copy.objects.get_opt("old").await.unwrap().is_none());
    copy.crds.delete(&copy.name, &DeleteParams::default()).await.unwrap();
}
