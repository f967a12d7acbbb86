//! The log on standard error.

use clap::ValueEnum;
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt,
};

use super::sensitive_logs::may_log;

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line for a person.
    Text,
    /// A JSON object for a program.
    Json,
}

/// What is logged when RUST_LOG asks for nothing. The Controller's own span says of each line what the line says.
const DEFAULT: &str = "info,kube_runtime=warn";

/// Begins to log what RUST_LOG asks for, less what could show a credential.
pub fn init(format: LogFormat) {
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|directives| !directives.is_empty());
    let wanted = EnvFilter::builder().parse_lossy(asked.as_deref().unwrap_or(DEFAULT));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let lines = lines.with_filter(filter_fn(may_log));
    tracing_subscriber::registry().with(wanted).with(lines).init();
}
