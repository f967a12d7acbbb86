//! What all reconciliations share.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use cognito_mfa_core::{
    access::{
        accounts::{Accounts, Denied, Identity, Wish, wish},
        ownership::{Claims, key},
    },
    api::v1alpha1::{Reason, UserPoolMfaConfig},
    schedule::{
        quota::{Demand, Scope},
        slots,
    },
};
use kube::Client;
use tokio::sync::Semaphore;

use super::{
    events::Events,
    leader_election::{leadership::Leadership, lease},
    pools::{cancellation::Waits, object_state::Tracks, pool_lock::Turns, weakening_budget::Lowerings},
    watch::namespaces::Object,
};
use crate::{aws::Gateway, locked::locked, ops::metrics::Metrics};

/// How the controller runs.
#[derive(Clone, Debug)]
pub struct Settings {
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
    pub election: Option<lease::Settings>,
}

/// What every reconciliation needs.
pub struct Context {
    /// For calls of the API server.
    pub client: Client,
    /// For calls of Cognito.
    pub gateway: Gateway,
    /// Who may do what in AWS.
    accounts: Mutex<Arc<Accounts>>,
    /// For Kubernetes Events.
    pub events: Events,
    /// Whether this replica leads.
    pub leadership: Leadership,
    /// How the controller runs.
    pub settings: Settings,
    /// For the metrics page.
    pub metrics: Arc<Metrics>,
    /// Who speaks for which pool.
    claims: Mutex<Claims>,
    /// Who may pass over which pool.
    pub turns: Turns,
    /// Who waits for a turn at AWS.
    pub waits: Waits,
    /// Who may write to the API server.
    pub writes: Semaphore,
    /// How often the objects ask to be checked.
    demand: Mutex<Demand>,
    /// Where each object stands.
    pub tracks: Tracks,
    /// What is lowered, and who waits for it.
    pub lowerings: Lowerings,
}

impl Context {
    /// What reconciliations share from the start on: nothing is known of any object.
    pub fn new(
        settings: Settings,
        client: Client,
        gateway: Gateway,
        events: Events,
        leadership: Leadership,
        metrics: Arc<Metrics>,
        accounts: Accounts,
    ) -> Self {
        Self {
            client,
            gateway,
            accounts: Mutex::new(Arc::new(accounts)),
            events,
            tracks: Tracks::new(leadership.clone()),
            lowerings: Lowerings::new(settings.max_lowerings, leadership.clone(), metrics.clone()),
            leadership,
            metrics,
            claims: Mutex::default(),
            turns: Turns::default(),
            waits: Waits::default(),
            writes: Semaphore::new(settings.concurrency.into()),
            demand: Mutex::default(),
            settings,
        }
    }

    /// Who speaks for which pool.
    pub fn claims(&self) -> MutexGuard<'_, Claims> {
        locked(&self.claims)
    }

    /// Takes note of an object as it is now.
    pub fn note(&self, object: &Object) {
        self.waits.note(object);
        if let Ok(known) = &object.0 {
            self.lowerings.note(known);
        }
        match &object.0 {
            Ok(known) if !known.spec.suspend && known.metadata.deletion_timestamp.is_none() => {
                let (wish, interval) = (wish(known), self.own_interval(known));
                self.demand().note(&key(object), wish, interval, |wish| self.scope(wish));
            }
            _ => self.demand().forget(&key(object)),
        }
        self.show_stretch();
    }

    /// Where the checks of an object count; None when it has no right to any.
    fn scope(&self, wish: &Wish) -> Option<Scope> {
        let accounts = self.accounts();
        accounts.right(wish).ok().map(|identity| Scope::of(identity, &wish.pool))
    }

    /// The identity that serves the object, or what it lacks the right to.
    pub fn right(&self, object: &UserPoolMfaConfig) -> Result<Identity, Denied> {
        self.accounts().right(&wish(object)).cloned()
    }

    /// The object, `namespace/name`, that speaks for the pool of `object` in its place, if any. One that is being
    /// deleted gives way to any other.
    pub fn rival(&self, object: &UserPoolMfaConfig) -> Option<String> {
        let (accounts, claims) = (self.accounts(), self.claims());
        let authorised = |wish: &Wish| accounts.right(wish).is_ok();
        if object.metadata.deletion_timestamp.is_some() {
            return claims.owner(&object.spec.user_pool_id, authorised).map(|claim| claim.object.clone());
        }
        claims.owner_before(object, authorised)
    }

    /// Whether anybody speaks for a pool.
    pub fn is_owned(&self, pool: &str) -> bool {
        let accounts = self.accounts();
        self.claims().owner(pool, |wish| accounts.right(wish).is_ok()).is_some()
    }

    /// Puts other rights in force. No call is sent any more under a right that is lost: who waits for one is called
    /// away, and begins anew. What failed is tried again, for it may have failed of the rights.
    pub fn grant(&self, accounts: Accounts) {
        *locked(&self.accounts) = Arc::new(accounts);
        self.waits.call_all();
        self.tracks.retry_failed();
        self.demand().grant(|wish| self.scope(wish));
        self.show_stretch();
    }

    fn accounts(&self) -> Arc<Accounts> {
        locked(&self.accounts).clone()
    }

    fn show_stretch(&self) {
        self.metrics.stretched(self.demand().greatest_stretch(self.settings.quota_share));
    }

    /// How often the object is checked: as it says or else as the operator does, stretched to fit the quota.
    pub fn interval(&self, object: &UserPoolMfaConfig) -> Duration {
        let Some(scope) = self.scope(&wish(object)) else { return self.own_interval(object) };
        let ratio = self.demand().stretch(&scope, self.settings.quota_share);
        self.own_interval(object).mul_f64(ratio)
    }

    /// One that an older CRD let through falls back to the operator's.
    fn own_interval(&self, object: &UserPoolMfaConfig) -> Duration {
        let own = object.spec.drift_check_interval.as_deref();
        own.and_then(|text| slots::interval(text).ok()).unwrap_or(self.settings.interval)
    }

    fn demand(&self) -> MutexGuard<'_, Demand> {
        locked(&self.demand)
    }

    /// Forgets an object, `namespace/name`, that is gone.
    pub fn forget(&self, name: &str) {
        self.waits.call(name);
        self.lowerings.forget(name);
        self.demand().forget(name);
        self.show_stretch();
        self.tracks.forget(name);
        self.metrics.object_gauges.remove(name);
    }

    /// Notes how an object stands now that its status says so. `read` says whether the pool was read.
    pub fn stands(&self, object: &impl kube::Resource, reason: Option<Reason>, read: bool) {
        self.tracks.written(&key(object));
        self.metrics.object_gauges.record(&key(object), reason, read);
    }
}
