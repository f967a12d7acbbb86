//! The operator dies before and after every call that it makes, and another takes its place.

use std::{collections::HashMap, time::Duration};

use cognito_mfa_core::api::v1alpha1::ConditionType;
use futures::{StreamExt, future::join_all, stream};

use super::{
    call, measured,
    proxy::Moment,
    stage::{Point, Stage},
    workloads::{self, Workload},
};
use crate::{election::LEASE, progress::is_equal};

/// How many runs go on at the same time. They wait for leases most of their time.
const AT_ONCE: usize = 8;

/// A run of a workload in which the operator dies.
struct Run {
    workload: Workload,
    point: Point,
    /// The Sets of the run in which it did not.
    sets: usize,
}

impl Run {
    fn name(&self) -> String {
        let Point { what, number, moment } = &self.point;
        format!("{}, {moment:?} {what} {number}", self.workload.0)
    }
}

#[tokio::test]
async fn a_crash_at_any_call_heals_with_at_most_one_set_more_and_none_of_an_older_spec() {
    let calm = join_all(workloads::ALL.map(undisturbed)).await;
    let runs: Vec<_> = calm.into_iter().flatten().collect();
    let count = runs.len();
    let crash = async |run: Run| (run.name(), run.workload.0, tokio::spawn(disturbed(run)).await);
    let ended: Vec<_> = stream::iter(runs).map(crash).buffer_unordered(AT_ONCE).collect().await;
    let (mut failures, mut slowest) = (Vec::new(), HashMap::<_, Duration>::new());
    for (name, workload, ended) in ended {
        match ended {
            Ok(took) => {
                measured(&format!("crash: {name}: from the new lease to convergence"), took);
                let most = slowest.entry(workload).or_default();
                *most = took.max(*most);
            }
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    for (workload, took) in slowest {
        measured(&format!("crash: {workload}: the slowest of its points"), took);
    }
    eprintln!("measured: crash points: {count}");
    assert!(failures.is_empty(), "of {count}: {failures:#?}");
}

/// Runs a workload without a crash. Returns a run for each call and write in it, before and after.
async fn undisturbed(workload: Workload) -> Vec<Run> {
    let stage = Stage::new(None).await;
    let name = (workload.1)(&stage).await;
    stage.stop().await;
    let object = stage.rig.objects().get(name).await.expect("the object is there");
    assert!(is_equal(&stage.rig, &object), "{}: {object:#?}", workload.0);
    let writes = stage.kube.arrived().into_iter().filter(|what| is_point(what));
    // The Lease is renewed all the time: its first write stands for all.
    let lease = format!("PUT leases {LEASE}");
    let calls = stage.aws.arrived().into_iter().chain(writes).chain([lease]);
    let (mut seen, sets) = (HashMap::<String, usize>::new(), stage.sets().len());
    let mut runs = Vec::new();
    for what in calls {
        let number = seen.entry(what.clone()).or_default();
        *number += 1;
        for moment in [Moment::Before, Moment::After] {
            let point = Point { what: what.clone(), number: *number, moment };
            runs.push(Run { workload, point, sets });
        }
    }
    runs
}

/// A write to the API server that the workload brings about.
fn is_point(what: &str) -> bool {
    call::is_write(what) && !what.contains(" leases ") && what != "POST events LeaderStopped"
}

/// Runs a workload with its crash, and then looks whether all is well. Returns how long the new leader took to end the
/// step that the workload was at.
async fn disturbed(run: Run) -> Duration {
    let stage = Stage::new(Some(run.point)).await;
    let (name, led) = tokio::join!((run.workload.1)(&stage), stage.crash());
    let took = stage.next_step(led);
    let object = stage.rig.check(name).await;
    let status = object.status.clone().expect("it was checked");
    assert_eq!(status.condition(ConditionType::Ready).expect("it was checked").reason, "InSync");
    assert!(is_equal(&stage.rig, &object), "{object:#?}");
    let sets = stage.sets();
    assert!(sets.is_sorted(), "an older declaration was set after a newer one: {sets:?}");
    assert!(sets.len() <= run.sets + 1, "{} without a crash, but {sets:?}", run.sets);
    took
}
