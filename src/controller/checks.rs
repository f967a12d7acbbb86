//! Which objects are checked for drift, under which identity, and how often.

use std::time::Duration;

use cognito_mfa_core::{
    access::{accounts::Identity, ownership::ObjectKey},
    api::v1alpha1::UserPoolMfaConfig,
    schedule::{check_load::CheckLoad, interval, quota::QuotaScope},
    status::passing_failure::RecentChecks,
};
use parking_lot::MutexGuard;

use super::context::Context;

impl Context {
    /// Counts the checks of an object, if they make calls now.
    pub fn record_load(&self, key: &ObjectKey, object: &UserPoolMfaConfig) {
        match self.identity_for_checks(object) {
            Some(identity) => {
                let scope = QuotaScope::of(&identity, &object.spec.user_pool_id);
                self.check_load().upsert(key, &scope, self.own_interval(object));
            }
            None => self.remove_load(key),
        }
    }

    /// The AWS identity under which the object's pool is checked. None while the object makes no calls: it is suspended,
    /// being deleted or not authorized, or another object owns its pool.
    pub fn identity_for_checks(&self, object: &UserPoolMfaConfig) -> Option<Identity> {
        if object.spec.suspend || object.metadata.deletion_timestamp.is_some() {
            return None;
        }
        self.authorize(object).ok().filter(|_| self.conflicting_owner(object).is_none())
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
        let Ok(identity) = self.authorize(object) else { return self.own_interval(object) };
        let scope = QuotaScope::of(&identity, &object.spec.user_pool_id);
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
