//! The rate limiter against an emulator that enforces AWS's request quotas.

use cognito_emulator::{Emulator, Facts};
use serde_json::json;

use crate::child::{Child, UNLIMITED};

const POOLS: usize = 40;

/// Reads and writes all pools at once, at a share of the quotas. Returns the number of calls, and of throttled calls.
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
async fn at_half_the_quotas_no_call_is_throttled() {
    assert_eq!(calls_and_throttled(0.5).await, (2 * POOLS, 0));
}

#[tokio::test]
async fn without_a_limit_calls_are_throttled() {
    assert!(calls_and_throttled(UNLIMITED).await.1 > 0);
}
