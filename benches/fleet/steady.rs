//! An idle fleet: the costs of listing it, of keeping it, and of a restart.

use std::time::Duration;

use kube::{ResourceExt, api::ListParams};
use tokio::time::{Instant, sleep};

use crate::{fleet::Fleet, report::Report};

const SIZES: [usize; 4] = [1000, 2500, 5000, 10_000];
/// The duration over which an idle fleet is measured.
const MEASURED_TIME: Duration = Duration::from_mins(1);

/// Measures fleets of several sizes.
pub async fn fleets(report: &mut Report) {
    let sizes =
        std::env::var("BENCH_OBJECTS").ok().map(|size| vec![size.parse().expect("a number of objects")]);
    for size in sizes.unwrap_or_else(|| SIZES.into()) {
        measure_fleet(report, size).await;
    }
}

async fn measure_fleet(report: &mut Report, size: usize) {
    let mut fleet = Fleet::new(size).await;
    fleet.start(&[]).await;
    let (ready, begin) = (tokio::spawn(fleet.watch_until_ready().await), Instant::now());
    fleet.create_objects().await;
    let ready = ready.await.expect("the watch lasts");
    report.add_duration(
        format!("{size} objects created at once, to all Ready"),
        ready.duration_since(begin),
        "",
    );
    report.add(format!("{size} objects, just created: resident"), resident(&fleet), "MiB", "");
    assert!(fleet.rig.stop().await);
    measure_idle(report, &mut fleet).await;
    measure_restart(report, &mut fleet).await;
}

/// Starts the operator for a settled fleet, with a drift check interval of a day.
async fn measure_idle(report: &mut Report, fleet: &mut Fleet) {
    let size = fleet.size;
    let begin = Instant::now();
    fleet.start(&["--drift-check-interval", "24h"]).await;
    fleet.until_listed().await;
    report.add_duration(format!("{size} objects: start, LIST, ready"), begin.elapsed(), "5,000 ms at 10,000");
    // A start confirms within a minute the writes of the minute before it.
    sleep(Duration::from_secs(70)).await;
    let cpu_before = operator(fleet).cpu_seconds();
    sleep(MEASURED_TIME).await;
    let cpu = (operator(fleet).cpu_seconds() - cpu_before) / MEASURED_TIME.as_secs_f64();
    report.add(format!("{size} objects at rest: resident"), resident(fleet), "MiB", "38.1 MiB at 10,000");
    report.add(format!("{size} objects at rest: CPU"), cpu * 100.0, "%", "< 1 % of a core");
    report.add(
        format!("{size} objects: peak at LIST"),
        operator(fleet).peak_mib(),
        "MiB",
        "95.4 MiB at 10,000",
    );
    assert!(fleet.rig.stop().await);
}

/// Restarts the operator with a drift check interval of an hour.
async fn measure_restart(report: &mut Report, fleet: &mut Fleet) {
    let (size, versions) = (fleet.size, versions(fleet).await);
    fleet.rig.aws.state().log.clear();
    fleet.start(&["--drift-check-interval", "1h"]).await;
    fleet.until_listed().await;
    sleep(MEASURED_TIME).await;
    let (reads, writes) = fleet.reads_and_writes();
    let most_reads = most_in_a_second(fleet);
    assert!(fleet.rig.stop().await);
    let written = count_changed(fleet, &versions).await;
    let due = size as f64 * MEASURED_TIME.as_secs_f64() / 3600.0;
    report.add(
        format!("{size} objects, restart at 1 h: reads in a minute, of {due:.0} due"),
        reads as f64,
        "",
        "",
    );
    report.add(
        format!("{size} objects, restart at 1 h: most reads in a second"),
        most_reads as f64,
        "",
        "no burst",
    );
    report.add(format!("{size} objects, restart at 1 h: writes"), writes as f64, "", "0");
    report.add(format!("{size} objects, restart at 1 h: objects written"), written as f64, "", "0");
}

fn operator(fleet: &Fleet) -> &test_support::cluster::operator::Operator {
    fleet.rig.operator.as_ref().expect("the operator runs")
}

fn resident(fleet: &Fleet) -> f64 {
    operator(fleet).resident_mib()
}

fn most_in_a_second(fleet: &Fleet) -> usize {
    let times: Vec<u64> = fleet.rig.aws.calls().iter().map(|call| call.arrived_ms).collect();
    let second_from =
        |start: usize| times[start..].iter().take_while(|time| **time < times[start] + 1000).count();
    (0..times.len()).map(second_from).max().unwrap_or(0)
}

type Versions = std::collections::HashMap<String, Option<String>>;

/// The resource versions of all objects, which change with every write.
async fn versions(fleet: &Fleet) -> Versions {
    let (api, mut versions, mut page) =
        (fleet.rig.objects(), Versions::new(), ListParams::default().limit(500));
    loop {
        let list = api.list_metadata(&page).await.expect("the objects are listed");
        versions.extend(list.items.iter().map(|object| (object.name_any(), object.resource_version())));
        match list.metadata.continue_ {
            Some(next) if !next.is_empty() => page = page.continue_token(&next),
            _ => return versions,
        }
    }
}

async fn count_changed(fleet: &Fleet, before: &Versions) -> usize {
    let after = versions(fleet).await;
    before.iter().filter(|(name, version)| after.get(*name) != Some(version)).count()
}
