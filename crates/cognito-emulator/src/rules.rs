//! The rules of SetUserPoolMfaConfig beyond the model's constraints: one function for each rule, with its grade.

use serde_json::{Map, Value};

use crate::{
    error::ApiError,
    model::contains_arn,
    pool::{EmailSender, Pool, SmsRole, Tier},
    switches::{SmsRemoval, SmsUnderOff, Switches, TotpDisabledAlone},
};

/// A SetUserPoolMfaConfig request that passed the model's constraints.
pub struct MfaRequest<'a> {
    /// The members of the request, without `UserPoolId`.
    pub members: &'a Map<String, Value>,
    /// The mode that the request asks for: OFF, ON or OPTIONAL. An omitted mode is OFF. [measured]
    pub mode: &'a str,
}

impl<'a> MfaRequest<'a> {
    /// A request with these members.
    #[must_use]
    pub fn new(members: &'a Map<String, Value>) -> Self {
        Self { members, mode: members.get("MfaConfiguration").and_then(Value::as_str).unwrap_or("OFF") }
    }

    fn has(&self, section: &str) -> bool {
        self.members.contains_key(section)
    }

    fn multi_factor_passkeys(&self) -> bool {
        self.web_authn("FactorConfiguration") == Some("MULTI_FACTOR_WITH_USER_VERIFICATION")
    }

    fn web_authn(&self, member: &str) -> Option<&'a str> {
        self.members.get("WebAuthnConfiguration")?.get(member)?.as_str()
    }
}

/// Checks all rules in Cognito's order. Where the order is not known, it is a guess.
///
/// # Errors
/// The AWS error of the first rule that refuses.
pub fn check(pool: &Pool, request: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    sms_caller(pool, request)?;
    off_excludes_factors(request, switches)?;
    on_needs_a_factor(request, switches)?;
    sms_removal(pool, request, switches)?;
    tier(pool, request)?;
    email_sender(pool, request)?;
    recovery(pool, request)?;
    phone_verification(pool, request)?;
    first_factors(pool, request)?;
    relying_party(request)?;
    sms_role(pool, request)
}

/// Cognito checks external id and caller ARN first, in any mode. [measured] It accepts SNS or EUMS, not both, and EUMS
/// only in the pool's Region. [docs] An empty `SnsCallerArn` counts as none, because SDKs send it with EUMS. [inferred]
fn sms_caller(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    let Some(sms) = request.members.get("SmsMfaConfiguration") else { return Ok(()) };
    let sms = &sms["SmsConfiguration"];
    let sns = sms["SnsCallerArn"].as_str().filter(|arn| !arn.is_empty());
    match (sns, sms.get("EumsSms")) {
        (Some(_), Some(_)) => Err(ApiError::invalid(
            "Invalid SmsConfiguration: provide either SnsCallerArn or EumsSms, but not both.",
        )),
        (None, Some(eums)) => eums_region(pool, eums),
        (sns, None) => sns_caller(sns, sms["ExternalId"].as_str()),
    }
}

fn sns_caller(arn: Option<&str>, external_id: Option<&str>) -> Result<(), ApiError> {
    let complete = arn.is_some_and(contains_arn) && external_id.is_some_and(|id| !id.is_empty());
    complete.then_some(()).ok_or_else(|| {
        ApiError::invalid("Invalid SmsConfiguration: external id and a valid caller arn are required.")
    })
}

fn eums_region(pool: &Pool, eums: &Value) -> Result<(), ApiError> {
    match eums["Region"].as_str() {
        Some(region) if region != pool.region() => Err(ApiError::invalid(format!(
            "Invalid SmsConfiguration: EumsSms Region {region} must be the user pool's Region {}.",
            pool.region()
        ))),
        _ => Ok(()),
    }
}

/// OFF is refused with TOTP, even disabled, and with email. [measured] With SMS, [`SmsUnderOff`] decides.
fn off_excludes_factors(request: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    let sms = request.has("SmsMfaConfiguration") && switches.sms_under_off == SmsUnderOff::Refused;
    let factor = sms || request.has("SoftwareTokenMfaConfiguration") || request.has("EmailMfaConfiguration");
    if request.mode != "OFF" || !factor {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
    ))
}

/// ON and OPTIONAL need a factor, and passkeys do not count as one. [measured] For disabled TOTP without another
/// factor, [`TotpDisabledAlone`] decides.
fn on_needs_a_factor(request: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    if request.mode == "OFF" || request.has("SmsMfaConfiguration") || request.has("EmailMfaConfiguration") {
        return Ok(());
    }
    match request.members.get("SoftwareTokenMfaConfiguration") {
        None => Err(ApiError::invalid(
            "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled.",
        )),
        Some(totp)
            if totp["Enabled"] == true || switches.totp_disabled_alone == TotpDisabledAlone::Accepted =>
        {
            Ok(())
        }
        Some(_) => Err(ApiError::invalid(
            "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.",
        )),
    }
}

/// When SMS is removed and another factor remains, [`SmsRemoval`] decides.
fn sms_removal(pool: &Pool, request: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    let removed = request.mode != "OFF"
        && pool.live.contains_key("SmsMfaConfiguration")
        && !request.has("SmsMfaConfiguration");
    if !removed || switches.sms_removal != SmsRemoval::Refused {
        return Ok(());
    }
    Err(ApiError::invalid("Can't turn off SMS_MFA when SMS configuration is set for the user pool."))
}

/// Email MFA [model] and multi-factor passkeys [docs] need the Essentials tier. SINGLE_FACTOR needs no tier: a read may
/// return it for any pool, and a write accepts what a read returns. [measured]
fn tier(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    if pool.facts.tier > Tier::Lite
        || !(request.has("EmailMfaConfiguration") || request.multi_factor_passkeys())
    {
        return Ok(());
    }
    let feature = if request.multi_factor_passkeys() { "FactorConfiguration" } else { "Email MFA" };
    let message =
        format!("{feature} is not available in the LITE tier: the user pool must be ESSENTIALS or higher.");
    Err(ApiError::new("FeatureUnavailableInTierException", message))
}

/// Email MFA needs the account's own sender. [measured]
fn email_sender(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    if pool.facts.email_sender == EmailSender::Developer || !request.has("EmailMfaConfiguration") {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Email MFA requires EmailSendingAccount DEVELOPER: COGNITO_DEFAULT cannot send MFA codes.",
    ))
}

/// The same message channel cannot be a factor and the recovery mechanism. [reported]
fn recovery(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    let recovery = &pool.facts.recovery;
    if request.has("SmsMfaConfiguration") && recovery.iter().any(|name| name == "verified_phone_number") {
        return Err(ApiError::invalid(
            "Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_phone_number \
             as a recovery mechanism when SMS MFA is configured.",
        ));
    }
    if request.has("EmailMfaConfiguration")
        && recovery.iter().all(|name| name == "verified_email")
        && !recovery.is_empty()
    {
        return Err(ApiError::invalid(
            "Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_email as the \
             only recovery mechanism when Email MFA is configured.",
        ));
    }
    Ok(())
}

/// Automatic verification of phone_number needs an SMS configuration in the pool or in the request. [reported]
fn phone_verification(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    let verified = pool.facts.auto_verified_attributes.iter().any(|name| name == "phone_number");
    if !verified || pool.sms_configuration.is_some() || request.has("SmsMfaConfiguration") {
        return Ok(());
    }
    Err(ApiError::invalid("SMS configuration is required when phone_number is an auto verified attribute."))
}

/// When MFA is required, a first factor cannot be a one-time password, and passkeys must be multi-factor. [measured]
fn first_factors(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    if request.mode != "ON" {
        return Ok(());
    }
    let allowed = |name: &str| pool.facts.first_factors.iter().any(|factor| factor == name);
    if let Some(factor) = ["EMAIL_OTP", "SMS_OTP"].into_iter().find(|name| allowed(name)) {
        return Err(ApiError::invalid(format!(
            "{factor} cannot be an allowed first auth factor when MFA is required."
        )));
    }
    if allowed("WEB_AUTHN") && !request.multi_factor_passkeys() {
        return Err(ApiError::invalid(
            "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an \
             allowed first auth factor",
        ));
    }
    Ok(())
}

/// A few entries of the public suffix list, enough for tests.
const PUBLIC_SUFFIXES: &[&str] =
    &["com", "net", "org", "co.uk", "cloudfront.net", "github.io", "auth.us-east-1.amazoncognito.com"];

/// A relying party id must not be a public suffix. [docs]
fn relying_party(request: &MfaRequest) -> Result<(), ApiError> {
    match request.web_authn("RelyingPartyId") {
        Some(id) if PUBLIC_SUFFIXES.contains(&id.to_ascii_lowercase().as_str()) => Err(ApiError::invalid(
            format!("Invalid RelyingPartyId {id}: it must not be on the public suffix list."),
        )),
        _ => Ok(()),
    }
}

/// Cognito tries to use the role whenever a write has an SMS section. [docs]
fn sms_role(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    if !request.has("SmsMfaConfiguration") {
        return Ok(());
    }
    match pool.facts.sms_role {
        SmsRole::Usable => Ok(()),
        SmsRole::NotTrusted => Err(ApiError::new(
            "InvalidSmsRoleTrustRelationshipException",
            "Role does not have a trust relationship allowing Cognito to assume the role",
        )),
        SmsRole::NotPermitted => Err(ApiError::new(
            "InvalidSmsRoleAccessPolicyException",
            "Role does not have permission to publish with SNS",
        )),
    }
}
