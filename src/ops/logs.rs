//! The log on standard error.

use clap::ValueEnum;
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt,
};

use super::sensitive_logs::may_log;

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object for each line.
    Json,
}

/// What is logged when `RUST_LOG` is unset or empty. The spans of `kube_runtime` repeat the object that our own lines
/// already name.
const DEFAULT_FILTER: &str = "info,kube_runtime=warn";

/// Starts to log what `RUST_LOG` asks for, except what could show a credential.
pub fn init(format: LogFormat) {
    let directives = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|directives| !directives.is_empty());
    let filter = EnvFilter::builder().parse_lossy(directives.as_deref().unwrap_or(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let lines = lines.with_filter(filter_fn(may_log));
    tracing_subscriber::registry().with(filter).with(lines).init();
}
