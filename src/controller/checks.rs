//! Which objects are checked for drift, under which identity, and how often.

use std::time::Duration;

use cognito_mfa_core::{
    access::ownership::ObjectKey,
    api::v1alpha1::UserPoolMfaConfig,
    schedule::{check_load::CheckLoad, interval, quota::QuotaScope},
    status::passing_failure::RecentChecks,
};
use parking_lot::MutexGuard;

use super::context::Context;

impl Context {
    /// Counts the checks of an object, if they make calls now.
    pub fn record_load(&self, key: &ObjectKey, object: &UserPoolMfaConfig) {
        match self.scope_for_checks(object) {
            Some(scope) => self.check_load().upsert(key, &scope, self.own_interval(object)),
            None => self.remove_load(key),
        }
    }

    /// The quota scope in which the object's pool is checked. None while the object makes no calls: it is suspended, being
    /// deleted or not authorized, its reference has led to no pool, or another object owns its pool.
    pub fn scope_for_checks(&self, object: &UserPoolMfaConfig) -> Option<QuotaScope> {
        if object.spec.suspend || object.metadata.deletion_timestamp.is_some() {
            return None;
        }
        self.scope(object).filter(|_| self.conflicting_owner(object).is_none())
    }

    /// The quota scope of the object's pool; None where it may make no calls for one.
    pub fn scope(&self, object: &UserPoolMfaConfig) -> Option<QuotaScope> {
        let object = object.resolved()?;
        Some(QuotaScope::of(&self.authorize(object).ok()?, object.pool))
    }

    /// Removes an object, `namespace/name`, from those that are checked.
    pub fn remove_load(&self, key: &str) {
        self.check_load().remove(key);
    }

    /// The greatest factor by which an interval is stretched.
    pub fn greatest_stretch(&self) -> f64 {
        self.check_load().greatest_stretch(self.options.quota_share)
    }

    /// The drift check interval of the object, stretched to fit the quota.
    pub fn interval(&self, object: &UserPoolMfaConfig) -> Duration {
        let Some(scope) = self.scope(object) else { return self.own_interval(object) };
        let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
        let stretch = self.check_load().stretch(&scope, namespace, self.options.quota_share);
        self.own_interval(object).mul_f64(stretch)
    }

    /// What is known of the object's recent checks.
    pub fn recent_checks(&self, object: &UserPoolMfaConfig) -> RecentChecks {
        self.table.recent_checks(object, self.interval(object))
    }

    /// The interval that the object asks for, or else the operator's. An older CRD accepted invalid intervals.
    fn own_interval(&self, object: &UserPoolMfaConfig) -> Duration {
        let own = object.spec.drift_check_interval.as_deref();
        own.and_then(|text| interval::parse_interval(text).ok()).unwrap_or(self.options.interval)
    }

    fn check_load(&self) -> MutexGuard<'_, CheckLoad> {
        self.check_load.lock()
    }
}

#[cfg(test)]
mod tests;
