//! The state that all reconciliations share.

use std::{path::PathBuf, sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::{
        accounts::{AccessRequest, Accounts, Denied, Identity, access_request},
        ownership::{Claims, object_key},
    },
    api::v1alpha1::{Reason, Resolved, UserPoolMfaConfig},
    schedule::{check_load::CheckLoad, queue::ObjectKey},
    status::other_operator::Writer,
};
use kube::Client;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{
    events::Events,
    leader_election::{leadership::Leadership, lease},
    reconcile::Action,
    references::{ReferenceKind, References},
    table::Table,
    watch::{Object, WatchHandle},
    weakening_budget::SharedBudget,
};
use crate::{aws::Cognito, ops::metrics::Metrics};

/// After this many runs in a row whose write came too late, the next one backs off.
const MANY_WRITES_DUE: u32 = 3;

/// The settings of the controller, from the flags of `run`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The name of this operator in the statuses that it writes. Its replicas share it.
    pub operator: String,
    /// The path of the accounts file. None: the operator's own AWS identity serves every namespace.
    pub accounts_file: Option<PathBuf>,
    /// The drift check interval of objects that do not set their own.
    pub interval: Duration,
    /// How many objects may be written to the API server at the same time, and how many reconciliations may run that make
    /// no call to AWS.
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
    /// What references may name.
    pub references: Vec<ReferenceKind>,
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
    /// Reads what the references of objects name.
    pub references: References,
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
    /// The watches.
    pub watches: WatchHandle,
    /// Cancels all reconciliations, including those that start later.
    pub shutdown: CancellationToken,
    /// Bounds the concurrent writes to the API server.
    pub api_permits: Semaphore,
    /// The drift checks that all objects ask for, to be fitted to the quota.
    pub(super) check_load: Mutex<CheckLoad>,
    /// The objects.
    pub table: Table,
    /// The hourly limit on weakening writes, and the objects on hold for it.
    pub weakening_budget: SharedBudget,
}

impl Context {
    /// A context in which no object is known yet.
    pub fn new(
        options: Options,
        client: Client,
        cognito: Cognito,
        leadership: Leadership,
        metrics: Arc<Metrics>,
        accounts: Accounts,
        watches: WatchHandle,
    ) -> Self {
        Self {
            references: References::new(client.clone(), options.references.clone()),
            events: Events::new(client.clone()),
            client,
            cognito,
            accounts: Mutex::new(Arc::new(accounts)),
            table: Table::new(leadership.clone()),
            weakening_budget: SharedBudget::new(options.max_lowerings, leadership.clone()),
            leadership,
            metrics,
            claims: Mutex::default(),
            watches,
            shutdown: CancellationToken::new(),
            api_permits: Semaphore::new(options.concurrency.into()),
            check_load: Mutex::default(),
            options,
        }
    }

    /// The claims of all objects on their pools.
    pub fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock()
    }

    /// Records the claim, the check load and the weakening writes of an object as a watch shows it now. Returns the objects
    /// whose ownership may have changed.
    pub fn record_claim_and_load(&self, key: &ObjectKey, object: &Object) -> Vec<ObjectKey> {
        let Ok(valid) = &object.0 else {
            // An object that became invalid keeps its claim, so that no other object takes its pool meanwhile.
            self.remove_load(key);
            return Vec::new();
        };
        self.weakening_budget.record_status(valid);
        let others = self.claims().upsert(key, valid);
        self.record_load(key, valid);
        others
    }

    /// The AWS identity under which calls for the object's pool are made.
    ///
    /// # Errors
    /// What the accounts file does not allow the object.
    pub fn authorize(&self, object: Resolved) -> Result<Identity, Denied> {
        self.accounts().authorize(&access_request(object)).cloned()
    }

    /// The other object, `namespace/name`, that owns the pool of `object`, if there is one. An object that is being
    /// deleted never owns its pool while another object claims it.
    pub fn conflicting_owner(&self, object: &UserPoolMfaConfig) -> Option<String> {
        if object.metadata.deletion_timestamp.is_some() {
            return self.owner(object.pool_id()?).map(|owner| owner.to_string());
        }
        let (accounts, claims) = (self.accounts(), self.claims());
        let authorized = |request: &AccessRequest| accounts.authorize(request).is_ok();
        claims.conflicting_owner(object, authorized).map(|owner| owner.to_string())
    }

    /// The object that owns the pool, if any does.
    pub fn owner(&self, pool: &str) -> Option<ObjectKey> {
        let accounts = self.accounts();
        let claims = self.claims();
        let owner = claims.owner(pool, |request| accounts.authorize(request).is_ok());
        owner.map(|claim| claim.object.clone())
    }

    /// Replaces the access rights. Reconciliations that wait for the quota are cancelled, so that no call is sent under a
    /// right that was revoked. Failed objects become due at once, because the old rights may have been the cause.
    pub fn set_accounts(&self, accounts: Accounts) {
        *self.accounts.lock() = Arc::new(accounts);
        self.table.cancel_all();
        self.table.retry_failed();
    }

    fn accounts(&self) -> Arc<Accounts> {
        self.accounts.lock().clone()
    }

    /// Makes an object due now, or once its running reconciliation has ended.
    pub fn wake(&self, key: &ObjectKey) {
        self.cognito.queue.update(|queue, now| queue.wake(key, now));
    }

    /// Makes all objects due now.
    pub fn wake_all(&self) {
        let keys = self.table.keys(|_| true);
        self.cognito.queue.update(|queue, now| keys.iter().for_each(|key| queue.wake(key, now)));
    }

    /// Plans when an object is due again whose reconciliation has ended, and blocks its pool for a time.
    pub fn end_run(&self, key: &ObjectKey, action: Action, blocked: Duration) {
        let writes_due = self.table.end_run(key, action == Action::WriteDue);
        let wait = match action {
            Action::Requeue(wait) => Some(wait),
            Action::WriteDue if writes_due.is_some_and(|times| times >= MANY_WRITES_DUE) => {
                let wait = self.table.record_retry(key);
                tracing::warn!(object = %key, times = writes_due, ?wait, "a write could not be sent within 5 s of the read, again and again: the API server, or AWS's credentials, are slow");
                Some(wait)
            }
            Action::WriteDue => Some(Duration::ZERO),
            Action::AwaitChange => None,
        };
        let wait = wait.into_iter().chain(self.table.finalizer_retry(key)).min();
        let wait = wait.filter(|_| writes_due.is_some());
        self.cognito.queue.update(|queue, now| queue.end(key, blocked, wait.map(|wait| now + wait), now));
    }

    /// Removes an object that was deleted, and wakes those that may own its pool now.
    pub fn delete_object(&self, key: &ObjectKey) {
        self.cognito.queue.update(|queue, _| queue.remove(key));
        self.forget_object(key);
        self.table.remove(key);
        let others = self.claims().remove(key);
        for other in &others {
            self.wake(other);
        }
    }

    /// Forgets what the limits and the metrics know of an object, `namespace/name`, that is being deleted. Its row stays
    /// until a watch shows the deletion: by now it may be that of a new object of the same name.
    pub fn forget_object(&self, key: &str) {
        self.weakening_budget.remove(key);
        self.remove_load(key);
        self.table.remove_gauge(key);
        self.metrics.weakening.remove(key);
    }

    /// This operator as the one that writes the object's status.
    pub fn writer(&self, object: &UserPoolMfaConfig) -> Writer<'_> {
        Writer { operator: &self.options.operator, last_seen: self.table.last_seen(object) }
    }

    /// Records that an object's status was written with this reason of Ready. `read` says whether its pool was read.
    pub fn record_reported(&self, object: &impl kube::Resource, reason: Option<Reason>, read: bool) {
        let key = object_key(object);
        self.table.reset_retries(&key);
        self.table.record_reason(&key, reason, read);
    }
}
