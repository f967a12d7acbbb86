//! Objects that only observe a pool, beside the one that declares it.

use serde_json::json;
use test_support::cluster::namespace::with;

use super::{fault_proxy::Moment, proxied_rig::ProxiedRig};

const GET: &str = "GetUserPoolMfaConfig";

#[tokio::test]
async fn a_changed_spec_is_written_while_an_observer_reads_the_same_pool() {
    let proxied = ProxiedRig::new(None).await;
    proxied.edit_pool(1);
    proxied.start(&[]).await;
    proxied.apply("any", 1).await;
    proxied.rig.until_reason("any", "InSync").await;
    let observe = with(proxied.spec(1), "managementPolicy", json!("Observe"));
    proxied.rig.apply("observer", observe).await;
    proxied.rig.until_reason("observer", "InSync").await;
    proxied.aws.clear();
    let read = proxied.aws.pause(Moment::Before, |kind, number| kind == GET && number == 1);
    proxied.rig.request_check("observer").await;
    read.reached().await;
    proxied.apply("any", 2).await;
    proxied.rig.until_reason("any", "InSync").await;
    read.resume();
    proxied.rig.until_reason("observer", "DriftDetected").await;
    assert_eq!(proxied.written_specs(), [2]);
    assert_eq!(proxied.aws.count(GET), 2, "the observer's read was not given up and repeated");
}
