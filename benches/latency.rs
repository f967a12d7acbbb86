//! From a spec change to the status that reports it, beside what a bare client needs for one request.
//!
//! Run it with `make bench`, or:
//! `tests/control-plane/control-plane run -- cargo bench --bench latency`
//!
//! A change is a PATCH, its watch event, a Get and a Set at the stand-in with one more look at the object between
//! them, the status write and its watch event, one after the other: it takes at least those together.

#[path = "../tests/cluster/install.rs"]
mod install;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/cluster/kubectl.rs"]
mod kubectl;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/cluster/objects.rs"]
mod objects;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/cluster/operator.rs"]
mod operator;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/cluster/rig.rs"]
mod rig;

use std::time::{Duration, Instant};

use cognito_mfa_operator::api::UserPoolMfaConfig;
use futures::{Stream, StreamExt, TryStreamExt};
use kube::{
    Api, Resource,
    api::{Patch, PatchParams, PostParams, WatchEvent, WatchParams},
};
use rig::{Rig, new_namespace, totp, with};
use serde_json::json;

const WARM_UP: usize = 20;
const CHANGES: usize = 200;
/// Between two changes, and in no figure: at the default share one pool is set at most every 400 ms, and the wait for
/// that turn is the quota's, not the operator's.
const PAUSE: Duration = Duration::from_millis(500);

#[tokio::main]
async fn main() {
    let mut rig = Rig::idle().await;
    let namespace = rig.namespace.clone();
    // The changes need no line each.
    let log = ("RUST_LOG", "warn,cognito_mfa_operator=info,cognito_mfa_operator::cluster=warn");
    rig.start_with(&["--watch-namespaces", &namespace], &[log]).await;
    rig.apply("changed", totp(&rig.pool())).await;
    rig.until_reason("changed", "InSync").await;

    let bare = bare_object(&rig).await;
    let told = watch(&rig.objects()).await;
    let mut told = std::pin::pin!(told);
    let mut rows = [const { Vec::new() }; 4];
    for number in 0..WARM_UP + CHANGES {
        tokio::time::sleep(PAUSE).await;
        let took = [
            change(&rig.objects(), &mut told, number).await,
            timed(bare.get("bare")).await,
            timed(patch(&bare, "bare", number)).await,
            write_status(&bare).await,
        ];
        rows.iter_mut().zip(took).for_each(|(row, took)| row.push(took));
    }
    let page = rig.operator.as_ref().expect("the operator runs").page("/metrics").await.1;
    assert!(rig.stop().await);

    println!("\n{CHANGES} changes, one after the other, {WARM_UP} more to warm up\n");
    println!("{:<36}{:>12}{:>12}", "", "median", "p99");
    let names = [
        "spec change to status that reports it",
        "bare GET",
        "bare PATCH of the spec",
        "bare PUT of the status",
    ];
    for (name, row) in names.iter().zip(rows) {
        let [median, p99] = quantiles(row[WARM_UP..].to_vec());
        println!("{name:<38}{median:>7.1} ms{p99:>9.1} ms");
    }
    for operation in ["GetUserPoolMfaConfig", "SetUserPoolMfaConfig"] {
        let name = format!("{operation}, mean");
        println!("{name:<38}{:>7.1} ms", mean(&page, operation));
    }
}

/// The mean of a call at the stand-in as the operator measured it, in milliseconds.
fn mean(page: &str, operation: &str) -> f64 {
    let total = |what: &str| -> f64 {
        let of_it = page.lines().filter(|line| line.contains(what) && line.contains(operation));
        of_it.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    };
    total("aws_call_duration_seconds_sum") / total("aws_call_duration_seconds_count") * 1000.0
}

/// An object like the other, where the operator does not watch.
async fn bare_object(rig: &Rig) -> Api<UserPoolMfaConfig> {
    let api = Api::namespaced(rig.client.clone(), &new_namespace(&rig.client).await);
    let spec = with(totp(&rig.pool()), "emailMfaConfiguration", json!({"subject": "first"}));
    let object = json!({
        "apiVersion": UserPoolMfaConfig::api_version(&()), "kind": UserPoolMfaConfig::kind(&()),
        "metadata": {"name": "bare"}, "spec": spec,
    });
    let object = serde_json::from_value(object).expect("an object");
    api.create(&PostParams::default(), &object).await.expect("the object is created");
    api
}

/// The objects as they change, with the time of arrival.
async fn watch(api: &Api<UserPoolMfaConfig>) -> impl Stream<Item = (Instant, UserPoolMfaConfig)> + use<> {
    let from = api.list(&kube::api::ListParams::default()).await.expect("the objects are listed");
    let version = from.metadata.resource_version.unwrap_or_default();
    let events = api.watch(&WatchParams::default().timeout(290), &version).await.expect("the watch starts");
    let (tell, told) = futures::channel::mpsc::unbounded();
    tokio::spawn(async move {
        let mut events = events.boxed();
        while let Some(event) = events.try_next().await.expect("the watch works") {
            if let WatchEvent::Modified(object) = event
                && tell.unbounded_send((Instant::now(), object)).is_err()
            {
                return;
            }
        }
    });
    told
}

async fn change(
    api: &Api<UserPoolMfaConfig>,
    told: &mut (impl Stream<Item = (Instant, UserPoolMfaConfig)> + Unpin),
    number: usize,
) -> Duration {
    let start = Instant::now();
    let changed = patch(api, "changed", number).await.expect("the change is taken");
    loop {
        let (at, object) = told.next().await.expect("the watch lasts");
        let status = object.status.unwrap_or_default();
        let ready = status.condition("Ready").is_some_and(|ready| ready.status == "True");
        if ready && status.observed_generation == changed.metadata.generation {
            return at - start;
        }
    }
}

async fn patch(api: &Api<UserPoolMfaConfig>, name: &str, number: usize) -> kube::Result<UserPoolMfaConfig> {
    let subject = json!({"spec": {"emailMfaConfiguration": {"subject": format!("Code {number}")}}});
    api.patch(name, &PatchParams::default(), &Patch::Merge(subject)).await
}

async fn write_status(api: &Api<UserPoolMfaConfig>) -> Duration {
    let mut object = api.get("bare").await.expect("the object is there");
    let mut status = object.status.take().unwrap_or_default();
    status.observed_generation = object.metadata.generation;
    object.status = Some(status);
    timed(api.replace_status("bare", &PostParams::default(), &object)).await
}

async fn timed<T>(request: impl Future<Output = kube::Result<T>>) -> Duration {
    let start = Instant::now();
    request.await.expect("the server answers");
    start.elapsed()
}

/// The median and the 99th percentile, in milliseconds.
fn quantiles(mut times: Vec<Duration>) -> [f64; 2] {
    times.sort();
    [50, 99].map(|percent| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1000.0)
}
