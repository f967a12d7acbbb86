//! Replicas that elect the one that works.

use std::{fmt::Debug, time::Duration};

use k8s_openapi::{
    NamespaceResourceScope,
    api::{
        coordination::v1::{Lease, LeaseSpec},
        rbac::v1::{Role, RoleBinding},
    },
};
use kube::{Api, Client, Resource, api::PostParams, core::ObjectMeta, runtime::wait::await_condition};
use serde::{Serialize, de::DeserializeOwned};
use test_support::cluster::{
    install,
    namespace::{DEADLINE, TestNamespace},
    operator::{Access, Operator},
};

/// The name of the Lease, and of the namespace that it is in.
pub const LEASE: &str = "cognito-mfa-operator";
/// A lease that runs out while a test waits for it, and is not missed on a busy machine.
pub const SHORT: [&str; 6] =
    ["--lease-duration", "6s", "--lease-renew-deadline", "4s", "--lease-retry-period", "500ms"];
/// A lease that does not run out during a test.
pub const LONG: [&str; 6] =
    ["--lease-duration", "600s", "--lease-renew-deadline", "300s", "--lease-retry-period", "500ms"];

/// A namespace with the rights to a Lease, which nobody holds.
pub async fn election() -> TestNamespace {
    let rig = TestNamespace::without_operator().await;
    free_lease(&rig).await;
    rig
}

/// Adds to a namespace the rights to a Lease, and one that nobody holds.
pub async fn free_lease(rig: &TestNamespace) {
    grant_lease(&rig.client, &rig.namespace).await;
    let metadata = ObjectMeta { name: Some(LEASE.into()), ..ObjectMeta::default() };
    let free = Lease { metadata, spec: Some(LeaseSpec::default()) };
    leases(rig).create(&PostParams::default(), &free).await.expect("the Lease is created");
}

/// Grants the operator in a namespace what deploy/ grants it about the Lease in its own.
async fn grant_lease(client: &Client, namespace: &str) {
    let rbac = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/kustomize/base/rbac.yaml");
    let text = std::fs::read_to_string(rbac).expect("the manifest can be read");
    for document in text.split("\n---\n") {
        if document.contains("\nkind: Role\n") {
            create::<Role>(client, namespace, document).await;
        } else if document.contains("\nkind: RoleBinding\n") {
            create::<RoleBinding>(client, namespace, document).await;
        }
    }
}

/// Creates an object of a manifest in another namespace.
async fn create<K>(client: &Client, namespace: &str, document: &str)
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Clone
        + Debug
        + Serialize
        + DeserializeOwned,
{
    let mut object: K = serde_saphyr::from_str(document).expect("the manifest is of its kind");
    object.meta_mut().namespace = Some(namespace.into());
    let api: Api<K> = Api::namespaced(client.clone(), namespace);
    api.create(&PostParams::default(), &object).await.expect("the right is granted");
}

pub fn leases(rig: &TestNamespace) -> Api<Lease> {
    Api::namespaced(rig.client.clone(), &rig.namespace)
}

/// Starts a replica that watches a namespace. Its calls of AWS are signed with its name.
pub async fn replica(rig: &TestNamespace, name: &str, watched: &str, lease: &[&str]) -> Operator {
    replica_at(None, rig, name, watched, lease).await
}

/// The same with another address of the API server.
pub async fn replica_at(
    server: Option<String>,
    rig: &TestNamespace,
    name: &str,
    watched: &str,
    lease: &[&str],
) -> Operator {
    let access = Access { token: install::token(&rig.client).await, server };
    let flags =
        ["--leader-elect", "--leader-election-namespace", &rig.namespace, "--watch-namespaces", watched];
    let environment = [("POD_NAME", name), ("AWS_ACCESS_KEY_ID", name)];
    Operator::start(&access, &rig.aws.url(), &[&flags, lease].concat(), &environment).await
}

pub async fn until_led_by(rig: &TestNamespace, name: &str) {
    let held = |lease: Option<&Lease>| {
        let holder = lease.and_then(|lease| lease.spec.as_ref()?.holder_identity.as_deref());
        holder.is_some_and(|holder| holder.starts_with(&format!("{name}_")))
    };
    let held = tokio::time::timeout(DEADLINE, await_condition(leases(rig), LEASE, held)).await;
    held.expect("it comes to lead in time").expect("the watch works");
}

/// Waits until the condition holds.
pub async fn eventually(what: &str, holds: impl AsyncFn() -> bool) {
    let mut often = tokio::time::interval(Duration::from_millis(50));
    let met = async {
        while !holds().await {
            often.tick().await;
        }
    };
    assert!(tokio::time::timeout(DEADLINE, met).await.is_ok(), "never: {what}");
}

pub async fn is_ready(replica: &Operator) -> bool {
    replica.page("/readyz").await.0 == 200
}

pub async fn tells_that_it_leads(replica: &Operator) -> bool {
    replica.page("/metrics").await.1.contains("\ncognito_mfa_operator_leader 1\n")
}
