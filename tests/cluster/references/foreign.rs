//! UserPools of other tools, by CRDs of our own with their groups, versions and scopes.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams},
    core::{ApiResource, DynamicObject, GroupVersionKind},
    runtime::{
        conditions::{is_crd_established, is_deleted},
        wait::await_condition,
    },
};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, admin};
use tokio::sync::OnceCell;

/// A kind UserPool of another tool.
#[derive(Clone, Copy)]
pub struct Foreign {
    pub group: &'static str,
    versions: &'static [&'static str],
    is_namespaced: bool,
}

impl Foreign {
    pub const ACK: Self = Self {
        group: "cognitoidentityprovider.services.k8s.aws",
        versions: &["v1alpha1"],
        is_namespaced: true,
    };
    pub const UPJET: Self =
        Self { group: "cognitoidp.aws.m.upbound.io", versions: &["v1beta1"], is_namespaced: true };
    pub const UPJET_CLUSTER: Self =
        Self { group: "cognitoidp.aws.upbound.io", versions: &["v1beta1", "v1beta2"], is_namespaced: false };
    /// Only one test installs it.
    pub const CROSSPLANE: Self = Self {
        group: "cognitoidentityprovider.aws.crossplane.io",
        versions: &["v1alpha1"],
        is_namespaced: false,
    };

    /// Creates the resource definitions, once for each test process, except that of the classic Crossplane provider.
    pub async fn install() {
        static INSTALLED: OnceCell<()> = OnceCell::const_new();
        let install = async || {
            let client = admin().await;
            for kind in [Self::ACK, Self::UPJET, Self::UPJET_CLUSTER] {
                kind.create(&client).await;
            }
        };
        INSTALLED.get_or_init(install).await;
    }

    /// Creates the resource definition.
    pub async fn create(self, client: &Client) {
        let version = |name: &&str| {
            json!({
                "name": name, "served": true, "storage": Some(name) == self.versions.last(),
                "subresources": {"status": {}},
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}},
            })
        };
        let crd = json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": self.crd()},
            "spec": {
                "group": self.group,
                "scope": if self.is_namespaced { "Namespaced" } else { "Cluster" },
                "names": {"kind": "UserPool", "listKind": "UserPoolList", "plural": "userpools", "singular": "userpool"},
                "versions": self.versions.iter().map(version).collect::<Vec<_>>(),
            },
        });
        let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
        let params = PatchParams::apply("test").force();
        crds.patch(&self.crd(), &params, &Patch::Apply(crd)).await.expect("the CRD is created");
        await_condition(crds, &self.crd(), is_crd_established()).await.expect("it is established");
    }

    /// Deletes the resource definition, and with it all objects.
    pub async fn delete(self, client: &Client) {
        let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
        let crd = crds.get(&self.crd()).await.expect("the CRD is there");
        crds.delete(&self.crd(), &DeleteParams::default()).await.expect("deleted");
        let uid = crd.metadata.uid.expect("it has a UID");
        await_condition(crds, &self.crd(), is_deleted(&uid)).await.expect("it is gone");
    }

    /// Creates a UserPool, or changes it, and writes its status.
    pub async fn apply(self, rig: &TestNamespace, name: &str, annotations: Value, status: Value) {
        let (api, params) = (self.api(rig), PatchParams::apply("test").force());
        let object = |part: &str, value: Value| {
            let mut object = json!({
                "apiVersion": format!("{}/{}", self.group, self.versions[0]), "kind": "UserPool",
                "metadata": {"name": name, "annotations": annotations},
            });
            object[part] = value;
            Patch::Apply(object)
        };
        api.patch(name, &params, &object("spec", json!({}))).await.expect("the UserPool is created");
        api.patch_status(name, &params, &object("status", status)).await.expect("its status is written");
    }

    /// Deletes a UserPool.
    pub async fn remove(self, rig: &TestNamespace, name: &str) {
        self.api(rig).delete(name, &DeleteParams::default()).await.expect("deleted");
    }

    fn api(self, rig: &TestNamespace) -> Api<DynamicObject> {
        let kind = GroupVersionKind::gvk(self.group, self.versions[0], "UserPool");
        let resource = ApiResource::from_gvk_with_plural(&kind, "userpools");
        if self.is_namespaced {
            Api::namespaced_with(rig.client.clone(), &rig.namespace, &resource)
        } else {
            Api::all_with(rig.client.clone(), &resource)
        }
    }

    fn crd(self) -> String {
        format!("userpools.{}", self.group)
    }
}
