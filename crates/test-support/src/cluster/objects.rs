//! Creates, changes and deletes the objects of a namespace, as a user does.

use std::sync::atomic::{AtomicU32, Ordering};

use cognito_mfa_core::api::v1alpha1::{RECONCILE_REQUESTED_AT, UserPoolMfaConfig};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
    core::{ApiResource, DynamicObject},
    runtime::wait::await_condition,
};
use serde_json::{Value, json};

use super::{deadline::DEADLINE, namespace::TestNamespace};

impl TestNamespace {
    /// The typed API of the namespace's objects.
    pub fn objects(&self) -> Api<UserPoolMfaConfig> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// The untyped API of the namespace's objects, for fields that the types do not have.
    pub fn dynamic(&self) -> Api<DynamicObject> {
        let kind = ApiResource::erase::<UserPoolMfaConfig>(&());
        Api::namespaced_with(self.client.clone(), &self.namespace, &kind)
    }

    /// Creates an object or replaces its whole spec, by server-side apply.
    pub async fn apply(&self, name: &str, spec: Value) -> DynamicObject {
        self.try_apply(name, spec).await.expect("the API server accepts the object")
    }

    /// Like [`Self::apply`], but returns the API server's refusal.
    pub async fn try_apply(&self, name: &str, spec: Value) -> kube::Result<DynamicObject> {
        let object = json!({
            "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
            "metadata": {"name": name}, "spec": spec,
        });
        self.dynamic().patch(name, &PatchParams::apply("test").force(), &Patch::Apply(object)).await
    }

    /// Requests a check by annotation and waits until it is done.
    pub async fn check(&self, name: &str) -> UserPoolMfaConfig {
        let at = self.request_check(name).await;
        self.until(name, "checked", |status| status.last_handled_reconcile_at.as_ref() == Some(&at)).await
    }

    /// Requests a check by annotation. Returns the annotation's value.
    pub async fn request_check(&self, name: &str) -> String {
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

    /// Merges a patch into an object's status, as another client could.
    pub async fn patch_status(&self, name: &str, status: Value) {
        let patch = Patch::Merge(json!({"status": status}));
        self.dynamic().patch_status(name, &PatchParams::default(), &patch).await.expect("patched");
    }

    /// Deletes an object and waits until it is gone.
    pub async fn delete(&self, name: &str) {
        self.objects().delete(name, &DeleteParams::default()).await.expect("deleted");
        let gone =
            await_condition(self.objects(), name, |object: Option<&UserPoolMfaConfig>| object.is_none());
        tokio::time::timeout(DEADLINE, gone).await.expect("the object is removed").expect("the watch works");
    }
}
