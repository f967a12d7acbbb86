//! Documents that contradict each other: several for one pool, or several for one object.

use std::{collections::HashMap, hash::Hash};

use cognito_mfa_core::api::v1alpha1::ManagementPolicy;

use super::{
    declared::Declared,
    input::{Place, Problem},
};

/// A problem for each document that contradicts another one.
#[must_use]
pub fn conflicts(objects: &[Declared]) -> Vec<Problem> {
    let pool = |declared: &Declared| {
        let spec = &declared.object.spec;
        // An object that only observes owns no pool. A suspended object keeps its pool, so it is a conflict.
        (spec.management_policy == ManagementPolicy::Enforce).then(|| {
            let source = spec.pool_source();
            // What a name means depends on the namespace.
            let namespace =
                declared.object.has_reference().then(|| declared.object.metadata.namespace.clone());
            (namespace, source.to_string())
        })
    };
    let name = |declared: &Declared| {
        let meta = &declared.object.metadata;
        meta.name.as_ref().map(|name| (meta.namespace.clone().unwrap_or_default(), name.clone()))
    };
    let same_pool = duplicates(objects, pool).map(|(place, other)| Problem {
        place,
        field: "spec.userPoolId".into(),
        message: format!("{other} declares the same pool: keep one object for a pool, or set managementPolicy: Observe on the other"),
    });
    let same_name = duplicates(objects, name).map(|(place, other)| Problem {
        place,
        field: "metadata.name".into(),
        message: format!("{other} declares the same object: give one of them another name"),
    });
    same_pool.chain(same_name).collect()
}

/// The place of each object whose key another object has too, with the place of that other object.
fn duplicates<K: Hash + Eq>(
    objects: &[Declared],
    key: impl Fn(&Declared) -> Option<K>,
) -> impl Iterator<Item = (Place, Place)> {
    let mut places_by_key: HashMap<K, Vec<&Place>> = HashMap::new();
    for declared in objects {
        let Some(key) = key(declared) else { continue };
        places_by_key.entry(key).or_default().push(&declared.place);
    }
    let mut duplicates = Vec::new();
    for places in places_by_key.values().filter(|places| places.len() > 1) {
        for place in places {
            let other = places.iter().find(|other| *other != place).unwrap_or(place);
            duplicates.push(((*place).clone(), (*other).clone()));
        }
    }
    duplicates.sort();
    duplicates.into_iter()
}
