//! Five hundred pools created at once, with an emulator that enforces AWS's quotas.

use std::time::Instant;

use cognito_emulator::Call;
use futures::{StreamExt, stream};
use test_support::cluster::namespace::{TestNamespace, totp};

use super::{is_requested, print_result};

const POOLS: usize = 500;
/// The writes per second that AWS allows an account in a region.
const QUOTA_PER_SECOND: f64 = 15.0;

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_pools_created_at_once_are_never_throttled_at_half_the_quota() {
    create_at_once("0.5").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_pools_created_at_once_are_never_throttled_at_the_whole_quota() {
    create_at_once("1").await;
}

async fn create_at_once(share: &str) {
    if !is_requested("500 pools at once") {
        return;
    }
    let mut rig = TestNamespace::without_operator().await;
    rig.aws.state().quota.enabled = true;
    rig.start(&["--quota-share", share]).await;
    let (pools, begin) = ((0..POOLS).map(|_| rig.pool()).collect::<Vec<_>>(), Instant::now());
    let name = |number: usize| format!("pool-{number}");
    let create = async |(number, pool): (usize, &String)| {
        rig.apply(&name(number), totp(pool)).await;
    };
    stream::iter(pools.iter().enumerate()).map(create).buffer_unordered(16).collect::<()>().await;
    let created = begin.elapsed();
    for number in 0..POOLS {
        rig.until_reason(&name(number), "InSync").await;
    }
    let (in_sync, calls) = (begin.elapsed(), rig.aws.calls());
    let throttled = calls.iter().filter(|call| call.outcome == "TooManyRequestsException").count();
    let writes = arrivals(&calls, "SetUserPoolMfaConfig");
    let budget = QUOTA_PER_SECOND * share.parse::<f64>().unwrap();
    print_result(&format!(
        "share {share}: {POOLS} objects created in {:.1} s, all in sync after {:.1} s; {} writes over {:.1} s use {:.1} % of \
         {budget} a second, at most {} in a second; {} reads; {throttled} throttled",
        created.as_secs_f64(),
        in_sync.as_secs_f64(),
        writes.len(),
        span(&writes),
        100.0 * per_second(&writes) / budget,
        most_in_a_second(&writes),
        arrivals(&calls, "GetUserPoolMfaConfig").len(),
    ));
    assert_eq!((writes.len(), throttled), (POOLS, 0));
}

/// The arrival times of an operation's calls, in seconds.
fn arrivals(calls: &[Call], operation: &str) -> Vec<f64> {
    let calls = calls.iter().filter(|call| call.operation == operation);
    calls.map(|call| std::time::Duration::from_millis(call.arrived_ms).as_secs_f64()).collect()
}

fn span(times: &[f64]) -> f64 {
    times.last().zip(times.first()).map_or(0.0, |(last, first)| last - first)
}

#[allow(clippy::cast_precision_loss, reason = "a few hundred")]
fn per_second(times: &[f64]) -> f64 {
    (times.len() - 1) as f64 / span(times)
}

fn most_in_a_second(times: &[f64]) -> usize {
    let second_from =
        |start: usize| times[start..].iter().take_while(|time| **time - times[start] < 1.0).count();
    (0..times.len()).map(second_from).max().unwrap_or(0)
}
