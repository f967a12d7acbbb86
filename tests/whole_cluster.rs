//! The operator over all namespaces, and over a CRD newer than itself. A test binary of its own: it would pass over
//! the objects of other tests, and cargo runs one binary after the other.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    core::DynamicObject,
};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp};

#[tokio::test]
async fn without_a_list_every_namespace_is_watched_and_has_one_owner_a_pool() {
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

    // Here, and not in a test of its own beside this one: the CRD is everybody's.
    extend_schema(&here, Some(json!({"type": "boolean"}))).await;
    a_field_of_a_newer_crd_is_not_dropped_from_a_full_replace(&here).await;
    extend_schema(&here, None).await;
}

async fn a_field_of_a_newer_crd_is_not_dropped_from_a_full_replace(rig: &TestNamespace) {
    let pool = rig.pool();
    let mut object: DynamicObject = serde_json::from_value(json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "newer"}, "spec": totp(&pool),
    }))
    .expect("an object");
    object.data["spec"]["extraMfaConfiguration"] = json!(true);
    // The server takes a moment to serve a changed schema, and prunes the field until then.
    loop {
        let dry = PostParams { dry_run: true, ..PostParams::default() };
        let seen = rig.dynamic().create(&dry, &object).await.expect("the server takes it");
        if seen.data["spec"]["extraMfaConfiguration"] == true {
            break;
        }
    }
    rig.dynamic().create(&PostParams::default(), &object).await.expect("the server takes it");
    let (reason, note) = rig.events("newer", 1).await.remove(0);
    assert!(reason == "InvalidSpec" && note.contains("extraMfaConfiguration"), "{reason} {note}");
    rig.until_idle().await;
    // A watch older than the CRD shows the object without the field, so a Get there may be.
    assert_eq!(rig.call_counts(&pool).1, 0);
    rig.dynamic().delete("newer", &DeleteParams::default()).await.expect("it is deleted");
}

/// Gives the schema of spec one more field, or takes it away.
async fn extend_schema(rig: &TestNamespace, extra: Option<Value>) {
    let crds: Api<CustomResourceDefinition> = Api::all(rig.client.clone());
    let name = "userpoolmfaconfigs.cognito.mfaoperator.dev";
    let mut crd = json!(crds.get(name).await.expect("the CRD is there").spec);
    let spec = &mut crd["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"];
    let fields = spec.as_object_mut().expect("spec has properties");
    fields.retain(|name, _| name != "extraMfaConfiguration");
    fields.extend(extra.map(|schema| ("extraMfaConfiguration".to_owned(), schema)));
    let patch = Patch::Merge(json!({"spec": crd}));
    crds.patch(name, &PatchParams::default(), &patch).await.expect("the CRD is patched");
}
