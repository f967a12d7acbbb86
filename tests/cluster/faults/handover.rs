//! What a replica may still do when its lease ends.

use std::{sync::Arc, time::Instant};

use cognito_emulator::{Effect, Fault};
use test_support::cluster::{
    namespace::{TestNamespace, new_namespace, totp},
    operator::Operator,
};

use super::{
    fault_proxy::{FaultProxy, Moment, Pause},
    print_measurement,
    proxied_rig::SET,
};
use crate::{
    eventually::eventually,
    replicas::{SHORT_LEASE, rig_with_lease, start_replica, start_replica_at, until_led_by},
};

/// A lease that does not expire during a test, whose leader lets no call last longer than 4 s.
const LONG_LEASE_SHORT_CALLS: [&str; 6] =
    ["--lease-duration", "600s", "--lease-renew-deadline", "4s", "--lease-retry-period", "500ms"];

/// The last read of the object before a write.
const LAST_READ: &str = "GET userpoolmfaconfigs any";

#[tokio::test]
async fn a_handover_waits_for_a_hanging_write_and_reports_it_first() {
    let rig = rig_with_lease().await;
    let first = start_replica(&rig, "first", &rig.namespace, &LONG_LEASE_SHORT_CALLS).await;
    until_led_by(&rig, "first").await;
    let _second = start_replica(&rig, "second", &rig.namespace, &LONG_LEASE_SHORT_CALLS).await;
    let pool = rig.pool();
    rig.fault(Fault::next(SET, Effect::Hang).on(&pool));
    rig.apply("hanging", totp(&pool)).await;
    eventually("a write is in flight", async || rig.call_counts(&pool).1 == 1).await;
    let signalled = Instant::now();
    let stopping = tokio::spawn(first.stop());
    until_led_by(&rig, "second").await;
    print_measurement(
        "handover at SIGTERM while a write hangs; attempt timeout 4 s, retry period 0.5 s",
        signalled.elapsed(),
    );
    let object = rig.objects().get("hanging").await.expect("the object is there");
    assert_eq!(object.status.expect("it has a status").observed_generation, object.metadata.generation);
    assert!(stopping.await.expect("it is waited for"), "the exit is clean");
    rig.until_reason("hanging", "InSync").await;
    assert_eq!(rig.call_counts(&pool).1, 2);
}

/// A leader whose last read of an object before its write waits for the response.
struct PausedBeforeWrite {
    rig: TestNamespace,
    pool: String,
    proxy: FaultProxy,
    leader: Operator,
    last_read: Arc<Pause>,
    /// It watches another namespace. So only the lease, and not the object, can stop the leader.
    follower: Operator,
}

async fn pause_before_write() -> PausedBeforeWrite {
    let rig = rig_with_lease().await;
    let proxy = FaultProxy::of_kube().await;
    let leader = start_replica_at(Some(proxy.url.clone()), &rig, "first", &rig.namespace, &SHORT_LEASE).await;
    until_led_by(&rig, "first").await;
    let other_namespace = new_namespace(&rig.client).await;
    let follower = start_replica(&rig, "second", &other_namespace, &SHORT_LEASE).await;
    let pool = rig.pool();
    let last_read = proxy.pause(Moment::After, |kind, _| kind == LAST_READ);
    rig.apply("any", totp(&pool)).await;
    last_read.reached().await;
    PausedBeforeWrite { rig, pool, proxy, leader, last_read, follower }
}

#[tokio::test]
async fn a_replica_paused_before_its_write_starts_none_after_its_lease() {
    let PausedBeforeWrite { rig, pool, proxy, leader, last_read, follower: _follower } =
        pause_before_write().await;
    leader.signal("STOP");
    until_led_by(&rig, "second").await;
    last_read.resume();
    proxy.until_answered(LAST_READ, 1).await;
    leader.signal("CONT");
    assert!(leader.stop().await, "the reconciliation ends, and the exit is clean");
    assert_eq!(rig.call_counts(&pool), (1, 0));
}

/// The leader reaches everything but the Lease, so only the lease's expiry can stop it.
#[tokio::test]
async fn a_replica_that_cannot_renew_starts_no_write_after_its_lease() {
    let PausedBeforeWrite { rig, pool, proxy, leader, last_read, follower: _follower } =
        pause_before_write().await;
    let lease_requests = proxy.pause(Moment::Before, |kind, _| kind.contains(" leases "));
    until_led_by(&rig, "second").await;
    last_read.resume();
    leader.until_logged("no longer leading").await;
    lease_requests.resume();
    leader.until_logged("the Lease can be reached again").await;
    assert!(leader.stop().await, "it was not restarted, and the exit is clean");
    assert_eq!(rig.call_counts(&pool), (1, 0));
}
