//! Keeps the raw body of an answer, which the SDK parses and drops.

use std::{mem, sync::Arc};

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextMut,
            },
            dyn_dispatch_hint,
        },
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::ConfigBag};
use cognito_mfa_core::calls::json::MAX_BODY;
use http_body_util::Limited;
use parking_lot::Mutex;

/// An interceptor for one call: it bounds the body before the SDK reads it whole into memory, and keeps the last
/// attempt's.
#[derive(Clone, Debug, Default)]
pub(super) struct RawBody(Arc<Mutex<Vec<u8>>>);

impl RawBody {
    /// The last attempt's body; empty when there was none.
    pub(super) fn body(&self) -> Vec<u8> {
        mem::take(&mut self.0.lock())
    }
}

#[dyn_dispatch_hint]
impl Intercept for RawBody {
    fn name(&self) -> &'static str {
        "RawBody"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        *body = SdkBody::from_body_1_x(Limited::new(mem::replace(body, SdkBody::taken()), MAX_BODY));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default().to_vec();
        *self.0.lock() = body;
        Ok(())
    }
}
