//! Whether an object is due.

use std::time::Duration;

use cognito_mfa_core::{access::ownership::object_key, api::v1alpha1::UserPoolMfaConfig, schedule::requeue};
use jiff::Timestamp;

use super::finish::ready_reason;
use crate::controller::context::Context;

/// The wait until the object is due; None when it is due now.
pub fn wait_until_due(object: &UserPoolMfaConfig, context: &Context) -> Option<Duration> {
    let left = context.table.wait_left(object);
    let wait = requeue::wait_until_due(object, left, context.interval(object), Timestamp::now());
    if wait.is_zero() {
        return None;
    }
    context.table.record_reason_if_new(&object_key(object), ready_reason(object));
    context.table.record_wait(object, wait);
    Some(wait)
}
