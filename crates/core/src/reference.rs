//! The pool that a reference leads to: what is read of the object that the reference names, and what the status says of it.
//!
//! A pool that was found once stays the object's pool until the reference leads to another one. So enforcement goes on while
//! the named object is gone, not ready or unreadable.

use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use serde_json::Value;

use crate::{
    api::v1alpha1::{ConditionType, Reason, UserPoolGroup, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    elapsed::elapsed,
    pool_id::is_pool_id,
    status::conditions::keep_transition_time,
    text::{MAX_VALUE, safe},
};

/// The longest id of a pool [service model].
const MAX_POOL_ID: usize = 55;
/// A reference leads to another pool at most once in this time, so that two writers of a ConfigMap do not have two pools
/// adopted in turns.
const LEAST_STAY: Duration = Duration::from_mins(1);
/// The annotation in which Crossplane keeps the id of what it manages.
const EXTERNAL_NAME: &str = "crossplane.io/external-name";

/// The id that a reference leads to, or why it leads to none.
pub type Resolution = Result<String, Unresolved>;

/// Why a reference leads to no pool. Each has the rest of the message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// There is no such object, or no such key in it.
    NotFound(String),
    /// The UserPool has no usable id yet.
    NotReady(String),
    /// The API server does not serve the kind.
    KindNotServed(String),
    /// The API server could not be asked.
    Unreadable(String),
    /// The operator may not read the object.
    Forbidden(String),
    /// The object holds no id of a pool.
    Invalid(String),
}

impl Unresolved {
    /// The reason of the conditions.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::NotFound(_) => Reason::PoolRefNotFound,
            Self::NotReady(_) => Reason::PoolRefNotReady,
            Self::KindNotServed(_) => Reason::PoolRefKindNotServed,
            Self::Unreadable(_) => Reason::PoolRefUnreadable,
            Self::Forbidden(_) => Reason::PoolRefForbidden,
            Self::Invalid(_) => Reason::PoolRefInvalid,
        }
    }

    /// What happened and what to do, in sentences.
    #[must_use]
    pub fn message(&self) -> &str {
        match self {
            Self::NotFound(message)
            | Self::NotReady(message)
            | Self::KindNotServed(message)
            | Self::Unreadable(message)
            | Self::Forbidden(message)
            | Self::Invalid(message) => message,
        }
    }

    /// Whether a person must change something. Otherwise the object is expected to come.
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::Forbidden(_) | Self::Invalid(_) => true,
            Self::NotFound(_) | Self::NotReady(_) | Self::KindNotServed(_) | Self::Unreadable(_) => false,
        }
    }
}

/// The id in a UserPool that another tool manages. `name` is how messages name it.
///
/// # Errors
/// [`Unresolved::NotReady`] or [`Unresolved::Invalid`].
pub fn id_of_user_pool(group: UserPoolGroup, user_pool: &Value, name: &str) -> Resolution {
    if user_pool["metadata"]["deletionTimestamp"].is_string() {
        return Err(Unresolved::NotReady(format!("{name} is being deleted.")));
    }
    let id = match group {
        UserPoolGroup::Ack => id_of_ack(user_pool),
        UserPoolGroup::Upjet | UserPoolGroup::UpjetCluster | UserPoolGroup::Crossplane => {
            id_of_crossplane(user_pool)
        }
    };
    let Some(id) = id else {
        let state =
            state(user_pool).unwrap_or_else(|| "It has no conditions: does its controller run?".into());
        return Err(Unresolved::NotReady(format!("{name} has no usable id yet. {state}")));
    };
    checked(id, || format!("The id in the status of {name}"))
}

/// The id in a value of a ConfigMap or Secret. `name` is how messages name the value, which they never show: it may be a
/// secret that the object does not mean.
///
/// # Errors
/// [`Unresolved::NotReady`] or [`Unresolved::Invalid`].
pub fn id_of_value(value: &str, name: &str) -> Resolution {
    if value.trim().is_empty() {
        return Err(Unresolved::NotReady(format!("{name} is empty.")));
    }
    checked(value.trim(), || name.to_owned())
}

fn checked(id: &str, name: impl Fn() -> String) -> Resolution {
    if id.len() <= MAX_POOL_ID && is_pool_id(id) {
        return Ok(id.to_owned());
    }
    let name = name();
    Err(Unresolved::Invalid(format!(
        "{name} is not the id of a user pool, such as eu-west-1_AbCdEf123. Correct what the reference names."
    )))
}

/// ACK keeps an id where a pool could not be created again or adopted: `ACK.Terminal` says so.
fn id_of_ack(user_pool: &Value) -> Option<&str> {
    let status = &user_pool["status"];
    let id = status["id"].as_str().filter(|_| !is_true(user_pool, "ACK.Terminal"))?;
    let region = status["ackResourceMetadata"]["region"].as_str();
    let is_of_region = |region: &str| id.split_once('_').is_some_and(|(of_id, _)| of_id == region);
    region.is_none_or(is_of_region).then_some(id)
}

/// Crossplane's external name is the object's own name until the pool is there.
fn id_of_crossplane(user_pool: &Value) -> Option<&str> {
    let external_name = || user_pool["metadata"]["annotations"][EXTERNAL_NAME].as_str();
    let of_ready = || external_name().filter(|_| is_true(user_pool, "Ready"));
    user_pool["status"]["atProvider"]["id"].as_str().filter(|id| !id.is_empty()).or_else(of_ready)
}

fn conditions_of(user_pool: &Value) -> impl Iterator<Item = &Value> {
    user_pool["status"]["conditions"].as_array().into_iter().flatten()
}

fn is_true(user_pool: &Value, type_: &str) -> bool {
    conditions_of(user_pool).any(|condition| condition["type"] == type_ && condition["status"] == "True")
}

/// What the conditions of a UserPool say. Their messages are not shown: whoever reads them here may not be allowed to read
/// them there.
fn state(user_pool: &Value) -> Option<String> {
    let text = |condition: &Value, field: &str| safe(condition[field].as_str().unwrap_or("unknown"), 64);
    let said: Vec<_> = conditions_of(user_pool)
        .take(5)
        .map(|condition| format!("{} is {}", text(condition, "type"), text(condition, "status")))
        .collect();
    (!said.is_empty()).then(|| safe(&format!("Its condition {}.", said.join(", ")), MAX_VALUE))
}

/// How long the reference still stays with its pool; zero when it may lead to another one. A time in the future, from a
/// clock that was set back, keeps nothing.
#[must_use]
pub fn stay_left(object: &UserPoolMfaConfig, now: Timestamp) -> Duration {
    let since = object
        .status
        .as_ref()
        .filter(|_| object.has_reference())
        .and_then(|status| status.user_pool_id_since);
    let age = since.filter(|since| *since <= now).map_or(LEAST_STAY, |since| elapsed(since, now));
    LEAST_STAY.saturating_sub(age)
}

/// The status that records a resolution of the object's reference. None where the object's status says it already, or where
/// the object has no pool: the outcome of its reconciliation then says why.
///
/// Another pool is adopted as the first one was: what the status remembers of the former one says nothing about it. The times of weakening
/// writes stay, because the hourly limit is not about one pool.
#[must_use]
pub fn status_with_resolution(
    object: &UserPoolMfaConfig,
    resolution: &Resolution,
    now: Timestamp,
) -> Option<UserPoolMfaConfigStatus> {
    let before = object.status.clone().unwrap_or_default();
    let mut after = match resolution {
        Ok(id) if before.user_pool_id.as_ref() == Some(id) => before.clone(),
        Ok(id) => another_pool(&before, id, now),
        // A look without an answer says nothing about the reference.
        Err(Unresolved::Unreadable(_)) => return None,
        Err(_) if before.user_pool_id.is_none() => return None,
        Err(_) => before.clone(),
    };
    let generation = object.metadata.generation.unwrap_or_default();
    let kept = before.user_pool_id.as_deref();
    set_condition(&mut after, &before, resolution.as_ref().map_err(|why| (why, kept)), generation, now);
    (after != before).then_some(after)
}

fn another_pool(before: &UserPoolMfaConfigStatus, id: &str, now: Timestamp) -> UserPoolMfaConfigStatus {
    UserPoolMfaConfigStatus {
        observed_generation: Some(-1),
        user_pool_id: Some(id.to_owned()),
        user_pool_id_since: Some(now),
        previous_user_pool_id: before.user_pool_id.clone().or_else(|| before.previous_user_pool_id.clone()),
        last_lowering_time: before.last_lowering_time,
        last_lowering_exempt: before.last_lowering_exempt,
        used_approvals: before.used_approvals.clone(),
        last_handled_reconcile_at: before.last_handled_reconcile_at.clone(),
        ..UserPoolMfaConfigStatus::default()
    }
}

/// Sets the condition `PoolResolved`: the pool that was found; or why there is none, and which one is kept.
pub(crate) fn set_condition(
    after: &mut UserPoolMfaConfigStatus,
    before: &UserPoolMfaConfigStatus,
    resolution: Result<&String, (&Unresolved, Option<&str>)>,
    generation: i64,
    now: Timestamp,
) {
    let (status, reason, message) = match resolution {
        Ok(id) => ("True", Reason::Resolved, format!("The reference leads to {id}.")),
        Err((why, pool)) => {
            let status = if why.needs_a_person() { "False" } else { "Unknown" };
            (status, why.reason(), kept(why, pool))
        }
    };
    let type_ = ConditionType::PoolResolved;
    let mut condition = Condition {
        type_: type_.to_string(),
        status: status.into(),
        reason: reason.to_string(),
        message,
        observed_generation: Some(generation),
        last_transition_time: Time(now),
    };
    keep_transition_time(&mut condition, &before.conditions, now);
    after.conditions.retain(|condition| condition.type_ != type_.as_str());
    after.conditions.push(condition);
}

fn kept(why: &Unresolved, pool: Option<&str>) -> String {
    pool.map_or_else(
        || why.message().to_owned(),
        |pool| format!("{} {pool}, the last pool that it led to, stays the object's pool.", why.message()),
    )
}
