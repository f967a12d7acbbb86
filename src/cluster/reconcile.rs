//! One reconciliation: the steps of a pass, in order.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use kube::{Client, core::error_boundary::InvalidObject, runtime::controller::Action};
use tokio::time::Instant;

use super::{
    Error,
    events::Events,
    scopes::Object,
    status::{self, Written},
};
use crate::{
    api::UserPoolMfaConfig,
    aws::Gateway,
    core::{
        notice::{self, Notice},
        outcome::Outcome,
        ownership::{Claims, key},
        pace,
        plan::{Cause, Step},
        schedule, text,
    },
    ops::metrics::Metrics,
    pass::pass,
};

/// The wait before a reconciliation that the API server failed is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// What every reconciliation needs.
pub struct Context {
    /// For calls of the API server.
    pub client: Client,
    /// For calls of Cognito.
    pub gateway: Gateway,
    /// For Kubernetes Events.
    pub events: Events,
    /// For the metrics page.
    pub metrics: Arc<Metrics>,
    /// Who speaks for which pool.
    pub claims: Mutex<Claims>,
    /// Where each object, by `namespace/name`, stands in its retries and checks; lost at a restart, as it may be.
    pub tracks: Mutex<HashMap<String, Track>>,
    /// How often a pool is checked where its object does not say.
    pub interval: Duration,
    /// The unknown settings that may be overwritten.
    pub tolerated: Vec<String>,
}

/// Where an object stands in its retries and checks.
#[derive(Clone, Copy, Debug)]
pub struct Track {
    generation: i64,
    failures: u32,
    next: Instant,
}

/// Reconciles an object.
///
/// # Errors
/// When the API server fails; the same object is tried again then.
pub async fn reconcile(object: Arc<Object>, context: Arc<Context>) -> Result<Action, Error> {
    match &object.0 {
        Ok(object) => known(object, &context).await,
        Err(invalid) => undecodable(&object, invalid, &context).await,
    }
}

/// What follows a failure of the API server.
#[allow(clippy::needless_pass_by_value, reason = "the shape that the controller calls")]
pub fn on_error(object: Arc<Object>, error: &Error, _: Arc<Context>) -> Action {
    let meta = kube::Resource::meta(&*object);
    tracing::warn!(%error, namespace = meta.namespace, name = meta.name, "the pass could not be finished and is tried again");
    Action::requeue(AGAIN)
}

async fn known(object: &UserPoolMfaConfig, context: &Context) -> Result<Action, Error> {
    if object.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    if let Some(rest) = rest(object, context) {
        return finish(object, &rest, context).await;
    }
    let planned =
        context.track(&key(object)).map(|track| track.next.saturating_duration_since(Instant::now()));
    let wait = pace::due(object, planned, interval(object, context), Timestamp::now());
    if !wait.is_zero() {
        context.metrics.waiting(&key(object), ready_reason(object));
        return Ok(Action::requeue(wait));
    }
    let may_set = async || {
        let fresh = status::current(&context.client, object).await;
        fresh.is_ok_and(|fresh| fresh.is_some_and(|fresh| status::planned_alike(object, &fresh)))
    };
    match pass(object, &context.gateway, &context.tolerated, may_set).await {
        Some(outcome) => finish(object, &outcome, context).await,
        // The change that came between wakes the object by itself; this is for a watch that lags.
        None => Ok(Action::requeue(AGAIN)),
    }
}

/// The outcome of an object for which no AWS call may be made.
fn rest(object: &UserPoolMfaConfig, context: &Context) -> Option<Outcome> {
    if object.spec.suspend {
        return Some(Outcome::Suspended);
    }
    context.claims().owner_before(object).map(Outcome::NotOwner)
}

/// Tells what the pass found: events, status, metrics, and when the next one is.
async fn finish(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) -> Result<Action, Error> {
    count(object, outcome, context);
    // Said before the status is written: a Set that happened is told even when the status write fails.
    if matches!(outcome, Outcome::Set { .. }) {
        tell(object, outcome, true, context).await;
    }
    let written = status::write(&context.client, object.clone(), outcome).await?;
    let Written::Told { object: told, news } = written else { return Ok(Action::requeue(AGAIN)) };
    if !matches!(outcome, Outcome::Set { .. }) {
        tell(object, outcome, news, context).await;
    }
    Ok(match next(&told, outcome, context) {
        Some(wait) => Action::requeue(wait),
        None => Action::await_change(),
    })
}

async fn tell(object: &UserPoolMfaConfig, outcome: &Outcome, news: bool, context: &Context) {
    if let Some(notice) = notice::notice(object, outcome, news) {
        tracing::info!(
            namespace = object.metadata.namespace,
            name = object.metadata.name,
            pool = object.spec.user_pool_id,
            reason = notice.reason,
            "{}",
            notice.note
        );
        context.events.publish(object, notice).await;
    }
}

/// The wait after a pass, remembered so that a wake that asks for nothing does not bring the next pass forward.
fn next(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) -> Option<Duration> {
    let name = key(object);
    let generation = object.metadata.generation.unwrap_or_default();
    let before = context.track(&name).filter(|track| track.generation == generation);
    let attempt = before.map_or(0, |track| track.failures);
    let status = object.status.clone().unwrap_or_default();
    let wait = pace::after(object, &status, outcome, attempt, interval(object, context), Timestamp::now());
    let failures = if matches!(outcome, Outcome::Failed(..)) { attempt.saturating_add(1) } else { 0 };
    let mut tracks = context.tracks.lock().unwrap_or_else(PoisonError::into_inner);
    match wait {
        Some(wait) => tracks.insert(name, Track { generation, failures, next: Instant::now() + wait }),
        None => tracks.remove(&name),
    };
    wait
}

fn count(object: &UserPoolMfaConfig, outcome: &Outcome, context: &Context) {
    let reason = outcome.verdict(&object.spec.settings).reason;
    context.metrics.pass(&key(object), reason, outcome.live().is_some());
    if let Outcome::Set { plan, .. } = outcome
        && plan.step == Step::Set(Cause::Drift)
    {
        context.metrics.correction(!plan.lowers.is_empty());
    }
}

async fn undecodable(object: &Object, invalid: &InvalidObject, context: &Context) -> Result<Action, Error> {
    context.metrics.pass(&key(object), "InvalidSpec", false);
    if status::write_undecodable(&context.client, invalid).await? {
        let note = format!("The pool is left alone: {}", invalid.error);
        let note = text::safe(&note, text::MESSAGE);
        let notice = Notice { warning: true, reason: "InvalidSpec", action: "Decode".into(), note };
        tracing::warn!(
            namespace = invalid.metadata.namespace,
            name = invalid.metadata.name,
            "{}",
            notice.note
        );
        context.events.publish(object, notice).await;
    }
    Ok(Action::await_change())
}

/// The object's own interval; one that an older CRD let through falls back to the operator's.
fn interval(object: &UserPoolMfaConfig, context: &Context) -> Duration {
    let own = object.spec.drift_check_interval.as_deref();
    own.and_then(|text| schedule::interval(text).ok()).unwrap_or(context.interval)
}

fn ready_reason(object: &UserPoolMfaConfig) -> &str {
    let ready = object.status.as_ref().and_then(|status| status.condition("Ready"));
    ready.map_or("Pending", |ready| &ready.reason)
}

impl Context {
    /// Who speaks for which pool.
    pub fn claims(&self) -> std::sync::MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets an object that is gone.
    pub fn forget(&self, name: &str) {
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        self.metrics.gone(name);
    }

    fn track(&self, name: &str) -> Option<Track> {
        self.tracks.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }
}
