//! The SDK's configuration: timeouts, and where credentials, endpoints and regions come from.

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
use aws_types::service_config::ServiceConfigKey;
use cognito_mfa_core::calls::failure::SET_TIMEOUT;

use super::{
    http_client,
    named_profile::{load_profiles, undefined_profile},
    setup_error::SetupError,
};

/// The services that the SDK calls: Cognito, and those that credentials come from.
const CALLED_SERVICES: [&str; 5] = ["Cognito Identity Provider", "STS", "SSO", "SSO OIDC", "Signin"];

const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";

/// The timeouts of one call and its parts.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// To open a connection (DNS, TCP, TLS, a proxy's CONNECT). The SDK's own default is 3.1 s.
    pub connect: Duration,
    /// From sending a request to the first byte of its answer, connection included.
    pub read: Duration,
    /// To load credentials. It must be below `attempt`, or a credential source that hangs would look like Cognito.
    pub credentials: Duration,
    /// One attempt: credentials, connection, request and the whole answer.
    pub attempt: Duration,
}

impl Default for Timeouts {
    /// Cognito answers in well under a second. The 15 s of an attempt are `credentials` and `read` at their longest,
    /// and two seconds for the body.
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

/// The HTTP client with the trusted certificates of `AWS_CA_BUNDLE`.
///
/// # Errors
/// A CA bundle that cannot be used.
pub(super) fn http_client() -> Result<SharedHttpClient, SetupError> {
    http_client::client(std::env::var_os("AWS_CA_BUNDLE").map(PathBuf::from))
}

/// The settings that take precedence over the environment and the profile, and the timeouts.
#[derive(Clone, Debug, Default)]
pub struct AwsOptions {
    /// The timeouts of calls.
    pub timeouts: Timeouts,
    /// The name of the profile. Its credentials come before those of the environment.
    pub profile: Option<String>,
    /// The region of `ListUserPools`, and of STS and SSO.
    pub region: Option<String>,
    /// The URL of the endpoint for all AWS services. An empty one counts as none.
    pub endpoint_url: Option<String>,
}

impl From<Timeouts> for AwsOptions {
    fn from(timeouts: Timeouts) -> Self {
        Self { timeouts, ..Self::default() }
    }
}

/// Reads the environment and the profile as any SDK program does. The region is for STS and SSO: Cognito's region is
/// that of the pool.
///
/// # Errors
/// An empty endpoint.
pub(super) async fn load_sdk_config(
    options: &AwsOptions,
    http: SharedHttpClient,
) -> Result<SdkConfig, SetupError> {
    let timeouts = &options.timeouts;
    let connections =
        TimeoutConfig::builder().connect_timeout(timeouts.connect).read_timeout(timeouts.read).build();
    let region = region(&http, options).region().await;
    let mut config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http.clone())
        .region(RegionProviderChain::first_try(region.clone()))
        .timeout_config(connections.clone())
        .identity_cache(identity_cache(timeouts));
    if let Some(profile) = &profile_of_credentials(options).await {
        let chain = ProviderConfig::without_region().with_region(region).with_http_client(http);
        let chain = chain.with_timeout_config(connections);
        config = config.profile_name(profile).credentials_provider(credentials(profile, &chain));
    }
    if let Some(url) = options.endpoint_url.as_ref().filter(|url| !url.is_empty()) {
        config = config.endpoint_url(url);
    }
    let sdk = config.load().await;
    refuse_empty_endpoints(&sdk)?;
    Ok(sdk)
}

/// Refuses an endpoint that is set and empty: the SDK panics at the first call with it. It cannot be overridden,
/// because the SDK's own clients of STS and SSO read the environment and the profile themselves.
fn refuse_empty_endpoints(sdk: &SdkConfig) -> Result<(), SetupError> {
    // The SDK's clients of STS and SSO read the variables even under AWS_IGNORE_CONFIGURED_ENDPOINT_URLS.
    if let Some(variable) = CALLED_SERVICES.into_iter().find_map(empty_variable) {
        return Err(SetupError::EmptyEndpointVariable { variable });
    }
    let Some(configured) = sdk.service_config() else { return Ok(()) };
    for service in CALLED_SERVICES {
        let key = ServiceConfigKey::builder().service_id(service).env(ENDPOINT_URL).profile("endpoint_url");
        let key = key.build().expect("the key's three parts are given");
        if configured.load_config(key).is_some_and(|url| url.is_empty()) {
            return Err(SetupError::EmptyEndpointInProfile);
        }
    }
    Ok(())
}

/// The variable that sets the endpoint of a service, if it is set and empty.
fn empty_variable(service: &str) -> Option<String> {
    let of_service = format!("{ENDPOINT_URL}_{}", service.to_uppercase().replace(' ', "_"));
    let is_empty = |name: &String| std::env::var_os(name).is_some_and(|value| value.is_empty());
    [of_service, ENDPOINT_URL.to_owned()].into_iter().find(is_empty)
}

/// The profile whose credentials alone may be used: that of the flag, or that of AWS_PROFILE where it does not exist. The
/// SDK's own chain would then use another identity.
async fn profile_of_credentials(options: &AwsOptions) -> Option<String> {
    if options.profile.is_some() {
        return options.profile.clone();
    }
    load_profiles(None).await.and_then(|profiles| undefined_profile(&profiles).map(str::to_owned))
}

/// The credentials of a profile that a flag names. The SDK's own chain would prefer those of the environment, which may
/// be another account's.
fn credentials(profile: &str, chain: &ProviderConfig) -> ProfileFileCredentialsProvider {
    ProfileFileCredentialsProvider::builder().configure(chain).profile_name(profile).build()
}

/// A cache that renews credentials before they expire.
pub(super) fn identity_cache(timeouts: &Timeouts) -> SharedIdentityCache {
    IdentityCache::lazy().load_timeout(timeouts.credentials).build()
}

/// The configured region, or that of STS's global endpoint: a missing region must not keep the operator from starting.
fn region(http: &SharedHttpClient, options: &AwsOptions) -> RegionProviderChain {
    named_region(http, options).or_else("us-east-1")
}

/// The region that a flag, the environment, the profile or the node names. This is the SDK's own chain, spelt out: its
/// short form panics without the SDK's default HTTP client.
pub(super) fn named_region(http: &SharedHttpClient, options: &AwsOptions) -> RegionProviderChain {
    if let Some(named) = &options.region {
        return RegionProviderChain::first_try(Region::new(named.clone()));
    }
    let config = ProviderConfig::without_region().with_http_client(http.clone());
    let profile = ProfileFileRegionProvider::builder();
    let profile = match &options.profile {
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
        schedule::requeue::block_pool_for,
        status::outcome::Outcome,
    };

    use super::*;

    #[test]
    fn a_pool_is_blocked_for_as_long_as_a_write_can_last() {
        let timeout = Failure::new(FailureClass::Transient, Operation::Set, "Timeout", "");
        assert!(block_pool_for(&Outcome::Failed(timeout, None)) >= Timeouts::default().attempt);
    }
}
