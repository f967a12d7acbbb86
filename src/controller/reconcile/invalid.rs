//! An object that this build cannot read: it is told so and left alone, or let go.

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{Reason, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    plan::deletion::{RetainReason, has_finalizer},
    status::{event::Event, next_status},
    text,
};
use jiff::Timestamp;
use kube::{
    Api, Client,
    api::PostParams,
    core::{DynamicObject, error_boundary::InvalidObject},
    runtime::controller::Action,
};
use serde_json::json;

use super::finalizer;
use crate::controller::{Error, client::found_or_none, context::Context, watch::namespaces::Object};

/// Tells an object that this build cannot read that its pool is left alone; one that is being deleted goes.
///
/// # Errors
/// When the API server fails; the same object is tried again then.
pub(super) async fn report_invalid(
    object: &Object,
    invalid: &InvalidObject,
    context: &Context,
) -> Result<Action, Error> {
    let meta = &invalid.metadata;
    if meta.deletion_timestamp.is_some() && has_finalizer(meta.finalizers.as_ref()) {
        return finalizer::remove_finalizer(object, Some(&RetainReason::InvalidSpec), context).await;
    }
    context.weakening_budget.leave_line(&object_key(object));
    context.metrics.reconciliation(Reason::InvalidSpec);
    context.record_reported(object, Some(Reason::InvalidSpec), false);
    let _slot = context.write_slots.acquire().await;
    if write_invalid_status(&context.client, invalid).await? {
        let note = format!("The pool is left alone: {}", invalid.error);
        let note = text::safe(&note, text::MAX_MESSAGE);
        let event = Event::warning(Reason::InvalidSpec, "Decode", &note);
        context.events.log_and_publish(object, None, event).await;
    }
    Ok(Action::await_change())
}

/// Tells an object that this build cannot read that it is left alone. Returns whether that was news.
async fn write_invalid_status(client: &Client, object: &InvalidObject) -> Result<bool, Error> {
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let kind = kube::core::ApiResource::erase::<UserPoolMfaConfig>(&());
    let api: Api<DynamicObject> = Api::namespaced_with(client.clone(), namespace, &kind);
    let Some(mut raw) = found_or_none(api.get(name).await)? else { return Ok(false) };
    let before: UserPoolMfaConfigStatus = raw
        .data
        .get("status")
        .and_then(|status| serde_json::from_value(status.clone()).ok())
        .unwrap_or_default();
    let generation = raw.metadata.generation.unwrap_or_default();
    let Some(next) = next_status::invalid_status(&before, generation, &object.error, Timestamp::now()) else {
        return Ok(false);
    };
    raw.data["status"] = json!(next);
    api.replace_status(name, &PostParams::default(), &raw).await?;
    Ok(true)
}
