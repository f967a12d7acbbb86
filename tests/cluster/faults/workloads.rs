//! What is done to objects and pools while the operator may die. Each workload returns the object that speaks for the
//! pool at its end.

use cognito_emulator::{EmailSender, Facts};
use futures::{FutureExt, future::BoxFuture};
use serde_json::json;
use test_support::cluster::namespace::with;

use super::{
    proxy::Moment,
    stage::{SET, Stage},
};
use crate::election::free_lease;

/// A name and what it does.
pub type Workload = (&'static str, for<'a> fn(&'a Stage) -> BoxFuture<'a, &'static str>);

pub const ALL: [Workload; 8] = [
    ("create", |stage| create(stage).boxed()),
    ("adopt", |stage| adopt(stage).boxed()),
    ("change", |stage| change(stage).boxed()),
    ("overtake", |stage| overtake(stage).boxed()),
    ("drift", |stage| drift(stage).boxed()),
    ("mend", |stage| mend(stage).boxed()),
    ("inherit", |stage| inherit(stage).boxed()),
    ("disable", |stage| disable(stage).boxed()),
];

/// A new object, and the operator's own start.
async fn create(stage: &Stage) -> &'static str {
    free_lease(&stage.rig).await;
    stage.crash_from_here();
    stage.stand().await;
    stage.declare("new", 1).await;
    stage.until("new", "InSync").await;
    "new"
}

/// A new object whose pool is as declared already.
async fn adopt(stage: &Stage) -> &'static str {
    stage.lead().await;
    stage.edit(1);
    stage.crash_from_here();
    stage.declare("met", 1).await;
    stage.until("met", "InSync").await;
    "met"
}

/// Another spec.
async fn change(stage: &Stage) -> &'static str {
    stage.lead().await;
    stage.settled("changed", 1).await;
    stage.crash_from_here();
    stage.declare("changed", 2).await;
    stage.until("changed", "InSync").await;
    "changed"
}

/// Another spec while the first is being set.
async fn overtake(stage: &Stage) -> &'static str {
    stage.lead().await;
    stage.crash_from_here();
    let first = stage.aws.hold(Moment::Before, |what, _| what == SET);
    stage.declare("overtaken", 1).await;
    first.reached().await;
    stage.declare("overtaken", 2).await;
    first.release();
    stage.until("overtaken", "InSync").await;
    "overtaken"
}

/// Somebody's hand in Cognito.
async fn drift(stage: &Stage) -> &'static str {
    stage.lead().await;
    stage.settled("edited", 1).await;
    stage.crash_from_here();
    stage.edit(0);
    stage.check("edited").await;
    "edited"
}

/// A spec that Cognito refuses until the pool is mended.
async fn mend(stage: &Stage) -> &'static str {
    let pool_has = |facts| {
        stage.rig.aws.state().pools.find(&stage.pool).expect("the pool is there").facts = facts;
    };
    stage.lead().await;
    pool_has(Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() });
    stage.crash_from_here();
    stage.declare("refused", 1).await;
    stage.until("refused", "InvalidParameter").await;
    pool_has(Facts::ready());
    stage.check("refused").await;
    "refused"
}

/// Two objects for one pool, of which the older goes.
async fn inherit(stage: &Stage) -> &'static str {
    stage.lead().await;
    stage.settled("older", 1).await;
    stage.rig.until_younger_than(&stage.rig.objects().get("older").await.expect("the object is there")).await;
    stage.crash_from_here();
    stage.declare("younger", 2).await;
    stage.until("younger", "PoolOwnedByAnother").await;
    stage.rig.delete("older").await;
    stage.until("younger", "InSync").await;
    "younger"
}

/// An object whose deletion turns MFA off, and the next one for its pool.
async fn disable(stage: &Stage) -> &'static str {
    stage.lead().await;
    stage.rig.apply("going", with(stage.spec(1), "deletionPolicy", json!("Disable"))).await;
    stage.rig.until_reason("going", "InSync").await;
    stage.kube.until_answered("POST events Updated", 1).await;
    stage.crash_from_here();
    stage.rig.delete("going").await;
    stage.declare("heir", 2).await;
    stage.until("heir", "InSync").await;
    "heir"
}
