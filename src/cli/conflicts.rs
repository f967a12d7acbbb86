//! Documents that cannot all be meant: several for one pool, several for one object.

use std::collections::HashMap;

use cognito_mfa_core::api::v1alpha1::ManagementPolicy;

use super::{
    input::{Place, Problem},
    validate::Declared,
};

/// A problem for each document that another one contradicts.
#[must_use]
pub fn conflicts(objects: &[Declared]) -> Vec<Problem> {
    let pool = |declared: &Declared| {
        let spec = &declared.object.spec;
        // Who observes owns nothing; a pause hands the pool to nobody.
        (spec.management_policy == ManagementPolicy::Enforce).then(|| spec.user_pool_id.clone())
    };
    let name = |declared: &Declared| {
        let meta = &declared.object.metadata;
        meta.name.as_ref().map(|name| (meta.namespace.clone().unwrap_or_default(), name.clone()))
    };
    let of_pool = duplicates(objects, pool).map(|(place, other)| Problem {
        place,
        field: "spec.userPoolId".into(),
        message: format!("{other} declares the same pool: keep one object for a pool, or set managementPolicy: Observe on the other"),
    });
    let of_name = duplicates(objects, name).map(|(place, other)| Problem {
        place,
        field: "metadata.name".into(),
        message: format!("{other} declares the same object: give one of them another name"),
    });
    of_pool.chain(of_name).collect()
}

/// Each object that has the same as another, and where that one is.
fn duplicates<T: std::hash::Hash + Eq>(
    objects: &[Declared],
    of: impl Fn(&Declared) -> Option<T>,
) -> impl Iterator<Item = (Place, Place)> {
    let mut same: HashMap<T, Vec<&Place>> = HashMap::new();
    let mut order = Vec::new();
    for declared in objects {
        let Some(key) = of(declared) else { continue };
        same.entry(key).or_default().push(&declared.place);
    }
    for places in same.values().filter(|places| places.len() > 1) {
        for place in places {
            let other = places.iter().find(|other| *other != place).unwrap_or(place);
            order.push(((*place).clone(), (*other).clone()));
        }
    }
    order.sort();
    order.into_iter()
}
