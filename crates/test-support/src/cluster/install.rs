//! deploy/install.yaml, applied once for all tests, with the rights for deletions that turn MFA off.

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

use super::kubectl::kubectl;

const NAME: &str = "cognito-mfa-operator";

/// The additional rights that deploy/kustomize/overlays/disable-on-delete grants, and those to follow references, but none to
/// cognitoidp.aws.upbound.io: a test shows what then happens. They are a role of their own, because one test applies
/// install.yaml again while others run.
const ADDITIONAL_RIGHTS: &str = r#"
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: additional}
rules:
- {apiGroups: [""], resources: [namespaces], verbs: [get]}
- {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [get]}
- {apiGroups: [cognitoidentityprovider.services.k8s.aws, cognitoidp.aws.m.upbound.io, cognitoidentityprovider.aws.crossplane.io], resources: [userpools], verbs: [get]}
- {apiGroups: [""], resources: [configmaps, secrets], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: additional}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: additional}
subjects: [{kind: ServiceAccount, name: cognito-mfa-operator, namespace: cognito-mfa-operator}]
"#;

/// Applies the manifests, once for each test process.
pub async fn once(client: &Client) {
    static INSTALLED: OnceCell<()> = OnceCell::const_new();
    INSTALLED
        .get_or_init(async || {
            for (command, input) in [("apply -f deploy/install.yaml", ""), ("apply -f -", ADDITIONAL_RIGHTS)]
            {
                let applied = kubectl(command, input).await;
                assert!(applied.ok && applied.err.is_empty(), "{}", applied.err);
            }
            let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
            let name = "userpoolmfaconfigs.cognito.mfaoperator.dev";
            await_condition(crds, name, is_crd_established()).await.expect("the CRD is established");
        })
        .await;
}

/// Requests a token of the operator's ServiceAccount.
pub async fn token(client: &Client) -> String {
    token_of(&Api::namespaced(client.clone(), NAME), NAME).await
}

/// Requests a token of a ServiceAccount.
pub async fn token_of(accounts: &Api<ServiceAccount>, name: &str) -> String {
    let request = TokenRequest { spec: Some(TokenRequestSpec::default()), ..TokenRequest::default() };
    let response =
        accounts.create_token_request(name, &PostParams::default(), &request).await.expect("a token");
    response.status.and_then(|status| status.token).expect("the token is in the status")
}
