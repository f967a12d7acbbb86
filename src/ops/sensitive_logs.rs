//! Log events that could show a credential.

use tracing::{Level, Metadata};

/// Crates that log whole requests and responses at TRACE. The SDK redacts their secrets, with two exceptions: with
/// `LOG_SENSITIVE_BODIES=true` it logs the credentials that STS or the node returns, and it always logs the arguments of
/// a credential process.
const WIRE_CRATES: [&str; 10] = [
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

/// Whether an event may be logged. This filter is separate from that of `RUST_LOG`, so that no directive there can
/// override it.
#[must_use]
pub fn may_log(metadata: &Metadata<'_>) -> bool {
    let crate_name = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() < Level::TRACE || !WIRE_CRATES.contains(&crate_name)
}
