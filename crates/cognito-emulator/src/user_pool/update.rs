//! UpdateUserPool.

use serde_json::{Map, Value, json};

use super::{OTHER, check_sms, members, with_fields};
use crate::{
    error::ApiError,
    model,
    pool::{Facts, Pool},
    rules::first_factors,
    switches::Switches,
    validate,
};

/// The members that an update resets when it omits them. [measured] `AutoVerifiedAttributes`,
/// `SmsAuthenticationMessage` and `AllowAdminCreateUserOnly` are reset, too.
const RESET: &[&str] =
    &["LambdaConfig", "UserPoolAddOns", "VerificationMessageTemplate", "DeviceConfiguration"];

/// UpdateUserPool: an omitted mode is kept, with `SmsConfiguration`, recovery, tier, policies, sender and
/// `FactorConfiguration`. Other omitted members are reset. [measured]
///
/// # Errors
/// InvalidParameterException for a mode whose requirements the pool does not meet. The pool is then unchanged.
pub fn update(pool: &mut Pool, body: &Value, switches: &Switches) -> Result<Value, ApiError> {
    let request = validate::read(body, model::POOL_FIELDS)?;
    let facts = Facts { auto_verified_attributes: Vec::new(), ..pool.facts.clone() };
    let mut next = Pool { facts: with_fields(facts, body)?, ..pool.clone() };
    if let Some(name) = request.get("PoolName").and_then(Value::as_str) {
        next.name = name.into();
    }
    next.sms_configuration = request.get("SmsConfiguration").cloned().or(next.sms_configuration);
    check_sms(&next, &request, switches)?;
    set_mode(&mut next, &request)?;
    set_sms(&mut next, &request);
    set_other(&mut next, body);
    if request.contains_key("MfaConfiguration") || body.get("Policies").is_some() {
        first_factors::update(&next)?;
    }
    *pool = next;
    Ok(json!({}))
}

/// An explicit OFF resets MFA. ON and OPTIONAL need a factor that is enabled already, and neither SMS nor a verified
/// phone number. [measured]
fn set_mode(next: &mut Pool, request: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(mode) = request.get("MfaConfiguration") else { return Ok(()) };
    if mode == "OFF" {
        next.live.retain(|name, _| name == "SmsMfaConfiguration" || name == "WebAuthnConfiguration");
    } else if !has_enabled_factor(next) {
        return Err(ApiError::invalid(
            "Cannot turn MFA functionality ON, once the user pool has been created.",
        ));
    }
    next.live.insert("MfaConfiguration".into(), mode.clone());
    Ok(())
}

/// The SMS section that stays after OFF is not an enabled factor.
fn has_enabled_factor(pool: &Pool) -> bool {
    let off = pool.live.get("MfaConfiguration").is_none_or(|mode| mode == "OFF");
    let totp = pool.live.get("SoftwareTokenMfaConfiguration").is_some_and(|totp| totp["Enabled"] == true);
    let has = |section: &str| pool.live.contains_key(section);
    !off && (totp || has("SmsMfaConfiguration") || has("EmailMfaConfiguration"))
}

/// MFA shares the pool's SMS configuration and message. An omitted message is reset. [measured]
fn set_sms(next: &mut Pool, request: &Map<String, Value>) {
    let Some(section) = next.live.get_mut("SmsMfaConfiguration").and_then(Value::as_object_mut) else {
        return;
    };
    section.remove("SmsAuthenticationMessage");
    for name in ["SmsConfiguration", "SmsAuthenticationMessage"] {
        if let Some(value) = request.get(name) {
            section.insert(name.into(), value.clone());
        }
    }
}

fn set_other(next: &mut Pool, body: &Value) {
    next.other.retain(|name, _| !RESET.contains(&name.as_str()) && name != "SmsAuthenticationMessage");
    if let Some(Value::Object(admin)) = next.other.get_mut("AdminCreateUserConfig") {
        admin.remove("AllowAdminCreateUserOnly");
    }
    next.other.extend(members(body, OTHER));
}
