//! The operator for all namespaces, and with a newer CRD. This is a test binary of its own, because the operator would
//! reconcile the objects of concurrent tests. Cargo runs one binary after the other.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    core::DynamicObject,
};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp};

#[tokio::test]
async fn without_a_namespace_list_all_namespaces_are_watched_with_one_owner_per_pool() {
    let mut here = TestNamespace::without_operator().await;
    let there = here.second_namespace().await;
    here.start_with(&[], &[]).await;
    let pool = here.pool();
    here.apply("older", totp(&pool)).await;
    let older = here.until_reason("older", "InSync").await;
    here.until_younger_than(&older).await;
    there.apply("younger", totp(&pool)).await;
    there.until_reason("younger", "PoolOwnedByAnother").await;
    assert_eq!(here.call_counts(&pool), (1, 1));
    assert_eq!(here.page("/readyz").await.0, 200);

    // This is not a test of its own, because it changes the CRD, which concurrent tests would share.
    extend_schema(&here, Some(json!({"type": "boolean"}))).await;
    a_field_of_a_newer_crd_blocks_writes(&here).await;
    extend_schema(&here, None).await;
}

async fn a_field_of_a_newer_crd_blocks_writes(rig: &TestNamespace) {
    let pool = rig.pool();
    let mut object: DynamicObject = serde_json::from_value(json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "newer"}, "spec": totp(&pool),
    }))
    .expect("an object");
    object.data["spec"]["extraMfaConfiguration"] = json!(true);
    // The API server prunes the field until it serves the changed schema.
    loop {
        let dry_run = PostParams { dry_run: true, ..PostParams::default() };
        let stored = rig.dynamic().create(&dry_run, &object).await.expect("the API server accepts it");
        if stored.data["spec"]["extraMfaConfiguration"] == true {
            break;
        }
    }
    rig.dynamic().create(&PostParams::default(), &object).await.expect("the API server accepts it");
    let (reason, note) = rig.events("newer", 1).await.remove(0);
    assert!(reason == "InvalidSpec" && note.contains("extraMfaConfiguration"), "{reason} {note}");
    rig.until_idle().await;
    // A watch from before the change shows the object without the field, so a read of the pool is possible.
    assert_eq!(rig.call_counts(&pool).1, 0);
    rig.dynamic().delete("newer", &DeleteParams::default()).await.expect("it is deleted");
}

/// Adds the field `extraMfaConfiguration` to the schema of spec, or removes it.
async fn extend_schema(rig: &TestNamespace, field_schema: Option<Value>) {
    let crds: Api<CustomResourceDefinition> = Api::all(rig.client.clone());
    let name = "userpoolmfaconfigs.cognito.mfaoperator.dev";
    let mut crd = json!(crds.get(name).await.expect("the CRD is there").spec);
    let spec = &mut crd["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
    let fields = spec.as_object_mut().expect("spec has properties");
    fields.retain(|name, _| name != "extraMfaConfiguration");
    fields.extend(field_schema.map(|schema| ("extraMfaConfiguration".to_owned(), schema)));
    let patch = Patch::Merge(json!({"spec": crd}));
    crds.patch(name, &PatchParams::default(), &patch).await.expect("the CRD is patched");
}
