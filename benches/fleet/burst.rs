//! A thousand objects created at once, beside a bare client that makes the same Kubernetes calls at the same concurrency.

use std::time::Duration;

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use futures::{StreamExt, stream};
use k8s_openapi::{api::events::v1::Event, apimachinery::pkg::apis::meta::v1::MicroTime};
use kube::{Api, Resource, ResourceExt, api::PostParams, core::ObjectMeta};
use test_support::cluster::namespace::new_namespace;
use tokio::time::Instant;

use crate::{
    crowd::{CONCURRENCY, Crowd, name},
    figures::Figures,
};

const OBJECTS: usize = 1000;

/// First the operator, then the bare client.
pub async fn creates(figures: &mut Figures) {
    let mut crowd = Crowd::new(OBJECTS).await;
    crowd.start(&[]).await;
    crowd.until_listed().await;
    let (ready, begin) = (crowd.all_ready().await, Instant::now());
    let ready = tokio::spawn(ready);
    crowd.create().await;
    let created = begin.elapsed();
    let ours = ready.await.expect("the watch lasts").duration_since(begin);
    let calls = crowd.calls();
    assert!(crowd.rig.stop().await);
    let theirs = bare(&crowd).await;
    figures.took("1,000 objects created, by their author alone", created, "");
    figures.took("1,000 objects created at once, to all Ready", ours, "");
    figures.took("the same Kubernetes calls, bare", theirs, "");
    figures.note("the first by the second", ours.as_secs_f64() / theirs.as_secs_f64(), "x", "1.3 x");
    figures.note("Gets of them", calls.0 as f64, "", "");
    figures.note("Sets of them", calls.1 as f64, "", "");
}

/// Creates, looks, writes a status and an event, for every object.
async fn bare(crowd: &Crowd) -> Duration {
    let namespace = new_namespace(&crowd.rig.client).await;
    let api: Api<UserPoolMfaConfig> = Api::namespaced(crowd.rig.client.clone(), &namespace);
    let events: Api<Event> = Api::namespaced(crowd.rig.client.clone(), &namespace);
    // What the operator has written is what the bare client writes.
    let told = crowd.rig.objects().get(&name(1)).await.expect("the object is there").status;
    let begin = Instant::now();
    let one = async |number| {
        api.create(&PostParams::default(), &crowd.object(number)).await.expect("the object is created");
        let mut object = api.get(&name(number)).await.expect("the object is there");
        object.status.clone_from(&told);
        api.replace_status(&name(number), &PostParams::default(), &object)
            .await
            .expect("the status is taken");
        events.create(&PostParams::default(), &event(&object)).await.expect("the event is taken");
    };
    stream::iter(0..OBJECTS).map(one).buffer_unordered(CONCURRENCY).collect::<()>().await;
    begin.elapsed()
}

fn event(object: &UserPoolMfaConfig) -> Event {
    Event {
        metadata: ObjectMeta {
            generate_name: Some(format!("{}-", object.name_any())),
            ..ObjectMeta::default()
        },
        action: Some("Set".into()),
        event_time: Some(MicroTime(jiff::Timestamp::now())),
        reason: Some("Updated".into()),
        note: Some("Cognito was set as the spec says.".into()),
        regarding: Some(object.object_ref(&())),
        reporting_controller: Some("bench".into()),
        reporting_instance: Some("bench".into()),
        type_: Some("Normal".into()),
        ..Event::default()
    }
}
