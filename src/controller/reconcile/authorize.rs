//! Whether AWS may be called for an object.

use cognito_mfa_core::{
    access::accounts::Identity, api::v1alpha1::UserPoolMfaConfig, status::outcome::Outcome,
};

use crate::controller::context::Context;

/// The identity to call AWS under; or the outcome of an object for which no call is made.
///
/// Rights and ownership come before `suspend`: a suspended object that has lost its pool must forget what it applied.
pub(super) fn authorize(object: &UserPoolMfaConfig, context: &Context) -> Result<Identity, Box<Outcome>> {
    let identity = context.authorize(object).map_err(|why| {
        let replaced = context.is_owned(&object.spec.user_pool_id);
        Box::new(Outcome::Denied { why, replaced })
    })?;
    if let Some(owner) = context.conflicting_owner(object) {
        return Err(Outcome::NotOwner(owner).into());
    }
    if object.spec.suspend { Err(Outcome::Suspended.into()) } else { Ok(identity) }
}
