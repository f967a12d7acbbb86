//! An events API that does not answer.

use std::collections::HashMap;

use futures::future::join_all;
use serde_json::json;
use test_support::cluster::{deadline::DEADLINE, namespace::totp};

use super::{fault_proxy::Moment, proxied_rig::ProxiedRig};

/// More than fit into the deadline if each event delayed its object until the client gives up, after 15 s.
const ROUNDS: usize = 9;

#[tokio::test]
async fn statuses_and_corrections_do_not_wait_for_an_events_api_that_hangs() {
    let proxied = ProxiedRig::new(None).await;
    proxied.kube.pause(Moment::Before, |kind, _| kind.contains(" events"));
    proxied.start(&["--concurrency", "1"]).await;
    let rig = &proxied.rig;
    let pools: HashMap<_, _> =
        ["first", "second", "third"].into_iter().map(|name| (name, rig.pool())).collect();
    let correct_all = async {
        join_all(pools.iter().map(async |(name, pool)| {
            rig.apply(name, totp(pool)).await;
            rig.until_reason(name, "InSync").await;
        }))
        .await;
        for _ in 1..ROUNDS {
            join_all(pools.iter().map(async |(name, pool)| {
                rig.edit(pool, &json!({"MfaConfiguration": "OFF"}));
                rig.check(name).await;
                assert_eq!(rig.mode(pool), json!("ON"));
            }))
            .await;
        }
    };
    tokio::time::timeout(DEADLINE, correct_all).await.expect("no correction waits for an event");
    let events = proxied.kube.arrived().iter().filter(|kind| kind.contains(" events")).count();
    assert!(events >= ROUNDS, "each correction has an event of its own: {events}");
}
