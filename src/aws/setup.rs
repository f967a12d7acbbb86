//! The SDK's configuration: how long calls may last, and where credentials, endpoints and regions come from.

use std::path::PathBuf;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::identity::IdentityCache;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::identity::SharedIdentityCache;

use super::http::{self, SetupError};
use crate::core::failure::SET_TIMEOUT;

/// How long calls may last.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To open a connection (DNS, TCP, TLS, a proxy's CONNECT). The SDK's own default is 3.1 s.
    pub connect: Duration,
    /// From sending a request to the first byte of its answer, connection included.
    pub read: Duration,
    /// To load credentials. Below `attempt`, or credentials that hang would look like Cognito hanging.
    pub credentials: Duration,
    /// One attempt: credentials, connection, request and the whole answer.
    pub attempt: Duration,
}

impl Default for Timeouts {
    /// Cognito answers in well under a second. 15 s are `credentials` and `read` at their worst, and a body.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            read: Duration::from_secs(8),
            credentials: Duration::from_secs(5),
            attempt: SET_TIMEOUT,
        }
    }
}

/// The HTTP client that the environment asks for.
///
/// # Errors
/// A CA bundle that cannot be used.
pub(super) fn http_client() -> Result<SharedHttpClient, SetupError> {
    http::client(std::env::var_os("AWS_CA_BUNDLE").map(PathBuf::from))
}

/// Reads the environment and the profile as any SDK program does. The region is for STS and SSO: Cognito's is the
/// pool's.
pub(super) async fn load(timeouts: &Timeouts, http: SharedHttpClient) -> SdkConfig {
    let connections =
        TimeoutConfig::builder().connect_timeout(timeouts.connect).read_timeout(timeouts.read).build();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .region(region(&http))
        .timeout_config(connections)
        .identity_cache(identity_cache(timeouts))
        .load()
        .await
}

/// Keeps credentials and renews them before they expire.
pub(super) fn identity_cache(timeouts: &Timeouts) -> SharedIdentityCache {
    IdentityCache::lazy().load_timeout(timeouts.credentials).build()
}

/// The SDK's own chain, spelt out: its short form wants the SDK's default HTTP client and panics without. It ends
/// where STS's global endpoint is, so that a missing region is no failure to start.
fn region(http: &SharedHttpClient) -> RegionProviderChain {
    let config = ProviderConfig::without_region().with_http_client(http.clone());
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new())
        .or_else(ImdsRegionProvider::builder().configure(&config).build())
        .or_else("us-east-1")
}
