//! Writing the status: only where it differs, and only over the object that it was made from.

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    plan::memory::has_same_plan,
    status::{
        next_status::{is_news, superseded_status},
        observe_only::{next_status_with_note, without_note},
        other_operator::{signed_status, unsigned},
        outcome::Outcome,
    },
};
use jiff::Timestamp;
use kube::{api::PostParams, core::DeserializeGuard};

use super::{Error, object_api};
use crate::controller::{client::found_or_none, context::Context};

/// How many conflicts in a row are resolved at once. Somebody who writes the object all the time must not keep its
/// reconciliation going for ever: the status is written after the backoff.
const MAX_CONFLICTS: u32 = 4;

/// How a write of the status ended.
#[derive(Debug)]
pub(super) enum StatusWrite {
    /// The status says what the outcome is.
    Done {
        /// The object with that status.
        object: Box<UserPoolMfaConfig>,
        /// Whether the status reports something new.
        changed: bool,
    },
    /// The object has changed into this one: the outcome is not about its present spec.
    Superseded(Box<UserPoolMfaConfig>),
    /// The object is gone, or this build cannot read it any more.
    Gone,
}

/// Writes the outcome of a reconciliation of `planned` that ended at this time. After a conflict the object is read again:
/// the outcome is written over its new state if the plan would be the same; else only what Cognito accepted is remembered.
///
/// # Errors
/// [`Error::WriteStatus`] or [`Error::ReadObject`].
pub(super) async fn write_status(
    context: &Context,
    planned: &UserPoolMfaConfig,
    outcome: &Outcome,
    at: Timestamp,
) -> Result<StatusWrite, Error> {
    let (client, recent) = (&context.client, context.recent_checks(planned));
    let api = object_api::typed(client, planned);
    let name = planned.metadata.name.as_deref().unwrap_or_default();
    let (mut object, mut conflicts) = (planned.clone(), 0);
    loop {
        let alike = has_same_plan(planned, &object);
        let next = signed_status(context.writer(planned), &object, at, |object| {
            if alike {
                next_status_with_note(object, outcome, recent, context.options.observe_only, at)
            } else {
                superseded_status(planned, outcome, object, at)
            }
        });
        let Some(next) = next else { return Ok(write_ended(alike, object, false)) };
        let plain = |status| without_note(&unsigned(status));
        let changed = is_news(object.status.as_ref().map(plain).as_ref(), &plain(&next));
        let with_status = UserPoolMfaConfig { status: Some(next), ..object };
        match api.replace_status(name, &PostParams::default(), &with_status).await {
            Ok(object) => return Ok(write_ended(alike, object, changed)),
            Err(kube::Error::Api(refusal)) if refusal.code == 409 && conflicts < MAX_CONFLICTS => {
                conflicts += 1;
            }
            Err(error) => {
                let gone = found_or_none(Err::<(), _>(error)).map(|_| StatusWrite::Gone);
                return gone.map_err(Error::WriteStatus);
            }
        }
        match object_api::read(context, planned).await? {
            Some(DeserializeGuard(Ok(current))) if current.metadata.uid == planned.metadata.uid => {
                object = as_planned(planned, current);
            }
            _ => return Ok(StatusWrite::Gone),
        }
    }
}

fn write_ended(alike: bool, object: UserPoolMfaConfig, changed: bool) -> StatusWrite {
    let object = Box::new(object);
    if alike { StatusWrite::Done { object, changed } } else { StatusWrite::Superseded(object) }
}

/// The object with the annotations of the planned one: a check that was requested since then is not done yet. At the same
/// generation it has the planned spec, in which a deletion has set the mode to OFF.
fn as_planned(planned: &UserPoolMfaConfig, mut current: UserPoolMfaConfig) -> UserPoolMfaConfig {
    current.metadata.annotations.clone_from(&planned.metadata.annotations);
    if planned.metadata.generation == current.metadata.generation {
        current.spec = planned.spec.clone();
    }
    current
}
