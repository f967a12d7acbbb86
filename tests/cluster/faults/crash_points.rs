//! Kills the operator before and after every AWS call and API server write of a workload, and starts another.

use std::{collections::HashMap, time::Duration};

use cognito_mfa_core::api::v1alpha1::ConditionType;
use futures::{StreamExt, future::join_all, stream};

use super::{
    fault_proxy::Moment,
    print_measurement,
    proxied_rig::{CrashPoint, ProxiedRig},
    request_kind::is_kube_write,
    workloads::{self, Workload},
};
use crate::{kstatus::pool_equals_spec, replicas::LEASE};

/// The number of concurrent runs. Runs mostly wait for leases.
const CONCURRENCY: usize = 8;

/// A run of a workload with a crash of the operator.
struct Run {
    workload: Workload,
    crash_point: CrashPoint,
    /// The number of writes to the pool in the run without a crash.
    writes_without_crash: usize,
}

impl Run {
    fn name(&self) -> String {
        let CrashPoint { kind, number, moment } = &self.crash_point;
        format!("{}, {moment:?} {kind} {number}", self.workload.0)
    }
}

#[tokio::test]
async fn a_crash_at_any_call_costs_at_most_one_write_and_restores_no_older_spec() {
    let runs = join_all(workloads::ALL.map(crash_runs)).await;
    let runs: Vec<_> = runs.into_iter().flatten().collect();
    let count = runs.len();
    let crash = async |run: Run| (run.name(), run.workload.0, tokio::spawn(run_with_crash(run)).await);
    let ended: Vec<_> = stream::iter(runs).map(crash).buffer_unordered(CONCURRENCY).collect().await;
    let (mut failures, mut slowest) = (Vec::new(), HashMap::<_, Duration>::new());
    for (name, workload, ended) in ended {
        match ended {
            Ok(duration) => {
                print_measurement(&format!("crash: {name}: from the new lease to convergence"), duration);
                let longest = slowest.entry(workload).or_default();
                *longest = duration.max(*longest);
            }
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    for (workload, duration) in slowest {
        print_measurement(&format!("crash: {workload}: the slowest of its points"), duration);
    }
    eprintln!("measured: crash points: {count}");
    assert!(failures.is_empty(), "of {count}: {failures:#?}");
}

/// Runs a workload without a crash. Returns two runs for each of its calls and writes: a crash before it and one after.
async fn crash_runs(workload: Workload) -> Vec<Run> {
    let proxied = ProxiedRig::new(None).await;
    let name = (workload.1)(&proxied).await;
    proxied.stop().await;
    let object = proxied.rig.objects().get(name).await.expect("the object is there");
    assert!(pool_equals_spec(&proxied.rig, &object), "{}: {object:#?}", workload.0);
    let writes = proxied.kube.arrived().into_iter().filter(|kind| is_workload_write(kind));
    // The Lease is renewed all the time, so its first write stands for all.
    let lease = format!("PUT leases {LEASE}");
    let kinds = proxied.aws.arrived().into_iter().chain(writes).chain([lease]);
    let (mut counts, writes_without_crash) = (HashMap::<String, usize>::new(), proxied.written_specs().len());
    let mut runs = Vec::new();
    for kind in kinds {
        let number = counts.entry(kind.clone()).or_default();
        *number += 1;
        for moment in [Moment::Before, Moment::After] {
            let crash_point = CrashPoint { kind: kind.clone(), number: *number, moment };
            runs.push(Run { workload, crash_point, writes_without_crash });
        }
    }
    runs
}

/// Whether the workload causes this write to the API server.
fn is_workload_write(kind: &str) -> bool {
    is_kube_write(kind) && !kind.contains(" leases ") && kind != "POST events LeaderStopped"
}

/// Runs a workload with its crash, and asserts that it converged. Returns how long the new leader took to end the
/// current step of the workload.
async fn run_with_crash(run: Run) -> Duration {
    let proxied = ProxiedRig::new(Some(run.crash_point)).await;
    let (name, leads_since) = tokio::join!((run.workload.1)(&proxied), proxied.crash_and_replace());
    let duration = proxied.time_to_step_end(leads_since);
    let object = proxied.rig.check(name).await;
    let status = object.status.clone().expect("it was checked");
    assert_eq!(status.condition(ConditionType::Ready).expect("it was checked").reason, "InSync");
    assert!(pool_equals_spec(&proxied.rig, &object), "{object:#?}");
    let written = proxied.written_specs();
    assert!(written.is_sorted(), "an older spec was written after a newer one: {written:?}");
    let expected = run.writes_without_crash;
    assert!(written.len() <= expected + 1, "{expected} without a crash, but {written:?}");
    duration
}
