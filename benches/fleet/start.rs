//! The binary, and its start.

use std::time::Duration;

use tokio::time::Instant;

use crate::{crowd::Crowd, figures::Figures};

const STARTS: usize = 10;

/// The size of the binary that is measured.
pub fn size(figures: &mut Figures) {
    let bytes = std::fs::metadata(env!("CARGO_BIN_EXE_cognito-mfa-operator")).expect("the binary is there").len();
    figures.note("release binary, stripped", bytes as f64 / 1e6, "MB", "< 20 MB");
}

/// From the start of the process to its first call of Cognito, with a lease that nobody holds.
pub async fn first_pass(figures: &mut Figures) {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let mut crowd = Crowd::new(1).await;
        crowd.create().await;
        let namespace = crowd.rig.namespace.clone();
        let begin = Instant::now();
        let namespaced = ["--leader-elect", "--leader-election-namespace", &namespace];
        crowd.start(&namespaced).await;
        crowd.rig.aws.calls_until(|calls| !calls.is_empty()).await;
        times.push(begin.elapsed());
        assert!(crowd.rig.stop().await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    figures.spread("start to first pass, no lease held by another", times, "200 ms");
}
