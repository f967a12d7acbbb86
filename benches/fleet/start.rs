//! The binary, and its start.

use tokio::time::Instant;

use crate::{
    crowd::{Crowd, name},
    figures::Figures,
};

const STARTS: usize = 10;

/// The size of the binary that is measured.
pub fn size(figures: &mut Figures) {
    let bytes =
        std::fs::metadata(env!("CARGO_BIN_EXE_cognito-mfa-operator")).expect("the binary is there").len();
    figures.note("release binary, stripped", bytes as f64 / 1e6, "MB", "< 20 MB");
}

/// From the start of the process to its first call of Cognito, with a Lease that the last one has handed over.
pub async fn first_pass(figures: &mut Figures) {
    let mut crowd = Crowd::new(STARTS + 1).await;
    // The Lease is where deploy/ grants it.
    let elected = ["--leader-elect", "--leader-election-namespace", "cognito-mfa-operator"];
    let mut times = Vec::new();
    for number in 0..=STARTS {
        crowd.rig.apply(&name(number), crowd.spec(number, 0)).await;
        crowd.rig.aws.state().log.clear();
        let begin = Instant::now();
        crowd.start(&elected).await;
        crowd.rig.aws.calls_until(|calls| !calls.is_empty()).await;
        times.push(begin.elapsed());
        crowd.rig.until_reason(&name(number), "InSync").await;
        assert!(crowd.rig.stop().await);
    }
    // There was no Lease at the first start: who deletes one may still lead, so it waits out its duration.
    figures.spread("start to first pass, no lease held by another", times.split_off(1), "200 ms");
}
