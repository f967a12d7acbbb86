//! The rules for the first factors that a sign-in policy allows while MFA is required.

use serde_json::Value;

use super::MfaRequest;
use crate::{error::ApiError, pool::Pool};

/// When MFA is required, a first factor cannot be a one-time password. Passkeys must be multi-factor in the request,
/// even where they are multi-factor already. [measured]
pub fn set(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    if request.mode != "ON" {
        return Ok(());
    }
    no_one_time_password(pool)?;
    if !allows(pool, "WEB_AUTHN") || request.multi_factor_passkeys() {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed \
         first auth factor",
    ))
}

/// The same rules for UpdateUserPool, with the pool as it would be afterwards. [measured]
pub fn update(next: &Pool) -> Result<(), ApiError> {
    if next.live.get("MfaConfiguration").and_then(Value::as_str) != Some("ON") {
        return Ok(());
    }
    no_one_time_password(next)?;
    let factor =
        next.live.get("WebAuthnConfiguration").and_then(|passkeys| passkeys.get("FactorConfiguration"));
    let multi = factor.and_then(Value::as_str) == Some("MULTI_FACTOR_WITH_USER_VERIFICATION");
    if !allows(next, "WEB_AUTHN") || multi {
        return Ok(());
    }
    Err(ApiError::invalid(
        "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for MFA.",
    ))
}

fn no_one_time_password(pool: &Pool) -> Result<(), ApiError> {
    if !allows(pool, "EMAIL_OTP") && !allows(pool, "SMS_OTP") {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled",
    ))
}

fn allows(pool: &Pool, name: &str) -> bool {
    pool.facts.first_factors.iter().any(|factor| factor == name)
}
