//! The object that owns a pool.
//!
//! Only the owner writes the pool. Of several objects that declare the same pool, the oldest owns it.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use kube::Resource;

use super::accounts::{AccessRequest, access_request};
use crate::api::v1alpha1::{ManagementPolicy, UserPoolMfaConfig};

/// The `namespace/name` of an object.
pub type ObjectKey = Arc<str>;

/// An object's claim to its pool. Claims are ordered by precedence: the oldest first, and then by UID.
///
/// A suspended object keeps its claim, because a pause must not hand the pool to another object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// Since when the object names the pool. An object without a creation timestamp sorts last.
    pub since: Timestamp,
    /// The object's UID, which decides between objects of the same second.
    pub uid: String,
    /// The object's key.
    pub object: ObjectKey,
    /// The ARNs of the SMS roles that a write would send.
    pub sms_roles: Vec<String>,
}

impl Claim {
    /// The access that the object needs. It is authorized again at each use, because rights change while the object does
    /// not.
    fn access(&self, pool: &str) -> AccessRequest {
        let (namespace, pool) = (split_key(&self.object).0.to_owned(), pool.to_owned());
        AccessRequest { namespace, pool, sms_roles: self.sms_roles.clone() }
    }
}

/// The claim of an object. An object that only observes, is being deleted, or whose reference has led to no pool yet, has
/// none.
#[must_use]
pub fn claim_of(key: &ObjectKey, object: &UserPoolMfaConfig) -> Option<Claim> {
    let (since, uid) = precedence(object)?;
    let sms_roles = access_request(object.resolved()?).sms_roles;
    Some(Claim { since, uid: uid.to_owned(), object: key.clone(), sms_roles })
}

/// What decides among the objects that claim a pool; None for an object without a claim.
fn precedence(object: &UserPoolMfaConfig) -> Option<(Timestamp, &str)> {
    let meta = &object.metadata;
    if object.spec.management_policy == ManagementPolicy::Observe || meta.deletion_timestamp.is_some() {
        return None;
    }
    let created = meta.creation_timestamp.as_ref().map_or(Timestamp::MAX, |time| time.0);
    // Whoever edits what a reference names must not take a pool from the object that declared it before.
    let named = object.status.as_ref().and_then(|status| status.user_pool_id_since);
    let since = if object.has_reference() {
        named.map_or(Timestamp::MAX, |named| named.max(created))
    } else {
        created
    };
    Some((since, meta.uid.as_deref()?))
}

/// The `namespace/name` of an object.
#[must_use]
pub fn object_key(object: &impl Resource) -> String {
    let meta = object.meta();
    format!("{}/{}", meta.namespace.as_deref().unwrap_or_default(), meta.name.as_deref().unwrap_or_default())
}

/// The namespace and the name in an [`object_key`].
#[must_use]
pub fn split_key(key: &str) -> (&str, &str) {
    key.split_once('/').unwrap_or(("", key))
}

/// The claims of all objects, by pool.
#[derive(Debug, Default)]
pub struct Claims {
    /// Each pool's claims, sorted by precedence. Nearly every pool has one claim, and a vector of one needs a tenth of a
    /// tree's memory.
    pools: HashMap<Arc<str>, Vec<Claim>>,
    /// The pool that each object claims.
    objects: HashMap<ObjectKey, Arc<str>>,
}

impl Claims {
    /// Records the current claim of an object. Returns the other objects whose ownership may have changed.
    pub fn upsert(&mut self, key: &ObjectKey, object: &UserPoolMfaConfig) -> Vec<ObjectKey> {
        let new_claim = object.pool_id().zip(claim_of(key, object));
        if self.claim(key) == new_claim.as_ref().map(|(pool, claim)| (*pool, claim)) {
            return Vec::new();
        }
        let mut affected = self.remove(key);
        if let Some((pool, claim)) = new_claim {
            let pool = self.pools.get_key_value(pool).map_or_else(|| pool.into(), |(known, _)| known.clone());
            self.objects.insert(key.clone(), pool.clone());
            let claims = self.pools.entry(pool).or_insert_with(|| Vec::with_capacity(1));
            let place = claims.partition_point(|other| *other < claim);
            affected.extend(claims[place..].iter().map(|claim| claim.object.clone()));
            claims.insert(place, claim);
        }
        affected.retain(|other| other != key);
        affected
    }

    /// Removes the claim of an object (`namespace/name`). Returns the objects whose ownership may have changed: those that
    /// claim its pool behind it.
    pub fn remove(&mut self, key: &str) -> Vec<ObjectKey> {
        let Some(pool) = self.objects.remove(key) else { return Vec::new() };
        let Some(claims) = self.pools.get_mut(&pool) else { return Vec::new() };
        let Some(place) = claims.iter().position(|claim| *claim.object == *key) else { return Vec::new() };
        claims.remove(place);
        let affected = claims[place..].iter().map(|claim| claim.object.clone()).collect();
        if claims.is_empty() {
            self.pools.remove(&pool);
        }
        affected
    }

    fn claim(&self, key: &str) -> Option<(&str, &Claim)> {
        let pool = self.objects.get(key)?;
        let claim = self.pools.get(pool)?.iter().find(|claim| *claim.object == *key)?;
        Some((pool, claim))
    }

    /// Since when the object has named the pool that claimed it last.
    #[must_use]
    pub fn last_claimed(&self, pool: &str) -> Option<Timestamp> {
        self.pools.get(pool)?.last().map(|claim| claim.since)
    }

    /// The other object that owns the pool of `object`, if any. An object that is not authorized owns nothing.
    #[must_use]
    pub fn conflicting_owner(
        &self,
        object: &UserPoolMfaConfig,
        is_authorized: impl Fn(&AccessRequest) -> bool,
    ) -> Option<ObjectKey> {
        let own = precedence(object)?;
        let owner = self.owner(object.pool_id()?, is_authorized)?;
        ((owner.since, &*owner.uid) < own).then(|| owner.object.clone())
    }

    /// The claim of the object that owns a pool: the oldest that is authorized.
    #[must_use]
    pub fn owner(&self, pool: &str, is_authorized: impl Fn(&AccessRequest) -> bool) -> Option<&Claim> {
        self.pools.get(pool)?.iter().find(|claim| is_authorized(&claim.access(pool)))
    }
}
