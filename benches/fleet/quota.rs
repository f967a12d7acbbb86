//! Two thousand objects created in one account and region, with an emulator that enforces AWS's quotas.

use cognito_emulator::{Call, Facts};
use futures::{StreamExt, stream};
use test_support::cluster::namespace::{TestNamespace, totp};

use crate::{
    fleet::{CONCURRENCY, name},
    report::Report,
};

const OBJECTS: usize = 2000;
/// The writes per second that AWS allows an account in a region.
const QUOTA_PER_SECOND: f64 = 15.0;
/// The ramp at the start, in seconds, which is not measured.
const RAMP: f64 = 5.0;

/// Measures the operator with the whole quota.
pub async fn creations(report: &mut Report) {
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
    let count_writes =
        |calls: &[Call]| calls.iter().filter(|call| call.operation == "SetUserPoolMfaConfig").count();
    let calls = rig.aws.calls_until(|calls| count_writes(calls) >= OBJECTS).await;
    assert!(rig.stop().await);
    let throttled = calls.iter().filter(|call| call.outcome == "TooManyRequestsException").count();
    let times = write_times_after_ramp(&calls);
    let seconds = times.last().unwrap_or(&0.0) - times.first().unwrap_or(&0.0);
    let used = (times.len().saturating_sub(1)) as f64 / seconds / QUOTA_PER_SECOND;
    report.add("2,000 creates with quotas on: calls throttled", throttled as f64, "", "0");
    report.add("2,000 creates with quotas on: the write budget used after 5 s", used * 100.0, "%", ">= 95 %");
}

/// The arrival times of the writes after the ramp, in seconds.
fn write_times_after_ramp(calls: &[Call]) -> Vec<f64> {
    let writes = calls.iter().filter(|call| call.operation == "SetUserPoolMfaConfig");
    let times: Vec<f64> = writes.map(|call| call.arrived_ms as f64 / 1000.0).collect();
    let end_of_ramp = times.first().copied().unwrap_or(0.0) + RAMP;
    times.into_iter().filter(|time| *time >= end_of_ramp).collect()
}
