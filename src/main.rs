//! The program: starts the controller for `run`, and passes the other commands to `cli`.

use std::{error::Error, process::ExitCode, sync::Arc};

use cognito_mfa_operator::{
    aws::{CallEvent, CallObserver, Cognito, Timeouts},
    cli::{self, Cli, Command, run::RunFlags},
    controller::{self, Options},
    kubeconfig,
    ops::{logs, metrics::Metrics, server},
};
use futures::{FutureExt, future::Shared};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let flags = match Cli::read().map(|cli| cli.command) {
        None => return ExitCode::SUCCESS,
        Some(Command::Run(flags)) => *flags,
        Some(Command::Tool(tool)) => return cli::main(tool).await.into(),
    };
    match run(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::output::say(&format!("cognito-mfa-operator: {error}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: RunFlags) -> Result<(), Box<dyn Error>> {
    logs::init(flags.log_format);
    let election = flags.election.config()?;
    let config = kubeconfig::infer().map_err(|error| {
        format!("no cluster is configured: set KUBECONFIG, or run in a Pod with a ServiceAccount: {error}")
    })?;
    let metrics = Arc::new(Metrics::default());
    // A leader whose renewals fail leads until this deadline; a write must not outlast the Lease.
    let timeouts = election
        .as_ref()
        .map_or_else(Timeouts::default, |election| Timeouts::within(election.timing.deadline));
    let (share, observer) = (flags.quota_share, count_calls(metrics.clone()));
    let cognito = Cognito::with_dispatches(timeouts, share, flags.concurrency.into(), observer).await?;
    let (watches, mut health) = controller::Watches::new(&config, &flags.watch_namespaces)?;
    health.observe_only = flags.observe_only;
    metrics.set_observe_only(flags.observe_only);
    let listener = flags.listen.bind().await?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        listen = %listener.local_addr()?,
        namespaces = if flags.watch_namespaces.is_empty() { "all".into() } else { flags.watch_namespaces.join(",") },
        "started"
    );
    if flags.observe_only {
        tracing::warn!("--observe-only: nothing is written to AWS, whatever the objects say");
    }
    let shutdown = shutdown_signal()?;
    let server = axum::serve(listener, server::routes(metrics.clone(), health.clone()))
        .with_graceful_shutdown(shutdown.clone());
    let server = tokio::spawn(server.into_future());
    let options = Options {
        operator: flags.election.operator_name(election.as_ref()),
        accounts_file: flags.accounts_file,
        interval: flags.drift_check_interval,
        concurrency: flags.concurrency,
        quota_share: flags.quota_share,
        tolerated: flags.tolerate_settings,
        write_timeout: timeouts.attempt,
        observe_only: flags.observe_only,
        allow_disable: flags.allow_disable_on_delete,
        max_lowerings: flags.max_lowerings_per_hour,
        references: flags.pool_references,
        election,
    };
    controller::run(config, options, cognito, metrics, health, watches, shutdown).await?;
    tracing::info!("stopped: no call is in flight");
    server.abort();
    Ok(())
}

fn count_calls(metrics: Arc<Metrics>) -> CallObserver {
    Arc::new(move |event| match event {
        CallEvent::Called(operation, code, duration) => metrics.calls.record_call(operation, code, duration),
        CallEvent::Waited(operation, wait) => metrics.calls.record_wait(operation, wait),
    })
}

/// Resolves at SIGTERM or SIGINT.
fn shutdown_signal() -> std::io::Result<Shared<impl Future<Output = ()> + Send>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("shutting down: finishing calls in flight");
    }
    .shared())
}
