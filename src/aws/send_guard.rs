//! The last check before a request leaves the process. Since the checks of a reconciliation, credentials were loaded,
//! the lease may have been lost, and the whole process may have been suspended.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextRef, dyn_dispatch_hint},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use cognito_mfa_core::calls::failure::Operation;
use tokio_util::sync::CancellationToken;

use super::call_context::{CallContext, SendPermit};

/// An interceptor for one call: it stops every request of a cancelled client, and a write without a permit.
#[derive(Clone)]
pub(super) struct SendGuard {
    operation: Operation,
    cancelled: CancellationToken,
    permit: SendPermit,
    stopped: Arc<AtomicBool>,
    passed: Arc<AtomicBool>,
}

impl SendGuard {
    pub(super) fn new(operation: Operation, context: &CallContext) -> Self {
        let (cancelled, permit) = (context.cancelled.clone(), context.permit.clone());
        Self { operation, cancelled, permit, stopped: Arc::default(), passed: Arc::default() }
    }

    /// Whether the guard stopped the request: the error that the SDK then returns is not AWS's.
    pub(super) fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Whether the guard let the request pass. Before that it is not sent: there were no credentials to sign it with, for
    /// example.
    pub(super) fn has_passed(&self) -> bool {
        self.passed.load(Ordering::SeqCst)
    }

    fn allows(&self) -> bool {
        !self.cancelled.is_cancelled() && (self.operation != Operation::Set || (self.permit)())
    }
}

impl fmt::Debug for SendGuard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SendGuard").field("stopped", &self.stopped).finish_non_exhaustive()
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
        if self.allows() {
            self.passed.store(true, Ordering::SeqCst);
            return Ok(());
        }
        self.stopped.store(true, Ordering::SeqCst);
        Err("the client was cancelled, or may not write any more".into())
    }
}
