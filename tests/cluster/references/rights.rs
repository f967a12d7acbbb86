//! What the operator may follow.

use serde_json::json;
use test_support::{
    cluster::namespace::{TestNamespace, totp},
    kstatus::{Kstatus, kstatus},
};

use super::{Foreign, resolved, rig, spec, to_ack};

#[tokio::test]
async fn a_reference_that_the_administrator_has_not_allowed_is_refused_with_what_to_do() {
    let rig = TestNamespace::with_operator().await;
    Foreign::install().await;
    rig.apply("any", to_ack("any")).await;
    let refused = rig.until_reason("any", "PoolRefForbidden").await;
    assert_eq!(kstatus(&refused), Kstatus::Failed);
    let status = refused.status.unwrap();
    assert_eq!(resolved(&status), Some(("False", "PoolRefForbidden")));
    assert!(
        status.conditions[0].message.contains("--pool-references ack"),
        "{}",
        status.conditions[0].message
    );
}

/// No role of the tests lets the operator read this kind.
#[tokio::test]
async fn a_kind_that_the_operator_may_not_read_stops_nobody_who_does_not_refer_to_it() {
    let rig = rig().await;
    let reference = json!({"group": Foreign::UPJET_CLUSTER.group, "name": "any"});
    rig.apply("any", spec("userPoolRef", reference)).await;
    let refused = rig.until_reason("any", "PoolRefForbidden").await;
    assert!(refused.status.unwrap().conditions[0].message.contains("userpools"));
    rig.apply("literal", totp(&rig.pool())).await;
    rig.until_reason("literal", "InSync").await;
}
