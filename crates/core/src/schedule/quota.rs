//! How many calls AWS is asked to take: the published quotas, the share of them that is used, and how that gives way
//! when AWS asks for fewer. Time comes in as the time since any fixed start.

use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::{
    access::accounts::{AccessRequest, Identity},
    calls::failure::Operation,
};

/// Calls of one operation a second that AWS takes for one pool [docs].
const PER_POOL: f64 = 5.0;
/// The rate never falls below this part of the most: one Get in about six seconds at half the quota, which is enough
/// to notice that AWS takes calls again.
const MIN_RATE: f64 = 1.0 / 64.0;
/// What a success gives back: a hundred of them undo one halving. The quota is shared with other programs, so it is
/// approached slowly.
const RECOVERY: f64 = 1.0 / 200.0;
/// The part of the Gets that checks at their slots may take. The rest is for changes, confirmations and retries, and
/// keeps the queue short.
const ROUTINE_PART: f64 = 0.75;
/// Stretched intervals grow in such steps. An interval that changed with every object would move all slots each time.
const STRETCH_STEP: f64 = 1.25;

/// Where AWS counts calls together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct QuotaScope {
    /// The account of the identity that makes the calls; "own" is the operator's.
    pub account: String,
    /// The pool's region.
    pub region: String,
}

impl QuotaScope {
    /// Of a pool under an identity.
    #[must_use]
    pub fn of(identity: &Identity, pool_id: &str) -> Self {
        let region = pool_id.split_once('_').map_or(pool_id, |(region, _)| region);
        Self { account: identity.account().into(), region: region.into() }
    }

    /// Of a pool under the operator's own identity.
    #[must_use]
    pub fn own(pool_id: &str) -> Self {
        Self::of(&Identity::Own, pool_id)
    }
}

/// Calls a second that AWS takes in one account and region: `UserPoolResourceRead`, `UserPoolResourceUpdate` and
/// `UserPoolRead`, which cannot be raised and are shared with other calls [docs].
#[must_use]
pub fn published_rate(operation: Operation) -> f64 {
    match operation {
        Operation::Get => 20.0,
        Operation::Set | Operation::List => 15.0,
    }
}

/// Reads a share of the quotas.
///
/// # Errors
/// A sentence that says what to write.
pub fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.05..=1.0).contains(share));
    share.ok_or_else(|| {
        format!("{text:?} is no share of the quotas: write a number from 0.05 to 1, such as 0.5")
    })
}

/// The time between two calls at a rate. Rounded up: many gaps together must not be shorter than they may.
fn gap(rate: f64) -> Duration {
    Duration::from_secs_f64(1.0 / rate) + Duration::from_nanos(1)
}

/// The time between two calls of one operation for one pool.
#[must_use]
pub fn pool_gap(share: f64) -> Duration {
    gap(PER_POOL * share)
}

/// The calls of one operation in one scope, one at a time: what is not used is not saved up.
#[derive(Clone, Debug)]
pub struct CallBudget {
    most: f64,
    rate: f64,
    next: Duration,
    slowed: Duration,
}

impl CallBudget {
    /// A budget that is empty at first, so that a program that restarts again and again stays within it.
    #[must_use]
    pub fn new(operation: Operation, share: f64, now: Duration) -> Self {
        let most = published_rate(operation) * share;
        Self { most, rate: most, next: now + gap(most), slowed: Duration::ZERO }
    }

    /// Calls a second, now.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// When the next call may be made.
    #[must_use]
    pub fn next(&self) -> Duration {
        self.next
    }

    /// A call is made now.
    pub fn spend(&mut self, now: Duration) {
        self.next = now + gap(self.rate);
    }

    /// AWS took a call. Returns whether that changes the rate.
    pub fn record_accepted(&mut self) -> bool {
        let before = self.rate;
        self.rate = (before + self.most * RECOVERY).min(self.most);
        self.rate > before
    }

    /// AWS refused a call, made at `made`, for its rate. Returns whether that changes the rate: calls that were under
    /// way when it last fell say nothing of what it is since.
    pub fn record_throttled(&mut self, made: Duration, now: Duration) -> bool {
        if made <= self.slowed {
            return false;
        }
        self.rate = (self.rate / 2.0).max(self.most * MIN_RATE);
        self.slowed = now;
        self.next = self.next.max(now + gap(self.rate));
        true
    }
}

/// How often the objects of each scope ask to be checked.
#[derive(Debug, Default)]
pub struct CheckLoad {
    objects: HashMap<String, CheckedObject>,
    /// Checks in a billion seconds: whole numbers, so that what is added can be taken away again.
    scopes: HashMap<Arc<QuotaScope>, u64>,
}

/// What an object asks for, and where that counts: nowhere while it has no right to it.
#[derive(Debug)]
struct CheckedObject {
    access: AccessRequest,
    checks: u64,
    scope: Option<Arc<QuotaScope>>,
}

impl CheckLoad {
    /// Takes note of an object, `namespace/name`, that is checked at this interval. `scope` says where, as rights are.
    pub fn upsert(
        &mut self,
        name: &str,
        wish: AccessRequest,
        interval: Duration,
        scope: impl Fn(&AccessRequest) -> Option<QuotaScope>,
    ) {
        let checks = 1_000_000_000_000 / u64::try_from(interval.as_millis()).unwrap_or(u64::MAX).max(1);
        self.remove(name);
        let scope = scope(&wish).map(|scope| add(&mut self.scopes, scope, checks));
        self.objects.insert(name.to_owned(), CheckedObject { access: wish, checks, scope });
    }

    /// Takes note that the rights are others.
    pub fn set_scopes(&mut self, scope: impl Fn(&AccessRequest) -> Option<QuotaScope>) {
        self.scopes.clear();
        for object in self.objects.values_mut() {
            object.scope = scope(&object.access).map(|scope| add(&mut self.scopes, scope, object.checks));
        }
    }

    /// Forgets an object that is gone, or that is not checked any more.
    pub fn remove(&mut self, name: &str) {
        let Some(CheckedObject { checks, scope: Some(scope), .. }) = self.objects.remove(name) else {
            return;
        };
        let Some(sum) = self.scopes.get_mut(&scope) else { return };
        *sum -= checks;
        if *sum == 0 {
            self.scopes.remove(&scope);
        }
    }

    /// By how much the intervals in a scope are stretched at this share of the quotas.
    #[must_use]
    pub fn stretch(&self, scope: &QuotaScope, share: f64) -> f64 {
        self.scopes.get(scope).map_or(1.0, |checks| stretch_of(*checks, share))
    }

    /// By how much they are where they are most.
    #[must_use]
    pub fn greatest_stretch(&self, share: f64) -> f64 {
        self.scopes.values().map(|checks| stretch_of(*checks, share)).fold(1.0, f64::max)
    }
}

/// Adds to the checks of a scope. Returns it as all of its objects share it.
fn add(scopes: &mut HashMap<Arc<QuotaScope>, u64>, scope: QuotaScope, checks: u64) -> Arc<QuotaScope> {
    let scope = scopes.get_key_value(&scope).map_or_else(|| Arc::new(scope), |(known, _)| known.clone());
    *scopes.entry(scope.clone()).or_default() += checks;
    scope
}

#[allow(
    clippy::cast_precision_loss,
    reason = "2^53 checks in a billion seconds are a hundred times any fleet's"
)]
fn stretch_of(checks: u64, share: f64) -> f64 {
    let load = checks as f64 / 1e9 / (published_rate(Operation::Get) * share * ROUTINE_PART);
    STRETCH_STEP.powf(load.max(1.0).log(STRETCH_STEP).ceil())
}
