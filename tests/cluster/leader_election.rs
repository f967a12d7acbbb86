//! Several replicas with leader election, of which one reconciles.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use cognito_emulator::{Effect, Fault};
use kube::{Config, api::DeleteParams};
use test_support::cluster::{
    namespace::{TestNamespace, new_namespace, totp},
    operator::Operator,
};

use crate::{
    eventually::eventually,
    faults::print_measurement,
    replicas::{
        LEASE, LONG_LEASE, SHORT_LEASE, is_ready, leases, reports_leading, rig_with_lease, start_replica,
        start_replica_at, until_led_by,
    },
    tcp_proxy::{Mode, TcpProxy},
};

/// A namespace in which the replica "first" leads.
async fn first_leads(lease: &[&str]) -> (TestNamespace, Operator) {
    let rig = rig_with_lease().await;
    let first = start_replica(&rig, "first", &rig.namespace, lease).await;
    until_led_by(&rig, "first").await;
    (rig, first)
}

/// Creates an object, and waits until this call about its pool is in flight. Returns the pool.
async fn call_in_flight(rig: &TestNamespace, operation: &str, duration: Duration) -> String {
    let pool = rig.pool();
    rig.fault(Fault::next(operation, Effect::Delay).delayed(duration).on(&pool));
    rig.apply("any", totp(&pool)).await;
    let is_called = || rig.calls(&pool).iter().any(|(called, _)| called == operation);
    eventually("the call is in flight", async || is_called()).await;
    pool
}

/// Creates an object, and waits until it is in sync. Returns its pool.
async fn reconciled_object(rig: &TestNamespace) -> String {
    let pool = rig.pool();
    rig.apply("any", totp(&pool)).await;
    rig.until_reason("any", "InSync").await;
    pool
}

/// The replicas that called AWS about a pool, by the access keys of the calls.
fn callers(rig: &TestNamespace, pool: &str) -> BTreeSet<String> {
    let calls = rig.aws.calls().into_iter().filter(|call| call.pool.as_deref() == Some(pool));
    calls.filter_map(|call| call.access_key_id).collect()
}

#[tokio::test]
async fn one_replica_reconciles_and_the_standby_is_ready_and_makes_no_call() {
    let (rig, first) = first_leads(&LONG_LEASE).await;
    let second = start_replica(&rig, "second", &rig.namespace, &LONG_LEASE).await;
    eventually("the second is ready", async || is_ready(&second).await).await;
    let pool = reconciled_object(&rig).await;
    rig.check("any").await;
    assert_eq!(callers(&rig, &pool), BTreeSet::from(["first".into()]));
    assert!(reports_leading(&first).await && !reports_leading(&second).await);
}

#[tokio::test]
async fn sigterm_hands_over_the_lease_before_it_expires() {
    let (rig, first) = first_leads(&LONG_LEASE).await;
    let _second = start_replica(&rig, "second", &rig.namespace, &LONG_LEASE).await;
    let signalled = Instant::now();
    assert!(first.stop().await, "the exit is clean");
    until_led_by(&rig, "second").await;
    print_measurement("handover at SIGTERM of an idle leader; retry period 0.5 s", signalled.elapsed());
    let pool = reconciled_object(&rig).await;
    assert_eq!(callers(&rig, &pool), BTreeSet::from(["second".into()]));
}

#[tokio::test]
async fn the_lease_is_not_handed_over_while_a_write_is_in_flight() {
    let (rig, first) = first_leads(&LONG_LEASE).await;
    let _second = start_replica(&rig, "second", &rig.namespace, &LONG_LEASE).await;
    let pool = call_in_flight(&rig, "SetUserPoolMfaConfig", Duration::from_secs(3)).await;
    assert_eq!(rig.call_counts(&pool).1, 1);
    let stopping = tokio::spawn(first.stop());
    until_led_by(&rig, "second").await;
    assert_eq!(rig.calls(&pool)[1].1, "OK", "the write has ended");
    assert!(stopping.await.expect("it is waited for"), "the exit is clean");
    rig.until_reason("any", "InSync").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}

#[tokio::test]
async fn the_standby_takes_over_when_the_lease_of_a_killed_leader_expires() {
    let (rig, first) = first_leads(&SHORT_LEASE).await;
    let second = start_replica(&rig, "second", &rig.namespace, &SHORT_LEASE).await;
    eventually("the second is ready", async || is_ready(&second).await).await;
    let killed = Instant::now();
    first.kill().await;
    until_led_by(&rig, "second").await;
    print_measurement("takeover after SIGKILL; lease 6 s, retry period 0.5 s", killed.elapsed());
    let pool = reconciled_object(&rig).await;
    assert_eq!(callers(&rig, &pool), BTreeSet::from(["second".into()]));
}

/// The second replica watches another namespace. So only the lease, and not the object, can stop the first.
#[tokio::test]
async fn a_replica_paused_past_its_lease_starts_no_write() {
    let (rig, first) = first_leads(&SHORT_LEASE).await;
    let other_namespace = new_namespace(&rig.client).await;
    let _second = start_replica(&rig, "second", &other_namespace, &SHORT_LEASE).await;
    let pool = call_in_flight(&rig, "GetUserPoolMfaConfig", Duration::from_secs(1)).await;
    assert_eq!(rig.call_counts(&pool).0, 1);
    first.signal("STOP");
    until_led_by(&rig, "second").await;
    first.signal("CONT");
    assert!(first.stop().await, "the reconciliation ends, and the exit is clean");
    assert_eq!(rig.call_counts(&pool).1, 0);
}

#[tokio::test]
async fn a_replica_cut_off_from_the_api_server_stands_by_and_starts_no_write() {
    let rig = rig_with_lease().await;
    let server = Config::infer().await.expect("KUBECONFIG can be used").cluster_url;
    let proxy = TcpProxy::start(server.authority().expect("an address").to_string()).await;
    let proxy_url = Some(format!("https://{}", proxy.address));
    let first = start_replica_at(proxy_url, &rig, "first", &rig.namespace, &SHORT_LEASE).await;
    until_led_by(&rig, "first").await;
    let other_namespace = new_namespace(&rig.client).await;
    let _second = start_replica(&rig, "second", &other_namespace, &SHORT_LEASE).await;
    let pool = call_in_flight(&rig, "GetUserPoolMfaConfig", Duration::from_secs(1)).await;
    assert_eq!(rig.call_counts(&pool).0, 1);
    proxy.set_mode(Mode::HalfOpen);
    first.until_logged("no longer leading").await;
    until_led_by(&rig, "second").await;
    proxy.set_mode(Mode::Open);
    first.until_logged("the Lease can be reached again").await;
    assert!(first.stop().await, "it was not restarted, and the exit is clean");
    assert_eq!(rig.call_counts(&pool).1, 0);
}

#[tokio::test]
async fn the_leader_recreates_a_deleted_lease() {
    let (rig, first) = first_leads(&LONG_LEASE).await;
    let _second = start_replica(&rig, "second", &rig.namespace, &LONG_LEASE).await;
    leases(&rig).delete(LEASE, &DeleteParams::default()).await.expect("deleted");
    until_led_by(&rig, "first").await;
    assert!(reports_leading(&first).await);
}
