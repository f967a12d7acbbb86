//! The finalizer of objects whose deletion turns MFA off, and what else is asked of the API server about a deletion.

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{FINALIZER, UserPoolMfaConfig},
    plan::deletion::{RetainReason, has_finalizer},
    status::event,
};
use k8s_openapi::{
    api::core::v1::Namespace, apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{
    Api, Client, CustomResourceExt, Resource,
    api::{Patch, PatchParams},
    core::{DynamicObject, ObjectMeta},
    runtime::controller::Action,
};
use serde_json::json;

use super::finish::RECHECK;
use crate::controller::{Error, client::found_or_none, context::Context};

/// Lets an object go, and tells why its pool is kept as it is, if it is. Nothing is left to wait for then, as the action
/// says.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn remove_finalizer<K: Resource<DynamicType = ()>>(
    object: &K,
    kept: Option<&RetainReason>,
    context: &Context,
) -> Result<Action, Error> {
    let name = object_key(object);
    context.weakening_budget.leave_line(&name);
    if !context.leadership.leads() {
        return Ok(Action::requeue(RECHECK));
    }
    if !write_finalizer(&context.client, object.meta(), false).await? {
        // What changed meanwhile (a label, another's finalizer) may be what wakes nobody.
        return Ok(Action::requeue(context.object_states.record_api_error(&name)));
    }
    if let Some(event) = kept.and_then(event::retained) {
        context.events.log_and_publish(object, None, event).await;
    }
    Ok(Action::await_change())
}

/// Puts the finalizer on an object or takes it off, over the very version that is at hand. Returns whether that was
/// done: it was not when the object is another by now, or gone, or when an admission webhook would not have it.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn write_finalizer(client: &Client, object: &ObjectMeta, present: bool) -> Result<bool, Error> {
    let mut finalizers = object.finalizers.clone().unwrap_or_default();
    finalizers.retain(|finalizer| finalizer != FINALIZER);
    if present {
        finalizers.push(FINALIZER.into());
    }
    let patch = json!({"metadata": {"resourceVersion": object.resource_version, "finalizers": finalizers}});
    let kind = kube::core::ApiResource::erase::<UserPoolMfaConfig>(&());
    let namespace = object.namespace.as_deref().unwrap_or_default();
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &kind);
    let name = object.name.as_deref().unwrap_or_default();
    match found_or_none(api.patch_metadata(name, &PatchParams::default(), &Patch::Merge(patch)).await) {
        Ok(Some(object)) => Ok(has_finalizer(object.metadata.finalizers.as_ref()) == present),
        Ok(None) => Ok(false),
        Err(kube::Error::Api(refusal)) if refusal.code == 409 => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What else is being deleted with the objects of a namespace: the namespace itself, or the kind.
///
/// # Errors
/// When the API server refuses or does not answer: whether MFA may be turned off is not known then.
pub async fn parent_being_deleted(client: &Client, namespace: &str) -> Result<Option<&'static str>, Error> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = found_or_none(namespaces.get_metadata(namespace).await)?;
    if namespace.is_none_or(|namespace| namespace.metadata.deletion_timestamp.is_some()) {
        return Ok(Some("namespace"));
    }
    let kinds: Api<CustomResourceDefinition> = Api::all(client.clone());
    let kind = found_or_none(kinds.get_metadata(UserPoolMfaConfig::crd_name()).await)?;
    Ok(kind
        .is_none_or(|kind| kind.metadata.deletion_timestamp.is_some())
        .then_some("CustomResourceDefinition"))
}
