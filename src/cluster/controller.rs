//! Watches the objects and runs the reconciliations.

use std::{
    collections::BTreeSet,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::{FutureExt, StreamExt, TryStreamExt, channel::mpsc, future::pending, stream::BoxStream};
use kube::{
    Api, Config, Resource,
    runtime::{
        Controller, PredicateConfig, WatchStreamExt, controller, reflector,
        reflector::ObjectRef,
        watcher::{self, Event, watcher},
    },
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{
    Error,
    accounts::{AccountsFile, first_accounts, reloads},
    client,
    context::{Context, Settings},
    events::Events,
    lease::{self, Election, Leadership},
    reconcile::{on_error, reconcile},
    scopes::{Object, merge},
    waits::version,
};
use crate::{
    api::{ALLOW_LOWERING, RECONCILE_REQUESTED_AT},
    aws::Gateway,
    core::ownership::{Claims, key},
    ops::{health::Health, metrics::Metrics},
};

/// The events of the watched namespaces.
pub type Watches = Vec<BoxStream<'static, watcher::Result<Event<Object>>>>;

/// Runs until `shutdown` resolves; calls that have begun are finished and told, and then the lease is handed over.
///
/// # Errors
/// When the client configuration cannot be used, or at a defect in the election.
pub async fn run(
    config: Config,
    settings: Settings,
    gateway: Gateway,
    metrics: Arc<Metrics>,
    health: Health,
    watches: Watches,
    shutdown: impl Future<Output = ()> + Send + Sync + 'static,
) -> Result<(), Error> {
    let client = client::for_calls(config.clone())?;
    let (events, shutdown) = (Events::new(client.clone()), shutdown.shared());
    let path = settings.accounts_file.clone();
    let mut file = path.map(|path| AccountsFile::new(path, events.clone(), metrics.clone()));
    // Before all else: who does not know the rights stands for no election and asks for no object.
    let accounts = tokio::select! {
        () = shutdown.clone() => return Ok(()),
        accounts = first_accounts(file.as_mut(), &health) => accounts,
    };
    let (mut election, leadership, begins) = elect(&config, settings.election.clone(), &metrics)?;
    let context = Arc::new(Context::new(settings, client, gateway, events, leadership, metrics, accounts));
    let shutdown = calling_away(shutdown, context.waits.all()).shared();
    let idle = stopped_before_any_pass(shutdown.clone(), health.clone());
    let (wake, woken) = mpsc::unbounded();
    let noted = context.clone();
    let (reader, writer) = reflector::store();
    let (_reloads, grants) = reloads(file, &context, &reader);
    let objects = merge(watches)
        .inspect_ok(move |event| note(event, &noted, &wake, &health))
        .modify(strip)
        .reflect(writer)
        .applied_objects()
        .predicate_filter(what_wakes, PredicateConfig::default().ttl(Duration::from_hours(24 * 365)));
    let passes = Controller::for_stream(objects, reader)
        // A pass that waits for its turn at AWS must not keep others from asking for theirs.
        .with_config(controller::Config::default().concurrency(0))
        .reconcile_on(woken)
        .reconcile_all_on(begins)
        .reconcile_all_on(grants)
        .graceful_shutdown_on(shutdown)
        .run(guarded, on_error, context.clone())
        .for_each(async |result| log(result));
    tokio::select! {
        () = passes => {}
        () = idle => {}
        error = broke_down(election.as_mut()) => return Err(error),
    }
    hand_over(&context, election).await;
    Ok(())
}

type Begins = BoxStream<'static, ()>;

/// Stands for election, where there is one.
fn elect(
    config: &Config,
    settings: Option<lease::Settings>,
    metrics: &Arc<Metrics>,
) -> Result<(Option<Election>, Leadership, Begins), Error> {
    metrics.lead(settings.is_none());
    let Some(settings) = settings else {
        return Ok((None, Leadership::alone(), futures::stream::pending().boxed()));
    };
    let (election, leadership, begins) = Election::begin(config.clone(), settings, metrics.clone())?;
    Ok((Some(election), leadership, begins.boxed()))
}

async fn broke_down(election: Option<&mut Election>) -> Error {
    match election {
        Some(election) => election.broke_down().await,
        None => pending().await,
    }
}

/// Hands the lease over, where there is one, once no Set can be under way any more.
async fn hand_over(context: &Context, election: Option<Election>) {
    if context.turns.any_barred() {
        context.leadership.rest().await;
    }
    if let Some(election) = election {
        election.end().await;
    }
}

/// Resolves at the shutdown, which calls all passes away from their waits.
async fn calling_away(shutdown: impl Future<Output = ()>, away: CancellationToken) {
    shutdown.await;
    away.cancel();
}

/// Resolves at the shutdown of an operator that has not listed yet. The controller would not end before its first
/// lists, which may never come; and no pass can be under way.
async fn stopped_before_any_pass(shutdown: impl Future<Output = ()>, health: Health) {
    shutdown.await;
    if health.listed.load(Ordering::Relaxed) {
        pending::<()>().await;
    }
}

/// The watches of the namespaces, all of them when none is named, and what shows that they are alive.
///
/// # Errors
/// When the client configuration cannot be used.
pub fn watches(config: &Config, namespaces: &[String]) -> Result<(Watches, Health), Error> {
    let scopes = if namespaces.is_empty() {
        vec![None]
    } else {
        namespaces.iter().collect::<BTreeSet<_>>().into_iter().map(Some).collect()
    };
    let (mut watches, mut health) = (Vec::new(), Health::default());
    for scope in scopes {
        let (client, pulse) = client::for_watch(config.clone())?;
        let api: Api<Object> = match scope {
            None => Api::all(client),
            Some(namespace) => Api::namespaced(client, namespace),
        };
        let pages = watcher::Config::default().timeout(client::WATCH_SECONDS).page_size(100);
        watches.push(watcher(api, pages).backoff(client::watch_backoff()).boxed());
        health.pulses.push(pulse);
    }
    Ok((watches, health))
}

/// Keeps the claims in step with the watches, before the store shows the object to anyone.
fn note(
    event: &Event<Object>,
    context: &Context,
    wake: &mpsc::UnboundedSender<ObjectRef<Object>>,
    health: &Health,
) {
    if let Event::Apply(object) | Event::InitApply(object) = event {
        context.note(object);
    }
    let mut claims = context.claims();
    let woken = match event {
        // What this build cannot read keeps the claim it had: nobody else gets its pool meanwhile.
        Event::Apply(object) | Event::InitApply(object) => {
            object.0.as_ref().map_or(Vec::new(), |object| claims.note(object))
        }
        Event::Delete(object) => {
            context.forget(&key(object));
            claims.forget(&key(object))
        }
        Event::Init => {
            *claims = Claims::default();
            Vec::new()
        }
        Event::InitDone => {
            health.listed.store(true, Ordering::Relaxed);
            tracing::info!("every watch has listed its objects: passes begin");
            Vec::new()
        }
    };
    for other in woken {
        if let Some((namespace, name)) = other.split_once('/') {
            // The receiver lives as long as the controller; after it nobody needs to wake.
            let _ = wake.unbounded_send(ObjectRef::new(name).within(namespace));
        }
    }
}

/// Drops what no pass reads: managed fields alone outweigh the spec.
fn strip(object: &mut Object) {
    let meta = object.meta_mut();
    meta.managed_fields = None;
    if let Some(annotations) = &mut meta.annotations {
        annotations.retain(|key, _| key == RECONCILE_REQUESTED_AT || key == ALLOW_LOWERING);
    }
}

#[allow(clippy::unnecessary_wraps, reason = "a predicate may have nothing to say")]
fn what_wakes(object: &Object) -> Option<u64> {
    Some(version(object))
}

/// One bad object never stops the rest. Each pass is a task of its own: the controller looks at all of its futures when
/// one of them wakes, and thousands may wait for their turn at AWS.
fn guarded(
    object: Arc<Object>,
    context: Arc<Context>,
) -> futures::future::BoxFuture<'static, Result<controller::Action, Error>> {
    // Here the store has shown this version, and cannot show a newer one unnoticed.
    let wait = context.waits.begin(&*object);
    let pass = async move { reconcile(object, context, &wait).await };
    let pass = AbortOnDropHandle::new(tokio::spawn(pass));
    async move { pass.await.unwrap_or(Err(Error::Panicked)) }.boxed()
}

type Passed = Result<(ObjectRef<Object>, controller::Action), controller::Error<Error, watcher::Error>>;

fn log(result: Passed) {
    match result {
        // A pass that failed was logged with its object; an object that is gone needs no pass.
        Ok(_) | Err(controller::Error::ReconcilerFailed(..) | controller::Error::ObjectNotFound(_)) => {}
        Err(controller::Error::QueueError(error)) => {
            tracing::warn!(%error, "a watch failed and is begun again: is the CRD installed, and may the operator list and watch userpoolmfaconfigs?");
        }
        Err(error) => tracing::error!(%error, "the controller failed"),
    }
}
