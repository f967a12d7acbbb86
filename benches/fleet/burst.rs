//! A thousand objects created at once, compared with a bare client that makes the same Kubernetes calls concurrently.

use std::time::Duration;

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use futures::{StreamExt, stream};
use k8s_openapi::{api::events::v1::Event, apimachinery::pkg::apis::meta::v1::MicroTime};
use kube::{Api, Resource, ResourceExt, api::PostParams, core::ObjectMeta};
use test_support::cluster::rig::new_namespace;
use tokio::time::Instant;

use crate::{
    fleet::{CONCURRENCY, Fleet, name},
    report::Report,
};

const OBJECTS: usize = 1000;

/// Measures the operator first, then the bare client.
pub async fn creations(report: &mut Report) {
    let mut fleet = Fleet::new(OBJECTS).await;
    fleet.start(&[]).await;
    fleet.until_listed().await;
    let (all_ready, begin) = (fleet.watch_until_ready().await, Instant::now());
    let all_ready = tokio::spawn(all_ready);
    fleet.create_objects().await;
    let created = begin.elapsed();
    let with_operator = all_ready.await.expect("the watch lasts").duration_since(begin);
    let (reads, writes) = fleet.reads_and_writes();
    assert!(fleet.rig.stop().await);
    let with_bare_client = run_bare_client(&fleet).await;
    report.add_duration("1,000 objects created, without waiting for the operator", created, "");
    report.add_duration("1,000 objects created at once, to all Ready", with_operator, "");
    report.add_duration("the same Kubernetes calls by a bare client", with_bare_client, "");
    report.add(
        "ratio of the two",
        with_operator.as_secs_f64() / with_bare_client.as_secs_f64(),
        "x",
        "1.3 x",
    );
    report.add("reads of their pools", reads as f64, "", "");
    report.add("writes of their pools", writes as f64, "", "");
}

/// Creates and reads every object, and writes its status and an event.
async fn run_bare_client(fleet: &Fleet) -> Duration {
    let namespace = new_namespace(&fleet.rig.client).await;
    let api: Api<UserPoolMfaConfig> = Api::namespaced(fleet.rig.client.clone(), &namespace);
    let events: Api<Event> = Api::namespaced(fleet.rig.client.clone(), &namespace);
    // The bare client writes a status of the operator, so that both have the same size.
    let status = fleet.rig.objects().get(&name(1)).await.expect("the object is there").status;
    let begin = Instant::now();
    let create_one = async |number| {
        api.create(&PostParams::default(), &fleet.object(number)).await.expect("the object is created");
        let mut object = api.get(&name(number)).await.expect("the object is there");
        object.status.clone_from(&status);
        api.replace_status(&name(number), &PostParams::default(), &object)
            .await
            .expect("the status is accepted");
        events.create(&PostParams::default(), &event(&object)).await.expect("the event is accepted");
    };
    stream::iter(0..OBJECTS).map(create_one).buffer_unordered(CONCURRENCY).collect::<()>().await;
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
