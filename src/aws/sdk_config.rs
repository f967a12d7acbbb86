//! The SDK's configuration: how long calls may last, and where credentials, endpoints and regions come from.

use std::{path::PathBuf, time::Duration};

use aws_config::{
    BehaviorVersion, Region, SdkConfig,
    environment::EnvironmentVariableRegionProvider,
    identity::IdentityCache,
    imds::region::ImdsRegionProvider,
    meta::region::RegionProviderChain,
    profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider},
    provider_config::ProviderConfig,
    timeout::TimeoutConfig,
};
use aws_smithy_runtime_api::client::{http::SharedHttpClient, identity::SharedIdentityCache};
use cognito_mfa_core::calls::failure::SET_TIMEOUT;

use super::http_client::{self, SetupError};

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

impl Timeouts {
    /// The usual timeouts, but no attempt lasts longer than `limit`.
    #[must_use]
    pub fn within(limit: Duration) -> Self {
        let usual = Self::default();
        Self { attempt: usual.attempt.min(limit), ..usual }
    }
}

/// The HTTP client that the environment asks for.
///
/// # Errors
/// A CA bundle that cannot be used.
pub(super) fn http_client() -> Result<SharedHttpClient, SetupError> {
    http_client::client(std::env::var_os("AWS_CA_BUNDLE").map(PathBuf::from))
}

/// What a person may name in place of the environment's and the profile's, and how long calls may last.
#[derive(Clone, Debug, Default)]
pub struct AwsOptions {
    /// How long calls may last.
    pub timeouts: Timeouts,
    /// The profile.
    pub profile: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The address of all services.
    pub endpoint_url: Option<String>,
}

impl From<Timeouts> for AwsOptions {
    fn from(timeouts: Timeouts) -> Self {
        Self { timeouts, ..Self::default() }
    }
}

/// Reads the environment and the profile as any SDK program does. The region is for STS and SSO: Cognito's is the
/// pool's.
pub(super) async fn load_sdk_config(setup: &AwsOptions, http: SharedHttpClient) -> SdkConfig {
    let timeouts = &setup.timeouts;
    let connections =
        TimeoutConfig::builder().connect_timeout(timeouts.connect).read_timeout(timeouts.read).build();
    let region = region(&http, setup).region().await;
    let mut config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .region(RegionProviderChain::first_try(region.clone()))
        .timeout_config(connections.clone())
        .identity_cache(identity_cache(timeouts));
    if let Some(profile) = &setup.profile {
        let chain = ProviderConfig::without_region().with_region(region).with_http_client(http);
        let chain = chain.with_timeout_config(connections);
        config = config.profile_name(profile).credentials_provider(credentials(profile, &chain));
    }
    if let Some(url) = setup.endpoint_url.as_ref().filter(|url| !url.is_empty()) {
        config = config.endpoint_url(url);
    }
    config.load().await
}

/// The credentials of a profile that somebody named. The SDK's own chain would prefer those of the environment, which
/// may be another account's.
fn credentials(profile: &str, chain: &ProviderConfig) -> ProfileFileCredentialsProvider {
    ProfileFileCredentialsProvider::builder().configure(chain).profile_name(profile).build()
}

/// Keeps credentials and renews them before they expire.
pub(super) fn identity_cache(timeouts: &Timeouts) -> SharedIdentityCache {
    IdentityCache::lazy().load_timeout(timeouts.credentials).build()
}

/// The region that somebody named, or the one that STS's global endpoint is in: a missing region is no failure to start.
fn region(http: &SharedHttpClient, setup: &AwsOptions) -> RegionProviderChain {
    named_region(http, setup).or_else("us-east-1")
}

/// The region that a flag, the environment, the profile or the node names: the SDK's own chain, spelt out, because its
/// short form wants the SDK's default HTTP client and panics without.
pub(super) fn named_region(http: &SharedHttpClient, setup: &AwsOptions) -> RegionProviderChain {
    if let Some(named) = &setup.region {
        return RegionProviderChain::first_try(Region::new(named.clone()));
    }
    let config = ProviderConfig::without_region().with_http_client(http.clone());
    let profile = ProfileFileRegionProvider::builder();
    let profile = match &setup.profile {
        Some(name) => profile.profile_name(name),
        None => profile,
    };
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(profile.build())
        .or_else(ImdsRegionProvider::builder().configure(&config).build())
}

#[cfg(test)]
mod tests {
    use cognito_mfa_core::{
        calls::failure::{Failure, FailureClass, Operation},
        schedule::requeue::barred_for,
        status::outcome::Outcome,
    };

    use super::*;

    #[test]
    fn a_pool_is_barred_for_as_long_as_a_set_can_last() {
        let timeout = Failure::new(FailureClass::Transient, Operation::Set, "Timeout", "");
        assert!(barred_for(&Outcome::Failed(timeout, None)) >= Timeouts::default().attempt);
    }
}
