//! The commands: `run` here, the others in `cli`.

use std::{error::Error, process::ExitCode, sync::Arc};

use cognito_mfa_operator::{
    aws::{CallEvent, Cognito, Timeouts},
    cli::{self, Cli, Command, run::RunFlags},
    controller::{self, Options},
    ops::{logs, metrics::Metrics, server},
};
use futures::{FutureExt, future::Shared};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

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
    let config = kube::Config::infer().await.map_err(|error| {
        format!("no cluster to work for: set KUBECONFIG, or run in a Pod with a ServiceAccount: {error}")
    })?;
    let metrics = Arc::new(Metrics::default());
    let counted = metrics.clone();
    let count = Arc::new(move |observed| match observed {
        CallEvent::Called(operation, code, took) => counted.call(operation, code, took),
        CallEvent::Waited(operation, wait) => counted.call_waited(operation, wait),
        CallEvent::Rate(operation, rate) => counted.rate(operation, rate),
    });
    let timeouts = timeouts(election.as_ref());
    let gateway = Cognito::connect(timeouts, flags.quota_share, count).await?;
    let (watches, health) = controller::watches(&config, &flags.watch_namespaces)?;
    let listener = TcpListener::bind(flags.listen)
        .await
        .map_err(|error| format!("--listen {}: {error}", flags.listen))?;
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        listen = %listener.local_addr()?,
        namespaces = if flags.watch_namespaces.is_empty() { "all".into() } else { flags.watch_namespaces.join(",") },
        "started"
    );
    let stop = stop_signal()?;
    let pages = axum::serve(listener, server::routes(metrics.clone(), health.clone()))
        .with_graceful_shutdown(stop.clone());
    let settings = Options {
        accounts_file: flags.accounts_file,
        interval: flags.drift_check_interval,
        concurrency: flags.concurrency,
        quota_share: flags.quota_share,
        tolerated: flags.tolerate_settings,
        longest_set: timeouts.attempt,
        allow_disable: flags.allow_disable_on_delete,
        max_lowerings: flags.max_lowerings_per_hour,
        election,
    };
    let pages = tokio::spawn(pages.into_future());
    controller::run(config, settings, gateway, metrics, health, watches, stop).await?;
    tracing::info!("stopped: no pass is under way");
    pages.abort();
    Ok(())
}

/// How long calls may last: a Set never longer than a leader goes without renewing, or the lease would not outlast it.
fn timeouts(election: Option<&controller::leader_election::lease::ElectionConfig>) -> Timeouts {
    let usual = Timeouts::default();
    let attempt = election.map_or(usual.attempt, |election| usual.attempt.min(election.timing.deadline));
    Timeouts { attempt, ..usual }
}

/// Resolves at SIGTERM or SIGINT.
fn stop_signal() -> std::io::Result<Shared<impl Future<Output = ()> + Send>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("asked to stop: calls under way are finished, and none is begun");
    }
    .shared())
}
