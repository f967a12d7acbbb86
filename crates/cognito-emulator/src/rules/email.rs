//! The rules for email MFA.

use super::MfaRequest;
use crate::{
    error::ApiError,
    pool::{EmailSender, Pool},
};

/// Email MFA needs the account's own sender. [measured]
pub fn sender(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    if pool.facts.email_sender == EmailSender::Developer || !request.has("EmailMfaConfiguration") {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Cannot set EmailMfaConfiguration when user pool EmailConfiguration contains an EmailSendingAccount of \
         COGNITO_DEFAULT. Update the value of EmailSendingAccount.",
    ))
}

/// Email cannot be a factor while it is the only way to recover an account, or while no way is set. [measured]
pub fn recovery(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    let only_email = pool.facts.recovery.iter().all(|name| name == "verified_email");
    if !request.has("EmailMfaConfiguration") || !only_email {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Cannot set EmailMfaConfiguration when user pool AccountRecoverySetting is not set or contains only \
         verified_email in RecoveryMechanisms.",
    ))
}
