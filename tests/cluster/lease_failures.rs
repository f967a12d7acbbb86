//! A Lease that cannot be read or written is reported as what it is: in the log, in the metrics and on /readyz.

use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use kube::{Api, Config, api::PostParams};
use serde_json::{from_value, json};
use test_support::cluster::{
    install,
    kubectl::kubectl,
    namespace::TestNamespace,
    operator::{Access, Operator},
};

use crate::{
    eventually::eventually,
    replicas::{
        SHORT_LEASE, is_ready, reports_leading, rig_with_lease, start_replica, start_replica_at, until_led_by,
    },
    tcp_proxy::{Mode, TcpProxy},
};

const LOGGED: &str = "the Lease cannot be read or written: ";

/// The token of a new ServiceAccount that may do everything. The operator's own may do nothing in a namespace that does
/// not exist, so the API server would only say that it is forbidden.
async fn administrators_token(rig: &TestNamespace) -> String {
    let namespace = &rig.namespace;
    let accounts: Api<ServiceAccount> = Api::namespaced(rig.client.clone(), namespace);
    let account = from_value(json!({"metadata": {"name": "administrator"}})).unwrap();
    accounts.create(&PostParams::default(), &account).await.unwrap();
    let binding = format!(
        "create clusterrolebinding {namespace} --clusterrole=cluster-admin --serviceaccount={namespace}:administrator"
    );
    assert!(kubectl(&binding, "").await.ok);
    install::token_of(&accounts, "administrator").await
}

/// Asserts that the metrics and /readyz have the failure, and that /readyz says so without failing.
async fn assert_reported(replica: &Operator, reason: &str, words: &str) {
    let metrics = replica.page("/metrics").await.1;
    assert!(
        metrics.contains(&format!("cognito_mfa_operator_lease_failing{{reason=\"{reason}\"}} 1\n")),
        "{metrics}"
    );
    eventually("it is ready", async || is_ready(replica).await).await;
    let page = replica.page("/readyz").await.1;
    assert!(page.contains("leader election: ") && page.contains(words), "{page}");
}

/// Waits until neither the metrics nor /readyz have a failure.
async fn until_not_reported(replica: &Operator) {
    eventually("no failure is reported", async || {
        let (metrics, ready) = (replica.page("/metrics").await.1, replica.page("/readyz").await.1);
        let failing = |line: &str| line.contains("lease_failing{") && line.ends_with(" 1");
        !metrics.lines().any(failing) && !ready.contains("leader election: ")
    })
    .await;
}

#[tokio::test]
async fn a_missing_namespace_is_reported_until_it_is_created() {
    let rig = TestNamespace::without_operator().await;
    let missing = format!("{}-lease", rig.namespace);
    let access = Access { token: administrators_token(&rig).await, server: None };
    let flags =
        ["--leader-elect", "--leader-election-namespace", &missing, "--watch-namespaces", &rig.namespace];
    let replica = Operator::start(&access, &rig.aws.url(), &[&flags[..], &SHORT_LEASE].concat(), &[]).await;
    let words = format!("the namespace {missing} does not exist or is being deleted: create it");
    replica.until_logged(&format!("{LOGGED}{words}")).await;
    assert_reported(&replica, "namespace_missing", &words).await;
    let namespaces: Api<Namespace> = Api::all(rig.client.clone());
    let namespace = from_value(json!({"metadata": {"name": missing}})).unwrap();
    namespaces.create(&PostParams::default(), &namespace).await.unwrap();
    eventually("it leads", async || reports_leading(&replica).await).await;
    until_not_reported(&replica).await;
}

#[tokio::test]
async fn a_missing_right_to_the_lease_is_reported_as_one() {
    let rig = TestNamespace::without_operator().await;
    let replica = start_replica(&rig, "first", &rig.namespace, &SHORT_LEASE).await;
    let words = format!("the operator may not get, create or update the Lease {}/", rig.namespace);
    let line = replica.until_logged(&format!("{LOGGED}{words}")).await;
    assert!(line.contains("cannot get resource"), "the API server's words are logged: {line}");
    assert_reported(&replica, "forbidden", &words).await;
}

#[tokio::test]
async fn an_api_server_that_does_not_answer_is_no_question_of_rights() {
    let rig = rig_with_lease().await;
    let server = Config::infer().await.expect("KUBECONFIG can be used").cluster_url;
    let proxy = TcpProxy::start(server.authority().expect("an address").to_string()).await;
    let proxy_url = Some(format!("https://{}", proxy.address));
    let replica = start_replica_at(proxy_url, &rig, "first", &rig.namespace, &SHORT_LEASE).await;
    until_led_by(&rig, "first").await;
    eventually("the watch has listed", async || is_ready(&replica).await).await;
    proxy.set_mode(Mode::HalfOpen);
    let words = "the API server did not answer within 1.3s: it is slow or not reachable";
    let line = replica.until_logged(&format!("{LOGGED}{words}")).await;
    assert!(!line.contains("may not") && !line.contains("Role"), "{line}");
    assert_reported(&replica, "timed_out", words).await;
    proxy.set_mode(Mode::Refusing);
    replica.until_logged(&format!("{LOGGED}there is no connection to the API server")).await;
    proxy.set_mode(Mode::Open);
    replica.until_logged("the Lease can be reached again").await;
    until_not_reported(&replica).await;
}
