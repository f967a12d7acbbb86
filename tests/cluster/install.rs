//! The CRD and deploy/, applied once for all tests.

use std::path::{Path, PathBuf};

use k8s_openapi::{
    api::{
        authentication::v1::{TokenRequest, TokenRequestSpec},
        core::v1::ServiceAccount,
    },
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api, Client,
    api::{Patch, PatchParams, PostParams},
    core::{DynamicObject, GroupVersionKind},
    discovery,
    runtime::{conditions::is_crd_established, wait::await_condition},
};
use tokio::sync::OnceCell;

const NAME: &str = "cognito-mfa-operator";

/// Applies the CRD and deploy/install the first time.
pub async fn once(client: &Client) {
    static INSTALLED: OnceCell<()> = OnceCell::const_new();
    INSTALLED
        .get_or_init(async || {
            for file in files(&["crds", "deploy/install"]) {
                apply(client, &std::fs::read_to_string(&file).expect("a manifest can be read")).await;
            }
            let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
            let name = "userpoolmfaconfigs.cognito.mfaoperator.dev";
            await_condition(crds, name, is_crd_established()).await.expect("the CRD is established");
        })
        .await;
}

/// The manifests in folders of the repository, in the order of their names.
pub fn files(folders: &[&str]) -> Vec<PathBuf> {
    let list = |folder: &&str| {
        let entries = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        let mut files: Vec<_> =
            entries.expect("the folder is there").map(|entry| entry.expect("readable").path()).collect();
        files.sort();
        files
    };
    folders.iter().flat_map(list).collect()
}

/// Applies every document of a manifest on the server's side.
async fn apply(client: &Client, manifest: &str) {
    for object in serde_saphyr::from_multiple::<DynamicObject>(manifest).expect("a manifest is YAML") {
        let kind = GroupVersionKind::try_from(object.types.as_ref().expect("a kind")).expect("a kind");
        let (resource, _) = discovery::pinned_kind(client, &kind).await.expect("the server knows the kind");
        let api: Api<DynamicObject> = match &object.metadata.namespace {
            Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
            None => Api::all_with(client.clone(), &resource),
        };
        let name = object.metadata.name.clone().expect("a name");
        api.patch(&name, &PatchParams::apply("test"), &Patch::Apply(&object))
            .await
            .expect("the server takes it");
    }
}

/// A token of the operator's ServiceAccount.
pub async fn token(client: &Client) -> String {
    token_of(&Api::namespaced(client.clone(), NAME), NAME).await
}

/// A token of a ServiceAccount.
pub async fn token_of(accounts: &Api<ServiceAccount>, name: &str) -> String {
    let request = TokenRequest { spec: Some(TokenRequestSpec::default()), ..TokenRequest::default() };
    let granted =
        accounts.create_token_request(name, &PostParams::default(), &request).await.expect("a token");
    granted.status.and_then(|status| status.token).expect("a granted token is in the status")
}
