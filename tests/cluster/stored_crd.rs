//! The CRD as the API server stored it, and what kubectl shows of it.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::{Value, json};
use test_support::cluster::{
    deadline::DEADLINE,
    kubectl::kubectl,
    namespace::{TestNamespace, totp},
};

async fn stored_crd(rig: &TestNamespace) -> Value {
    let api: Api<CustomResourceDefinition> = Api::all(rig.client.clone());
    let crd = api.get("userpoolmfaconfigs.cognito.mfaoperator.dev").await.expect("the CRD is there");
    serde_json::to_value(crd).expect("a CRD is JSON")
}

/// If ON and OFF were not quoted in the YAML, they would be stored as "true" and "false", and every "ON" refused.
#[tokio::test]
async fn the_modes_are_stored_as_strings() {
    let crd = stored_crd(&TestNamespace::without_operator().await).await;
    let spec = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties";
    let modes = crd.pointer(&format!("{spec}/mfaConfiguration/enum"));
    assert_eq!(modes, Some(&json!(["OFF", "OPTIONAL", "ON"])));
}

#[tokio::test]
async fn the_api_server_establishes_the_crd_without_schema_errors() {
    let crd = stored_crd(&TestNamespace::without_operator().await).await;
    let conditions = crd["status"]["conditions"].as_array().unwrap();
    let status_of = |type_: &str| conditions.iter().find(|c| c["type"] == type_).map(|c| c["status"].clone());
    assert_eq!(status_of("NamesAccepted"), Some(json!("True")));
    assert_eq!(status_of("Established"), Some(json!("True")));
    assert_eq!(status_of("NonStructuralSchema"), None);
    let names = &crd["spec"]["names"];
    assert_eq!(names["shortNames"], json!(["upmfa"]));
    assert_eq!(names["categories"], json!(["aws", "cognito"]));
    assert_eq!(crd["spec"]["scope"], "Namespaced");
}

#[tokio::test]
async fn a_new_object_has_an_observed_generation_of_minus_one() {
    let rig = TestNamespace::without_operator().await;
    let object = rig.apply("new", totp(&rig.pool())).await;
    assert_eq!(object.data["status"], json!({"observedGeneration": -1}));
}

#[tokio::test]
async fn objects_can_be_selected_by_their_pool() {
    let rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    rig.apply("this", totp(&pool)).await;
    rig.apply("other", totp(&rig.pool())).await;
    let selected =
        rig.dynamic().list(&ListParams::default().fields(&format!("spec.userPoolId={pool}"))).await;
    assert_eq!(selected.unwrap().iter().map(ResourceExt::name_any).collect::<Vec<_>>(), ["this"]);
    rig.patch_status("other", json!({"userPoolId": pool})).await;
    let selected =
        rig.dynamic().list(&ListParams::default().fields(&format!("status.userPoolId={pool}"))).await;
    assert_eq!(selected.unwrap().iter().map(ResourceExt::name_any).collect::<Vec<_>>(), ["other"]);
}

#[tokio::test]
async fn kubectl_get_shows_pool_mode_factors_ready_and_reason() {
    let rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    rig.apply("shown", totp(&pool)).await;
    let condition = json!({
        "type": "Ready", "status": "False", "reason": "NotTaken", "message": "m",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    });
    let status = json!({"status": {
        "userPoolId": pool, "mode": "ON", "factors": "TOTP,EMAIL", "region": "us-east-1", "conditions": [condition],
        "driftSummary": "emailMfaConfiguration",
    }});
    let patch = Patch::Merge(status);
    rig.dynamic().patch_status("shown", &PatchParams::default(), &patch).await.unwrap();
    let columns = async |flags: &str| {
        let table = kubectl(&format!("get upmfa -n {}{flags}", rig.namespace), "").await;
        table
            .out
            .lines()
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .collect::<Vec<Vec<_>>>()
    };
    let narrow = columns("").await;
    assert_eq!(narrow[0], ["NAME", "POOL", "MODE", "FACTORS", "READY", "REASON", "AGE"]);
    assert_eq!(narrow[1][..6], ["shown", &pool, "ON", "TOTP,EMAIL", "False", "NotTaken"]);
    let wide = columns(" -o wide").await;
    assert_eq!(wide[0][7..], ["DRIFT", "REGION"]);
    assert_eq!(wide[1][7..], ["emailMfaConfiguration", "us-east-1"]);
}

#[tokio::test]
async fn the_objects_are_in_the_categories_aws_and_cognito() {
    let rig = TestNamespace::without_operator().await;
    rig.apply("one", totp(&rig.pool())).await;
    for category in ["aws", "cognito"] {
        let listed = kubectl(&format!("get {category} -n {} -o name", rig.namespace), "").await;
        assert_eq!(listed.out, "userpoolmfaconfig.cognito.mfaoperator.dev/one\n", "{}", listed.err);
    }
}

#[tokio::test]
async fn kubectl_explains_every_section() {
    TestNamespace::without_operator().await;
    for (path, words) in [
        ("", "Amazon Cognito user pool"),
        (".spec", "-required-"),
        (".spec.mfaConfiguration", "Quote the value"),
        (".spec.smsMfaConfiguration.smsConfiguration", "IAM role"),
        (".spec.emailMfaConfiguration", "write {}"),
        (".spec.webAuthnConfiguration", "PIN, fingerprint"),
        (".status", "What the operator last observed and did"),
    ] {
        let explanation = explain(path).await;
        assert!(explanation.contains(words), "{path}: {explanation}");
    }
}

/// The output of `kubectl explain` on one line. The API server publishes the docs of a kind some seconds after the
/// kind.
async fn explain(path: &str) -> String {
    let words = format!("explain upmfa{path}");
    let polling = async {
        loop {
            let explained = kubectl(&words, "").await;
            if explained.ok {
                return explained.out.split_whitespace().collect::<Vec<_>>().join(" ");
            }
        }
    };
    tokio::time::timeout(DEADLINE, polling).await.expect("kubectl can explain the kind")
}
