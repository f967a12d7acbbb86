//! Which object speaks for a pool.

use jiff::Timestamp;

use crate::api::{ManagementPolicy, UserPoolMfaConfig};

/// What an object puts forward for a pool. The order of claims is the order of precedence: the oldest first, by
/// creation and then by UID. Suspended objects claim too: a pause must not hand the pool to somebody else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// When the object was created.
    pub created: Timestamp,
    /// The object's UID.
    pub uid: String,
    /// `namespace/name`, for people.
    pub object: String,
}

/// The claim of an object; None when it only observes or is being deleted.
#[must_use]
pub fn claim(object: &UserPoolMfaConfig) -> Option<Claim> {
    let meta = &object.metadata;
    if object.spec.management_policy == ManagementPolicy::Observe || meta.deletion_timestamp.is_some() {
        return None;
    }
    Some(Claim {
        created: meta.creation_timestamp.as_ref().map_or(Timestamp::MAX, |time| time.0),
        uid: meta.uid.clone()?,
        object: format!("{}/{}", meta.namespace.as_deref()?, meta.name.as_deref()?),
    })
}

/// The claim that another object holds before this one, if any.
#[must_use]
pub fn ahead_of<'a>(own: &Claim, claims: impl IntoIterator<Item = &'a Claim>) -> Option<&'a Claim> {
    claims.into_iter().min().filter(|first| *first < own)
}
