//! From a spec change to the status that reports it, among a thousand objects, beside a bare client that makes the
//! same Kubernetes calls one after the other.
//!
//! A change is a PATCH, its watch event, a Get and a Set at the emulator with one more look at the object between
//! them, the status write and its watch event.

use std::time::{Duration, Instant};

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use futures::{Stream, StreamExt, TryStreamExt};
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams, PostParams, WatchEvent, WatchParams},
};
use serde_json::json;
use test_support::cluster::namespace::new_namespace;

use crate::{
    crowd::{Crowd, is_ready, name},
    figures::Figures,
};

const OBJECTS: usize = 1000;
const WARM_UP: usize = 50;
const CHANGES: usize = 500;
/// Between two changes, and in no figure: what the operator does after its answer (events) is not the next one's cost.
const PAUSE: Duration = Duration::from_millis(50);

/// Changes one object after the other.
pub async fn changes(figures: &mut Figures) {
    let mut crowd = Crowd::new(OBJECTS).await;
    let ready = crowd.all_ready().await;
    crowd.start(&[]).await;
    crowd.create().await;
    ready.await;
    // The look that follows a Set after 30 to 60 s would fall among the changes.
    let bare: Api<UserPoolMfaConfig> =
        Api::namespaced(crowd.rig.client.clone(), &new_namespace(&crowd.rig.client).await);
    for number in 0..WARM_UP + CHANGES {
        bare.create(&PostParams::default(), &crowd.object(number)).await.expect("the object is created");
    }
    tokio::time::sleep(Duration::from_secs(61)).await;
    let (seen, bare_seen) = (watch(&crowd.rig.objects()).await, watch(&bare).await);
    let (mut seen, mut bare_seen) = (std::pin::pin!(seen), std::pin::pin!(bare_seen));
    let (mut operator, mut alone) = (Vec::new(), Vec::new());
    for number in 0..WARM_UP + CHANGES {
        operator.push(change(&crowd, &mut seen, number).await);
        tokio::time::sleep(PAUSE).await;
        alone.push(bare_change(&bare, &crowd, &mut bare_seen, number).await);
        tokio::time::sleep(PAUSE).await;
    }
    let page = crowd.rig.page("/metrics").await.1;
    assert!(crowd.rig.stop().await);
    let [ours, _] =
        figures.spread("spec change to status, at 1,000 objects", operator.split_off(WARM_UP), "50 ms");
    let [theirs, _] = figures.spread("the same Kubernetes calls, bare", alone.split_off(WARM_UP), "");
    figures.note("the first p50 by the second", ours.as_secs_f64() / theirs.as_secs_f64(), "x", "1.2 x");
    for operation in ["GetUserPoolMfaConfig", "SetUserPoolMfaConfig"] {
        figures.note(format!("{operation} at the emulator, mean"), mean(&page, operation), "ms", "");
    }
}

/// The objects as they change, with the time of arrival.
async fn watch(api: &Api<UserPoolMfaConfig>) -> impl Stream<Item = (Instant, UserPoolMfaConfig)> + use<> {
    let from = api.list_metadata(&ListParams::default().limit(1)).await.expect("the objects are listed");
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
    crowd: &Crowd,
    seen: &mut (impl Stream<Item = (Instant, UserPoolMfaConfig)> + Unpin),
    number: usize,
) -> Duration {
    let start = Instant::now();
    let changed = patch(&crowd.rig.objects(), crowd, number).await;
    until(seen, |object| {
        object.name_any() == changed.name_any()
            && object.metadata.generation == changed.metadata.generation
            && is_ready(object)
    })
    .await
    .duration_since(start)
}

/// The calls of the author and of the operator, by one client: PATCH, GET, PUT of the status.
async fn bare_change(
    api: &Api<UserPoolMfaConfig>,
    crowd: &Crowd,
    seen: &mut (impl Stream<Item = (Instant, UserPoolMfaConfig)> + Unpin),
    number: usize,
) -> Duration {
    let start = Instant::now();
    let changed = patch(api, crowd, number).await;
    until(seen, |object| object.resource_version() == changed.resource_version()).await;
    let mut object = api.get(&name(number)).await.expect("the object is there");
    let mut status = object.status.take().unwrap_or_default();
    status.observed_generation = object.metadata.generation;
    object.status = Some(status);
    let told = api
        .replace_status(&name(number), &PostParams::default(), &object)
        .await
        .expect("the status is taken");
    until(seen, |object| object.resource_version() == told.resource_version()).await.duration_since(start)
}

async fn patch(api: &Api<UserPoolMfaConfig>, crowd: &Crowd, number: usize) -> UserPoolMfaConfig {
    let message = &crowd.spec(number, 1)["emailMfaConfiguration"]["message"];
    let patch = Patch::Merge(json!({"spec": {"emailMfaConfiguration": {"message": message}}}));
    api.patch(&name(number), &PatchParams::default(), &patch).await.expect("the change is taken")
}

async fn until(
    seen: &mut (impl Stream<Item = (Instant, UserPoolMfaConfig)> + Unpin),
    wanted: impl Fn(&UserPoolMfaConfig) -> bool,
) -> Instant {
    loop {
        let (at, object) = seen.next().await.expect("the watch lasts");
        if wanted(&object) {
            return at;
        }
    }
}

/// The mean of a call at the emulator as the operator measured it, in milliseconds.
fn mean(page: &str, operation: &str) -> f64 {
    let total = |what: &str| -> f64 {
        let of_it = page.lines().filter(|line| line.contains(what) && line.contains(operation));
        of_it.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
    };
    total("aws_call_duration_seconds_sum") / total("aws_call_duration_seconds_count") * 1000.0
}
