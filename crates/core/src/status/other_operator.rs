//! Several operators, each with a Lease of its own, that act on the same object: how that is found, said and ended.
//!
//! Each write of a status names its operator, and each operator remembers the content of the statuses that it has looked
//! at. If the content has changed since then and the status names another operator, that one is at work now. What was
//! written before the first look proves nothing: it may be from before a rename of the release.
//!
//! Nothing is written for a name alone. A conflict is written when it is found, again when half of its time is over and
//! it is found again, and once more when its time is over. These writes do not change the content, so an operator never
//! answers them with a write of its own.

use std::time::Duration;

use jiff::Timestamp;

use super::{event::Event, next_status::whole_seconds};
use crate::{
    api::v1alpha1::{
        ConditionType, EventReason, OperatorConflict, UserPoolMfaConfig, UserPoolMfaConfigStatus,
    },
    digest::digest,
    text,
};

/// How long a conflict is reported after it was last found.
pub const REPORTED_FOR: Duration = Duration::from_hours(1);
/// How many operators a conflict names.
const MAX_OPERATORS: usize = 5;
/// The longest name of an operator: a namespace, a slash, the name of a Lease.
const MAX_NAME: usize = 63 + 1 + 253;
/// How the sentence begins that Ready has during a conflict. It also ends the message without that sentence.
const SENTENCE: &str = " More than one operator acts on this object: ";

/// The content of a status, apart from what operators say about each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content(u64);

/// The operator that writes a status, and what it knows of the status before.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'a> {
    /// The name that [`operator_name`] gives it.
    pub operator: &'a str,
    /// The content of the status when this operator last looked at it.
    pub last_seen: Content,
}

/// The name of an operator: `namespace/lease`, or whatever else distinguishes it from others and is the same in its
/// replicas.
#[must_use]
pub fn operator_name(place: &str, name: &str) -> String {
    text::safe(&format!("{place}/{name}"), MAX_NAME)
}

/// The content of an object's status.
#[must_use]
pub fn content(object: &UserPoolMfaConfig) -> Content {
    let json = object.status.as_ref().map(|status| serde_json::to_vec(&unsigned(status)).unwrap_or_default());
    Content(u64::try_from(digest(&json.unwrap_or_default()) >> 64).unwrap_or_default())
}

/// The status without what operators say about each other.
#[must_use]
pub fn unsigned(status: &UserPoolMfaConfigStatus) -> UserPoolMfaConfigStatus {
    let mut status = UserPoolMfaConfigStatus { operator: None, operator_conflict: None, ..status.clone() };
    if let Some(message) = ready_message(&mut status)
        && let Some(end) = message.find(SENTENCE)
    {
        message.truncate(end);
    }
    status
}

/// The status that `next` makes, with the operator's name and what it found about others. `next` gets the object without
/// these. None when there is nothing to write.
#[must_use]
pub fn signed_status(
    writer: Writer<'_>,
    object: &UserPoolMfaConfig,
    now: Timestamp,
    next: impl FnOnce(&UserPoolMfaConfig) -> Option<UserPoolMfaConfigStatus>,
) -> Option<UserPoolMfaConfigStatus> {
    let reported = object.status.as_ref().and_then(|status| status.operator_conflict.as_ref());
    let conflict = conflict(writer, object, reported, whole_seconds(now));
    let object = UserPoolMfaConfig { status: object.status.as_ref().map(unsigned), ..object.clone() };
    let next = next(&object);
    if next.is_none() && conflict.as_ref() == reported {
        return None;
    }
    Some(sign(next.or(object.status).unwrap_or_default(), writer.operator, conflict))
}

/// The event for a conflict that this operator has found, published when it begins. `after` is the object with the status
/// that was written.
#[must_use]
pub fn conflict_event(
    operator: &str,
    before: &UserPoolMfaConfig,
    after: &UserPoolMfaConfig,
) -> Option<Event> {
    let was_reported = before.status.as_ref().is_some_and(|status| status.operator_conflict.is_some());
    let status = after.status.as_ref().filter(|status| status.operator.as_deref() == Some(operator))?;
    let conflict = status.operator_conflict.as_ref().filter(|_| !was_reported)?;
    let action = format!("Find {}", conflict.operators.join(", "));
    Some(Event::warning(EventReason::OperatorConflict, &action, sentence(conflict).trim()))
}

/// Whether the object's status names another operator than this one.
#[must_use]
pub fn names_another(operator: &str, object: &UserPoolMfaConfig) -> bool {
    let last = object.status.as_ref().and_then(|status| status.operator.as_deref());
    is_in_conflict(object) || last.is_some_and(|last| last != operator)
}

/// Whether the object's status says that several operators write it.
#[must_use]
pub fn is_in_conflict(object: &UserPoolMfaConfig) -> bool {
    object.status.as_ref().is_some_and(|status| status.operator_conflict.is_some())
}

/// The time until a conflict in the object's status need not be reported any more. None when there is no conflict.
#[must_use]
pub fn until_conflict_ends(object: &UserPoolMfaConfig, now: Timestamp) -> Option<Duration> {
    let conflict = object.status.as_ref()?.operator_conflict.as_ref()?;
    // Times in the status are whole seconds, so the end may be up to a second later.
    Some(REPORTED_FOR.saturating_sub(distance(conflict.time, now)) + Duration::from_secs(1))
}

/// The conflict to report: what was found now, or else what is reported already and recent.
fn conflict(
    writer: Writer<'_>,
    object: &UserPoolMfaConfig,
    reported: Option<&OperatorConflict>,
    now: Timestamp,
) -> Option<OperatorConflict> {
    let newer_than = |age: Duration| reported.filter(|reported| distance(reported.time, now) < age);
    let Some(other) = other_at_work(writer, object) else { return newer_than(REPORTED_FOR).cloned() };
    let named =
        newer_than(REPORTED_FOR / 2).map(|reported| reported.operators.as_slice()).unwrap_or_default();
    let mut operators = named.to_vec();
    for operator in [writer.operator.to_owned(), other] {
        if !operators.contains(&operator) && operators.len() < MAX_OPERATORS {
            operators.push(operator);
        }
    }
    if operators.len() == named.len() {
        return reported.cloned();
    }
    operators.sort();
    Some(OperatorConflict { operators, time: now })
}

/// Another operator that has written the status since this one last looked.
fn other_at_work(writer: Writer<'_>, object: &UserPoolMfaConfig) -> Option<String> {
    let operator = text::safe(object.status.as_ref()?.operator.as_deref()?, MAX_NAME);
    (operator != writer.operator && content(object) != writer.last_seen).then_some(operator)
}

/// The status with the operator's name and this conflict.
#[must_use]
pub fn sign(
    status: UserPoolMfaConfigStatus,
    operator: &str,
    operator_conflict: Option<OperatorConflict>,
) -> UserPoolMfaConfigStatus {
    let sentence = operator_conflict.as_ref().map(sentence);
    let mut status =
        UserPoolMfaConfigStatus { operator: Some(operator.to_owned()), operator_conflict, ..status };
    if let Some(message) = ready_message(&mut status) {
        message.push_str(&sentence.unwrap_or_default());
    }
    status
}

fn sentence(conflict: &OperatorConflict) -> String {
    format!(
        "{SENTENCE}{}. They have different Leases, so each of them reads and writes the pool, and each has its own limits. Stop all but one, or give each its own namespaces (--watch-namespaces).",
        conflict.operators.join(" and ")
    )
}

fn ready_message(status: &mut UserPoolMfaConfigStatus) -> Option<&mut String> {
    let is_ready = |type_: &str| type_ == ConditionType::Ready.as_str();
    status.conditions.iter_mut().find(|one| is_ready(&one.type_)).map(|ready| &mut ready.message)
}

/// The time between two moments, whichever is first: the clocks of two operators differ.
fn distance(one: Timestamp, other: Timestamp) -> Duration {
    one.duration_since(other).unsigned_abs()
}
