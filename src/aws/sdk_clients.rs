//! The SDK's clients: one for each session and region. Connections are shared by all of them.

use std::{collections::HashMap, time::Duration};

use aws_config::{SdkConfig, retry::RetryConfig, sts::AssumeRoleProvider, timeout::TimeoutConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_cognitoidentityprovider::{
    Client,
    config::{Builder, Region},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use cognito_mfa_core::access::accounts::{Identity, session_name};
use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

use super::{
    http_client::SetupError,
    sdk_config::{AwsOptions, Timeouts, http_client, identity_cache, load_sdk_config, named_region},
};
/// A session that nobody used for this long has no credentials any more: STS gives them for an hour. So namespaces that
/// come and go leave nothing behind.
const IDLE_SESSION: Duration = Duration::from_hours(1);

/// How often the environment and the profile are read anew at most.
const RENEW_INTERVAL: Duration = Duration::from_secs(10);

/// The clients that have been used lately.
pub(super) struct SdkClients {
    /// The operator's own configuration, and when it was read.
    own: Mutex<(SdkConfig, Instant)>,
    http: SharedHttpClient,
    setup: AwsOptions,
    open: Mutex<HashMap<Session, OpenSession>>,
}

/// Who calls: an identity and, where it is a role's, the name under which the role's account sees the calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Session {
    identity: Identity,
    name: String,
}

/// What the clients of a session share, its credentials above all, and one client a region: each has its own notion of
/// AWS's clock.
struct OpenSession {
    sdk: SdkConfig,
    regions: HashMap<String, (Client, Instant)>,
    used: Instant,
    /// When AWS refused the credentials, if it has taken them in no call since.
    doubted: Option<Instant>,
}

impl Session {
    /// The session on behalf of a namespace.
    pub(super) fn of(identity: &Identity, namespace: &str) -> Self {
        let name = match identity {
            Identity::Own => String::new(),
            Identity::Role { .. } => session_name(namespace),
        };
        Self { identity: identity.clone(), name }
    }
}

impl SdkClients {
    /// Reads the SDK's configuration.
    ///
    /// # Errors
    /// A CA bundle that cannot be used.
    pub(super) async fn load(setup: AwsOptions) -> Result<Self, SetupError> {
        let http = http_client()?;
        let own = (load_sdk_config(&setup, http.clone()).await, Instant::now());
        Ok(Self { own: Mutex::new(own), http, setup, open: Mutex::default() })
    }

    /// The client of a session in a region, made at its first use. Asks nobody for credentials.
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
            doubted: None,
        });
        open.used = now;
        // A pool's id may name any region: those that were tried once are not kept for good.
        open.regions.retain(|_, (_, used)| *used + IDLE_SESSION > now);
        let sdk = &open.sdk;
        let new = || (self.client_in(sdk, region), now);
        let (client, used) = open.regions.entry(region.to_owned()).or_insert_with(new);
        *used = now;
        client.clone()
    }

    /// Takes note that AWS refused the credentials of a session in a call that began then. Returns whether it had
    /// refused them before that call: one refusal may be about a clock that is wrong, and what the client has learned of
    /// AWS's clock from it is lost with the client.
    pub(super) fn doubt_credentials(&self, session: &Session, began: Instant) -> bool {
        let mut all = self.open();
        let Some(open) = all.get_mut(session) else { return false };
        let since = *open.doubted.get_or_insert_with(Instant::now);
        since < began
    }

    /// Takes note that AWS took the credentials of a session.
    pub(super) fn trust_credentials(&self, session: &Session) {
        if let Some(open) = self.open().get_mut(session) {
            open.doubted = None;
        }
    }

    /// Forgets a session whose credentials AWS does not take any more: the next call assumes the role anew.
    pub(super) fn close(&self, session: &Session) {
        if session.identity != Identity::Own {
            self.open().remove(session);
        }
    }

    /// Reads the environment and the profile anew, which the SDK does once: a key in a file may have been replaced. At
    /// most every ten seconds, however many calls fail.
    pub(super) async fn renew(&self) {
        {
            let mut own = self.own.lock();
            if own.1.elapsed() < RENEW_INTERVAL {
                return;
            }
            own.1 = Instant::now();
        }
        let sdk = load_sdk_config(&self.setup, self.http.clone()).await;
        self.own.lock().0 = sdk;
        self.open().remove(&Session { identity: Identity::Own, name: String::new() });
    }

    /// The region that somebody named.
    pub(super) async fn region(&self) -> Option<String> {
        named_region(&self.http, &self.setup).region().await.map(|region| region.to_string())
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
        let cache = identity_cache(&self.setup.timeouts);
        own.to_builder().credentials_provider(credentials).identity_cache(cache).build()
    }

    fn client_in(&self, sdk: &SdkConfig, region: &str) -> Client {
        let Timeouts { connect, read, attempt, .. } = self.setup.timeouts;
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
