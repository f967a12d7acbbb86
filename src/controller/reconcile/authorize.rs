//! Whether AWS may be called for an object.

use cognito_mfa_core::{
    access::accounts::Identity, api::v1alpha1::Resolved, reference::Unresolved, status::outcome::Outcome,
};

use crate::controller::context::Context;

/// Whether AWS may be called for an object.
pub(super) enum Authorization<'a> {
    /// Under this identity.
    Granted(Resolved<'a>, Identity),
    /// No call is made; this is the outcome.
    NoCall(Box<Outcome>),
}

/// Rights and ownership come before `suspend`: a suspended object that has lost its pool must forget what it applied.
pub(super) fn authorize<'a>(
    resolved: Result<Resolved<'a>, Unresolved>,
    context: &Context,
) -> Authorization<'a> {
    let resolved = match resolved {
        Ok(resolved) => resolved,
        Err(why) => return Authorization::NoCall(Outcome::Unresolved(why).into()),
    };
    let identity = match context.authorize(resolved) {
        Ok(identity) => identity,
        Err(why) => {
            let replaced = context.owner(resolved.pool).is_some();
            return Authorization::NoCall(Outcome::Denied { why, replaced }.into());
        }
    };
    let object = resolved.object;
    if let Some(owner) = context.conflicting_owner(object) {
        return Authorization::NoCall(Outcome::NotOwner(owner).into());
    }
    if object.spec.suspend {
        return Authorization::NoCall(Outcome::Suspended.into());
    }
    Authorization::Granted(resolved, identity)
}
