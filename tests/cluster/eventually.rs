//! Waiting for a condition that nothing announces.

use std::time::Duration;

use test_support::cluster::deadline::DEADLINE;

/// Polls the condition until it is true.
pub async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    let mut interval = tokio::time::interval(Duration::from_millis(50));
    let polling = async {
        while !condition().await {
            interval.tick().await;
        }
    };
    assert!(tokio::time::timeout(DEADLINE, polling).await.is_ok(), "never: {what}");
}
