//! The time from a spec change to the status that reports it, with a thousand objects, compared with a bare client that
//! makes the same calls of Kubernetes and Cognito one after the other.
//!
//! A change is a PATCH, its watch event, a read of the pool, a read of the object, a write of the pool, the status
//! write and its watch event.

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use cognito_mfa_core::{
    access::accounts::Identity, api::v1alpha1::UserPoolMfaConfig, schedule::queue::Priority,
};
use cognito_mfa_operator::aws::{AwsOptions, Cognito, CognitoClient, ReadOutcome, WriteOutcome};
use futures::{Stream, StreamExt, TryStreamExt};
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
};
use serde_json::json;
use test_support::cluster::namespace::new_namespace;
use tokio_util::sync::CancellationToken;

use crate::{
    fleet::{Fleet, is_ready, name},
    report::Report,
};

const OBJECTS: usize = 1000;
const WARM_UP: usize = 50;
const CHANGES: usize = 500;
/// The pause after each change, which is not measured. The operator publishes its event in this time.
const PAUSE: Duration = Duration::from_millis(50);

/// Changes one object after the other.
pub async fn spec_changes(report: &mut Report) {
    let mut fleet = Fleet::new(OBJECTS).await;
    let ready = fleet.watch_until_ready().await;
    fleet.start(&[]).await;
    fleet.create_objects().await;
    ready.await;
    // The confirming reads come 30 to 60 s after the writes, and would disturb the changes.
    let bare: Api<UserPoolMfaConfig> =
        Api::namespaced(fleet.rig.client.clone(), &new_namespace(&fleet.rig.client).await);
    for number in 0..WARM_UP + CHANGES {
        bare.create(&PostParams::default(), &fleet.object(number)).await.expect("the object is created");
    }
    tokio::time::sleep(Duration::from_secs(61)).await;
    let (events, bare_events) = (watch(&fleet.rig.objects()).await, watch(&bare).await);
    let (mut events, mut bare_events) = (std::pin::pin!(events), std::pin::pin!(bare_events));
    let (mut with_operator, mut with_bare_client) = (Vec::new(), Vec::new());
    let cognito = connect(&fleet).await;
    let cognito = cognito.client(&Identity::Own, "bench", Priority::Changed, CancellationToken::new());
    for number in 0..WARM_UP + CHANGES {
        with_operator.push(change(&fleet, &mut events, number).await);
        tokio::time::sleep(PAUSE).await;
        with_bare_client.push(bare_change(&bare, &fleet, &cognito, &mut bare_events, number).await);
        tokio::time::sleep(PAUSE).await;
    }
    let page = fleet.rig.page("/metrics").await.1;
    assert!(fleet.rig.stop().await);
    let [operator_p50, _] = report.add_percentiles(
        "spec change to status, at 1,000 objects",
        with_operator.split_off(WARM_UP),
        "50 ms",
    );
    let [bare_p50, _] = report.add_percentiles(
        "the same calls of Kubernetes and Cognito by a bare client",
        with_bare_client.split_off(WARM_UP),
        "",
    );
    report.add("ratio of the two p50", operator_p50.as_secs_f64() / bare_p50.as_secs_f64(), "x", "1.2 x");
    for operation in ["GetUserPoolMfaConfig", "SetUserPoolMfaConfig"] {
        report.add(
            format!("{operation} at the emulator, mean"),
            mean_call_duration(&page, operation),
            "ms",
            "",
        );
    }
}

/// The changed objects, each with the time of its watch event.
pub async fn watch(api: &Api<UserPoolMfaConfig>) -> impl Stream<Item = (Instant, UserPoolMfaConfig)> + use<> {
    let list = api.list_metadata(&ListParams::default().limit(1)).await.expect("the objects are listed");
    let version = list.metadata.resource_version.unwrap_or_default();
    let events = api.watch(&WatchParams::default().timeout(290), &version).await.expect("the watch starts");
    let (sender, receiver) = futures::channel::mpsc::unbounded();
    tokio::spawn(async move {
        let mut events = events.boxed();
        while let Some(event) = events.try_next().await.expect("the watch works") {
            if let WatchEvent::Modified(object) = event
                && sender.unbounded_send((Instant::now(), object)).is_err()
            {
                return;
            }
        }
    });
    receiver
}

/// Changes the spec of an object. Returns the time until a watch shows its status.
pub async fn change(
    fleet: &Fleet,
    events: &mut (impl Stream<Item = (Instant, UserPoolMfaConfig)> + Unpin),
    number: usize,
) -> Duration {
    let start = Instant::now();
    let changed = patch(&fleet.rig.objects(), fleet, number).await;
    until(events, |object| {
        object.name_any() == changed.name_any()
            && object.metadata.generation == changed.metadata.generation
            && is_ready(object)
    })
    .await
    .duration_since(start)
}

/// Cognito with a share of the quotas so large that no call waits.
async fn connect(fleet: &Fleet) -> Cognito {
    let options = AwsOptions { endpoint_url: Some(fleet.rig.aws.url()), ..AwsOptions::default() };
    Cognito::connect(options, 10_000.0, Arc::new(|_| {})).await.expect("the endpoint can be used")
}

/// Makes the calls of the author and of the operator one after the other: PATCH, a read of the pool, GET, a write of the
/// pool, PUT of the status.
async fn bare_change(
    api: &Api<UserPoolMfaConfig>,
    fleet: &Fleet,
    cognito: &CognitoClient<'_>,
    events: &mut (impl Stream<Item = (Instant, UserPoolMfaConfig)> + Unpin),
    number: usize,
) -> Duration {
    let start = Instant::now();
    let changed = patch(api, fleet, number).await;
    until(events, |object| object.resource_version() == changed.resource_version()).await;
    let pool = fleet.pool(number);
    assert!(matches!(cognito.get(&pool).await, ReadOutcome::Answered(_)), "the pool is read");
    let mut object = api.get(&name(number)).await.expect("the object is there");
    let permit = async || Ok::<_, Infallible>(true);
    let Ok(written) = cognito.set(&pool, &object.spec.settings, tokio::time::Instant::now(), permit).await;
    assert!(matches!(written, WriteOutcome::Answered(_)), "the pool is written");
    let mut status = object.status.take().unwrap_or_default();
    status.observed_generation = object.metadata.generation;
    object.status = Some(status);
    let reported = api
        .replace_status(&name(number), &PostParams::default(), &object)
        .await
        .expect("the status is accepted");
    until(events, |object| object.resource_version() == reported.resource_version())
        .await
        .duration_since(start)
}

async fn patch(api: &Api<UserPoolMfaConfig>, fleet: &Fleet, number: usize) -> UserPoolMfaConfig {
    let message = &fleet.spec(number, 1)["emailMfaConfiguration"]["message"];
    let patch = Patch::Merge(json!({"spec": {"emailMfaConfiguration": {"message": message}}}));
    api.patch(&name(number), &PatchParams::default(), &patch).await.expect("the change is accepted")
}

async fn until(
    events: &mut (impl Stream<Item = (Instant, UserPoolMfaConfig)> + Unpin),
    condition: impl Fn(&UserPoolMfaConfig) -> bool,
) -> Instant {
    loop {
        let (time, object) = events.next().await.expect("the watch lasts");
        if condition(&object) {
            return time;
        }
    }
}

/// The mean duration of an operation's calls as the operator measured it, in milliseconds.
fn mean_call_duration(page: &str, operation: &str) -> f64 {
    let total = |metric: &str| -> f64 {
        let samples = page.lines().filter(|line| line.contains(metric) && line.contains(operation));
        samples.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    };
    total("aws_call_duration_seconds_sum") / total("aws_call_duration_seconds_count") * 1000.0
}
