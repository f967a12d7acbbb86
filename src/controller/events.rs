//! Kubernetes Events (events.k8s.io).

use cognito_mfa_core::status::event::Event;
use kube::{
    Client, Resource,
    runtime::events::{Event as KubeEvent, EventType, Recorder, Reporter},
};

/// Publishes events about objects. An event that cannot be published is only logged, because the status reports the same.
#[derive(Clone)]
pub struct Events(Recorder);

impl Events {
    /// Events that name the operator as their reporter.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self(Recorder::new(client, Reporter::from("cognito-mfa-operator")))
    }

    /// Logs an event about an object and publishes it. The log line names the pool where that is known.
    pub async fn log_and_publish<K: Resource<DynamicType = ()>>(
        &self,
        object: &K,
        pool: Option<&str>,
        event: Event,
    ) {
        let (namespace, name) = (&object.meta().namespace, &object.meta().name);
        let reason = event.reason;
        if event.warning {
            tracing::warn!(namespace, name, pool, reason, "{}", event.note);
        } else {
            tracing::info!(namespace, name, pool, reason, "{}", event.note);
        }
        self.publish(object, event).await;
    }

    /// Publishes an event about an object, without a log line of its own.
    pub async fn publish<K: Resource<DynamicType = ()>>(&self, object: &K, event: Event) {
        let regarding = object.object_ref(&());
        let kube_event = KubeEvent {
            type_: if event.warning { EventType::Warning } else { EventType::Normal },
            reason: event.reason.into(),
            note: Some(event.note),
            action: event.action,
            secondary: None,
        };
        if let Err(error) = self.0.publish(&kube_event, &regarding).await {
            tracing::warn!(%error, reason = event.reason, "an event could not be published");
        }
    }
}
