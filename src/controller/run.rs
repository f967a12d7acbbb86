//! Runs the controller from the first read of the accounts file to the release of the Lease.

use std::sync::Arc;

use cognito_mfa_core::schedule::queue::Queue;
use futures::{
    FutureExt, StreamExt,
    future::pending,
    stream::{self, BoxStream},
};
use kube::Config;
use tokio::task::JoinSet;

use super::{
    accounts_file::{AccountsFile, first_accounts, watch_accounts_file},
    client,
    context::{Context, Options},
    dispatch::dispatch_due,
    error::Error,
    events::Events,
    leader_election::{
        leadership::Leadership,
        lease::{self, Election},
    },
    reconcile::run_reconciliation,
    snapshot::snapshot,
    watch::{RelistReason, Relists, WatchHandle, Watches},
};
use crate::{
    aws::{Cognito, Dispatch, Dispatches},
    ops::{health::Health, metrics::Metrics},
};

/// Reconciles until `shutdown` resolves. Then calls in flight are finished and reported, and the Lease is released.
///
/// # Errors
/// When the client configuration cannot be used, or when the election panics.
pub async fn run(
    config: Config,
    options: Options,
    (cognito, dispatches): (Cognito, Dispatches),
    metrics: Arc<Metrics>,
    health: Health,
    watches: Watches,
    shutdown: impl Future<Output = ()> + Send + Sync + 'static,
) -> Result<(), Error> {
    let client = client::for_calls(config.clone())?;
    let (events, shutdown) = (Events::new(client.clone()), shutdown.shared());
    let path = options.accounts_file.clone();
    let mut file = path.map(|path| AccountsFile::new(path, events, metrics.clone()));
    // A replica that does not know the access rights must neither lead nor reconcile.
    let accounts = tokio::select! {
        () = shutdown.clone() => return Ok(()),
        accounts = first_accounts(file.as_mut(), &health) => accounts,
    };
    let (relists, relists_due) = Relists::new();
    let (mut election, leadership, requeues) =
        elect(&config, options.election.clone(), &metrics, &health, &relists)?;
    let handle = WatchHandle { states: health.watches.clone(), relists };
    let context = Context::new(options, client, cognito, leadership, metrics, accounts, handle);
    let context = Arc::new(context);
    let weak = Arc::downgrade(&context);
    let source = move || weak.upgrade().map(|context| snapshot(&context)).unwrap_or_default();
    context.metrics.snapshot.set_source(source);
    let (_watch, accounts_changes) = watch_accounts_file(file, &context);
    let wakes = stream::select(requeues, accounts_changes).boxed();
    tokio::select! {
        () = reconcile_until(shutdown, watches, relists_due.boxed(), dispatches, wakes, &context) => {}
        error = election_failed(election.as_mut()) => return Err(error),
    }
    release_lease(&context, election).await;
    context.events.finish().await;
    Ok(())
}

/// The loop of the controller: an event of a watch updates the table and may make objects due, and a reconciliation runs as
/// a task once the queue starts it. At the shutdown those that run are cancelled, and finish the calls in flight.
async fn reconcile_until(
    shutdown: impl Future<Output = ()>,
    mut watches: Watches,
    mut relists: BoxStream<'static, RelistReason>,
    mut dispatches: Dispatches,
    mut wakes: Wakes,
    context: &Arc<Context>,
) {
    let mut running = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(event) = watches.next_event() => watches.handle(event, context),
            Some(()) = wakes.next() => context.wake_all(),
            Some(reason) = relists.next() => {
                reason.log();
                context.table.forget_versions();
                watches.restart();
            }
            Some(dispatch) = dispatches.recv() => match dispatch {
                Dispatch::Due(key) => dispatch_due(&key, context),
                Dispatch::Start(key, turn) => {
                    drop(running.spawn(run_reconciliation(key, turn, context.clone())));
                }
            },
            Some(_) = running.join_next() => {}
        }
    }
    context.shutdown.cancel();
    while running.join_next().await.is_some() {}
}

/// Has an item whenever all objects must be reconciled.
type Wakes = BoxStream<'static, ()>;

/// Starts the election, if there is one.
fn elect(
    config: &Config,
    election: Option<lease::ElectionConfig>,
    metrics: &Arc<Metrics>,
    health: &Health,
    relists: &Relists,
) -> Result<(Option<Election>, Leadership, Wakes), Error> {
    metrics.set_leader(election.is_none());
    let Some(election) = election else {
        return Ok((None, Leadership::alone(), stream::pending().boxed()));
    };
    let (election, leadership, requeues) =
        Election::begin(config.clone(), election, metrics.clone(), health.clone(), relists.clone())?;
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
    if context.cognito.queue.ask(Queue::any_blocked) {
        context.leadership.wait_until_idle().await;
    }
    if let Some(election) = election {
        election.end().await;
    }
}
