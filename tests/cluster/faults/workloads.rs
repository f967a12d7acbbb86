//! Changes of objects and pools during which the operator may crash. Each workload returns the object that owns the
//! pool at its end.

use cognito_emulator::{EmailSender, Facts};
use futures::{FutureExt, future::BoxFuture};
use serde_json::json;
use test_support::cluster::namespace::with;

use super::{
    fault_proxy::Moment,
    proxied_rig::{ProxiedRig, SET},
};
use crate::replicas::create_free_lease;

/// The name of a workload and the function that runs it.
pub type Workload = (&'static str, for<'a> fn(&'a ProxiedRig) -> BoxFuture<'a, &'static str>);

pub const ALL: [Workload; 8] = [
    ("create", |proxied| create(proxied).boxed()),
    ("adopt", |proxied| adopt(proxied).boxed()),
    ("change", |proxied| change(proxied).boxed()),
    ("change during a write", |proxied| change_during_write(proxied).boxed()),
    ("drift", |proxied| drift(proxied).boxed()),
    ("fix", |proxied| fix_pool(proxied).boxed()),
    ("take over", |proxied| take_over(proxied).boxed()),
    ("disable", |proxied| disable(proxied).boxed()),
];

/// Creates an object while the operator starts.
async fn create(proxied: &ProxiedRig) -> &'static str {
    create_free_lease(&proxied.rig).await;
    proxied.arm_crash();
    proxied.start_with_election().await;
    proxied.apply("new", 1).await;
    proxied.until_reason("new", "InSync").await;
    "new"
}

/// Creates an object whose pool already equals the spec.
async fn adopt(proxied: &ProxiedRig) -> &'static str {
    proxied.start_leader().await;
    proxied.edit_pool(1);
    proxied.arm_crash();
    proxied.apply("equal", 1).await;
    proxied.until_reason("equal", "InSync").await;
    "equal"
}

/// Changes the spec.
async fn change(proxied: &ProxiedRig) -> &'static str {
    proxied.start_leader().await;
    proxied.apply_and_settle("changed", 1).await;
    proxied.arm_crash();
    proxied.apply("changed", 2).await;
    proxied.until_reason("changed", "InSync").await;
    "changed"
}

/// Changes the spec while the first one is being written.
async fn change_during_write(proxied: &ProxiedRig) -> &'static str {
    proxied.start_leader().await;
    proxied.arm_crash();
    let first_write = proxied.aws.pause(Moment::Before, |kind, _| kind == SET);
    proxied.apply("changed", 1).await;
    first_write.reached().await;
    proxied.apply("changed", 2).await;
    first_write.resume();
    proxied.until_reason("changed", "InSync").await;
    "changed"
}

/// Edits the pool by hand.
async fn drift(proxied: &ProxiedRig) -> &'static str {
    proxied.start_leader().await;
    proxied.apply_and_settle("edited", 1).await;
    proxied.arm_crash();
    proxied.edit_pool(0);
    proxied.check("edited").await;
    "edited"
}

/// Applies a spec that Cognito refuses until the pool is fixed.
async fn fix_pool(proxied: &ProxiedRig) -> &'static str {
    let set_facts = |facts| {
        proxied.rig.aws.state().pools.find(&proxied.pool).expect("the pool is there").facts = facts;
    };
    proxied.start_leader().await;
    set_facts(Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() });
    proxied.arm_crash();
    proxied.apply("refused", 1).await;
    proxied.until_reason("refused", "InvalidParameter").await;
    set_facts(Facts::ready());
    proxied.check("refused").await;
    "refused"
}

/// Deletes the older of two objects for one pool.
async fn take_over(proxied: &ProxiedRig) -> &'static str {
    proxied.start_leader().await;
    proxied.apply_and_settle("older", 1).await;
    proxied
        .rig
        .until_younger_than(&proxied.rig.objects().get("older").await.expect("the object is there"))
        .await;
    proxied.arm_crash();
    proxied.apply("younger", 2).await;
    proxied.until_reason("younger", "PoolOwnedByAnother").await;
    proxied.rig.delete("older").await;
    proxied.until_reason("younger", "InSync").await;
    "younger"
}

/// Deletes an object, which turns MFA off, and creates another one for its pool.
async fn disable(proxied: &ProxiedRig) -> &'static str {
    proxied.start_leader().await;
    proxied.rig.apply("going", with(proxied.spec(1), "deletionPolicy", json!("Disable"))).await;
    proxied.rig.until_reason("going", "InSync").await;
    proxied.kube.until_answered("POST events Updated", 1).await;
    proxied.arm_crash();
    proxied.rig.delete("going").await;
    proxied.apply("heir", 2).await;
    proxied.until_reason("heir", "InSync").await;
    "heir"
}
