//! What must never be logged.

use tracing::{Level, Metadata};

/// The crates that show whole requests and answers at TRACE: the Authorization header, session tokens, the
/// credentials that STS or the node answers (aws-smithy-runtime's orchestrator, aws-sigv4's signing, HTTP frames).
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

/// Whether an event may be logged at all. Put it above every other filter, so that no log directive opens what it
/// shuts: `registry().with(filter_fn(may_log))`.
#[must_use]
pub fn may_log(metadata: &Metadata<'_>) -> bool {
    let krate = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() < Level::TRACE || !WIRE.contains(&krate)
}
