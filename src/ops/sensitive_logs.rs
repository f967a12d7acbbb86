//! What must never be logged.

use tracing::{Level, Metadata};

/// The crates that show whole requests and answers at TRACE. The SDK redacts the secrets in them, but not when
/// LOG_SENSITIVE_BODIES=true (the credentials that STS or the node answers), and not a credential process's arguments.
const WIRE: [&str; 10] = [
    "aws_config",
    "aws_runtime",
    "aws_sigv4",
    "aws_smithy_http_client",
    "aws_smithy_runtime",
    "aws_smithy_runtime_api",
    "h2",
    "hyper",
    "hyper_util",
    "rustls",
];

/// Whether an event may be logged at all. A filter of its own beside the one of the log level, so that no directive
/// opens what it shuts.
#[must_use]
pub fn may_log(metadata: &Metadata<'_>) -> bool {
    let krate = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() < Level::TRACE || !WIRE.contains(&krate)
}
