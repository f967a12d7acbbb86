//! Cancels reconciliations that wait for the quota.
//!
//! A reconciliation is cancelled when its object changes, so that the new spec does not wait for the old one's turn; when
//! access rights change; and when the operator stops.

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

/// The reconciliations in progress, by `namespace/name`, each with the version of the object that it is for.
#[derive(Clone, Debug, Default)]
pub struct Cancellations {
    all: CancellationToken,
    objects: Arc<Mutex<HashMap<String, (u64, CancellationToken)>>>,
}

/// Lets a reconciliation be cancelled until this is dropped.
#[derive(Debug)]
pub struct Cancellation {
    cancellations: Cancellations,
    key: String,
    token: CancellationToken,
}

impl Cancellations {
    /// Registers a reconciliation of an object, `namespace/name`, at this [`version`].
    pub fn begin(&self, key: String, version: u64) -> Cancellation {
        let token = self.all.child_token();
        self.objects().insert(key.clone(), (version, token.clone()));
        Cancellation { cancellations: self.clone(), key, token }
    }

    /// Cancels the reconciliation of another version of this object.
    pub fn record_object(&self, object: &impl Resource) {
        if let Some((reconciled, token)) = self.objects().get(&object_key(object))
            && *reconciled != spec_fingerprint(object)
        {
            token.cancel();
        }
    }

    /// Cancels the reconciliation of an object, `namespace/name`.
    pub fn cancel(&self, key: &str) {
        if let Some((_, token)) = self.objects().get(key) {
            token.cancel();
        }
    }

    /// Cancels all reconciliations that are in progress now.
    pub fn cancel_all(&self) {
        self.objects().values().for_each(|(_, token)| token.cancel());
    }

    /// The token that cancels all reconciliations, including those that start later.
    pub fn all(&self) -> CancellationToken {
        self.all.clone()
    }

    fn objects(&self) -> MutexGuard<'_, HashMap<String, (u64, CancellationToken)>> {
        self.objects.lock()
    }
}

impl Cancellation {
    /// The token that is cancelled with this reconciliation.
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

impl Drop for Cancellation {
    fn drop(&mut self) {
        self.cancellations.objects().remove(&self.key);
    }
}

/// A hash of what makes an object due at once: its identity, spec, deletion and finalizers, and the annotations that
/// request a check or allow a weakening write. The operator's own status writes change none of these.
pub fn spec_fingerprint(object: &impl Resource) -> u64 {
    let meta = object.meta();
    let annotation = |name| meta.annotations.as_ref().and_then(|annotations| annotations.get(name));
    let mut hasher = DefaultHasher::new();
    let deleted = meta.deletion_timestamp.as_ref().map(|time| time.0);
    (
        &meta.uid,
        meta.generation,
        deleted,
        &meta.finalizers,
        annotation(RECONCILE_REQUESTED_AT),
        annotation(ALLOW_LOWERING),
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

    fn begin(cancellations: &Cancellations, object: &UserPoolMfaConfig) -> Cancellation {
        cancellations.begin(object_key(object), spec_fingerprint(object))
    }

    #[test]
    fn a_new_spec_cancels_a_reconciliation_and_a_new_status_does_not() {
        let cancellations = Cancellations::default();
        let cancellation = begin(&cancellations, &object(1, "1"));
        cancellations.record_object(&object(1, "2"));
        assert!(!cancellation.token().is_cancelled());
        cancellations.record_object(&object(2, "3"));
        assert!(cancellation.token().is_cancelled());
    }

    #[test]
    fn a_new_object_of_the_same_name_cancels_a_reconciliation() {
        let cancellations = Cancellations::default();
        let cancellation = begin(&cancellations, &object(1, "1"));
        let mut another = object(1, "2");
        another.metadata.uid = Some("another".into());
        cancellations.record_object(&another);
        assert!(cancellation.token().is_cancelled());
    }

    #[test]
    fn cancelling_all_does_not_cancel_later_reconciliations() {
        let cancellations = Cancellations::default();
        let before = begin(&cancellations, &object(1, "1"));
        cancellations.cancel_all();
        assert!(before.token().is_cancelled());
        assert!(!begin(&cancellations, &object(1, "1")).token().is_cancelled());
    }

    #[test]
    fn a_reconciliation_that_starts_after_the_shutdown_is_cancelled_at_once() {
        let cancellations = Cancellations::default();
        cancellations.all().cancel();
        assert!(begin(&cancellations, &object(1, "1")).token().is_cancelled());
    }
}
