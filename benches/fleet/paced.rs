//! Two thousand creates in one account and region, before an emulator that counts calls as AWS does.

use cognito_emulator::{Call, Facts};
use futures::{StreamExt, stream};
use test_support::cluster::namespace::{TestNamespace, totp};

use crate::{
    crowd::{CONCURRENCY, name},
    figures::Figures,
};

const OBJECTS: usize = 2000;
/// Sets a second that AWS takes in an account and region.
const PUBLISHED: f64 = 15.0;
/// The ramp at the start, in seconds, is in no figure.
const RAMP: f64 = 5.0;

/// Creates them, with the whole quota.
pub async fn creates(figures: &mut Figures) {
    let mut rig = TestNamespace::without_operator().await;
    rig.aws.state().quota.enabled = true;
    rig.start(&["--quota-share", "1"]).await;
    let pools: Vec<_> =
        (0..OBJECTS).map(|number| format!("us-east-1_{}x{number}", rig.namespace.replace('-', ""))).collect();
    for pool in &pools {
        rig.aws.state().pools.create(pool, Facts::ready());
    }
    let create = async |(number, pool): (usize, &String)| drop(rig.apply(&name(number), totp(pool)).await);
    stream::iter(pools.iter().enumerate()).map(create).buffer_unordered(CONCURRENCY).collect::<()>().await;
    let set = |calls: &[Call]| calls.iter().filter(|call| call.operation == "SetUserPoolMfaConfig").count();
    let calls = rig.aws.calls_until(|calls| set(calls) >= OBJECTS).await;
    assert!(rig.stop().await);
    let throttled = calls.iter().filter(|call| call.outcome == "TooManyRequestsException").count();
    let sets = after_ramp(&calls);
    let span = sets.last().unwrap_or(&0.0) - sets.first().unwrap_or(&0.0);
    let used = (sets.len().saturating_sub(1)) as f64 / span / PUBLISHED;
    figures.note("2,000 creates with quotas on: calls throttled", throttled as f64, "", "0");
    figures.note("2,000 creates with quotas on: the Set budget used after 5 s", used * 100.0, "%", ">= 95 %");
}

/// When the Sets after the ramp arrived, in seconds.
fn after_ramp(calls: &[Call]) -> Vec<f64> {
    let all = calls.iter().filter(|call| call.operation == "SetUserPoolMfaConfig");
    let times: Vec<f64> = all.map(|call| call.arrived_ms as f64 / 1000.0).collect();
    let from = times.first().copied().unwrap_or(0.0) + RAMP;
    times.into_iter().filter(|time| *time >= from).collect()
}
