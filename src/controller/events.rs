//! Kubernetes Events (events.k8s.io).

use cognito_mfa_core::status::event::Notice;
use kube::{
    Client, Resource,
    runtime::events::{Event, EventType, Recorder, Reporter},
};

/// Publishes events about objects. One that cannot be published is logged: the status says the same.
#[derive(Clone)]
pub struct Events(Recorder);

impl Events {
    /// Events in the operator's name.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self(Recorder::new(client, Reporter::from("cognito-mfa-operator")))
    }

    /// Logs a notice about an object, and its pool where that is known, and publishes it.
    pub async fn tell<K: Resource<DynamicType = ()>>(&self, object: &K, pool: Option<&str>, notice: Notice) {
        let (namespace, name) = (&object.meta().namespace, &object.meta().name);
        let reason = notice.reason;
        if notice.warning {
            tracing::warn!(namespace, name, pool, reason, "{}", notice.note);
        } else {
            tracing::info!(namespace, name, pool, reason, "{}", notice.note);
        }
        self.publish(object, notice).await;
    }

    /// Publishes a notice about an object.
    pub async fn publish<K: Resource<DynamicType = ()>>(&self, object: &K, notice: Notice) {
        let about = object.object_ref(&());
        let event = Event {
            type_: if notice.warning { EventType::Warning } else { EventType::Normal },
            reason: notice.reason.into(),
            note: Some(notice.note),
            action: notice.action,
            secondary: None,
        };
        if let Err(error) = self.0.publish(&event, &about).await {
            tracing::warn!(%error, reason = notice.reason, "an event could not be published");
        }
    }
}
