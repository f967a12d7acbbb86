//! Calls a pass away from its wait for a turn at AWS: when its object changes, so that the new spec does not wait as
//! long as the old one would have, when rights change, and when the operator stops.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{ALLOW_LOWERING, RECONCILE_REQUESTED_AT},
};
use kube::Resource;
use parking_lot::{Mutex, MutexGuard};
use tokio_util::sync::CancellationToken;

/// The passes that may be called away, by `namespace/name`.
#[derive(Clone, Debug, Default)]
pub struct Cancellations {
    all: CancellationToken,
    objects: Arc<Mutex<HashMap<String, (u64, CancellationToken)>>>,
}

/// A pass that may be called away, until it is dropped.
#[derive(Debug)]
pub struct Cancellation {
    waits: Cancellations,
    name: String,
    away: CancellationToken,
}

impl Cancellations {
    /// Lets a pass over an object, `namespace/name`, at this [`version`] be called away.
    pub fn begin(&self, name: String, version: u64) -> Cancellation {
        let away = self.all.child_token();
        self.objects().insert(name.clone(), (version, away.clone()));
        Cancellation { waits: self.clone(), name, away }
    }

    /// Calls away the pass over an older version of this object.
    pub fn record_object(&self, object: &impl Resource) {
        if let Some((planned, away)) = self.objects().get(&object_key(object))
            && *planned != version(object)
        {
            away.cancel();
        }
    }

    /// Calls away the pass over an object, `namespace/name`.
    pub fn cancel(&self, name: &str) {
        if let Some((_, away)) = self.objects().get(name) {
            away.cancel();
        }
    }

    /// Calls away all passes that are under way.
    pub fn cancel_all(&self) {
        self.objects().values().for_each(|(_, away)| away.cancel());
    }

    /// What calls away all passes, those to come included.
    pub fn all(&self) -> CancellationToken {
        self.all.clone()
    }

    fn objects(&self) -> MutexGuard<'_, HashMap<String, (u64, CancellationToken)>> {
        self.objects.lock()
    }
}

impl Cancellation {
    /// What calls this pass away.
    pub fn token(&self) -> CancellationToken {
        self.away.clone()
    }
}

impl Drop for Cancellation {
    fn drop(&mut self) {
        self.waits.objects().remove(&self.name);
    }
}

/// What wakes an object: that it is another, a new spec, deletion, finalizers, the annotations that ask for a check or
/// allow a lowering. The operator's own status writes change none of them.
pub fn version(object: &impl Resource) -> u64 {
    let meta = object.meta();
    let said = |name| meta.annotations.as_ref().and_then(|annotations| annotations.get(name));
    let mut hasher = DefaultHasher::new();
    let deleted = meta.deletion_timestamp.as_ref().map(|time| time.0);
    (
        &meta.uid,
        meta.generation,
        deleted,
        &meta.finalizers,
        said(RECONCILE_REQUESTED_AT),
        said(ALLOW_LOWERING),
    )
        .hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
    use serde_json::json;

    use super::*;

    fn object(generation: i64, resource_version: &str) -> UserPoolMfaConfig {
        let metadata = json!({"namespace": "team", "name": "pool", "generation": generation, "resourceVersion": resource_version});
        let spec = json!({"userPoolId": "eu-west-1_A", "mfaConfiguration": "OFF"});
        serde_json::from_value(json!({"apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig", "metadata": metadata, "spec": spec}))
            .unwrap()
    }

    fn begin(waits: &Cancellations, object: &UserPoolMfaConfig) -> Cancellation {
        waits.begin(object_key(object), version(object))
    }

    #[test]
    fn a_pass_is_called_away_by_a_new_spec_and_not_by_a_new_status() {
        let waits = Cancellations::default();
        let wait = begin(&waits, &object(1, "1"));
        waits.record_object(&object(1, "2"));
        assert!(!wait.token().is_cancelled());
        waits.record_object(&object(2, "3"));
        assert!(wait.token().is_cancelled());
    }

    #[test]
    fn a_pass_is_called_away_by_another_object_of_the_same_name() {
        let waits = Cancellations::default();
        let wait = begin(&waits, &object(1, "1"));
        let mut another = object(1, "2");
        another.metadata.uid = Some("another".into());
        waits.record_object(&another);
        assert!(wait.token().is_cancelled());
    }

    #[test]
    fn all_are_called_away_and_none_that_begins_later() {
        let waits = Cancellations::default();
        let before = begin(&waits, &object(1, "1"));
        waits.cancel_all();
        assert!(before.token().is_cancelled());
        assert!(!begin(&waits, &object(1, "1")).token().is_cancelled());
    }

    #[test]
    fn a_pass_that_begins_after_the_stop_is_called_away_at_once() {
        let waits = Cancellations::default();
        waits.all().cancel();
        assert!(begin(&waits, &object(1, "1")).token().is_cancelled());
    }
}
