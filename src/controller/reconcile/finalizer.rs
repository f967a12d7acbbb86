//! The finalizer of objects whose deletion turns MFA off.

use std::ops::ControlFlow;

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{FINALIZER, UserPoolMfaConfig},
    plan::deletion::{RetainReason, has_finalizer, wants_finalizer},
    schedule::requeue::RECHECK,
    status::event,
};
use kube::{
    Client, Resource,
    api::{Patch, PatchParams},
    core::ObjectMeta,
    runtime::controller::Action,
};
use serde_json::json;

use super::{Error, object_api};
use crate::controller::{client::found_or_none, context::Context};

/// Whether the object lacks the finalizer that its `deletionPolicy` asks for, or has one that it does not ask for.
pub(super) fn must_change(object: &UserPoolMfaConfig) -> bool {
    has_finalizer(object.metadata.finalizers.as_ref()) != wants_finalizer(object)
}

/// Adds or removes the finalizer as `deletionPolicy` asks. A failure does not stop the reconciliation: the finalizer
/// matters at the deletion, and the pool is kept as declared until then.
pub(super) async fn write_wanted(object: &UserPoolMfaConfig, context: &Context) -> ControlFlow<Action> {
    let wanted = wants_finalizer(object);
    match write_finalizer(&context.client, &object.metadata, wanted).await {
        Ok(true) => {
            context.object_states.record_finalizer_added(&object_key(object));
            // The change requeues the object.
            return ControlFlow::Break(Action::requeue(RECHECK));
        }
        Ok(false) => {}
        Err(error) => report_refused(object, wanted, &error, context).await,
    }
    ControlFlow::Continue(())
}

/// Reports, once, that the API server refuses the finalizer. When the server is away, every other call reports it.
async fn report_refused(object: &UserPoolMfaConfig, wanted: bool, error: &Error, context: &Context) {
    let Error::WriteFinalizer(kube::Error::Api(refusal)) = error else { return };
    if context.object_states.record_finalizer_missing(&object_key(object)) {
        let event = event::finalizer_refused(wanted, &refusal.message);
        context.events.log_and_publish(object, None, event).await;
    }
}

/// Removes the finalizer, so that the object is deleted, and publishes why its pool was left unchanged, if it was. The
/// action awaits a change when it is done.
///
/// # Errors
/// [`Error::WriteFinalizer`].
pub(super) async fn remove_finalizer<K: Resource<DynamicType = ()>>(
    object: &K,
    retained: Option<&RetainReason>,
    context: &Context,
) -> Result<Action, Error> {
    let key = object_key(object);
    context.weakening_budget.leave_line(&key);
    if !context.leadership.leads() {
        return Ok(Action::requeue(RECHECK));
    }
    if !write_finalizer(&context.client, object.meta(), false).await? {
        // A change of a label, or of another finalizer, requeues nothing.
        return Ok(Action::requeue(context.object_states.record_api_error(&key)));
    }
    if let Some(event) = retained.and_then(event::retained) {
        context.events.log_and_publish(object, None, event).await;
    }
    Ok(Action::await_change())
}

/// Adds or removes the finalizer at the resource version at hand. Returns false when the object has changed or is gone, or
/// when an admission webhook undid it.
async fn write_finalizer(client: &Client, object: &ObjectMeta, present: bool) -> Result<bool, Error> {
    let mut finalizers = object.finalizers.clone().unwrap_or_default();
    finalizers.retain(|finalizer| finalizer != FINALIZER);
    if present {
        finalizers.push(FINALIZER.into());
    }
    let patch = json!({"metadata": {"resourceVersion": object.resource_version, "finalizers": finalizers}});
    let api = object_api::dynamic(client, object);
    let name = object.name.as_deref().unwrap_or_default();
    match found_or_none(api.patch_metadata(name, &PatchParams::default(), &Patch::Merge(patch)).await) {
        Ok(Some(object)) => Ok(has_finalizer(object.metadata.finalizers.as_ref()) == present),
        Ok(None) => Ok(false),
        Err(kube::Error::Api(refusal)) if refusal.code == 409 => Ok(false),
        Err(error) => Err(Error::WriteFinalizer(error)),
    }
}
