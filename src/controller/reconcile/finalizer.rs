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
};
use serde_json::json;

use super::{Action, Error, object_api};
use crate::controller::{client::found_or_none, context::Context};

/// Whether the object lacks the finalizer that its `deletionPolicy` asks for, or has one that it does not ask for.
pub fn must_change_finalizer(object: &UserPoolMfaConfig) -> bool {
    has_finalizer(object.metadata.finalizers.as_ref()) != wants_finalizer(object)
}

/// Adds or removes the finalizer where `deletionPolicy` asks for it. A failure does not stop the reconciliation: the
/// finalizer matters at the deletion, and the pool is kept as declared until then.
pub(super) async fn write_wanted(object: &UserPoolMfaConfig, context: &Context) -> ControlFlow<Action> {
    let (wanted, key) = (wants_finalizer(object), object_key(object));
    if !must_change_finalizer(object) {
        context.table.record_finalizer_written(&key);
        return ControlFlow::Continue(());
    }
    let refusal = match write_finalizer(&context.client, &object.metadata, wanted).await {
        Ok(FinalizerWrite::Done) => {
            context.table.record_finalizer_written(&key);
            // The change requeues the object.
            return ControlFlow::Break(Action::Requeue(RECHECK));
        }
        Ok(FinalizerWrite::Undone) => Some("an admission webhook or policy undid the change".to_owned()),
        Err(Error::WriteFinalizer(kube::Error::Api(refusal))) if refusal.code < 500 => Some(refusal.message),
        // That the API server does not answer is reported by every other call.
        Ok(FinalizerWrite::Changed) | Err(_) => None,
    };
    if let Some(refusal) = context.table.record_finalizer_failure(&key, refusal) {
        let event = event::finalizer_refused(wanted, &refusal);
        context.events.log_and_publish(object, None, event);
    }
    ControlFlow::Continue(())
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
        return Ok(Action::Requeue(RECHECK));
    }
    if write_finalizer(&context.client, object.meta(), false).await? != FinalizerWrite::Done {
        // A change of a label, or of another finalizer, requeues nothing.
        return Ok(Action::Requeue(context.table.record_retry(&key)));
    }
    if let Some(event) = retained.and_then(event::retained) {
        context.events.log_and_publish(object, None, event);
    }
    Ok(Action::AwaitChange)
}

/// How a write of the finalizer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FinalizerWrite {
    Done,
    /// The object has changed or is gone.
    Changed,
    /// The write was accepted, but without its change.
    Undone,
}

/// Adds or removes the finalizer at the resource version at hand.
async fn write_finalizer(
    client: &Client,
    object: &ObjectMeta,
    present: bool,
) -> Result<FinalizerWrite, Error> {
    let mut finalizers = object.finalizers.clone().unwrap_or_default();
    finalizers.retain(|finalizer| finalizer != FINALIZER);
    if present {
        finalizers.push(FINALIZER.into());
    }
    let patch = json!({"metadata": {"resourceVersion": object.resource_version, "finalizers": finalizers}});
    let api = object_api::dynamic(client, object);
    let name = object.name.as_deref().unwrap_or_default();
    match found_or_none(api.patch_metadata(name, &PatchParams::default(), &Patch::Merge(patch)).await) {
        Ok(Some(object)) if has_finalizer(object.metadata.finalizers.as_ref()) == present => {
            Ok(FinalizerWrite::Done)
        }
        Ok(Some(_)) => Ok(FinalizerWrite::Undone),
        Ok(None) => Ok(FinalizerWrite::Changed),
        Err(kube::Error::Api(refusal)) if refusal.code == 409 => Ok(FinalizerWrite::Changed),
        Err(error) => Err(Error::WriteFinalizer(error)),
    }
}
