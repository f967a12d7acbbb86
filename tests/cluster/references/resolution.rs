//! From a reference to a pool.

use serde_json::json;
use test_support::{
    cluster::namespace::TestNamespace,
    kstatus::{Kstatus, kstatus},
};

use super::{Foreign, resolved, rig, spec, start, to_ack, until_resolved};

#[tokio::test]
async fn a_pool_and_its_settings_from_one_apply_become_ready_by_themselves() {
    let rig = rig().await;
    let pool = rig.pool();
    rig.apply("customers", to_ack("customers")).await;
    let waiting = rig.until_reason("customers", "PoolRefNotFound").await;
    assert_eq!(kstatus(&waiting), Kstatus::InProgress);
    Foreign::ACK
        .apply(
            &rig,
            "customers",
            json!({}),
            json!({"conditions": [{"type": "ACK.ResourceSynced", "status": "Unknown"}]}),
        )
        .await;
    let waiting = rig.until_reason("customers", "PoolRefNotReady").await;
    assert_eq!((kstatus(&waiting), rig.call_counts(&pool)), (Kstatus::InProgress, (0, 0)));
    let metadata = json!({"ownerAccountID": "123456789012", "region": "us-east-1"});
    Foreign::ACK
        .apply(&rig, "customers", json!({}), json!({"id": pool, "ackResourceMetadata": metadata}))
        .await;
    let ready = rig.until_reason("customers", "InSync").await;
    assert_eq!((kstatus(&ready), rig.mode(&pool)), (Kstatus::Current, json!("ON")));
    let status = ready.status.unwrap();
    assert_eq!(
        (resolved(&status), status.user_pool_id.as_deref()),
        (Some(("True", "Resolved")), Some(pool.as_str()))
    );
    let events = rig.events("customers", 3).await;
    assert!(
        events.iter().any(|(reason, note)| reason == "PoolResolved" && note.contains(&pool)),
        "{events:?}"
    );
}

#[tokio::test]
async fn each_kind_of_reference_leads_to_its_pool() {
    let rig = rig().await;
    let (upjet, external) = (rig.pool(), rig.pool());
    Foreign::UPJET.apply(&rig, "upjet", json!({}), json!({"atProvider": {"id": upjet}})).await;
    let annotations = json!({"crossplane.io/external-name": external});
    let ready = json!({"conditions": [{"type": "Ready", "status": "True"}]});
    Foreign::UPJET.apply(&rig, "external", annotations, ready).await;
    for (name, pool) in [("upjet", upjet), ("external", external)] {
        rig.apply(name, spec("userPoolRef", json!({"group": Foreign::UPJET.group, "name": name}))).await;
        let object = rig.until_reason(name, "InSync").await;
        assert_eq!(object.pool_id(), Some(pool.as_str()));
    }
}

/// The kind comes after the reference, goes and comes back: its pool is enforced in between, also after a restart.
#[tokio::test]
async fn a_kind_may_come_late_and_go_and_come_back() {
    let mut rig = rig().await;
    let (pool, name) = (rig.pool(), rig.namespace.clone());
    let kind = Foreign::CROSSPLANE;
    rig.apply("any", spec("userPoolRef", json!({"group": kind.group, "name": name}))).await;
    rig.until_reason("any", "PoolRefKindNotServed").await;
    kind.create(&rig.client).await;
    kind.apply(&rig, &name, json!({}), json!({"atProvider": {"id": pool}})).await;
    rig.until_reason("any", "InSync").await;
    kind.delete(&rig.client).await;
    rig.request_check("any").await;
    until_resolved(&rig, "any", "Unknown", "PoolRefKindNotServed").await;
    assert!(rig.stop().await);
    start(&mut rig).await;
    assert_drift_is_corrected(&rig, &pool).await;
    kind.create(&rig.client).await;
    kind.apply(&rig, &name, json!({}), json!({"atProvider": {"id": pool}})).await;
    rig.request_check("any").await;
    until_resolved(&rig, "any", "True", "Resolved").await;
    kind.delete(&rig.client).await;
}

#[tokio::test]
async fn a_user_pool_that_is_gone_stops_no_enforcement() {
    let rig = rig().await;
    let pool = rig.pool();
    Foreign::ACK.apply(&rig, "any", json!({}), json!({"id": pool})).await;
    rig.apply("any", to_ack("any")).await;
    rig.until_reason("any", "InSync").await;
    Foreign::ACK.remove(&rig, "any").await;
    rig.request_check("any").await;
    until_resolved(&rig, "any", "Unknown", "PoolRefNotFound").await;
    assert_drift_is_corrected(&rig, &pool).await;
}

async fn assert_drift_is_corrected(rig: &TestNamespace, pool: &str) {
    rig.edit(pool, &json!({"MfaConfiguration": "OFF"}));
    let checked = rig.check("any").await;
    assert_eq!((rig.mode(pool), kstatus(&checked)), (json!("ON"), Kstatus::Current));
}
