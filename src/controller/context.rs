//! What all reconciliations share.

use std::{path::PathBuf, sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::{
        accounts::{AccessRequest, Accounts, Denied, Identity, access_request},
        ownership::{Claims, object_key},
    },
    api::v1alpha1::{Reason, UserPoolMfaConfig},
    schedule::{
        interval,
        quota::{CheckLoad, QuotaScope},
    },
};
use kube::Client;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Semaphore;

use super::{
    events::Events,
    leader_election::{leadership::Leadership, lease},
    pools::{
        cancellation::Cancellations, object_state::ObjectStates, pool_lock::PoolLocks,
        weakening_budget::SharedBudget,
    },
    watch::namespaces::Object,
};
use crate::{aws::Cognito, ops::metrics::Metrics};

/// How the controller runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the accounts file is; None when the operator's own identity serves everyone.
    pub accounts_file: Option<PathBuf>,
    /// How often a pool is checked where its object does not say.
    pub interval: Duration,
    /// How many objects are written to the API server at the same time.
    pub concurrency: u16,
    /// The part of the published request quotas that is used.
    pub quota_share: f64,
    /// The unknown settings that may be overwritten.
    pub tolerated: Vec<String>,
    /// How long a Set may last.
    pub longest_set: Duration,
    /// Whether a deletion may turn MFA off.
    pub allow_disable: bool,
    /// How many Sets an hour may take protection away.
    pub max_lowerings: u32,
    /// How this replica stands for election; None when it is the only one.
    pub election: Option<lease::ElectionConfig>,
}

/// What every reconciliation needs.
pub struct Context {
    /// For calls of the API server.
    pub client: Client,
    /// For calls of Cognito.
    pub cognito: Cognito,
    /// Who may do what in AWS.
    accounts: Mutex<Arc<Accounts>>,
    /// For Kubernetes Events.
    pub events: Events,
    /// Whether this replica leads.
    pub leadership: Leadership,
    /// How the controller runs.
    pub options: Options,
    /// For the metrics page.
    pub metrics: Arc<Metrics>,
    /// Who speaks for which pool.
    claims: Mutex<Claims>,
    /// Who may pass over which pool.
    pub pool_locks: PoolLocks,
    /// Who waits for a turn at AWS.
    pub cancellations: Cancellations,
    /// Who may write to the API server.
    pub write_slots: Semaphore,
    /// How often the objects ask to be checked.
    check_load: Mutex<CheckLoad>,
    /// Where each object stands.
    pub object_states: ObjectStates,
    /// What is lowered, and who waits for it.
    pub weakening_budget: SharedBudget,
}

impl Context {
    /// What reconciliations share from the start on: nothing is known of any object.
    pub fn new(
        settings: Options,
        client: Client,
        gateway: Cognito,
        events: Events,
        leadership: Leadership,
        metrics: Arc<Metrics>,
        accounts: Accounts,
    ) -> Self {
        Self {
            client,
            cognito: gateway,
            accounts: Mutex::new(Arc::new(accounts)),
            events,
            object_states: ObjectStates::new(leadership.clone()),
            weakening_budget: SharedBudget::new(settings.max_lowerings, leadership.clone(), metrics.clone()),
            leadership,
            metrics,
            claims: Mutex::default(),
            pool_locks: PoolLocks::default(),
            cancellations: Cancellations::default(),
            write_slots: Semaphore::new(settings.concurrency.into()),
            check_load: Mutex::default(),
            options: settings,
        }
    }

    /// Who speaks for which pool.
    pub fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock()
    }

    /// Takes note of an object as it is now.
    pub fn record_object(&self, object: &Object) {
        self.cancellations.record_object(object);
        if let Ok(known) = &object.0 {
            self.weakening_budget.record_from_status(known);
        }
        match &object.0 {
            Ok(known) if !known.spec.suspend && known.metadata.deletion_timestamp.is_none() => {
                let (wish, interval) = (access_request(known), self.own_interval(known));
                self.check_load().upsert(&object_key(object), wish, interval, |wish| self.scope(wish));
            }
            _ => self.check_load().remove(&object_key(object)),
        }
        self.show_stretch();
    }

    /// Where the checks of an object count; None when it has no right to any.
    fn scope(&self, wish: &AccessRequest) -> Option<QuotaScope> {
        let accounts = self.accounts();
        accounts.authorize(wish).ok().map(|identity| QuotaScope::of(identity, &wish.pool))
    }

    /// The identity that serves the object, or what it lacks the right to.
    pub fn authorize(&self, object: &UserPoolMfaConfig) -> Result<Identity, Denied> {
        self.accounts().authorize(&access_request(object)).cloned()
    }

    /// The object, `namespace/name`, that speaks for the pool of `object` in its place, if any. One that is being
    /// deleted gives way to any other.
    pub fn conflicting_owner(&self, object: &UserPoolMfaConfig) -> Option<String> {
        let (accounts, claims) = (self.accounts(), self.claims());
        let authorised = |wish: &AccessRequest| accounts.authorize(wish).is_ok();
        if object.metadata.deletion_timestamp.is_some() {
            return claims.owner(&object.spec.user_pool_id, authorised).map(|claim| claim.object.clone());
        }
        claims.conflicting_owner(object, authorised)
    }

    /// Whether anybody speaks for a pool.
    pub fn is_owned(&self, pool: &str) -> bool {
        let accounts = self.accounts();
        self.claims().owner(pool, |wish| accounts.authorize(wish).is_ok()).is_some()
    }

    /// Puts other rights in force. No call is sent any more under a right that is lost: who waits for one is called
    /// away, and begins anew. What failed is tried again, for it may have failed of the rights.
    pub fn set_accounts(&self, accounts: Accounts) {
        *self.accounts.lock() = Arc::new(accounts);
        self.cancellations.cancel_all();
        self.object_states.retry_failed();
        self.check_load().set_scopes(|wish| self.scope(wish));
        self.show_stretch();
    }

    fn accounts(&self) -> Arc<Accounts> {
        self.accounts.lock().clone()
    }

    fn show_stretch(&self) {
        self.metrics.interval_stretch(self.check_load().greatest_stretch(self.options.quota_share));
    }

    /// How often the object is checked: as it says or else as the operator does, stretched to fit the quota.
    pub fn interval(&self, object: &UserPoolMfaConfig) -> Duration {
        let Some(scope) = self.scope(&access_request(object)) else { return self.own_interval(object) };
        let ratio = self.check_load().stretch(&scope, self.options.quota_share);
        self.own_interval(object).mul_f64(ratio)
    }

    /// One that an older CRD let through falls back to the operator's.
    fn own_interval(&self, object: &UserPoolMfaConfig) -> Duration {
        let own = object.spec.drift_check_interval.as_deref();
        own.and_then(|text| interval::parse_interval(text).ok()).unwrap_or(self.options.interval)
    }

    fn check_load(&self) -> MutexGuard<'_, CheckLoad> {
        self.check_load.lock()
    }

    /// Forgets an object, `namespace/name`, that is gone.
    pub fn remove_object(&self, name: &str) {
        self.cancellations.cancel(name);
        self.weakening_budget.remove(name);
        self.check_load().remove(name);
        self.show_stretch();
        self.object_states.remove(name);
        self.metrics.object_gauges.remove(name);
    }

    /// Notes how an object stands now that its status says so. `read` says whether the pool was read.
    pub fn record_reported(&self, object: &impl kube::Resource, reason: Option<Reason>, read: bool) {
        self.object_states.record_written(&object_key(object));
        self.metrics.object_gauges.record(&object_key(object), reason, read);
    }
}
