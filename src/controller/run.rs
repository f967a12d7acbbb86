//! Runs the controller from the first read of the accounts file to the release of the Lease.

use std::sync::{Arc, atomic::Ordering};

use futures::{
    FutureExt, Stream, StreamExt,
    channel::mpsc,
    future::{BoxFuture, pending},
    stream::{self, BoxStream},
};
use kube::{
    Config,
    runtime::{Controller, controller, reflector, reflector::ObjectRef, watcher},
};
use tokio_util::sync::CancellationToken;

use super::{
    accounts_file::{AccountsFile, first_accounts, watch_accounts_file},
    catch_panic::catch_panic,
    client,
    context::{Context, Options},
    error::Error,
    events::Events,
    leader_election::{
        leadership::Leadership,
        lease::{self, Election},
    },
    reconcile::{self, on_error, reconcile},
    watch::{
        cached_object::CachedObject,
        streams::{Watches, all, objects},
    },
};
use crate::{
    aws::Cognito,
    ops::{health::Health, metrics::Metrics},
};

/// Reconciles until `shutdown` resolves. Then calls in flight are finished and reported, and the Lease is released.
///
/// # Errors
/// When the client configuration cannot be used, or when the election panics.
pub async fn run(
    config: Config,
    options: Options,
    cognito: Cognito,
    metrics: Arc<Metrics>,
    health: Health,
    watches: Watches,
    shutdown: impl Future<Output = ()> + Send + Sync + 'static,
) -> Result<(), Error> {
    let client = client::for_calls(config.clone())?;
    let (events, shutdown) = (Events::new(client.clone()), shutdown.shared());
    let path = options.accounts_file.clone();
    let mut file = path.map(|path| AccountsFile::new(path, events.clone(), metrics.clone()));
    // A replica that does not know the access rights must neither lead nor reconcile.
    let accounts = tokio::select! {
        () = shutdown.clone() => return Ok(()),
        accounts = first_accounts(file.as_mut(), &health) => accounts,
    };
    let (mut election, leadership, requeues) = elect(&config, options.election.clone(), &metrics, &health)?;
    let context = Arc::new(Context::new(options, client, cognito, events, leadership, metrics, accounts));
    let shutdown = cancel_at(shutdown, context.cancellations.all()).shared();
    let ended_early = shutdown_before_first_list(shutdown.clone(), health.clone());
    let (wake, woken) = mpsc::unbounded();
    let (reader, writer) = reflector::store();
    let (_watch, accounts_changes) = watch_accounts_file(file, &context);
    let objects = objects(watches, writer, context.clone(), wake, health);
    let store = reader.clone();
    let all_objects =
        stream::select(requeues, accounts_changes).flat_map(move |()| stream::iter(all(&store)));
    let controller = Controller::for_stream(objects, reader)
        // A reconciliation that waits for the quota must not keep others from starting: the limit is the quota's.
        .with_config(controller::Config::default().concurrency(0))
        .reconcile_on(in_batches(stream::select(woken, all_objects)))
        .graceful_shutdown_on(shutdown)
        .run(reconcile_guarded, on_error, context.clone())
        .for_each(async |result| log(result, &context));
    tokio::select! {
        () = controller => {}
        () = ended_early => {}
        error = election_failed(election.as_mut()) => return Err(error),
    }
    release_lease(&context, election).await;
    Ok(())
}

/// How many reconciliations the controller starts before it polls them.
const BATCH: usize = 100;

/// Lets the controller finish some reconciliations before it starts others. It keeps 700 bytes for each started one, and
/// never frees that memory.
fn in_batches<T: Send + 'static>(
    woken: impl Stream<Item = T> + Send + 'static,
) -> impl Stream<Item = T> + Send + 'static {
    woken.enumerate().then(async |(number, object)| {
        if number.is_multiple_of(BATCH) {
            tokio::task::yield_now().await;
        }
        object
    })
}

/// Has an item whenever all objects must be requeued.
type Requeues = BoxStream<'static, ()>;

/// Starts the election, if there is one.
fn elect(
    config: &Config,
    election: Option<lease::ElectionConfig>,
    metrics: &Arc<Metrics>,
    health: &Health,
) -> Result<(Option<Election>, Leadership, Requeues), Error> {
    metrics.set_leader(election.is_none());
    let Some(election) = election else {
        return Ok((None, Leadership::alone(), stream::pending().boxed()));
    };
    let (election, leadership, requeues) =
        Election::begin(config.clone(), election, metrics.clone(), health.clone())?;
    Ok((Some(election), leadership, requeues.boxed()))
}

async fn election_failed(election: Option<&mut Election>) -> Error {
    match election {
        Some(election) => election.failed().await,
        None => pending().await,
    }
}

/// Releases the Lease, if there is one, when no write can be in flight any more.
async fn release_lease(context: &Context, election: Option<Election>) {
    if context.pool_locks.any_blocked() {
        context.leadership.wait_until_idle().await;
    }
    if let Some(election) = election {
        election.end().await;
    }
}

/// Resolves at the shutdown, after cancelling the reconciliations that wait for the quota.
async fn cancel_at(shutdown: impl Future<Output = ()>, reconciliations: CancellationToken) {
    shutdown.await;
    reconciliations.cancel();
}

/// Resolves at a shutdown before the first lists are complete. The controller would wait for these lists, which may never
/// come, although nothing can be in progress.
async fn shutdown_before_first_list(shutdown: impl Future<Output = ()>, health: Health) {
    shutdown.await;
    if health.listed.load(Ordering::Relaxed) {
        pending::<()>().await;
    }
}

fn reconcile_guarded(
    object: Arc<CachedObject>,
    context: Arc<Context>,
) -> BoxFuture<'static, Result<controller::Action, reconcile::Error>> {
    // Registered before the first poll, so that every later version of the object cancels this reconciliation.
    let cancellation = context.cancellations.begin(object.key().to_owned(), object.version());
    catch_panic(async move { reconcile(&object, context, &cancellation).await })
}

type Reconciled = Result<
    (ObjectRef<CachedObject>, controller::Action),
    controller::Error<reconcile::Error, watcher::Error>,
>;

fn log(result: Reconciled, context: &Context) {
    match result {
        // `on_error` has logged a failure, with its object.
        Ok(_) | Err(controller::Error::ReconcilerFailed(..)) => {}
        // A reconciliation that ended after its object was deleted may have recorded the object again.
        Err(controller::Error::ObjectNotFound(deleted)) => {
            context.remove_object(&format!("{}/{}", deleted.namespace.unwrap_or_default(), deleted.name));
        }
        Err(controller::Error::QueueError(error)) => {
            tracing::warn!(%error, "a watch failed and is restarted: is the CRD installed, and may the operator list and watch userpoolmfaconfigs?");
        }
        Err(error) => tracing::error!(%error, "the controller failed"),
    }
}
