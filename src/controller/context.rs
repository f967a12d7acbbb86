//! The state that all reconciliations share.

use std::{path::PathBuf, sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::{
        accounts::{AccessRequest, Accounts, Denied, Identity, access_request},
        ownership::{Claims, object_key},
    },
    api::v1alpha1::{Reason, UserPoolMfaConfig},
    schedule::{check_load::CheckLoad, interval, quota::QuotaScope},
    status::{other_operator::Writer, passing_failure::RecentChecks},
};
use kube::{Client, core::DeserializeGuard};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Semaphore;

use super::{
    events::Events,
    leader_election::{leadership::Leadership, lease},
    pools::{
        cancellation::Cancellations, object_state::ObjectStates, pool_lock::PoolLocks,
        weakening_budget::SharedBudget,
    },
};
use crate::{aws::Cognito, ops::metrics::Metrics};

/// The settings of the controller, from the flags of `run`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of this operator in the statuses that it writes. Its replicas share it.
    pub operator: String,
    /// The path of the accounts file. None: the operator's own AWS identity serves every namespace.
    pub accounts_file: Option<PathBuf>,
    /// The drift check interval of objects that do not set their own.
    pub interval: Duration,
    /// How many objects may be written to the API server at the same time.
    pub concurrency: u16,
    /// The share of Cognito's published request quotas that the operator may use, from 0.05 to 1.
    pub quota_share: f64,
    /// Settings that this build does not know, and that a write may reset all the same.
    pub tolerated: Vec<String>,
    /// The timeout of a write to Cognito.
    pub write_timeout: Duration,
    /// Whether nothing is written to AWS.
    pub observe_only: bool,
    /// Whether the deletion of an object may turn MFA off.
    pub allow_disable: bool,
    /// The hourly limit on weakening writes.
    pub max_lowerings: u32,
    /// The leader election; None when there is one replica without an election.
    pub election: Option<lease::ElectionConfig>,
}

/// The clients, the settings and the memory of this process.
pub struct Context {
    /// The client of the API server.
    pub client: Client,
    /// The client of Cognito, in all accounts and regions.
    pub cognito: Cognito,
    /// The access rights in force. A reload replaces them as a whole.
    accounts: Mutex<Arc<Accounts>>,
    /// The recorder of Kubernetes Events.
    pub events: Events,
    /// Whether this replica leads.
    pub leadership: Leadership,
    /// The settings of the controller.
    pub options: Options,
    /// The metrics page.
    pub metrics: Arc<Metrics>,
    /// Which objects claim which pool.
    claims: Mutex<Claims>,
    /// The pools that are being reconciled.
    pub pool_locks: PoolLocks,
    /// The reconciliations in progress, each of which can be cancelled while it waits for the quota.
    pub cancellations: Cancellations,
    /// Bounds the concurrent writes to the API server.
    pub write_slots: Semaphore,
    /// The drift checks that all objects ask for, to be fitted to the quota.
    check_load: Mutex<CheckLoad>,
    /// The retries and the next check of each object.
    pub object_states: ObjectStates,
    /// The hourly limit on weakening writes, and the objects on hold for it.
    pub weakening_budget: SharedBudget,
}

impl Context {
    /// A context in which no object is known yet.
    pub fn new(
        options: Options,
        client: Client,
        cognito: Cognito,
        events: Events,
        leadership: Leadership,
        metrics: Arc<Metrics>,
        accounts: Accounts,
    ) -> Self {
        Self {
            client,
            cognito,
            accounts: Mutex::new(Arc::new(accounts)),
            events,
            object_states: ObjectStates::new(leadership.clone()),
            weakening_budget: SharedBudget::new(options.max_lowerings, leadership.clone(), metrics.clone()),
            leadership,
            metrics,
            claims: Mutex::default(),
            pool_locks: PoolLocks::default(),
            cancellations: Cancellations::default(),
            write_slots: Semaphore::new(options.concurrency.into()),
            check_load: Mutex::default(),
            options,
        }
    }

    /// The claims of all objects on their pools.
    pub fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock()
    }

    /// Records an object as a watch shows it now.
    pub fn record_object(&self, object: &DeserializeGuard<UserPoolMfaConfig>) {
        self.cancellations.record_object(object);
        if let Ok(valid) = &object.0 {
            self.weakening_budget.record_status(valid);
        }
        match &object.0 {
            Ok(valid) if !valid.spec.suspend && valid.metadata.deletion_timestamp.is_none() => {
                let (request, interval) = (access_request(valid), self.own_interval(valid));
                self.check_load()
                    .upsert(&object_key(object), request, interval, |request| self.scope(request));
            }
            _ => self.check_load().remove(&object_key(object)),
        }
        self.show_stretch();
    }

    /// The quota that an object's checks count against. None if the accounts file allows it no call.
    fn scope(&self, request: &AccessRequest) -> Option<QuotaScope> {
        let accounts = self.accounts();
        accounts.authorize(request).ok().map(|identity| QuotaScope::of(identity, &request.pool))
    }

    /// The AWS identity under which calls for the object are made.
    ///
    /// # Errors
    /// What the accounts file does not allow the object.
    pub fn authorize(&self, object: &UserPoolMfaConfig) -> Result<Identity, Denied> {
        self.accounts().authorize(&access_request(object)).cloned()
    }

    /// The other object, `namespace/name`, that owns the pool of `object`, if there is one. An object that is being
    /// deleted never owns its pool while another object claims it.
    pub fn conflicting_owner(&self, object: &UserPoolMfaConfig) -> Option<String> {
        let (accounts, claims) = (self.accounts(), self.claims());
        let authorized = |request: &AccessRequest| accounts.authorize(request).is_ok();
        if object.metadata.deletion_timestamp.is_some() {
            return claims.owner(&object.spec.user_pool_id, authorized).map(|claim| claim.object.clone());
        }
        claims.conflicting_owner(object, authorized)
    }

    /// Whether any object owns the pool.
    pub fn is_owned(&self, pool: &str) -> bool {
        let accounts = self.accounts();
        self.claims().owner(pool, |request| accounts.authorize(request).is_ok()).is_some()
    }

    /// Replaces the access rights. Reconciliations that wait for the quota are cancelled, so that no call is sent under a
    /// right that was revoked. Failed objects become due at once, because the old rights may have been the cause.
    pub fn set_accounts(&self, accounts: Accounts) {
        *self.accounts.lock() = Arc::new(accounts);
        self.cancellations.cancel_all();
        self.object_states.retry_failed();
        self.check_load().set_scopes(|request| self.scope(request));
        self.show_stretch();
    }

    fn accounts(&self) -> Arc<Accounts> {
        self.accounts.lock().clone()
    }

    fn show_stretch(&self) {
        let stretch = self.check_load().greatest_stretch(self.options.quota_share);
        self.metrics.calls.set_interval_stretch(stretch);
    }

    /// The drift check interval of the object, stretched to fit the quota.
    pub fn interval(&self, object: &UserPoolMfaConfig) -> Duration {
        let request = access_request(object);
        let Some(scope) = self.scope(&request) else { return self.own_interval(object) };
        let ratio = self.check_load().stretch(&scope, &request.namespace, self.options.quota_share);
        self.own_interval(object).mul_f64(ratio)
    }

    /// What is known of the object's recent checks.
    pub fn recent_checks(&self, object: &UserPoolMfaConfig) -> RecentChecks {
        self.object_states.recent_checks(object, self.interval(object))
    }

    /// The interval that the object asks for, or else the operator's. An older CRD accepted invalid intervals.
    fn own_interval(&self, object: &UserPoolMfaConfig) -> Duration {
        let own = object.spec.drift_check_interval.as_deref();
        own.and_then(|text| interval::parse_interval(text).ok()).unwrap_or(self.options.interval)
    }

    fn check_load(&self) -> MutexGuard<'_, CheckLoad> {
        self.check_load.lock()
    }

    /// Removes an object, `namespace/name`, that was deleted.
    pub fn remove_object(&self, key: &str) {
        self.cancellations.cancel(key);
        self.weakening_budget.remove(key);
        self.check_load().remove(key);
        self.show_stretch();
        self.object_states.remove(key);
        self.metrics.object_gauges.remove(key);
        self.metrics.weakening.remove(key);
        self.metrics.operator_conflicts.remove(key);
    }

    /// This operator as the one that writes the object's status.
    pub fn writer(&self, object: &UserPoolMfaConfig) -> Writer<'_> {
        Writer { operator: &self.options.operator, last_seen: self.object_states.last_seen(object) }
    }

    /// Records that an object's status was written with this reason of Ready. `read` says whether its pool was read.
    pub fn record_reported(&self, object: &impl kube::Resource, reason: Option<Reason>, read: bool) {
        let key = object_key(object);
        self.object_states.record_written(&key);
        self.metrics.object_gauges.record(&key, reason, read);
    }
}
