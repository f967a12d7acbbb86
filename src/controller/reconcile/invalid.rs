//! An object that this build cannot read: it is reported and its pool is left alone.

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::{Reason, UserPoolMfaConfigStatus},
    plan::deletion::{RetainReason, has_finalizer},
    status::{
        event::Event,
        observe_only::{invalid_status_with_note, without_note},
        other_operator::sign,
    },
    text,
};
use jiff::Timestamp;
use kube::{api::PostParams, core::error_boundary::InvalidObject};
use serde_json::json;

use super::{Action, Error, finalizer::remove_finalizer, object_api};
use crate::controller::{client::found_or_none, context::Context, watch::Object};

/// Reports that the object is invalid; or removes its finalizer, when it is being deleted.
///
/// # Errors
/// That of the write.
pub(super) async fn report_invalid(
    object: &Object,
    invalid: &InvalidObject,
    context: &Context,
) -> Result<Action, Error> {
    let meta = &invalid.metadata;
    if meta.deletion_timestamp.is_some() && has_finalizer(meta.finalizers.as_ref()) {
        return remove_finalizer(object, Some(&RetainReason::InvalidSpec), context).await;
    }
    context.weakening_budget.leave_line(&object_key(object));
    context.metrics.reconciliation(Reason::InvalidSpec);
    let _permit = context.api_permits.acquire().await;
    let changed = write_invalid_status(invalid, context).await?;
    context.record_reported(object, Some(Reason::InvalidSpec), false);
    if changed {
        let note = text::safe(&format!("The pool is left alone: {}", invalid.error), text::MAX_MESSAGE);
        let event = Event::warning(Reason::InvalidSpec, "Decode", &note);
        context.events.log_and_publish(object, None, event);
    }
    Ok(Action::AwaitChange)
}

/// Writes the status of an invalid object, over the object as JSON. Returns whether the status said something else before.
async fn write_invalid_status(object: &InvalidObject, context: &Context) -> Result<bool, Error> {
    let api = object_api::dynamic(&context.client, &object.metadata);
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let current = found_or_none(api.get(name).await).map_err(Error::ReadObject)?;
    let Some(mut current) = current else { return Ok(false) };
    let before: UserPoolMfaConfigStatus = current
        .data
        .get("status")
        .and_then(|status| serde_json::from_value(status.clone()).ok())
        .unwrap_or_default();
    let generation = current.metadata.generation.unwrap_or_default();
    let (observe_only, now) = (context.options.observe_only, Timestamp::now());
    let Some(next) = invalid_status_with_note(&before, generation, &object.error, observe_only, now) else {
        return Ok(false);
    };
    let changed = without_note(&next) != without_note(&before);
    current.data["status"] = json!(sign(next, &context.options.operator, None));
    api.replace_status(name, &PostParams::default(), &current).await.map_err(Error::WriteStatus)?;
    Ok(changed)
}
