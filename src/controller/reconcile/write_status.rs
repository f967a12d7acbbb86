//! Writing the status: only where it differs, and only over the state it was made from.

pub use cognito_mfa_core::plan::memory::is_planned_alike;
use cognito_mfa_core::{
    api::v1alpha1::{UserPoolMfaConfig, UserPoolMfaConfigStatus},
    status::{next_status, outcome::Outcome},
};
use jiff::Timestamp;
use kube::{Api, Client, api::PostParams, core::DeserializeGuard};

use crate::controller::{Error, client::found_or_none, watch::namespaces::Object};

/// How a write ended.
#[derive(Debug)]
pub enum StatusWrite {
    /// The status says what the pass found; `news` when it did not before.
    Done {
        /// The object with that status.
        object: Box<UserPoolMfaConfig>,
        /// Whether more than a time changed.
        news: bool,
    },
    /// The object has changed meanwhile, into this: what the pass found is not about what it says now.
    Superseded(Box<UserPoolMfaConfig>),
    /// The object is gone, or cannot be read any more.
    Gone,
}

/// Writes what the pass over `planned` found, which ended at this time. A conflict reads the object again: if it is
/// still the one that the pass was planned for, the same outcome is written over its new state; if not, what Cognito
/// accepted is remembered.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn write_status(
    client: &Client,
    planned: &UserPoolMfaConfig,
    outcome: &Outcome,
    at: Timestamp,
) -> Result<StatusWrite, Error> {
    let api = api(client, planned);
    let name = planned.metadata.name.as_deref().unwrap_or_default();
    let mut object = planned.clone();
    loop {
        let alike = is_planned_alike(planned, &object);
        let next = if alike {
            next_status::next_status(&object, outcome, at)
        } else {
            next_status::superseded_status(planned, outcome, &object, at)
        };
        let Some(next) = next else { return Ok(write_superseded(alike, object, false)) };
        let news = differs_in_more_than_time(object.status.as_ref(), &next);
        let with_status = UserPoolMfaConfig { status: Some(next), ..object };
        match api.replace_status(name, &PostParams::default(), &with_status).await {
            Ok(object) => return Ok(write_superseded(alike, object, news)),
            Err(kube::Error::Api(refusal)) if refusal.code == 409 => {}
            Err(error) => {
                return found_or_none(Err(error)).map(|_: Option<()>| StatusWrite::Gone).map_err(Error::from);
            }
        }
        match current(client, planned).await? {
            Some(DeserializeGuard(Ok(fresh))) if fresh.metadata.uid == planned.metadata.uid => {
                object = is_requested_object(planned, fresh);
            }
            _ => return Ok(StatusWrite::Gone),
        }
    }
}

fn write_superseded(alike: bool, object: UserPoolMfaConfig, news: bool) -> StatusWrite {
    let object = Box::new(object);
    if alike { StatusWrite::Done { object, news } } else { StatusWrite::Superseded(object) }
}

/// The object as the pass met it in what it was asked: a check asked for since then wants the pool read again. At the same
/// generation the spec is the planned one, which a deletion has turned OFF.
fn is_requested_object(planned: &UserPoolMfaConfig, mut fresh: UserPoolMfaConfig) -> UserPoolMfaConfig {
    fresh.metadata.annotations.clone_from(&planned.metadata.annotations);
    if planned.metadata.generation == fresh.metadata.generation {
        fresh.spec = planned.spec.clone();
    }
    fresh
}

/// The object as the API server has it now, whether this build can read it or not; None when it is gone.
///
/// # Errors
/// When the API server refuses or does not answer.
pub async fn current(client: &Client, object: &UserPoolMfaConfig) -> Result<Option<Object>, Error> {
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let api: Api<Object> = Api::namespaced(client.clone(), namespace);
    Ok(found_or_none(api.get(object.metadata.name.as_deref().unwrap_or_default()).await)?)
}

fn api(client: &Client, object: &UserPoolMfaConfig) -> Api<UserPoolMfaConfig> {
    Api::namespaced(client.clone(), object.metadata.namespace.as_deref().unwrap_or_default())
}

fn differs_in_more_than_time(
    before: Option<&UserPoolMfaConfigStatus>,
    after: &UserPoolMfaConfigStatus,
) -> bool {
    before.is_none_or(|before| {
        let timeless =
            UserPoolMfaConfigStatus { last_verified_time: before.last_verified_time, ..after.clone() };
        timeless != *before
    })
}
