//! A fleet at rest: what it takes to list it, to keep it, and to start again.

use std::time::Duration;

use kube::{ResourceExt, api::ListParams};
use tokio::time::{Instant, sleep};

use crate::{crowd::Crowd, figures::Figures};

const SIZES: [usize; 4] = [1000, 2500, 5000, 10_000];
/// How long a fleet at rest is looked at.
const LOOK: Duration = Duration::from_mins(1);

/// Fleets of several sizes, each until it rests; the largest is looked at closer.
pub async fn fleets(figures: &mut Figures) {
    let sizes =
        std::env::var("BENCH_OBJECTS").ok().map(|size| vec![size.parse().expect("a number of objects")]);
    for size in sizes.unwrap_or_else(|| SIZES.into()) {
        fleet(figures, size).await;
    }
}

async fn fleet(figures: &mut Figures, size: usize) {
    let mut crowd = Crowd::new(size).await;
    crowd.start(&[]).await;
    let (ready, begin) = (tokio::spawn(crowd.all_ready().await), Instant::now());
    crowd.create().await;
    let ready = ready.await.expect("the watch lasts");
    figures.took(format!("{size} objects created at once, to all Ready"), ready.duration_since(begin), "");
    figures.note(format!("{size} objects, just created: resident"), resident(&crowd), "MiB", "");
    assert!(crowd.rig.stop().await);
    rest(figures, &mut crowd).await;
    again(figures, &mut crowd).await;
}

/// An operator that starts before a settled fleet with a day's interval.
async fn rest(figures: &mut Figures, crowd: &mut Crowd) {
    let size = crowd.size;
    let begin = Instant::now();
    crowd.start(&["--drift-check-interval", "24h"]).await;
    crowd.until_listed().await;
    figures.took(format!("{size} objects: start, LIST, ready"), begin.elapsed(), "5,000 ms at 10,000");
    sleep(Duration::from_secs(10)).await;
    let before = operator(crowd).cpu_seconds();
    sleep(LOOK).await;
    let cpu = (operator(crowd).cpu_seconds() - before) / LOOK.as_secs_f64();
    figures.note(format!("{size} objects at rest: resident"), resident(crowd), "MiB", "38.1 MiB at 10,000");
    figures.note(format!("{size} objects at rest: CPU"), cpu * 100.0, "%", "< 1 % of a core");
    figures.note(
        format!("{size} objects: peak at LIST"),
        operator(crowd).peak_mib(),
        "MiB",
        "95.4 MiB at 10,000",
    );
    assert!(crowd.rig.stop().await);
}

/// A restart with an interval of an hour.
async fn again(figures: &mut Figures, crowd: &mut Crowd) {
    let (size, versions) = (crowd.size, versions(crowd).await);
    crowd.rig.aws.state().log.clear();
    crowd.start(&["--drift-check-interval", "1h"]).await;
    crowd.until_listed().await;
    sleep(LOOK).await;
    let (gets, sets) = crowd.calls();
    let most = most_in_a_second(crowd);
    assert!(crowd.rig.stop().await);
    let written = versions_differ(crowd, &versions).await;
    let due = size as f64 * LOOK.as_secs_f64() / 3600.0;
    figures.note(
        format!("{size} objects, restart at 1 h: Gets in a minute, of {due:.0} due"),
        gets as f64,
        "",
        "",
    );
    figures.note(
        format!("{size} objects, restart at 1 h: most Gets in a second"),
        most as f64,
        "",
        "no burst",
    );
    figures.note(format!("{size} objects, restart at 1 h: Sets"), sets as f64, "", "0");
    figures.note(format!("{size} objects, restart at 1 h: objects written"), written as f64, "", "0");
}

fn operator(crowd: &Crowd) -> &test_support::cluster::operator::Operator {
    crowd.rig.operator.as_ref().expect("the operator runs")
}

fn resident(crowd: &Crowd) -> f64 {
    operator(crowd).resident_mib()
}

fn most_in_a_second(crowd: &Crowd) -> usize {
    let times: Vec<u64> = crowd.rig.aws.calls().iter().map(|call| call.arrived_ms).collect();
    let within = |from: usize| times[from..].iter().take_while(|time| **time < times[from] + 1000).count();
    (0..times.len()).map(within).max().unwrap_or(0)
}

type Versions = std::collections::HashMap<String, Option<String>>;

/// A write of any kind gives an object another one.
async fn versions(crowd: &Crowd) -> Versions {
    let (api, mut all, mut page) = (crowd.rig.objects(), Versions::new(), ListParams::default().limit(500));
    loop {
        let list = api.list_metadata(&page).await.expect("the objects are listed");
        all.extend(list.items.iter().map(|object| (object.name_any(), object.resource_version())));
        match list.metadata.continue_ {
            Some(next) if !next.is_empty() => page = page.continue_token(&next),
            _ => return all,
        }
    }
}

async fn versions_differ(crowd: &Crowd, before: &Versions) -> usize {
    let now = versions(crowd).await;
    before.iter().filter(|(name, version)| now.get(*name) != Some(version)).count()
}
