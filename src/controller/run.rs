//! Runs the reconciliations.

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
    Error,
    accounts_file::{AccountsFile, first_accounts, watch_accounts_file},
    catch_panic::catch_panic,
    client,
    context::{Context, Options},
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

/// Runs until `shutdown` resolves; calls that have begun are finished and told, and then the lease is handed over.
///
/// # Errors
/// When the client configuration cannot be used, or at a defect in the election.
pub async fn run(
    config: Config,
    settings: Options,
    gateway: Cognito,
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
    let shutdown = cancelling(shutdown, context.cancellations.all()).shared();
    let idle = stopped_before_first_list(shutdown.clone(), health.clone());
    let (wake, woken) = mpsc::unbounded();
    let (reader, writer) = reflector::store();
    let (_reloads, grants) = watch_accounts_file(file, &context);
    let objects = objects(watches, writer, context.clone(), wake, health);
    let store = reader.clone();
    let everyone = stream::select(begins, grants).flat_map(move |()| stream::iter(all(&store)));
    let passes = Controller::for_stream(objects, reader)
        // A pass that waits for its turn at AWS must not keep others from asking for theirs.
        .with_config(controller::Config::default().concurrency(0))
        .reconcile_on(in_batches(stream::select(woken, everyone)))
        .graceful_shutdown_on(shutdown)
        .run(reconcile_guarded, on_error, context.clone())
        .for_each(async |result| log(result, &context));
    tokio::select! {
        () = passes => {}
        () = idle => {}
        error = election_failed(election.as_mut()) => return Err(error),
    }
    hand_over(&context, election).await;
    Ok(())
}

/// So many passes are begun before the controller looks which of them are done.
const BATCH: usize = 100;

/// Lets the controller be done with some passes before it begins others: it has a place of 700 bytes for each that has
/// begun, and never gives the room back.
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

type Begins = BoxStream<'static, ()>;

/// Stands for election, where there is one.
fn elect(
    config: &Config,
    settings: Option<lease::ElectionConfig>,
    metrics: &Arc<Metrics>,
) -> Result<(Option<Election>, Leadership, Begins), Error> {
    metrics.leader(settings.is_none());
    let Some(settings) = settings else {
        return Ok((None, Leadership::alone(), stream::pending().boxed()));
    };
    let (election, leadership, begins) = Election::begin(config.clone(), settings, metrics.clone())?;
    Ok((Some(election), leadership, begins.boxed()))
}

async fn election_failed(election: Option<&mut Election>) -> Error {
    match election {
        Some(election) => election.failed().await,
        None => pending().await,
    }
}

/// Hands the lease over, where there is one, once no Set can be under way any more.
async fn hand_over(context: &Context, election: Option<Election>) {
    if context.pool_locks.any_barred() {
        context.leadership.rest().await;
    }
    if let Some(election) = election {
        election.end().await;
    }
}

/// Resolves at the shutdown, which calls all passes away from their waits.
async fn cancelling(shutdown: impl Future<Output = ()>, away: CancellationToken) {
    shutdown.await;
    away.cancel();
}

/// Resolves at the shutdown of an operator that has not listed yet. The controller would not end before its first
/// lists, which may never come; and no pass can be under way.
async fn stopped_before_first_list(shutdown: impl Future<Output = ()>, health: Health) {
    shutdown.await;
    if health.listed.load(Ordering::Relaxed) {
        pending::<()>().await;
    }
}

fn reconcile_guarded(
    object: Arc<CachedObject>,
    context: Arc<Context>,
) -> BoxFuture<'static, Result<controller::Action, reconcile::Error>> {
    // Here the store has shown this version, and cannot show a newer one unnoticed.
    let wait = context.cancellations.begin(object.key().to_owned(), object.version());
    catch_panic(async move { reconcile(&object, context, &wait).await })
}

type Reconciled = Result<
    (ObjectRef<CachedObject>, controller::Action),
    controller::Error<reconcile::Error, watcher::Error>,
>;

fn log(result: Reconciled, context: &Context) {
    match result {
        // A pass that failed was logged with its object.
        Ok(_) | Err(controller::Error::ReconcilerFailed(..)) => {}
        // A pass that ended after its object was gone has left traces of it.
        Err(controller::Error::ObjectNotFound(gone)) => {
            context.remove_object(&format!("{}/{}", gone.namespace.unwrap_or_default(), gone.name));
        }
        Err(controller::Error::QueueError(error)) => {
            tracing::warn!(%error, "a watch failed and is begun again: is the CRD installed, and may the operator list and watch userpoolmfaconfigs?");
        }
        Err(error) => tracing::error!(%error, "the controller failed"),
    }
}
