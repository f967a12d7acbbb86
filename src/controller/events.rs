//! Kubernetes Events (events.k8s.io).

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::status::event::Event;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::{
    Client, Resource,
    runtime::events::{Event as KubeEvent, EventType, Recorder, Reporter},
};
use tokio::{sync::Semaphore, time::timeout};
use tokio_util::task::TaskTracker;

/// How many events may be on their way at the same time. While the events API hangs, further ones are only logged.
const MAX_ON_THEIR_WAY: usize = 64;
/// How long a shutdown waits for the events that are on their way.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(3);

/// Publishes events about objects. An event that cannot be published is only logged, because the status reports the same.
#[derive(Clone)]
pub struct Events {
    recorder: Recorder,
    places: Arc<Semaphore>,
    on_their_way: TaskTracker,
}

impl Events {
    /// Events that name the operator as their reporter.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let recorder = Recorder::new(client, Reporter::from("cognito-mfa-operator"));
        Self {
            recorder,
            places: Arc::new(Semaphore::new(MAX_ON_THEIR_WAY)),
            on_their_way: TaskTracker::new(),
        }
    }

    /// Logs an event about an object and publishes it, without waiting: no reconciliation depends on the events API. The log
    /// line names the pool where that is known.
    pub fn log_and_publish<K: Resource<DynamicType = ()>>(
        &self,
        object: &K,
        pool: Option<&str>,
        event: Event,
    ) {
        log(object, pool, &event);
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            tracing::warn!(
                reason = event.reason,
                "an event was not published: the events API does not keep up"
            );
            return;
        };
        let (events, regarding) = (self.clone(), object.object_ref(&()));
        self.on_their_way.spawn(async move {
            events.publish_about(&regarding, event).await;
            drop(place);
        });
    }

    /// Logs an event about an object, and waits until it is published, or cannot be.
    pub async fn log_and_wait<K: Resource<DynamicType = ()>>(
        &self,
        object: &K,
        pool: Option<&str>,
        event: Event,
    ) {
        log(object, pool, &event);
        self.publish(object, event).await;
    }

    /// Publishes an event about an object, without a log line of its own.
    pub async fn publish<K: Resource<DynamicType = ()>>(&self, object: &K, event: Event) {
        self.publish_about(&object.object_ref(&()), event).await;
    }

    /// Waits a moment for the events that are on their way.
    pub async fn finish(&self) {
        self.on_their_way.close();
        if timeout(SHUTDOWN_WAIT, self.on_their_way.wait()).await.is_err() {
            tracing::warn!("some events were not published before the shutdown");
        }
    }

    async fn publish_about(&self, regarding: &ObjectReference, event: Event) {
        let kube_event = KubeEvent {
            type_: if event.warning { EventType::Warning } else { EventType::Normal },
            reason: event.reason.into(),
            note: Some(event.note),
            action: event.action,
            secondary: None,
        };
        if let Err(error) = self.recorder.publish(&kube_event, regarding).await {
            tracing::warn!(%error, reason = event.reason, "an event could not be published");
        }
    }
}

fn log<K: Resource<DynamicType = ()>>(object: &K, pool: Option<&str>, event: &Event) {
    let (namespace, name, reason) = (&object.meta().namespace, &object.meta().name, event.reason);
    if event.warning {
        tracing::warn!(namespace, name, pool, reason, "{}", event.note);
    } else {
        tracing::info!(namespace, name, pool, reason, "{}", event.note);
    }
}
