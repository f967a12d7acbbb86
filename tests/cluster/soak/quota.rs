//! Five hundred pools created at once, before an emulator that counts calls as AWS does.

use std::time::Instant;

use cognito_emulator::Call;
use futures::{StreamExt, stream};
use test_support::cluster::namespace::{TestNamespace, totp};

use super::{asked_for, tell};

const POOLS: usize = 500;
/// Sets a second that AWS takes in an account and region.
const PUBLISHED: f64 = 15.0;

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_pools_created_at_once_are_never_throttled_at_half_the_quota() {
    create_at_once("0.5").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_are_they_at_the_whole_quota() {
    create_at_once("1").await;
}

async fn create_at_once(share: &str) {
    if !asked_for("500 pools at once") {
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
    let (all, calls) = (begin.elapsed(), rig.aws.calls());
    let throttled = calls.iter().filter(|call| call.outcome == "TooManyRequestsException").count();
    let sets = arrivals(&calls, "SetUserPoolMfaConfig");
    let budget = PUBLISHED * share.parse::<f64>().unwrap();
    tell(&format!(
        "share {share}: {POOLS} objects created in {:.1} s, all in sync after {:.1} s; {} Sets over {:.1} s use {:.1} % of \
         {budget} a second, at most {} in a second; {} Gets; {throttled} throttled",
        created.as_secs_f64(),
        all.as_secs_f64(),
        sets.len(),
        span(&sets),
        100.0 * per_second(&sets) / budget,
        most_in_a_second(&sets),
        arrivals(&calls, "GetUserPoolMfaConfig").len(),
    ));
    assert_eq!((sets.len(), throttled), (POOLS, 0));
}

/// When the calls of an operation arrived, in seconds.
fn arrivals(calls: &[Call], operation: &str) -> Vec<f64> {
    let of_it = calls.iter().filter(|call| call.operation == operation);
    of_it.map(|call| std::time::Duration::from_millis(call.arrived_ms).as_secs_f64()).collect()
}

fn span(times: &[f64]) -> f64 {
    times.last().zip(times.first()).map_or(0.0, |(last, first)| last - first)
}

#[allow(clippy::cast_precision_loss, reason = "a few hundred")]
fn per_second(times: &[f64]) -> f64 {
    (times.len() - 1) as f64 / span(times)
}

fn most_in_a_second(times: &[f64]) -> usize {
    let from = |at: usize| times[at..].iter().take_while(|time| **time - times[at] < 1.0).count();
    (0..times.len()).map(from).max().unwrap_or(0)
}
