//! The last check before a request leaves the process. Since the checks of a reconciliation, credentials were loaded,
//! the lease may have been lost, and the whole process may have been suspended.

use std::{fmt, sync::Arc};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use cognito_mfa_core::calls::failure::Operation;
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::call_context::{CallContext, SendPermit};

/// An interceptor for one call: it stops every request of a cancelled client, and a write without a permit.
#[derive(Clone)]
pub(super) struct SendGuard {
    operation: Operation,
    cancelled: CancellationToken,
    permit: SendPermit,
    /// The request must leave before this time: its turn expires, and so does the read that a write is planned on.
    valid_until: Instant,
    passage: Arc<Mutex<Passage>>,
}

/// What the guard did with the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Passage {
    /// Nothing yet. There were no credentials to sign the request with, for example.
    #[default]
    NotReached,
    /// It let the request leave.
    Allowed,
    /// It stopped the request of a cancelled client, or a write without a permit.
    Stopped,
    /// It stopped the request because its turn had expired.
    Expired,
}

impl SendGuard {
    pub(super) fn new(operation: Operation, context: &CallContext, valid_until: Instant) -> Self {
        let (cancelled, permit) = (context.cancelled.clone(), context.permit.clone());
        Self { operation, cancelled, permit, valid_until, passage: Arc::default() }
    }

    /// What the guard did with the request. If it stopped it, the error that the SDK returns is not AWS's.
    pub(super) fn passage(&self) -> Passage {
        *self.passage.lock()
    }

    fn decide(&self) -> Passage {
        if Instant::now() > self.valid_until {
            Passage::Expired
        } else if self.cancelled.is_cancelled() || (self.operation == Operation::Set && !(self.permit)()) {
            Passage::Stopped
        } else {
            Passage::Allowed
        }
    }
}

impl fmt::Debug for SendGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SendGuard").field("passage", &self.passage()).finish_non_exhaustive()
    }
}

#[dyn_dispatch_hint]
impl Intercept for SendGuard {
    fn name(&self) -> &'static str {
        "SendGuard"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let decision = self.decide();
        *self.passage.lock() = decision;
        if decision == Passage::Allowed { Ok(()) } else { Err("the send guard stopped the request".into()) }
    }
}
