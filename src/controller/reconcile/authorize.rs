//! Whether AWS may be called for an object.

use cognito_mfa_core::{
    access::accounts::Identity, api::v1alpha1::UserPoolMfaConfig, status::outcome::Outcome,
};

use crate::controller::context::Context;

/// Whether AWS may be called for an object.
pub(super) enum Authorization {
    /// Under this identity.
    Granted(Identity),
    /// No call is made; this is the outcome.
    NoCall(Box<Outcome>),
}

/// Rights and ownership come before `suspend`: a suspended object that has lost its pool must forget what it applied.
pub(super) fn authorize(object: &UserPoolMfaConfig, context: &Context) -> Authorization {
    let identity = match context.authorize(object) {
        Ok(identity) => identity,
        Err(why) => {
            let replaced = context.owner(&object.spec.user_pool_id).is_some();
            return Authorization::NoCall(Outcome::Denied { why, replaced }.into());
        }
    };
    if let Some(owner) = context.conflicting_owner(object) {
        return Authorization::NoCall(Outcome::NotOwner(owner).into());
    }
    if object.spec.suspend {
        return Authorization::NoCall(Outcome::Suspended.into());
    }
    Authorization::Granted(identity)
}
