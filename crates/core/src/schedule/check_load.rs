//! The load of drift checks, and the factors by which their intervals are stretched to fit the quota.
//!
//! The checks that fit a quota scope are shared among its namespaces by max-min fairness: a namespace that asks for no
//! more than its fair share gets all it asks for, and the others share the rest equally. So the checks of one
//! namespace cannot delay those of another.

use std::{
    collections::{BTreeMap, HashMap, btree_map::Entry},
    sync::Arc,
    time::Duration,
};

use super::quota::{QuotaScope, published_rate};
use crate::{
    access::ownership::{ObjectKey, split_key},
    calls::failure::Operation,
};

/// The part of the reads that scheduled checks may use. The rest is for changes, confirmations and retries, and keeps the
/// queue short.
const ROUTINE_PART: f64 = 0.75;
/// Intervals are stretched by powers of this factor. If they changed with every object, all scheduled checks would move
/// each time.
const STRETCH_STEP: f64 = 1.25;

/// The drift checks that all objects ask for. Loads and capacities are checks per billion seconds: whole numbers, so
/// that an added load can be subtracted exactly and the order of the changes does not matter.
#[derive(Debug, Default)]
pub struct CheckLoad {
    objects: HashMap<ObjectKey, CheckedObject>,
    scopes: HashMap<Arc<QuotaScope>, ScopeLoad>,
}

/// An object's load, and the scope that it counts in.
#[derive(Debug)]
struct CheckedObject {
    load: u64,
    scope: Arc<QuotaScope>,
}

impl CheckLoad {
    /// Adds or replaces the load of an object whose checks make calls in a scope.
    pub fn upsert(&mut self, key: &ObjectKey, scope: &QuotaScope, interval: Duration) {
        let load = load_of(interval);
        let is_same = |known: &CheckedObject| known.load == load && *known.scope == *scope;
        if self.objects.get(key).is_some_and(is_same) {
            return;
        }
        self.remove(key);
        let scope = add(&mut self.scopes, scope, key, load);
        self.objects.insert(key.clone(), CheckedObject { load, scope });
    }

    /// Removes the load of an object (`namespace/name`) that was deleted, or whose checks make no calls.
    pub fn remove(&mut self, name: &str) {
        let Some(CheckedObject { load, scope }) = self.objects.remove(name) else { return };
        let Some(scope_load) = self.scopes.get_mut(&scope) else { return };
        scope_load.subtract(split_key(name).0, load);
        if scope_load.namespaces.is_empty() {
            self.scopes.remove(&scope);
        }
    }

    /// The factor by which a namespace's intervals in a scope are stretched, so that the checks of the scope fit this
    /// share of the quotas. It is 1 for a namespace that asks for no more than its fair share, or for no checks.
    pub fn stretch(&mut self, scope: &QuotaScope, namespace: &str, share: f64) -> f64 {
        self.scopes.get_mut(scope).map_or(1.0, |load| load.stretch(namespace, capacity(share)))
    }

    /// The greatest factor of all namespaces in all scopes.
    pub fn greatest_stretch(&mut self, share: f64) -> f64 {
        let capacity = capacity(share);
        self.scopes.values_mut().map(|load| load.greatest_stretch(capacity)).fold(1.0, f64::max)
    }
}

/// The load of one object. It is at least 1, so that every namespace with an object has a load.
fn load_of(interval: Duration) -> u64 {
    let millis = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX).max(1);
    (1_000_000_000_000 / millis).max(1)
}

/// Adds the load of an object to a scope. Returns the one copy of the scope that all of its objects share.
fn add(
    scopes: &mut HashMap<Arc<QuotaScope>, ScopeLoad>,
    scope: &QuotaScope,
    name: &str,
    load: u64,
) -> Arc<QuotaScope> {
    let shared = scopes.get_key_value(scope).map(|(shared, _)| shared.clone());
    let scope = shared.unwrap_or_else(|| Arc::new(scope.clone()));
    scopes.entry(scope.clone()).or_default().add(split_key(name).0, load);
    scope
}

/// The load of one scope. Namespaces with loads up to `boundary` get all that they ask for, the others an equal share of
/// the rest.
///
/// The boundary is found when a factor is asked for, and not at each change: a replaced object is removed first, and the
/// boundary would move there and back. The search starts at the last boundary. While objects are only added, it passes
/// each load once, so that a first list is not quadratic.
#[derive(Debug, Default)]
struct ScopeLoad {
    /// The load of each namespace. An object finds its namespace by its own key, so each name is kept once.
    namespaces: HashMap<Box<str>, u64>,
    /// How many namespaces ask for each load.
    loads: BTreeMap<u64, u64>,
    boundary: u64,
    /// The sum of the loads up to the boundary.
    granted: u64,
    /// How many namespaces ask for more than the boundary.
    stretched: u64,
}

impl ScopeLoad {
    fn add(&mut self, namespace: &str, load: u64) {
        let Some(sum) = self.namespaces.get_mut(namespace) else {
            self.namespaces.insert(namespace.into(), load);
            return self.count(load);
        };
        *sum += load;
        let sum = *sum;
        self.uncount(sum - load);
        self.count(sum);
    }

    fn subtract(&mut self, namespace: &str, load: u64) {
        let Some(sum) = self.namespaces.get_mut(namespace) else { return };
        *sum -= load;
        let sum = *sum;
        self.uncount(sum + load);
        if sum == 0 {
            self.namespaces.remove(namespace);
        } else {
            self.count(sum);
        }
    }

    fn count(&mut self, load: u64) {
        *self.loads.entry(load).or_default() += 1;
        if load <= self.boundary {
            self.granted += load;
        } else {
            self.stretched += 1;
        }
    }

    fn uncount(&mut self, load: u64) {
        if let Entry::Occupied(mut count) = self.loads.entry(load) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
        if load <= self.boundary {
            self.granted -= load;
        } else {
            self.stretched -= 1;
        }
    }

    fn stretch(&mut self, namespace: &str, capacity: u64) -> f64 {
        self.find_boundary(capacity);
        let load = self.namespaces.get(namespace).copied().unwrap_or_default();
        if load <= self.boundary { 1.0 } else { self.factor(load, capacity) }
    }

    fn greatest_stretch(&mut self, capacity: u64) -> f64 {
        self.find_boundary(capacity);
        if self.stretched == 0 {
            return 1.0;
        }
        let load = self.loads.last_key_value().map_or(0, |(load, _)| *load);
        self.factor(load, capacity)
    }

    /// The factor of a load above the boundary: the load divided by an equal share of what the granted loads leave.
    #[allow(
        clippy::cast_precision_loss,
        reason = "2^53 checks in a billion seconds are far more than any number of pools needs"
    )]
    fn factor(&self, load: u64, capacity: u64) -> f64 {
        let ratio = load as f64 * self.stretched as f64 / (capacity - self.granted) as f64;
        STRETCH_STEP.powf(ratio.log(STRETCH_STEP).ceil())
    }

    /// Moves the boundary to the greatest load that is granted in full.
    fn find_boundary(&mut self, capacity: u64) {
        // All scopes are asked after each change, and nearly all of them have room: they must not cost a search.
        if self.stretched == 0 && self.granted <= capacity {
            return;
        }
        while let Some((&load, &count)) = self.loads.range(..=self.boundary).next_back()
            && !self.fits(load, capacity)
        {
            self.boundary = load - 1;
            self.granted -= load * count;
            self.stretched += count;
        }
        while let Some((&load, &count)) = self.loads.range(self.boundary + 1..).next()
            && self.fits(load, capacity)
        {
            self.boundary = load;
            self.granted += load * count;
            self.stretched -= count;
        }
    }

    /// Whether every namespace can get this load, or all it asks for if that is less. `load` is next to the boundary.
    fn fits(&self, load: u64, capacity: u64) -> bool {
        load.saturating_mul(self.stretched).saturating_add(self.granted) <= capacity
    }
}

/// The load that fits a scope, rounded down.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share is from 0.05 to 1, so that this is a positive number of eleven digits"
)]
fn capacity(share: f64) -> u64 {
    (published_rate(Operation::Get) * share * ROUTINE_PART * 1e9) as u64
}
