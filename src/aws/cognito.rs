//! Cognito in all regions and under all identities: each call, sent once.

use std::{sync::Arc, time::Duration};

use cognito_mfa_core::{
    access::accounts::Identity,
    api::v1alpha1::MfaSettings,
    calls::{
        decode,
        failure::{Failure, FailureClass, Operation},
    },
    pool_id::{FORM, explain},
    settings::observed::Observed,
};
use tokio::time::Instant;

use super::{
    call_context::CallContext,
    call_outcome::CallOutcome,
    credentials_failure, encode, error_codes,
    raw_body::RawBody,
    sdk_clients::{SdkClients, Session},
    sdk_config::AwsOptions,
    send_guard::{Passage, SendGuard},
    setup_error::SetupError,
    shared_queue::{Dispatches, SharedQueue},
};

/// What metrics count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CallEvent {
    /// A call ended: "OK" or its error code (one of a bounded set, see [`super::label`]), and how long it took.
    Called(Operation, &'static str, Duration),
    /// How long a call waited for its turn.
    Waited(Operation, Duration),
}

/// Is called with each event. It must not block: calls wait for it.
pub type CallObserver = Arc<dyn Fn(CallEvent) + Send + Sync>;

/// Cognito in all regions and under all identities, within its request quotas.
pub struct Cognito {
    pub(super) clients: SdkClients,
    /// The queue of reconciliations and calls.
    pub queue: SharedQueue,
    pub(super) observer: CallObserver,
}

impl Cognito {
    /// Reads the SDK's configuration from the environment and the profile. It may ask the node's metadata service for
    /// a region, which takes a second where there is none; it loads no credentials. `share` is the part of the
    /// published quotas that is used.
    ///
    /// # Errors
    /// A CA bundle that cannot be used, or an empty endpoint.
    pub async fn connect(
        options: impl Into<AwsOptions>,
        share: f64,
        observer: CallObserver,
    ) -> Result<Self, SetupError> {
        Self::with_dispatches(options, share, 1, observer).await.map(|(cognito, _)| cognito)
    }

    /// The same, with the dispatches of the queue. At most `max_without_calls` reconciliations run at the same time that
    /// make no call to AWS.
    ///
    /// # Errors
    /// Those of [`Self::connect`].
    pub async fn with_dispatches(
        options: impl Into<AwsOptions>,
        share: f64,
        max_without_calls: usize,
        observer: CallObserver,
    ) -> Result<(Self, Dispatches), SetupError> {
        let clients = SdkClients::load(options.into()).await?;
        let (queue, dispatches) = SharedQueue::new(share, max_without_calls);
        Ok((Self { clients, queue, observer }, dispatches))
    }

    /// Reads the settings of a pool: `GetUserPoolMfaConfig`.
    pub(super) async fn get(
        &self,
        context: &CallContext,
        valid_until: Instant,
        pool_id: &str,
    ) -> CallOutcome<Observed> {
        self.call(context, Operation::Get, valid_until, async |guard| {
            let client = self.clients.client(&context.session, region(Operation::Get, pool_id)?).await;
            let body = RawBody::default();
            let call = client.get_user_pool_mfa_config().user_pool_id(pool_id).customize();
            let call = call.interceptor(body.clone()).interceptor(guard);
            call.send()
                .await
                .map_err(|error| error_codes::failure(Operation::Get, &error, &self.clients.sources))?;
            decode::decode(Operation::Get, &body.body())
        })
        .await
    }

    /// Replaces all five sections by the declared ones: `SetUserPoolMfaConfig`. A retry would write the declaration
    /// again without the checks that allowed this write.
    pub(super) async fn set(
        &self,
        context: &CallContext,
        valid_until: Instant,
        pool_id: &str,
        declared: &MfaSettings,
    ) -> CallOutcome<Observed> {
        self.call(context, Operation::Set, valid_until, async |guard| {
            let client = self.clients.client(&context.session, region(Operation::Set, pool_id)?).await;
            let body = RawBody::default();
            let call = client.set_user_pool_mfa_config().user_pool_id(pool_id);
            let call = encode::encode(call, declared).customize();
            let call = call.interceptor(body.clone()).interceptor(guard);
            call.send()
                .await
                .map_err(|error| error_codes::failure(Operation::Set, &error, &self.clients.sources))?;
            decode::decode(Operation::Set, &body.body())
        })
        .await
    }

    /// Makes one call under a send guard, counts it, and draws the conclusions about the session's credentials.
    pub(super) async fn call<T>(
        &self,
        context: &CallContext,
        operation: Operation,
        valid_until: Instant,
        call: impl AsyncFnOnce(SendGuard) -> Result<T, Failure>,
    ) -> CallOutcome<T> {
        let (session, start) = (&context.session, Instant::now());
        let guard = SendGuard::new(operation, context, valid_until);
        let result = call(guard.clone()).await;
        let was_allowed = match guard.passage() {
            Passage::Stopped => return CallOutcome::NotSent,
            Passage::Expired => return CallOutcome::Expired,
            Passage::NotReached => false,
            Passage::Allowed => true,
        };
        if was_allowed {
            self.clients.sources.record_loaded();
        }
        let result = result.map_err(|failure| {
            let failure = explain_role(failure, &session.identity);
            if was_allowed { failure } else { failure.not_sent() }
        });
        let code = result.as_ref().map_or_else(|failure| error_codes::label(&failure.code), |_| "OK");
        (self.observer)(CallEvent::Called(operation, code, start.elapsed()));
        match &result {
            Ok(_) => self.clients.trust_credentials(session),
            Err(failure) => self.doubt(session, failure, start).await,
        }
        CallOutcome::Attempted(result)
    }

    /// Closes a session whose credentials AWS refused twice in a row: the next call opens a new one.
    async fn doubt(&self, session: &Session, failure: &Failure, call_start: Instant) {
        if !is_about_credentials(failure) || !self.clients.doubt_credentials(session, call_start) {
            return;
        }
        // Before the session is closed, or the next call would open it with the old configuration.
        if failure.class == FailureClass::Credentials || session.identity == Identity::Own {
            self.clients.renew(failure.class).await;
        }
        self.clients.close(session);
    }
}

/// Whether AWS may have refused cached credentials. AccessDenied is one such answer: an account that revokes a session
/// denies it everything until it expires.
fn is_about_credentials(failure: &Failure) -> bool {
    failure.class.is_about_identity()
}

/// Adds what both accounts need to a failure to assume a role: STS's own words do not say which side lacks what.
fn explain_role(failure: Failure, identity: &Identity) -> Failure {
    let Identity::Role { arn, .. } = identity else { return failure };
    if failure.code != credentials_failure::NOT_LOADED {
        return failure;
    }
    let message = format!(
        "{arn} could not be assumed. Its trust policy must name the operator's identity and the externalId of the accounts file, and the operator's own policy must allow sts:AssumeRole on it. {}",
        failure.message
    );
    Failure::new(failure.class, failure.operation, &failure.code, &message)
}

/// The part of a pool id before the underscore. It becomes part of a host name, so every other character is refused.
pub(super) fn region(operation: Operation, pool_id: &str) -> Result<&str, Failure> {
    let is_region = |region: &str| {
        !region.is_empty() && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match pool_id.split_once('_') {
        Some((region, _)) if is_region(region) => Ok(region),
        _ => Err(Failure::new(
            FailureClass::InvalidParameter,
            operation,
            "InvalidUserPoolId",
            &format!("{pool_id:?} is not a pool id: {}", explain(pool_id).unwrap_or_else(|| FORM.to_owned())),
        )),
    }
}
