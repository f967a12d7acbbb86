//! What a replica may do at the end of its lease.

use std::{sync::Arc, time::Instant};

use cognito_emulator::{Effect, Fault};
use test_support::cluster::{
    namespace::{TestNamespace, new_namespace, totp},
    operator::Operator,
};

use super::{
    measured,
    proxy::{FaultProxy, Hold, Moment},
    stage::SET,
};
use crate::election::{SHORT, election, eventually, replica, replica_at, until_led_by};

/// A lease that does not run out during a test, whose leader makes no call for longer than 4 s.
const PATIENT: [&str; 6] =
    ["--lease-duration", "600s", "--lease-renew-deadline", "4s", "--lease-retry-period", "500ms"];

/// What the guard asks.
const READ: &str = "GET userpoolmfaconfigs any";

#[tokio::test]
async fn a_hand_over_waits_for_a_set_that_hangs_and_tells_of_it_first() {
    let rig = election().await;
    let first = replica(&rig, "first", &rig.namespace, &PATIENT).await;
    until_led_by(&rig, "first").await;
    let _second = replica(&rig, "second", &rig.namespace, &PATIENT).await;
    let pool = rig.pool();
    rig.fault(Fault::next(SET, Effect::Hang).on(&pool));
    rig.apply("hanging", totp(&pool)).await;
    eventually("a Set is under way", async || rig.call_counts(&pool).1 == 1).await;
    let asked = Instant::now();
    let stopped = tokio::spawn(first.stop());
    until_led_by(&rig, "second").await;
    measured(
        "hand-over at SIGTERM while a Set hangs; attempt timeout 4 s, retry period 0.5 s",
        asked.elapsed(),
    );
    let told = rig.objects().get("hanging").await.expect("the object is there");
    assert_eq!(told.status.expect("it has a status").observed_generation, told.metadata.generation);
    assert!(stopped.await.expect("it is waited for"), "the exit is clean");
    rig.until_reason("hanging", "InSync").await;
    assert_eq!(rig.call_counts(&pool).1, 2);
}

/// A leader whose guard has asked whether a pool may be set, and has no answer yet.
struct AtTheGuard {
    rig: TestNamespace,
    pool: String,
    proxy: FaultProxy,
    leader: Operator,
    guard: Arc<Hold>,
    /// It watches another namespace: that the object is another's by now is for the lease alone to say.
    follower: Operator,
}

async fn at_the_guard() -> AtTheGuard {
    let rig = election().await;
    let proxy = FaultProxy::of_kube().await;
    let leader = replica_at(Some(proxy.url.clone()), &rig, "first", &rig.namespace, &SHORT).await;
    until_led_by(&rig, "first").await;
    let elsewhere = new_namespace(&rig.client).await;
    let follower = replica(&rig, "second", &elsewhere, &SHORT).await;
    let pool = rig.pool();
    let guard = proxy.hold(Moment::After, |what, _| what == READ);
    rig.apply("any", totp(&pool)).await;
    guard.reached().await;
    AtTheGuard { rig, pool, proxy, leader, guard, follower }
}

#[tokio::test]
async fn a_replica_stopped_between_its_guard_and_its_set_past_its_lease_begins_no_set() {
    let AtTheGuard { rig, pool, proxy, leader, guard, follower: _follower } = at_the_guard().await;
    leader.signal("STOP");
    until_led_by(&rig, "second").await;
    guard.release();
    proxy.until_answered(READ, 1).await;
    leader.signal("CONT");
    assert!(leader.stop().await, "the pass under way ends, and the exit is clean");
    assert_eq!(rig.call_counts(&pool), (1, 0));
}

/// All but the Lease can be reached: nothing but the lease's own time tells the leader.
#[tokio::test]
async fn a_replica_that_cannot_renew_begins_no_set_after_its_lease() {
    let AtTheGuard { rig, pool, proxy, leader, guard, follower: _follower } = at_the_guard().await;
    let lost = proxy.hold(Moment::Before, |what, _| what.contains(" leases "));
    until_led_by(&rig, "second").await;
    guard.release();
    leader.until_logged("no longer leading").await;
    lost.release();
    leader.until_logged("the Lease can be reached again").await;
    assert!(leader.stop().await, "it was not restarted, and the exit is clean");
    assert_eq!(rig.call_counts(&pool), (1, 0));
}
