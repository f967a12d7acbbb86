//! The size of the binary and the time of its start.

use tokio::time::Instant;

use crate::{
    fleet::{Fleet, name},
    report::Report,
};

const STARTS: usize = 10;

/// Measures the size of the binary.
pub fn binary_size(report: &mut Report) {
    let bytes =
        std::fs::metadata(env!("CARGO_BIN_EXE_cognito-mfa-operator")).expect("the binary is there").len();
    report.add("release binary, stripped", bytes as f64 / 1e6, "MB", "< 20 MB");
}

/// Measures the time from the start of the process to its first Cognito call. The previous process has handed over its
/// Lease.
pub async fn first_reconciliation(report: &mut Report) {
    let mut fleet = Fleet::new(STARTS + 1).await;
    // deploy/ grants the rights to the Lease in this namespace.
    let flags = ["--leader-elect", "--leader-election-namespace", "cognito-mfa-operator"];
    let mut times = Vec::new();
    for number in 0..=STARTS {
        fleet.rig.apply(&name(number), fleet.spec(number, 0)).await;
        fleet.rig.aws.world().log.clear();
        let begin = Instant::now();
        fleet.start(&flags).await;
        fleet.rig.aws.calls_until(|calls| !calls.is_empty()).await;
        times.push(begin.elapsed());
        fleet.rig.until_reason(&name(number), "InSync").await;
        assert!(fleet.rig.stop().await);
    }
    // The first start found no Lease. It waits for a lease duration, because the leader of a deleted Lease may still run.
    report.add_percentiles("start to first reconciliation, with a free lease", times.split_off(1), "200 ms");
}
