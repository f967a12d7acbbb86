//! The objects of a rig's namespace, as a user writes them.

use std::sync::atomic::{AtomicU32, Ordering};

use cognito_mfa_core::api::v1alpha1::{RECONCILE_REQUESTED_AT, UserPoolMfaConfig};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
    core::{ApiResource, DynamicObject},
    runtime::wait::await_condition,
};
use serde_json::{Value, json};

use super::rig::{DEADLINE, Rig};

impl Rig {
    /// The objects of the namespace.
    pub fn objects(&self) -> Api<UserPoolMfaConfig> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// The same objects, for what the types cannot say.
    pub fn dynamic(&self) -> Api<DynamicObject> {
        let kind = ApiResource::erase::<UserPoolMfaConfig>(&());
        Api::namespaced_with(self.client.clone(), &self.namespace, &kind)
    }

    /// Creates an object or replaces its spec, as a whole.
    pub async fn apply(&self, name: &str, spec: Value) -> DynamicObject {
        self.try_apply(name, spec).await.expect("the API server takes the object")
    }

    /// The same, where a refusal is expected.
    pub async fn try_apply(&self, name: &str, spec: Value) -> kube::Result<DynamicObject> {
        let object = json!({
            "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
            "metadata": {"name": name}, "spec": spec,
        });
        self.dynamic().patch(name, &PatchParams::apply("test").force(), &Patch::Apply(object)).await
    }

    /// Asks for a check now, and waits until it was made.
    pub async fn check(&self, name: &str) -> UserPoolMfaConfig {
        let at = self.ask(name).await;
        self.until(name, "checked", |status| status.last_handled_reconcile_at.as_ref() == Some(&at)).await
    }

    /// Asks for a check now. Returns the annotation's value.
    pub async fn ask(&self, name: &str) -> String {
        static REQUESTS: AtomicU32 = AtomicU32::new(0);
        let at = format!("request {}", REQUESTS.fetch_add(1, Ordering::Relaxed));
        self.patch(name, json!({"metadata": {"annotations": {RECONCILE_REQUESTED_AT: at}}})).await;
        at
    }

    /// Merges a patch into an object.
    pub async fn patch(&self, name: &str, patch: Value) {
        let patch = Patch::Merge(patch);
        self.dynamic().patch(name, &PatchParams::default(), &patch).await.expect("the object is patched");
    }

    /// Merges a patch into an object's status, as if by somebody's hand.
    pub async fn patch_status(&self, name: &str, status: Value) {
        let patch = Patch::Merge(json!({"status": status}));
        self.dynamic().patch_status(name, &PatchParams::default(), &patch).await.expect("patched");
    }

    /// Deletes an object and waits until it is gone.
    pub async fn delete(&self, name: &str) {
        self.objects().delete(name, &DeleteParams::default()).await.expect("deleted");
        let gone =
            await_condition(self.objects(), name, |object: Option<&UserPoolMfaConfig>| object.is_none());
        tokio::time::timeout(DEADLINE, gone).await.expect("the object goes").expect("the watch works");
    }
}
