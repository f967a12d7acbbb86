//! Watches of namespaces in which the operator may not list or watch objects.

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use k8s_openapi::api::{core::v1::ServiceAccount, rbac::v1::RoleBinding};
use kube::{
    Api, Client, Config,
    api::{DeleteParams, ListParams, PostParams},
    config::AuthInfo,
};
use serde_json::{from_value, json};
use test_support::cluster::{
    install,
    namespace::{TestNamespace, totp},
    operator::Access,
};

use super::fault_proxy::{FaultProxy, Moment};
use crate::eventually::eventually;

const LIST: &str = "LIST userpoolmfaconfigs";
const NAME: &str = "restricted";

/// An operator that watches two namespaces through a proxy, under a ServiceAccount with rights in the first alone.
struct Restricted {
    rig: TestNamespace,
    other: TestNamespace,
    proxy: FaultProxy,
    token: String,
}

impl Restricted {
    /// Creates the namespaces and the ServiceAccount, and starts no operator.
    async fn new() -> Self {
        let rig = TestNamespace::without_operator().await;
        let other = rig.second_namespace().await;
        let accounts: Api<ServiceAccount> = Api::namespaced(rig.client.clone(), &rig.namespace);
        let account = from_value(json!({"metadata": {"name": NAME}})).unwrap();
        accounts.create(&PostParams::default(), &account).await.expect("created");
        let token = install::token_of(&accounts, NAME).await;
        let restricted = Self { rig, other, proxy: FaultProxy::of_kube().await, token };
        restricted.grant(&restricted.rig).await;
        restricted
    }

    async fn start(&mut self) {
        let access = Access { token: self.token.clone(), server: Some(self.proxy.url.clone()) };
        let namespaces = ["--watch-namespaces", &self.other.namespace];
        self.rig.start_as(&access, &namespaces).await;
    }

    fn bindings(&self, namespace: &TestNamespace) -> Api<RoleBinding> {
        Api::namespaced(self.rig.client.clone(), &namespace.namespace)
    }

    /// Grants the operator's rights in a namespace, and waits until they are in force.
    async fn grant(&self, namespace: &TestNamespace) {
        let binding = json!({
            "metadata": {"name": NAME},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole",
                "name": "cognito-mfa-operator:cognito-mfa-operator"},
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": self.rig.namespace}],
        });
        let binding = from_value(binding).unwrap();
        self.bindings(namespace).create(&PostParams::default(), &binding).await.expect("granted");
        eventually("it may list", async || self.may_list(namespace).await).await;
    }

    async fn revoke(&self, namespace: &TestNamespace) {
        self.bindings(namespace).delete(NAME, &DeleteParams::default()).await.expect("revoked");
        eventually("it may not list", async || !self.may_list(namespace).await).await;
    }

    async fn may_list(&self, namespace: &TestNamespace) -> bool {
        let mut config = Config::infer().await.expect("KUBECONFIG can be used");
        config.auth_info = AuthInfo { token: Some(self.token.clone().into()), ..AuthInfo::default() };
        let client = Client::try_from(config).expect("a client");
        let objects: Api<UserPoolMfaConfig> = Api::namespaced(client, &namespace.namespace);
        objects.list(&ListParams::default()).await.is_ok()
    }

    /// Whether the metric shows that the watch of the second namespace fails.
    async fn shows_failing(&self, failing: bool) -> bool {
        let namespace = &self.other.namespace;
        let line = format!(
            "\ncognito_mfa_operator_watch_failing{{watched=\"{namespace}\"}} {}\n",
            u8::from(failing)
        );
        self.rig.page("/metrics").await.1.contains(&line)
    }

    async fn assert_reported(&self) {
        let (code, page) = self.rig.page("/readyz").await;
        let line = format!("the watch of {} fails: ", self.other.namespace);
        assert!(code == 200 && page.contains(&line), "{code} {page}");
        assert!(self.shows_failing(true).await);
    }

    async fn assert_not_reported(&self) {
        assert_eq!(self.rig.page("/readyz").await, (200, "ok\n".into()));
        assert!(self.shows_failing(false).await);
    }
}

#[tokio::test]
async fn adopted_objects_are_served_and_others_wait_while_a_namespace_is_forbidden() {
    let mut restricted = Restricted::new().await;
    let pools = [restricted.rig.pool(), restricted.rig.pool(), restricted.rig.pool()];
    restricted.rig.start(&[]).await;
    restricted.rig.apply("adopted", totp(&pools[0])).await;
    restricted.rig.until_reason("adopted", "InSync").await;
    assert!(restricted.rig.stop().await, "the exit is clean");
    restricted.other.apply("older", totp(&pools[1])).await;
    let older = restricted.other.objects().get("older").await.expect("it was created");
    restricted.rig.until_younger_than(&older).await;
    restricted.rig.apply("younger", totp(&pools[1])).await;
    restricted.rig.apply("alone", totp(&pools[2])).await;

    restricted.start().await;
    let (rig, other) = (&restricted.rig, &restricted.other);
    let logged = rig.operator.as_ref().unwrap().until_logged("a watch failed and is retried").await;
    assert!(logged.contains(&other.namespace), "{logged}");
    for mode in ["OFF", "OPTIONAL"] {
        rig.edit(&pools[0], &json!({"MfaConfiguration": mode}));
        rig.check("adopted").await;
        assert_eq!(rig.mode(&pools[0]), json!("ON"));
    }
    restricted.assert_reported().await;
    for pool in &pools[1..] {
        assert_eq!(rig.call_counts(pool), (0, 0), "an object that has never adopted waits");
    }

    restricted.grant(other).await;
    rig.until_reason("alone", "InSync").await;
    rig.until_reason("younger", "PoolOwnedByAnother").await;
    other.until_reason("older", "InSync").await;
    restricted.assert_not_reported().await;
}

#[tokio::test]
async fn a_forbidden_watch_stays_reported_while_its_list_is_repeated() {
    let mut restricted = Restricted::new().await;
    // Each namespace is listed once, and then the forbidden one again.
    let repeated = restricted.proxy.pause(Moment::Before, |kind, number| kind == LIST && number == 3);
    restricted.start().await;
    repeated.reached().await;
    restricted.assert_reported().await;
    repeated.resume();
}

#[tokio::test]
async fn a_watch_that_is_allowed_again_is_reported_before_anything_changes() {
    let mut restricted = Restricted::new().await;
    restricted.grant(&restricted.other).await;
    restricted.start().await;
    let (rig, other) = (&restricted.rig, &restricted.other);
    let pool = rig.pool();
    rig.apply("any", totp(&pool)).await;
    rig.until_reason("any", "InSync").await;
    restricted.revoke(other).await;
    restricted.proxy.filter().end_watches().await;
    eventually("the watch fails", async || restricted.shows_failing(true).await).await;
    restricted.assert_reported().await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    rig.check("any").await;
    assert_eq!(rig.mode(&pool), json!("ON"));
    restricted.grant(other).await;
    eventually("the watch works again", async || restricted.shows_failing(false).await).await;
    restricted.assert_not_reported().await;
}
