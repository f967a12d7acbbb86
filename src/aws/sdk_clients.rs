//! The SDK's clients: one for each session and region. They all share their connections.

use std::{collections::HashMap, time::Duration};

use aws_config::{SdkConfig, retry::RetryConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_cognitoidentityprovider::{
    Client,
    config::{Builder, Region},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use cognito_mfa_core::{
    access::accounts::{Identity, session_name},
    calls::failure::FailureClass,
};
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::{
    credential_sources::CredentialSources,
    sdk_config::{AwsOptions, Timeouts, http_client, identity_cache, load_sdk_config, named_region},
    setup_error::SetupError,
};

/// A session that was unused for this long is dropped, or those of deleted namespaces would stay for ever. Its
/// credentials have expired: STS gives them for an hour.
const IDLE_SESSION: Duration = Duration::from_hours(1);

/// The most clients of one session. AWS has fewer regions, but a pool's id may name any.
const MAX_REGIONS: usize = 64;

/// The shortest time between two reads of the environment and the profile, however many calls fail.
const RENEW_INTERVAL: Duration = Duration::from_secs(10);
/// The same, where AWS accepts the credentials and denies the calls. Mostly a policy denies them, and each renewal costs a
/// call of STS.
const DENIED_RENEW_INTERVAL: Duration = Duration::from_mins(1);

/// The clients of the sessions that were used within the last hour.
pub(super) struct SdkClients {
    /// The operator's own configuration, and when it was read again.
    own: Mutex<(SdkConfig, Option<Instant>)>,
    http: SharedHttpClient,
    options: AwsOptions,
    pub(super) sources: CredentialSources,
    open: Mutex<HashMap<Session, OpenSession>>,
}

/// An identity and, where it is a role, the session name under which the role's account sees the calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Session {
    pub(super) identity: Identity,
    name: String,
}

/// The configuration of a session, its credentials included, and one client for each region: each client measures how
/// far its clock is from AWS's.
struct OpenSession {
    sdk: SdkConfig,
    regions: HashMap<String, (Client, Instant)>,
    used: Instant,
    /// When AWS refused the credentials, if it has accepted them in no call since.
    refused: Option<Instant>,
}

impl Session {
    /// The session for the objects of a namespace.
    pub(super) fn of(identity: &Identity, namespace: &str) -> Self {
        let name = match identity {
            Identity::Own => String::new(),
            Identity::Role { .. } => session_name(namespace),
        };
        Self { identity: identity.clone(), name }
    }
}

impl OpenSession {
    /// Drops the client that was unused for longest, where a new region would be one too many.
    fn make_room(&mut self, region: &str) {
        if self.regions.len() < MAX_REGIONS || self.regions.contains_key(region) {
            return;
        }
        let oldest = self.regions.iter().min_by_key(|(_, (_, used))| *used).map(|(region, _)| region.clone());
        if let Some(oldest) = oldest {
            self.regions.remove(&oldest);
        }
    }
}

impl SdkClients {
    /// Reads the SDK's configuration.
    ///
    /// # Errors
    /// A CA bundle that cannot be used, or an empty endpoint.
    pub(super) async fn load(options: AwsOptions) -> Result<Self, SetupError> {
        let http = http_client()?;
        let own = (load_sdk_config(&options, http.clone()).await?, None);
        let sources = CredentialSources::from_environment(options.profile.as_deref()).await;
        Ok(Self { own: Mutex::new(own), http, options, sources, open: Mutex::default() })
    }

    /// The client of a session in a region, made at its first use. Credentials are loaded at the first call.
    pub(super) async fn client(&self, session: &Session, region: &str) -> Client {
        let known = self.open().get(session).map(|open| open.sdk.clone());
        let sdk = match known {
            Some(sdk) => sdk,
            None => self.sdk(session).await,
        };
        let (mut all, now) = (self.open(), Instant::now());
        all.retain(|_, open| open.used + IDLE_SESSION > now);
        let open = all.entry(session.clone()).or_insert_with(|| OpenSession {
            sdk,
            regions: HashMap::new(),
            used: now,
            refused: None,
        });
        open.used = now;
        open.make_room(region);
        let sdk = &open.sdk;
        let new = || (self.client_in(sdk, region), now);
        let (client, used) = open.regions.entry(region.to_owned()).or_insert_with(new);
        *used = now;
        client.clone()
    }

    /// Records that AWS refused the credentials of a session in a call that began at `call_start`. Returns whether it
    /// had refused them before that call. One refusal may be about a wrong clock: the client then corrects its clock by
    /// AWS's answer, and a new client would have to learn that again.
    pub(super) fn doubt_credentials(&self, session: &Session, call_start: Instant) -> bool {
        let mut all = self.open();
        let Some(open) = all.get_mut(session) else { return false };
        *open.refused.get_or_insert_with(Instant::now) < call_start
    }

    /// Records that AWS accepted the credentials of a session.
    pub(super) fn trust_credentials(&self, session: &Session) {
        if let Some(open) = self.open().get_mut(session) {
            open.refused = None;
        }
    }

    /// Drops a session whose credentials AWS refuses: the next call assumes the role again.
    pub(super) fn close(&self, session: &Session) {
        if session.identity != Identity::Own {
            self.open().remove(session);
        }
    }

    /// Reads the environment and the profile again, and loads the operator's own credentials again, though not at each
    /// failure. The SDK reads them once, but somebody may have replaced a key in a file, or ended a session.
    pub(super) async fn renew(&self, class: FailureClass) {
        let interval =
            if class == FailureClass::AccessDenied { DENIED_RENEW_INTERVAL } else { RENEW_INTERVAL };
        {
            let mut own = self.own.lock();
            if own.1.is_some_and(|renewed| renewed.elapsed() < interval) {
                return;
            }
            own.1 = Some(Instant::now());
        }
        match load_sdk_config(&self.options, self.http.clone()).await {
            Ok(sdk) => self.own.lock().0 = sdk,
            Err(error) => {
                tracing::warn!(%error, "the AWS configuration was changed and cannot be used: the old one stays");
            }
        }
        self.open().remove(&Session { identity: Identity::Own, name: String::new() });
    }

    /// The region that a flag, the environment, the profile or the node names.
    pub(super) async fn region(&self) -> Option<String> {
        named_region(&self.http, &self.options).region().await.map(|region| region.to_string())
    }

    fn own(&self) -> SdkConfig {
        self.own.lock().0.clone()
    }

    async fn sdk(&self, session: &Session) -> SdkConfig {
        let Identity::Role { arn, external_id } = &session.identity else { return self.own() };
        let own = self.own();
        let role = AssumeRoleProvider::builder(arn).session_name(&session.name).configure(&own);
        let role = match external_id {
            Some(id) => role.external_id(id),
            None => role,
        };
        let credentials = SharedCredentialsProvider::new(role.build().await);
        let cache = identity_cache(&self.options.timeouts);
        own.to_builder().credentials_provider(credentials).identity_cache(cache).build()
    }

    fn client_in(&self, sdk: &SdkConfig, region: &str) -> Client {
        let Timeouts { connect, read, attempt, .. } = self.options.timeouts;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(connect)
            .read_timeout(read)
            .operation_timeout(attempt)
            .build();
        let config = Builder::from(sdk)
            .region(Region::new(region.to_owned()))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        Client::from_conf(config.build())
    }

    fn open(&self) -> MutexGuard<'_, HashMap<Session, OpenSession>> {
        self.open.lock()
    }
}
