//! The memory of the operator's process about one object, as `src/controller/pools/object_state` keeps it.

use std::time::Duration;

use cognito_mfa_core::{
    access::ownership::object_key,
    api::v1alpha1::UserPoolMfaConfig,
    status::{outcome::Outcome, passing_failure::RecentChecks},
};

use super::INTERVAL;

/// What a restart loses.
#[derive(Clone, Debug)]
pub struct Process {
    generation: Option<i64>,
    failures: u32,
    passing_failures: u32,
    last_good: Option<Duration>,
    next: Option<Duration>,
}

/// The object's key in the budget.
pub fn key(object: &UserPoolMfaConfig) -> String {
    object_key(object)
}

impl Process {
    pub fn new(_now: Duration) -> Self {
        Self { generation: None, failures: 0, passing_failures: 0, last_good: None, next: None }
    }

    pub fn wait_left(&self, now: Duration) -> Option<Duration> {
        self.next.map(|next| next.saturating_sub(now))
    }

    /// The failures in a row of the object at this generation.
    pub fn failures(&self, object: &UserPoolMfaConfig) -> u32 {
        if self.generation == object.metadata.generation { self.failures } else { 0 }
    }

    pub fn recent_checks(&self, now: Duration) -> RecentChecks {
        let last_good_age = self.last_good.map_or(Duration::ZERO, |last| now.saturating_sub(last));
        RecentChecks { last_good_age, passing_failures: self.passing_failures, interval: INTERVAL }
    }

    pub fn record(
        &mut self,
        object: &UserPoolMfaConfig,
        outcome: &Outcome,
        wait: Option<Duration>,
        now: Duration,
    ) {
        let failed = matches!(outcome, Outcome::Failed(..));
        self.failures = if failed { self.failures(object) + 1 } else { 0 };
        self.passing_failures = if outcome.is_passing_failure() { self.passing_failures + 1 } else { 0 };
        if outcome.observed().is_some() || self.last_good.is_none() {
            self.last_good = Some(now);
        }
        self.plan_next(object, wait.unwrap_or_default(), now);
    }

    pub fn plan_next(&mut self, object: &UserPoolMfaConfig, wait: Duration, now: Duration) {
        self.failures = self.failures(object);
        self.generation = object.metadata.generation;
        self.next = Some(now + wait);
        self.last_good.get_or_insert(now);
    }
}
