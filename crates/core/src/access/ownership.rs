//! Which object speaks for a pool.

use std::collections::HashMap;

use jiff::Timestamp;
use kube::Resource;

use super::accounts::{AccessRequest, access_request};
use crate::api::v1alpha1::{ManagementPolicy, UserPoolMfaConfig};

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
    /// What the object asks AWS for. Whether it may is asked each time anew: rights change without the object.
    pub access: AccessRequest,
}

/// The claim of an object; None when it only observes or is being deleted.
#[must_use]
pub fn claim_of(object: &UserPoolMfaConfig) -> Option<Claim> {
    let meta = &object.metadata;
    if object.spec.management_policy == ManagementPolicy::Observe || meta.deletion_timestamp.is_some() {
        return None;
    }
    Some(Claim {
        created: meta.creation_timestamp.as_ref().map_or(Timestamp::MAX, |time| time.0),
        uid: meta.uid.clone()?,
        object: object_key(object),
        access: access_request(object),
    })
}

/// The `namespace/name` of an object.
#[must_use]
pub fn object_key(object: &impl Resource) -> String {
    let meta = object.meta();
    format!("{}/{}", meta.namespace.as_deref().unwrap_or_default(), meta.name.as_deref().unwrap_or_default())
}

/// The namespace and the name of a [`key`].
#[must_use]
pub fn split_key(key: &str) -> (&str, &str) {
    key.split_once('/').unwrap_or(("", key))
}

/// All claims, by pool.
#[derive(Debug, Default)]
pub struct Claims {
    /// In their order. Nearly every pool has one, for which a vector takes a tenth of a tree's room.
    pools: HashMap<String, Vec<Claim>>,
    /// The pool that an object, `namespace/name`, claims.
    objects: HashMap<String, String>,
}

impl Claims {
    /// Takes note of an object as it is now. Returns the objects, as `namespace/name`, that may speak for the pool
    /// otherwise than before.
    pub fn upsert(&mut self, object: &UserPoolMfaConfig) -> Vec<String> {
        let name = object_key(object);
        let new = claim_of(object);
        if self.claim(&name) == new.as_ref() {
            return Vec::new();
        }
        let mut woken = self.remove(&name);
        if let Some(claim) = new {
            self.objects.insert(name.clone(), claim.access.pool.clone());
            let claims = self.pools.entry(claim.access.pool.clone()).or_insert_with(|| Vec::with_capacity(1));
            claims.insert(claims.partition_point(|other| *other < claim), claim);
            woken.extend(claims.iter().map(|claim| claim.object.clone()));
        }
        woken.retain(|other| *other != name);
        woken
    }

    /// Forgets an object, `namespace/name`, that is gone. Returns the objects that still claim its pool.
    pub fn remove(&mut self, name: &str) -> Vec<String> {
        let Some(pool) = self.objects.remove(name) else { return Vec::new() };
        let Some(claims) = self.pools.get_mut(&pool) else { return Vec::new() };
        claims.retain(|claim| claim.object != name);
        let left = claims.iter().map(|claim| claim.object.clone()).collect();
        if claims.is_empty() {
            self.pools.remove(&pool);
        }
        left
    }

    /// The claim of an object, `namespace/name`, as it was last noted.
    fn claim(&self, name: &str) -> Option<&Claim> {
        self.pools.get(self.objects.get(name)?)?.iter().find(|claim| claim.object == name)
    }

    /// The object, `namespace/name`, that speaks for the pool of `object` in its place, if any: who may not call AWS
    /// owns nothing.
    #[must_use]
    pub fn conflicting_owner(
        &self,
        object: &UserPoolMfaConfig,
        authorised: impl Fn(&AccessRequest) -> bool,
    ) -> Option<String> {
        let own = claim_of(object)?;
        let owner = self.owner(&object.spec.user_pool_id, authorised)?;
        // Not by what they ask for: the object may be older here than its claim is.
        ((owner.created, &owner.uid) < (own.created, &own.uid)).then(|| owner.object.clone())
    }

    /// The claim of the object that speaks for a pool, if any.
    #[must_use]
    pub fn owner(&self, pool: &str, authorised: impl Fn(&AccessRequest) -> bool) -> Option<&Claim> {
        self.pools.get(pool)?.iter().find(|claim| authorised(&claim.access))
    }
}
