//! Several replicas, of which one works.

use std::{collections::BTreeSet, time::Duration};

use cognito_stand_in::{Effect, Fault};
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use kube::{
    Api, Config,
    api::{DeleteParams, PostParams},
    core::ObjectMeta,
    runtime::wait::await_condition,
};

use crate::{
    install,
    kubectl::kubectl,
    operator::{Access, Operator},
    proxy::{Mode, Proxy},
    rig::{DEADLINE, Rig, new_namespace, totp},
};

/// The name of the Lease, and of the namespace that it is in.
const LEASE: &str = "cognito-mfa-operator";
/// A lease that runs out while a test waits for it, and is not missed on a busy machine.
const SHORT: [&str; 6] =
    ["--lease-duration", "6s", "--lease-renew-deadline", "4s", "--lease-retry-period", "500ms"];
/// A lease that does not run out during a test.
const LONG: [&str; 6] =
    ["--lease-duration", "600s", "--lease-renew-deadline", "300s", "--lease-retry-period", "500ms"];

/// A namespace with the rights to a Lease, which nobody holds.
pub async fn election() -> Rig {
    let rig = Rig::idle().await;
    grant_lease(&rig.namespace).await;
    let metadata = ObjectMeta { name: Some(LEASE.into()), ..ObjectMeta::default() };
    let free = Lease { metadata, spec: Some(LeaseSpec::default()) };
    leases(&rig).create(&PostParams::default(), &free).await.expect("the Lease is created");
    rig
}

/// Grants the operator in a namespace what deploy/install grants it about the Lease in its own.
async fn grant_lease(namespace: &str) {
    let rbac = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/install/20-rbac.yaml");
    let text = std::fs::read_to_string(rbac).expect("the manifest can be read");
    for document in text
        .split(
            "
---
",
        )
        .filter(|document| {
            document.contains(
                "-lease
",
            )
        })
    {
        let own = format!(
            "metadata:
  name: {LEASE}-lease
  namespace: {LEASE}
"
        );
        let there = format!(
            "metadata:
  name: {LEASE}-lease
  namespace: {namespace}
"
        );
        assert!(document.contains(&own), "the manifest has another form");
        let applied = kubectl("apply -f -", &document.replace(&own, &there)).await;
        assert!(applied.ok, "{}", applied.err);
    }
}

fn leases(rig: &Rig) -> Api<Lease> {
    Api::namespaced(rig.client.clone(), &rig.namespace)
}

/// Starts a replica that watches a namespace. Its calls of AWS are signed with its name.
async fn replica(rig: &Rig, name: &str, watched: &str, lease: &[&str]) -> Operator {
    replica_at(None, rig, name, watched, lease).await
}

/// The same with another address of the API server.
async fn replica_at(
    server: Option<String>,
    rig: &Rig,
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

async fn until_led_by(rig: &Rig, name: &str) {
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

async fn is_ready(replica: &Operator) -> bool {
    replica.page("/readyz").await.0 == 200
}

async fn tells_that_it_leads(replica: &Operator) -> bool {
    replica.page("/metrics").await.1.contains("\ncognito_mfa_operator_leader 1\n")
}

/// Who called AWS about a pool.
fn callers(rig: &Rig, pool: &str) -> BTreeSet<String> {
    let about = rig.aws.calls().into_iter().filter(|call| call.pool.as_deref() == Some(pool));
    about.filter_map(|call| call.access_key_id).collect()
}

#[tokio::test]
async fn one_replica_works_and_the_other_stands_by_ready_and_calls_nobody() {
    let rig = election().await;
    let first = replica(&rig, "first", &rig.namespace, &LONG).await;
    until_led_by(&rig, "first").await;
    let second = replica(&rig, "second", &rig.namespace, &LONG).await;
    eventually("the second is ready", async || is_ready(&second).await).await;
    let pool = rig.pool();
    rig.apply("any", totp(&pool)).await;
    rig.until_reason("any", "InSync").await;
    rig.check("any").await;
    assert_eq!(callers(&rig, &pool), BTreeSet::from(["first".into()]));
    assert!(tells_that_it_leads(&first).await && !tells_that_it_leads(&second).await);
}

#[tokio::test]
async fn sigterm_hands_the_lease_over_before_it_runs_out() {
    let rig = election().await;
    let first = replica(&rig, "first", &rig.namespace, &LONG).await;
    until_led_by(&rig, "first").await;
    let _second = replica(&rig, "second", &rig.namespace, &LONG).await;
    assert!(first.stop().await, "the exit is clean");
    until_led_by(&rig, "second").await;
    let pool = rig.pool();
    rig.apply("any", totp(&pool)).await;
    rig.until_reason("any", "InSync").await;
    assert_eq!(callers(&rig, &pool), BTreeSet::from(["second".into()]));
}

#[tokio::test]
async fn no_lease_is_handed_over_while_a_set_is_under_way() {
    let rig = election().await;
    let first = replica(&rig, "first", &rig.namespace, &LONG).await;
    until_led_by(&rig, "first").await;
    let _second = replica(&rig, "second", &rig.namespace, &LONG).await;
    let pool = rig.pool();
    let slow = Fault::next("SetUserPoolMfaConfig", Effect::Delay).delayed(Duration::from_secs(3));
    rig.aws.world().faults.push(slow.on(&pool));
    rig.apply("any", totp(&pool)).await;
    eventually("a Set is under way", async || rig.cost(&pool).1 == 1).await;
    let stopped = tokio::spawn(first.stop());
    until_led_by(&rig, "second").await;
    assert_eq!(rig.calls(&pool)[1].1, "OK", "the Set has ended");
    assert!(stopped.await.expect("it is waited for"), "the exit is clean");
    rig.until_reason("any", "InSync").await;
    assert_eq!(rig.cost(&pool).1, 1);
}

#[tokio::test]
async fn a_replica_that_is_killed_is_followed_when_its_lease_has_run_out() {
    let rig = election().await;
    let first = replica(&rig, "first", &rig.namespace, &SHORT).await;
    until_led_by(&rig, "first").await;
    let second = replica(&rig, "second", &rig.namespace, &SHORT).await;
    eventually("the second is ready", async || is_ready(&second).await).await;
    drop(first);
    let pool = rig.pool();
    rig.apply("meanwhile", totp(&pool)).await;
    rig.until_reason("meanwhile", "InSync").await;
    assert_eq!(callers(&rig, &pool), BTreeSet::from(["second".into()]));
}

/// The second replica watches another namespace: that the object is another's by now is for the lease alone to say.
#[tokio::test]
async fn a_replica_stopped_past_its_lease_begins_no_set() {
    let rig = election().await;
    let first = replica(&rig, "first", &rig.namespace, &SHORT).await;
    until_led_by(&rig, "first").await;
    let elsewhere = new_namespace(&rig.client).await;
    let _second = replica(&rig, "second", &elsewhere, &SHORT).await;
    let pool = rig.pool();
    let slow = Fault::next("GetUserPoolMfaConfig", Effect::Delay).delayed(Duration::from_secs(1));
    rig.aws.world().faults.push(slow.on(&pool));
    rig.apply("any", totp(&pool)).await;
    eventually("a Get is under way", async || rig.cost(&pool).0 == 1).await;
    first.signal("STOP");
    until_led_by(&rig, "second").await;
    first.signal("CONT");
    assert!(first.stop().await, "the pass under way ends, and the exit is clean");
    assert_eq!(rig.cost(&pool).1, 0);
}

#[tokio::test]
async fn a_replica_cut_off_from_the_api_server_stands_by_and_begins_no_set() {
    let rig = election().await;
    let server = Config::infer().await.expect("KUBECONFIG can be used").cluster_url;
    let proxy = Proxy::start(server.authority().expect("an address").to_string()).await;
    let through = Some(format!("https://{}", proxy.address));
    let first = replica_at(through, &rig, "first", &rig.namespace, &SHORT).await;
    until_led_by(&rig, "first").await;
    let elsewhere = new_namespace(&rig.client).await;
    let _second = replica(&rig, "second", &elsewhere, &SHORT).await;
    let pool = rig.pool();
    let slow = Fault::next("GetUserPoolMfaConfig", Effect::Delay).delayed(Duration::from_secs(1));
    rig.aws.world().faults.push(slow.on(&pool));
    rig.apply("any", totp(&pool)).await;
    eventually("a Get is under way", async || rig.cost(&pool).0 == 1).await;
    proxy.turn(Mode::HalfOpen);
    first.until_logged("not leading any more").await;
    until_led_by(&rig, "second").await;
    proxy.turn(Mode::Open);
    first.until_logged("the Lease can be reached again").await;
    assert!(first.stop().await, "it was not restarted, and the exit is clean");
    assert_eq!(rig.cost(&pool).1, 0);
}

/// Gives the Lease to somebody who keeps it for a second.
async fn take_for_a_second(rig: &Rig) {
    let taken = async || {
        let mut lease = leases(rig).get(LEASE).await.expect("the Lease");
        let spec = lease.spec.get_or_insert_default();
        spec.holder_identity = Some("somebody".into());
        spec.lease_duration_seconds = Some(1);
        spec.lease_transitions = spec.lease_transitions.map(|changes| changes + 1);
        leases(rig).replace(LEASE, &PostParams::default(), &lease).await.is_ok()
    };
    eventually("the Lease is taken between two renewals", taken).await;
}

/// The object is as it was and the lease is won again: only the pass is from before.
#[tokio::test]
async fn a_pass_from_before_the_lease_was_lost_and_won_again_sets_nothing() {
    let rig = election().await;
    let _first = replica(&rig, "first", &rig.namespace, &SHORT).await;
    until_led_by(&rig, "first").await;
    let pool = rig.pool();
    let slow = Fault::next("GetUserPoolMfaConfig", Effect::Delay).delayed(Duration::from_secs(3));
    rig.aws.world().faults.push(slow.on(&pool));
    rig.apply("any", totp(&pool)).await;
    eventually("a Get is under way", async || rig.cost(&pool).0 == 1).await;
    take_for_a_second(&rig).await;
    until_led_by(&rig, "first").await;
    rig.until_reason("any", "InSync").await;
    assert_eq!(rig.cost(&pool), (2, 1), "the pool is read anew before it is set");
}

#[tokio::test]
async fn a_lease_that_somebody_deletes_is_made_again_by_its_leader() {
    let rig = election().await;
    let first = replica(&rig, "first", &rig.namespace, &LONG).await;
    until_led_by(&rig, "first").await;
    let _second = replica(&rig, "second", &rig.namespace, &LONG).await;
    leases(&rig).delete(LEASE, &DeleteParams::default()).await.expect("deleted");
    until_led_by(&rig, "first").await;
    assert!(tells_that_it_leads(&first).await);
}
