//! Ids in ConfigMaps and Secrets.

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{
    Api,
    api::{Patch, PatchParams},
};
use serde_json::{Value, json};
use test_support::cluster::namespace::TestNamespace;

use super::{rig, spec};

/// Writes a value of the key `pool` of a ConfigMap or Secret.
pub trait Values {
    async fn apply_value(&self, kind: &str, name: &str, value: &str);
}

impl Values for TestNamespace {
    async fn apply_value(&self, kind: &str, name: &str, value: &str) {
        let params = PatchParams::apply("test").force();
        let object = |kind: &str, data: &str, labels: Value| {
            let mut object =
                json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "labels": labels}});
            object[data] = json!({"pool": value});
            Patch::Apply(object)
        };
        let label = json!({"cognito.mfaoperator.dev/pool-id": "true"});
        match kind {
            "config-map" => {
                let api: Api<ConfigMap> = Api::namespaced(self.client.clone(), &self.namespace);
                api.patch(name, &params, &object("ConfigMap", "data", json!({}))).await.unwrap();
            }
            kind => {
                let api: Api<Secret> = Api::namespaced(self.client.clone(), &self.namespace);
                let labels = if kind == "labelled-secret" { label } else { json!({}) };
                api.patch(name, &params, &object("Secret", "stringData", labels)).await.unwrap();
            }
        }
    }
}

pub fn to_config_map(name: &str) -> Value {
    spec("userPoolIdFrom", json!({"configMapKeyRef": {"name": name, "key": "pool"}}))
}

fn to_secret(name: &str) -> Value {
    spec("userPoolIdFrom", json!({"secretKeyRef": {"name": name, "key": "pool"}}))
}

#[tokio::test]
async fn the_id_may_be_in_a_config_map_or_in_a_labelled_secret() {
    let rig = rig().await;
    for (kind, spec) in [("config-map", to_config_map("outputs")), ("labelled-secret", to_secret("outputs"))]
    {
        let pool = rig.pool();
        rig.apply_value(kind, "outputs", &format!("{pool}\n")).await;
        rig.apply(kind, spec).await;
        assert_eq!(rig.until_reason(kind, "InSync").await.pool_id(), Some(pool.as_str()));
    }
}

#[tokio::test]
async fn a_secret_is_read_with_its_owners_consent_and_its_value_is_never_shown() {
    let rig = rig().await;
    let password = "correct-horse-battery";
    rig.apply_value("secret", "plain", password).await;
    rig.apply_value("labelled-secret", "labelled", password).await;
    rig.apply("plain", to_secret("plain")).await;
    rig.apply("labelled", to_secret("labelled")).await;
    rig.apply("missing", to_secret("missing")).await;
    let plain = rig.until_reason("plain", "PoolRefNotFound").await;
    let missing = rig.until_reason("missing", "PoolRefNotFound").await;
    let message = |object: cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig| {
        let status = object.status.unwrap();
        status.conditions[0].message.replace("missing", "plain")
    };
    assert_eq!(message(plain), message(missing), "it is as if it were not there");
    let labelled = rig.until_reason("labelled", "PoolRefInvalid").await;
    let shown = [
        format!("{:?}", labelled.status),
        format!("{:?}", rig.events("labelled", 1).await),
        rig.page("/metrics").await.1,
    ];
    assert!(shown.iter().all(|shown| !shown.contains(password)), "{shown:?}");
}
