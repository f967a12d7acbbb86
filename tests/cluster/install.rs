//! deploy/install.yaml, applied once for all tests.

use k8s_openapi::{
    api::{
        authentication::v1::{TokenRequest, TokenRequestSpec},
        core::v1::ServiceAccount,
    },
    apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api, Client,
    api::PostParams,
    runtime::{conditions::is_crd_established, wait::await_condition},
};
use tokio::sync::OnceCell;

use crate::kubectl::kubectl;

const NAME: &str = "cognito-mfa-operator";

/// Applies it the first time.
pub async fn once(client: &Client) {
    static INSTALLED: OnceCell<()> = OnceCell::const_new();
    INSTALLED
        .get_or_init(async || {
            let applied = kubectl("apply -f deploy/install.yaml", "").await;
            assert!(applied.ok && applied.err.is_empty(), "{}", applied.err);
            let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
            let name = "userpoolmfaconfigs.cognito.mfaoperator.dev";
            await_condition(crds, name, is_crd_established()).await.expect("the CRD is established");
        })
        .await;
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
