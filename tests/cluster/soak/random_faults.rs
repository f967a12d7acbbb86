//! A thousand objects under random faults, and then a quiet time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::time::sleep;

use super::{
    fault_injection::{FaultCounts, Random, inject_fault},
    fleet::Fleet,
    is_requested, print_result,
};

/// The duration of faults with kills of the operator, and then without.
const FAULTS_WITH_KILLS: Duration = Duration::from_mins(2);
const FAULTS_WITHOUT_KILLS: Duration = Duration::from_mins(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_objects_converge_after_random_faults_and_then_stay_quiet() {
    if !is_requested("a thousand objects under random faults") {
        return;
    }
    let seed = std::env::var("SOAK_SEED")
        .map_or_else(|_| seconds_since_1970(), |seed| seed.parse().expect("a number"));
    print_result(&format!("SOAK_SEED={seed}"));
    let (mut random, mut fleet) = (Random::from_seed(seed), Fleet::new().await);
    fleet.start().await;
    fleet.create_all().await;
    inject_faults(&mut fleet, &mut random, FAULTS_WITH_KILLS, true).await;
    fleet.kill();
    fleet.start().await;
    fleet.converge().await;
    let memory_before = fleet.median_memory(fleet.interval().await).await;
    inject_faults(&mut fleet, &mut random, FAULTS_WITHOUT_KILLS, false).await;
    fleet.converge().await;
    // The confirming reads of the last writes, and their status writes, come within an interval.
    sleep(fleet.interval().await).await;
    fleet.stay_quiet(memory_before).await;
}

fn seconds_since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

async fn inject_faults(fleet: &mut Fleet, random: &mut Random, duration: Duration, with_kills: bool) {
    fleet.rig.aws.state().log.clear();
    let (begin, mut counts) = (Instant::now(), FaultCounts::default());
    while begin.elapsed() < duration {
        *counts.entry(inject_fault(fleet, random, with_kills).await).or_default() += 1;
        sleep(Duration::from_millis(300)).await;
    }
    fleet.rig.aws.state().faults.clear();
    print_result(&format!("{duration:?} of faults: {counts:?}; {}", fleet.take_outcomes()));
}
