//! The limiter on the wire: an emulator that counts calls as AWS's quotas say.

use cognito_emulator::{Emulator, Facts};
use serde_json::json;

use crate::child::{Child, UNLIMITED};

const POOLS: usize = 40;

/// Reads and sets all pools at once, at a share of the quotas. Returns how many calls there were, and how many of them
/// were throttled.
async fn calls_and_throttled(share: f64) -> (usize, usize) {
    let emulator = Emulator::start().await.unwrap();
    let mut child =
        Child::at(&emulator.url()).env("CHILD_SHARE", &share.to_string()).env("CHILD_AT_ONCE", "1");
    for number in 0..POOLS {
        let pool = format!("us-east-1_Quota{number}");
        emulator.state().pools.create(&pool, Facts::ready());
        child = child.get(&pool).set(&pool, &json!({ "mfaConfiguration": "OFF" }));
    }
    emulator.state().quota.enabled = true;
    tokio::task::spawn_blocking(|| child.run()).await.unwrap();
    let calls = emulator.calls();
    let throttled = calls.iter().filter(|call| call.outcome == "TooManyRequestsException").count();
    (calls.len(), throttled)
}

#[tokio::test]
async fn at_half_the_quotas_aws_never_throttles() {
    assert_eq!(calls_and_throttled(0.5).await, (2 * POOLS, 0));
}

#[tokio::test]
async fn without_a_limit_it_would() {
    assert!(calls_and_throttled(UNLIMITED).await.1 > 0);
}
