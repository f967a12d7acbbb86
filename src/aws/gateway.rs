//! The two calls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::config::{Builder, Region};

use super::attempt::{Attempt, Permit};
use super::capture::Capture;
use super::http::SetupError;
use super::limiter::Limiter;
use super::setup::{Timeouts, load};
use super::{answer, errors, request};
use crate::api::MfaSettings;
use crate::core::failure::{Class, Failure, Operation};
use crate::core::live::Live;

/// What there is to count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Observed {
    /// A call was made: its code (see [`super::label`]; a bounded set) and how long it took.
    Called(Operation, &'static str, Duration),
    /// A call waited this long for its turn.
    Waited(Operation, Duration),
    /// Calls a second that are made now at most, in the account and region where they are fewest.
    Rate(Operation, f64),
}

/// Told of all that there is to count.
pub type Observer = Arc<dyn Fn(Observed) + Send + Sync>;

/// Cognito in all regions, under the operator's own identity.
pub struct Gateway {
    sdk: SdkConfig,
    timeouts: Timeouts,
    pub(super) limiter: Limiter,
    pub(super) observer: Observer,
    /// One client a region: each has its own notion of AWS's clock. Connections and
    /// credentials are shared through `sdk`.
    clients: Mutex<HashMap<String, Client>>,
}

impl Gateway {
    /// Reads the SDK's configuration from the environment and the profile. Asks at most the node's metadata
    /// for a region (a second, where there are none), and nobody for credentials. `share` is the part of the
    /// published quotas that is used.
    ///
    /// # Errors
    /// A CA bundle that cannot be used.
    pub async fn connect(timeouts: Timeouts, share: f64, observer: Observer) -> Result<Self, SetupError> {
        let (sdk, limiter) = (load(&timeouts).await?, Limiter::new(share));
        for operation in [Operation::Get, Operation::Set] {
            observer(Observed::Rate(operation, limiter.slowest(operation)));
        }
        Ok(Self { sdk, timeouts, limiter, observer, clients: Mutex::default() })
    }

    /// The live settings of a pool: `GetUserPoolMfaConfig`, sent once.
    ///
    /// # Errors
    /// A failure with its class; an answer that cannot be read is one too.
    pub(super) async fn get(&self, pool_id: &str) -> Result<Live, Failure> {
        self.observed(Operation::Get, async {
            let (capture, call) =
                (Capture::default(), self.client(Operation::Get, pool_id)?.get_user_pool_mfa_config());
            let call = call.user_pool_id(pool_id).customize().interceptor(capture.clone());
            call.send().await.map_err(|error| errors::failure(Operation::Get, &error))?;
            answer::decode(Operation::Get, &capture.body())
        })
        .await
    }

    /// Replaces all five sections by the declared ones: `SetUserPoolMfaConfig`, sent once. A retry would replay
    /// the declaration past the guards that allowed this one. `permit` is asked at the moment it is sent. Returns what is
    /// live now.
    ///
    /// # Errors
    /// A failure with its class. After a transient one the outcome is unknown: the Set may have been done. With the
    /// code [`NOT_SENT`](crate::core::failure::NOT_SENT) there was no permit, and nothing was sent.
    pub(super) async fn set(
        &self,
        pool_id: &str,
        declared: &MfaSettings,
        permit: &Permit,
    ) -> Result<Live, Failure> {
        self.observed(Operation::Set, async {
            let (capture, call) =
                (Capture::default(), self.client(Operation::Set, pool_id)?.set_user_pool_mfa_config());
            let call = request::declare(call.user_pool_id(pool_id), declared).customize();
            let attempt = Attempt::new(permit);
            let call = call.interceptor(capture.clone()).interceptor(attempt.clone());
            call.send().await.map_err(|error| {
                attempt.refusal().unwrap_or_else(|| errors::failure(Operation::Set, &error))
            })?;
            answer::decode(Operation::Set, &capture.body())
        })
        .await
    }

    async fn observed(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<Live, Failure>>,
    ) -> Result<Live, Failure> {
        let start = Instant::now();
        let result = call.await;
        let code = result.as_ref().map_or_else(|failure| errors::label(&failure.code), |_| "OK");
        (self.observer)(Observed::Called(operation, code, start.elapsed()));
        result
    }

    /// The client of the pool's region, made at its first use.
    fn client(&self, operation: Operation, pool_id: &str) -> Result<Client, Failure> {
        let region = region(operation, pool_id)?;
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(clients.entry(region.to_owned()).or_insert_with(|| self.client_in(region)).clone())
    }

    fn client_in(&self, region: &str) -> Client {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.timeouts.connect)
            .read_timeout(self.timeouts.read)
            .operation_timeout(self.timeouts.attempt)
            .build();
        let config = Builder::from(&self.sdk)
            .region(Region::new(region.to_owned()))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        Client::from_conf(config.build())
    }
}

/// The part of a pool id before the underscore. It becomes part of a host name, so nothing else passes.
fn region(operation: Operation, pool_id: &str) -> Result<&str, Failure> {
    let is_region = |region: &str| {
        !region.is_empty() && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match pool_id.split_once('_') {
        Some((region, _)) if is_region(region) => Ok(region),
        _ => Err(Failure::new(
            Class::InvalidParameter,
            operation,
            "InvalidUserPoolId",
            &format!(
                "{pool_id:?} is not a pool id: write it as Cognito shows it, such as eu-west-1_Ab12Cd34E"
            ),
        )),
    }
}
