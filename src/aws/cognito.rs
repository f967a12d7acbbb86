//! The two calls.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::MfaSettings,
    calls::{
        decode,
        failure::{Failure, FailureClass, Operation},
    },
    settings::observed::Observed,
};
use tokio::time::Instant;

use super::{
    client::CognitoClient,
    encode, error_codes,
    http_client::SetupError,
    rate_limiter::RateLimiter,
    raw_body::RawBody,
    sdk_clients::{SdkClients, Session},
    sdk_config::AwsOptions,
    send_guard::SendGuard,
};

/// What there is to count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CallEvent {
    /// A call was made: its code (see [`super::label`]; a bounded set) and how long it took.
    Called(Operation, &'static str, Duration),
    /// A call waited this long for its turn.
    Waited(Operation, Duration),
    /// Calls a second that are made now at most, in the account and region where they are fewest.
    Rate(Operation, f64),
}

/// Told of all that there is to count.
pub type CallObserver = Arc<dyn Fn(CallEvent) + Send + Sync>;

/// Cognito in all regions and under all identities.
pub struct Cognito {
    pub(super) clients: SdkClients,
    pub(super) limiter: RateLimiter,
    pub(super) observer: CallObserver,
}

impl Cognito {
    /// Reads the SDK's configuration from the environment and the profile. Asks at most the node's metadata
    /// for a region (a second, where there are none), and nobody for credentials. `share` is the part of the
    /// published quotas that is used.
    ///
    /// # Errors
    /// A CA bundle that cannot be used.
    pub async fn connect(
        setup: impl Into<AwsOptions>,
        share: f64,
        observer: CallObserver,
    ) -> Result<Self, SetupError> {
        let (clients, limiter) = (SdkClients::load(setup.into()).await?, RateLimiter::new(share));
        for operation in [Operation::Get, Operation::Set] {
            observer(CallEvent::Rate(operation, limiter.slowest(operation)));
        }
        Ok(Self { clients, limiter, observer })
    }

    /// The live settings of a pool: `GetUserPoolMfaConfig`, sent once.
    ///
    /// # Errors
    /// A failure with its class; an answer that cannot be read is one too.
    pub(super) async fn get(&self, caller: &CognitoClient<'_>, pool_id: &str) -> Result<Observed, Failure> {
        self.observed(caller, Operation::Get, async |session| {
            let client = self.clients.client(session, region(Operation::Get, pool_id)?).await;
            let (capture, attempt) = (RawBody::default(), Self::attempt(Operation::Get, caller));
            let call = client.get_user_pool_mfa_config().user_pool_id(pool_id).customize();
            let call = call.interceptor(capture.clone()).interceptor(attempt.clone());
            call.send().await.map_err(|error| attempt.failure(&error))?;
            decode::decode(Operation::Get, &capture.body())
        })
        .await
    }

    /// Replaces all five sections by the declared ones: `SetUserPoolMfaConfig`, sent once. A retry would replay
    /// the declaration past the guards that allowed this one. `permit` is asked at the moment it is sent. Returns what is
    /// live now.
    ///
    /// # Errors
    /// A failure with its class. After a transient one the outcome is unknown: the Set may have been done. With the
    /// code [`NOT_SENT`](cognito_mfa_core::calls::failure::NOT_SENT) there was no permit, and nothing was sent.
    pub(super) async fn set(
        &self,
        caller: &CognitoClient<'_>,
        pool_id: &str,
        declared: &MfaSettings,
    ) -> Result<Observed, Failure> {
        self.observed(caller, Operation::Set, async |session| {
            let client = self.clients.client(session, region(Operation::Set, pool_id)?).await;
            let (capture, attempt) = (RawBody::default(), Self::attempt(Operation::Set, caller));
            let call = client.set_user_pool_mfa_config().user_pool_id(pool_id);
            let call = encode::encode(call, declared).customize();
            let call = call.interceptor(capture.clone()).interceptor(attempt.clone());
            call.send().await.map_err(|error| attempt.failure(&error))?;
            decode::decode(Operation::Set, &capture.body())
        })
        .await
    }

    pub(super) fn attempt(operation: Operation, caller: &CognitoClient<'_>) -> SendGuard {
        SendGuard::new(operation, caller.cancelled.clone(), caller.permit.clone())
    }

    pub(super) async fn observed<T>(
        &self,
        caller: &CognitoClient<'_>,
        operation: Operation,
        call: impl AsyncFnOnce(&Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let (session, start) = (Session::of(caller.identity, caller.namespace), Instant::now());
        let result = call(&session).await.map_err(|failure| of_role(failure, caller.identity));
        let code = result.as_ref().map_or_else(|failure| error_codes::label(&failure.code), |_| "OK");
        (self.observer)(CallEvent::Called(operation, code, start.elapsed()));
        match &result {
            Ok(_) => self.clients.trust_credentials(&session),
            Err(failure) => self.doubt(&session, failure, start).await,
        }
        result
    }

    /// Begins a session anew whose credentials AWS refuses twice in a row.
    async fn doubt(&self, session: &Session, failure: &Failure, began: Instant) {
        if !is_about_credentials(failure) || !self.clients.doubt_credentials(session, began) {
            return;
        }
        // Before the session is closed, or the next call would begin it with what was read before.
        if failure.class == FailureClass::Credentials {
            self.clients.renew().await;
        }
        self.clients.close(session);
    }
}

/// Whether credentials that are kept may be what AWS refuses. So may be an AccessDenied: a session that its account has
/// revoked is denied everything until it ends.
fn is_about_credentials(failure: &Failure) -> bool {
    matches!(failure.class, FailureClass::Credentials | FailureClass::AccessDenied)
}

/// The failure to assume a role, with what both sides must have.
fn of_role(failure: Failure, identity: &Identity) -> Failure {
    let Identity::Role { arn, .. } = identity else { return failure };
    if failure.code != "CredentialsNotLoaded" {
        return failure;
    }
    let message = format!(
        "{arn} could not be assumed. Its trust policy must name the operator's identity and the externalId of the accounts file, and the operator's own policy must allow sts:AssumeRole on it. {}",
        failure.message
    );
    Failure::new(failure.class, failure.operation, &failure.code, &message)
}

/// The part of a pool id before the underscore. It becomes part of a host name, so nothing else passes.
fn region(operation: Operation, pool_id: &str) -> Result<&str, Failure> {
    let is_region = |region: &str| {
        !region.is_empty() && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match pool_id.split_once('_') {
        Some((region, _)) if is_region(region) => Ok(region),
        _ => Err(Failure::new(
            FailureClass::InvalidParameter,
            operation,
            "InvalidUserPoolId",
            &format!(
                "{pool_id:?} is not a pool id: write it as Cognito shows it, such as eu-west-1_Ab12Cd34E"
            ),
        )),
    }
}
