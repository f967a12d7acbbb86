//! Several replicas, of which one works.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use cognito_emulator::{Effect, Fault};
use kube::{Config, api::DeleteParams};
use test_support::cluster::namespace::{TestNamespace, new_namespace, totp};

use crate::{
    election::{
        LEASE, LONG, SHORT, election, eventually, is_ready, leases, replica, replica_at, tells_that_it_leads,
        until_led_by,
    },
    faults::measured,
    proxy::{Mode, Proxy},
};

/// Who called AWS about a pool.
fn callers(rig: &TestNamespace, pool: &str) -> BTreeSet<String> {
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
    let asked = Instant::now();
    assert!(first.stop().await, "the exit is clean");
    until_led_by(&rig, "second").await;
    measured("hand-over at SIGTERM of a leader at rest; retry period 0.5 s", asked.elapsed());
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
    rig.aws.state().faults.push(slow.on(&pool));
    rig.apply("any", totp(&pool)).await;
    eventually("a Set is under way", async || rig.call_counts(&pool).1 == 1).await;
    let stopped = tokio::spawn(first.stop());
    until_led_by(&rig, "second").await;
    assert_eq!(rig.calls(&pool)[1].1, "OK", "the Set has ended");
    assert!(stopped.await.expect("it is waited for"), "the exit is clean");
    rig.until_reason("any", "InSync").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}

#[tokio::test]
async fn a_replica_that_is_killed_is_followed_when_its_lease_has_run_out() {
    let rig = election().await;
    let first = replica(&rig, "first", &rig.namespace, &SHORT).await;
    until_led_by(&rig, "first").await;
    let second = replica(&rig, "second", &rig.namespace, &SHORT).await;
    eventually("the second is ready", async || is_ready(&second).await).await;
    let killed = Instant::now();
    first.kill().await;
    until_led_by(&rig, "second").await;
    measured("succession after SIGKILL; lease 6 s, retry period 0.5 s", killed.elapsed());
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
    rig.aws.state().faults.push(slow.on(&pool));
    rig.apply("any", totp(&pool)).await;
    eventually("a Get is under way", async || rig.call_counts(&pool).0 == 1).await;
    first.signal("STOP");
    until_led_by(&rig, "second").await;
    first.signal("CONT");
    assert!(first.stop().await, "the pass under way ends, and the exit is clean");
    assert_eq!(rig.call_counts(&pool).1, 0);
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
    rig.aws.state().faults.push(slow.on(&pool));
    rig.apply("any", totp(&pool)).await;
    eventually("a Get is under way", async || rig.call_counts(&pool).0 == 1).await;
    proxy.turn(Mode::HalfOpen);
    first.until_logged("no longer leading").await;
    until_led_by(&rig, "second").await;
    proxy.turn(Mode::Open);
    first.until_logged("the Lease can be reached again").await;
    assert!(first.stop().await, "it was not restarted, and the exit is clean");
    assert_eq!(rig.call_counts(&pool).1, 0);
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
