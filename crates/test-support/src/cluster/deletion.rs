//! Helpers for deletions with `deletionPolicy: Disable`.

use cognito_mfa_core::api::v1alpha1::{FINALIZER, UserPoolMfaConfig};
use kube::{api::DeleteParams, runtime::wait::await_condition};
use serde_json::{Value, json};

use super::{deadline::DEADLINE, namespace::TestNamespace};

impl TestNamespace {
    /// Applies an object whose spec asks for Disable, and waits until it is in sync and has its finalizer.
    pub async fn apply_with_finalizer(&self, name: &str, spec: Value) {
        self.apply(name, spec).await;
        self.until_reason(name, "InSync").await;
        self.until_finalizers(name, &[FINALIZER]).await;
    }

    pub async fn until_finalizers(&self, name: &str, wanted: &[&str]) {
        let has = |object: Option<&UserPoolMfaConfig>| {
            object.is_some_and(|object| object.metadata.finalizers.clone().unwrap_or_default() == wanted)
        };
        let met = tokio::time::timeout(DEADLINE, await_condition(self.objects(), name, has)).await;
        met.expect("the finalizers are set in time").expect("the watch works");
    }

    /// Deletes the object without waiting for the operator to remove the finalizer.
    pub async fn request_deletion(&self, name: &str) {
        self.objects().delete(name, &DeleteParams::default()).await.expect("the deletion is accepted");
    }

    /// The pool's MFA mode.
    pub fn mode(&self, pool: &str) -> Value {
        self.aws.state().pools.find(pool).expect("the pool is there").live["MfaConfiguration"].clone()
    }

    /// Deletes the object, checks that MFA stays ON without a write, and returns the note of the event `MfaRetained`.
    pub async fn delete_and_expect_retained(&self, name: &str, pool: &str) -> String {
        let writes = self.call_counts(pool).1;
        self.delete(name).await;
        assert_eq!((self.call_counts(pool).1, self.mode(pool)), (writes, json!("ON")), "{name} was written");
        // The event is published after the object is gone, and other events may precede it.
        let note = async {
            loop {
                let all = self.events(name, 1).await;
                if let Some((_, note)) = all.into_iter().find(|(reason, _)| reason == "MfaRetained") {
                    return note;
                }
            }
        };
        tokio::time::timeout(DEADLINE, note).await.expect("the event MfaRetained is published")
    }
}
