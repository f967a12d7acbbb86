//! Changed specs, and memory, while thousands of objects of one account and region wait for their turn.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, sleep};

use crate::{
    fleet::Fleet,
    latency::{change, watch},
    report::Report,
};

/// So many that 5,000 confirming reads wait once all are Ready: new objects and their writes go first.
const CHECKED_OBJECTS: usize = 8000;
const CHANGES: usize = 200;
const NEW_OBJECTS: usize = 50_000;

/// Measures changed specs while drift checks wait, and then the memory of new objects that wait.
pub async fn waiting(report: &mut Report) {
    changes_beside_checks(report).await;
    new_objects(report).await;
}

/// Each write is confirmed by a read within a minute. The reads of new objects leave too few turns for that.
async fn changes_beside_checks(report: &mut Report) {
    let mut fleet = Fleet::in_one_region(CHECKED_OBJECTS).await;
    fleet.start(&["--drift-check-interval", "24h"]).await;
    let ready = tokio::spawn(fleet.watch_until_ready().await);
    fleet.create_objects().await;
    ready.await.expect("the watch lasts");
    let mut events = pin!(watch(&fleet.rig.objects()).await);
    let waiting_before = unconfirmed(&fleet, 0);
    let mut durations = Vec::new();
    for number in 0..CHANGES {
        durations.push(change(&fleet, &mut events, number).await);
    }
    report.add("drift checks that wait, at the first of the changes", waiting_before, "", "5,000");
    report.add("the same, at the last", unconfirmed(&fleet, CHANGES), "", "");
    let name = "spec change to status, while they wait";
    report.add_percentiles(name, durations, "1,000 ms and the turns of its two calls (117 ms)");
    assert!(fleet.rig.stop().await);
}

/// How many objects have been read once only, beside some changes.
fn unconfirmed(fleet: &Fleet, changes: usize) -> f64 {
    let (reads, _) = fleet.reads_and_writes();
    (2 * fleet.size + changes) as f64 - reads as f64
}

/// Objects that stand before the operator starts, all of them in one account and region.
async fn new_objects(report: &mut Report) {
    let mut fleet = Fleet::in_one_region(NEW_OBJECTS).await;
    fleet.create_objects().await;
    let begin = Instant::now();
    fleet.start(&[]).await;
    fleet.until_listed().await;
    report.add_duration("50,000 new objects: start, LIST, ready", begin.elapsed(), "");
    sleep(Duration::from_secs(30)).await;
    let operator = fleet.rig.operator.as_ref().expect("the operator runs");
    report.add("50,000 new objects that wait: resident", operator.resident_mib(), "MiB", "");
    report.add("50,000 new objects that wait: peak", operator.peak_mib(), "MiB", "512 MiB");
    assert!(fleet.rig.stop().await);
}
