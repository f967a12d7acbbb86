//! The last question before a call leaves: between the guards of a pass and this moment credentials were loaded, the
//! right to call may have been taken away, and the whole process may have been suspended.

use std::{
    error::Error,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use cognito_mfa_core::calls::failure::{Failure, FailureClass, NOT_SENT, Operation};
use tokio_util::sync::CancellationToken;

use super::error_codes;

/// Says whether a Set may be sent now.
pub type SendPermit = Arc<dyn Fn() -> bool + Send + Sync>;

/// An interceptor for one call, which sends nothing when the caller was called away, and no Set without a permit.
#[derive(Clone)]
pub(super) struct SendGuard {
    operation: Operation,
    cancelled: CancellationToken,
    permit: SendPermit,
    refused: Arc<AtomicBool>,
}

impl SendGuard {
    pub(super) fn new(operation: Operation, away: CancellationToken, permit: SendPermit) -> Self {
        Self { operation, cancelled: away, permit, refused: Arc::default() }
    }

    /// The failure of this call, which may be that it was not sent.
    pub(super) fn failure<E>(&self, error: &SdkError<E>) -> Failure
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.refusal().unwrap_or_else(|| error_codes::failure(self.operation, error))
    }

    fn refusal(&self) -> Option<Failure> {
        let message = "the caller was called away, or the lease no longer outlasts a Set: nothing was sent";
        let refused = self.refused.load(Ordering::SeqCst);
        refused.then(|| Failure::new(FailureClass::Concurrent, self.operation, NOT_SENT, message))
    }
}

impl fmt::Debug for SendGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Attempt").field("refused", &self.refused).finish_non_exhaustive()
    }
}

#[dyn_dispatch_hint]
impl Intercept for SendGuard {
    fn name(&self) -> &'static str {
        "Permit"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if !self.cancelled.is_cancelled() && (self.operation != Operation::Set || (self.permit)()) {
            return Ok(());
        }
        self.refused.store(true, Ordering::SeqCst);
        Err("not permitted any more".into())
    }
}
