//! References: the pool of an object is that of another tool's UserPool, or a value of a ConfigMap or Secret. Small CRDs of
//! our own have the groups, versions, scopes and fields of the published ones, and the tests write statuses as their
//! controllers do.

mod changes;
mod foreign;
mod resolution;
mod rights;
mod values;

use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig, UserPoolMfaConfigStatus};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp};

use foreign::Foreign;

/// A rig whose operator follows all references.
async fn rig() -> TestNamespace {
    let mut rig = TestNamespace::without_operator().await;
    Foreign::install().await;
    start(&mut rig).await;
    rig
}

async fn start(rig: &mut TestNamespace) {
    rig.start(&["--pool-references", "ack,upjet,upjet-cluster,crossplane,configmaps,secrets"]).await;
}

/// A spec that requires MFA, of the pool that this field names.
fn spec(field: &str, source: Value) -> Value {
    let mut spec = totp("none");
    spec.as_object_mut().unwrap().remove("userPoolId");
    spec[field] = source;
    spec
}

fn to_ack(name: &str) -> Value {
    spec("userPoolRef", json!({"group": Foreign::ACK.group, "name": name}))
}

/// The condition PoolResolved, as its status and its reason.
fn resolved(status: &UserPoolMfaConfigStatus) -> Option<(&str, &str)> {
    status.condition(ConditionType::PoolResolved).map(|one| (one.status.as_str(), one.reason.as_str()))
}

async fn until_resolved(rig: &TestNamespace, name: &str, status: &str, reason: &str) -> UserPoolMfaConfig {
    rig.until(name, reason, |is| resolved(is) == Some((status, reason))).await
}
