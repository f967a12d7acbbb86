//! Starts replicas with leader election, and waits for their Lease.

use std::fmt::Debug;

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
    deadline::DEADLINE,
    install,
    namespace::TestNamespace,
    operator::{Access, Operator},
};

/// The name of the Lease.
pub const LEASE: &str = "cognito-mfa-operator";
/// A lease that expires while a test waits, and is long enough to be renewed on a busy machine.
pub const SHORT_LEASE: [&str; 6] =
    ["--lease-duration", "6s", "--lease-renew-deadline", "4s", "--lease-retry-period", "500ms"];
/// A lease that does not expire during a test.
pub const LONG_LEASE: [&str; 6] =
    ["--lease-duration", "600s", "--lease-renew-deadline", "300s", "--lease-retry-period", "500ms"];

/// A namespace with a Lease without a holder, and the rights to it.
pub async fn rig_with_lease() -> TestNamespace {
    let rig = TestNamespace::without_operator().await;
    create_free_lease(&rig).await;
    rig
}

/// Creates a Lease without a holder, and grants the operator the rights to it.
pub async fn create_free_lease(rig: &TestNamespace) {
    grant_lease(&rig.client, &rig.namespace).await;
    let metadata = ObjectMeta { name: Some(LEASE.into()), ..ObjectMeta::default() };
    let lease = Lease { metadata, spec: Some(LeaseSpec::default()) };
    leases(rig).create(&PostParams::default(), &lease).await.expect("the Lease is created");
}

/// Grants the operator the same rights to the Lease in a namespace as deploy/ does in the operator's own.
async fn grant_lease(client: &Client, namespace: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/kustomize/base/rbac.yaml");
    let manifest = std::fs::read_to_string(path).expect("the manifest can be read");
    for document in manifest.split("\n---\n") {
        if document.contains("\nkind: Role\n") {
            create::<Role>(client, namespace, document).await;
        } else if document.contains("\nkind: RoleBinding\n") {
            create::<RoleBinding>(client, namespace, document).await;
        }
    }
}

/// Creates a manifest's object in another namespace than the manifest's.
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

/// Starts a replica that watches a namespace. It signs its AWS calls with its name as the access key.
pub async fn start_replica(rig: &TestNamespace, name: &str, watched: &str, lease: &[&str]) -> Operator {
    start_replica_at(None, rig, name, watched, lease).await
}

/// Starts a replica like [`start_replica`], with another address of the API server.
pub async fn start_replica_at(
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
    let is_led = |lease: Option<&Lease>| {
        let holder = lease.and_then(|lease| lease.spec.as_ref()?.holder_identity.as_deref());
        holder.is_some_and(|holder| holder.starts_with(&format!("{name}_")))
    };
    let led = tokio::time::timeout(DEADLINE, await_condition(leases(rig), LEASE, is_led)).await;
    led.expect("it becomes leader in time").expect("the watch works");
}

pub async fn is_ready(replica: &Operator) -> bool {
    replica.page("/readyz").await.0 == 200
}

pub async fn reports_leading(replica: &Operator) -> bool {
    replica.page("/metrics").await.1.contains("\ncognito_mfa_operator_leader 1\n")
}
