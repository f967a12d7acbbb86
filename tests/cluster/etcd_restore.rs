//! etcd is restored under a running operator. A watch that resumed from the version that it had seen would get neither an event
//! nor an error, because that version is newer than any in etcd.

use std::path::PathBuf;

use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp};

use crate::{
    eventually::eventually,
    own_control_plane::rerun_on_own_control_plane,
    replicas::{SHORT_LEASE, rig_with_lease, start_replica, until_led_by},
};

const FOLDER: &str = "CONTROL_PLANE_FOLDER";

/// Asks for `save` or `restore` of etcd's data, and waits until the servers run again.
async fn control_plane(request: &str) {
    let file = PathBuf::from(std::env::var_os(FOLDER).expect("a control plane of its own")).join(request);
    std::fs::write(&file, "").expect("the folder is there");
    eventually("the servers run again", async || !file.exists()).await;
}

/// An object that is in sync, of which etcd is then put back to an earlier state. Returns its pool.
async fn restored(rig: &TestNamespace) -> String {
    let pool = rig.pool();
    rig.apply("any", totp(&pool)).await;
    rig.until_reason("any", "InSync").await;
    control_plane("save").await;
    let edit = json!({"spec": {"mfaConfiguration": "OPTIONAL"}});
    rig.patch("any", edit).await;
    rig.until("any", "the edit is in force", |status| status.observed_generation == Some(2)).await;
    // Else the read that confirms the write would come soon, whatever the watches show.
    rig.check("any").await;
    control_plane("restore").await;
    pool
}

#[tokio::test]
async fn after_a_restore_of_etcd_the_leader_lists_again_and_corrects_drift() {
    if std::env::var_os(FOLDER).is_none() {
        let test = "etcd_restore::after_a_restore_of_etcd_the_leader_lists_again_and_corrects_drift";
        return rerun_on_own_control_plane(test, &["--restorable"]).await;
    }
    let rig = rig_with_lease().await;
    let leader = start_replica(&rig, "first", &rig.namespace, &SHORT_LEASE).await;
    until_led_by(&rig, "first").await;
    let pool = restored(&rig).await;
    leader.until_logged("All objects are listed again").await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    rig.check("any").await;
    assert_eq!(rig.mode(&pool), json!("ON"));
}

#[tokio::test]
async fn after_a_restore_of_etcd_its_specs_are_in_force_without_an_election() {
    if std::env::var_os(FOLDER).is_none() {
        let test = "etcd_restore::after_a_restore_of_etcd_its_specs_are_in_force_without_an_election";
        return rerun_on_own_control_plane(test, &["--restorable"]).await;
    }
    let mut rig = TestNamespace::without_operator().await;
    rig.start(&[]).await;
    let pool = restored(&rig).await;
    eventually("the restored spec is in force", async || rig.mode(&pool) == json!("ON")).await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    rig.check("any").await;
    assert_eq!(rig.mode(&pool), json!("ON"));
}
