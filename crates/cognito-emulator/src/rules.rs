//! What Cognito refuses beyond the model's constraints: one function a rule, with its grade.

use serde_json::{Map, Value};

use crate::{
    error::ApiError,
    pool::{EmailSender, Pool, SmsRole, Tier},
    switches::{SmsRemoval, SmsUnderOff, Switches, TotpDisabledAlone},
    validate::contains_arn,
};

/// A Set's request after the model's constraints, with the mode it leads to.
pub struct MfaRequest<'a> {
    /// The request's members.
    pub members: &'a Map<String, Value>,
    /// OFF, ON or OPTIONAL. An omitted mode is OFF. [measured]
    pub mode: &'a str,
}

impl<'a> MfaRequest<'a> {
    /// Reads the mode out of the request.
    #[must_use]
    pub fn new(request: &'a Map<String, Value>) -> Self {
        Self { members: request, mode: request.get("MfaConfiguration").and_then(Value::as_str).unwrap_or("OFF") }
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

/// Every rule, in the order in which Cognito is known, or else believed, to check them.
///
/// # Errors
/// The first rule that refuses.
pub fn check(pool: &Pool, wanted: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    sms_caller(pool, wanted)?;
    off_excludes_factors(wanted, switches)?;
    on_needs_a_factor(wanted, switches)?;
    sms_removal(pool, wanted, switches)?;
    tier(pool, wanted)?;
    email_sender(pool, wanted)?;
    recovery(pool, wanted)?;
    phone_verification(pool, wanted)?;
    first_factors(pool, wanted)?;
    relying_party(wanted)?;
    sms_role(pool, wanted)
}

/// External id and caller are checked first, in any mode. [measured] SNS or EUMS, not both, EUMS in the pool's
/// Region. [docs] An empty SnsCallerArn counts as none: SDKs send it with EumsSms. [inferred]
fn sms_caller(pool: &Pool, wanted: &MfaRequest) -> Result<(), ApiError> {
    let Some(sms) = wanted.members.get("SmsMfaConfiguration") else { return Ok(()) };
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

/// OFF with TOTP (even disabled) or email. [measured] With SMS: see [`SmsUnderOff`].
fn off_excludes_factors(wanted: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    let sms = wanted.has("SmsMfaConfiguration") && switches.sms_under_off == SmsUnderOff::Refused;
    let factor = sms || wanted.has("SoftwareTokenMfaConfiguration") || wanted.has("EmailMfaConfiguration");
    if wanted.mode != "OFF" || !factor {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
    ))
}

/// ON and OPTIONAL need a factor, and passkeys are none. [measured] TOTP disabled and alone: see
/// [`TotpDisabledAlone`].
fn on_needs_a_factor(wanted: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    if wanted.mode == "OFF" || wanted.has("SmsMfaConfiguration") || wanted.has("EmailMfaConfiguration") {
        return Ok(());
    }
    match wanted.members.get("SoftwareTokenMfaConfiguration") {
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

/// Taking SMS away while another factor stays: see [`SmsRemoval`].
fn sms_removal(pool: &Pool, wanted: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    let leaves = wanted.mode != "OFF"
        && pool.live.contains_key("SmsMfaConfiguration")
        && !wanted.has("SmsMfaConfiguration");
    if !leaves || switches.sms_removal != SmsRemoval::Refused {
        return Ok(());
    }
    Err(ApiError::invalid("Can't turn off SMS_MFA when SMS configuration is set for the user pool."))
}

/// Email MFA [model] and multi-factor passkeys [docs] need Essentials. SINGLE_FACTOR asks for nothing new: Get may
/// show it on any pool, and what Get shows can be set again. [measured]
fn tier(pool: &Pool, wanted: &MfaRequest) -> Result<(), ApiError> {
    if pool.facts.tier > Tier::Lite
        || !(wanted.has("EmailMfaConfiguration") || wanted.multi_factor_passkeys())
    {
        return Ok(());
    }
    let feature = if wanted.multi_factor_passkeys() { "FactorConfiguration" } else { "Email MFA" };
    let message =
        format!("{feature} is not available in the LITE tier: the user pool must be ESSENTIALS or higher.");
    Err(ApiError::new("FeatureUnavailableInTierException", message))
}

/// Email MFA is refused with Cognito's own sender. [measured]
fn email_sender(pool: &Pool, wanted: &MfaRequest) -> Result<(), ApiError> {
    if pool.facts.email_sender == EmailSender::Developer || !wanted.has("EmailMfaConfiguration") {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Email MFA requires EmailSendingAccount DEVELOPER: COGNITO_DEFAULT cannot send MFA codes.",
    ))
}

/// One message channel cannot be both the factor and the recovery. [reported]
fn recovery(pool: &Pool, wanted: &MfaRequest) -> Result<(), ApiError> {
    let recovery = &pool.facts.recovery;
    if wanted.has("SmsMfaConfiguration") && recovery.iter().any(|name| name == "verified_phone_number") {
        return Err(ApiError::invalid(
            "Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_phone_number \
             as a recovery mechanism when SMS MFA is configured.",
        ));
    }
    if wanted.has("EmailMfaConfiguration")
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

/// phone_number auto-verified needs an SMS configuration, the pool's or the request's. [reported]
fn phone_verification(pool: &Pool, wanted: &MfaRequest) -> Result<(), ApiError> {
    let verified = pool.facts.auto_verified_attributes.iter().any(|name| name == "phone_number");
    if !verified || pool.sms_configuration.is_some() || wanted.has("SmsMfaConfiguration") {
        return Ok(());
    }
    Err(ApiError::invalid("SMS configuration is required when phone_number is an auto verified attribute."))
}

/// With MFA required, a one-time password cannot be a first factor, and a passkey must count as two. [measured]
fn first_factors(pool: &Pool, wanted: &MfaRequest) -> Result<(), ApiError> {
    if wanted.mode != "ON" {
        return Ok(());
    }
    let allowed = |name: &str| pool.facts.first_factors.iter().any(|factor| factor == name);
    if let Some(factor) = ["EMAIL_OTP", "SMS_OTP"].into_iter().find(|name| allowed(name)) {
        return Err(ApiError::invalid(format!(
            "{factor} cannot be an allowed first auth factor when MFA is required."
        )));
    }
    if allowed("WEB_AUTHN") && !wanted.multi_factor_passkeys() {
        return Err(ApiError::invalid(
            "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an \
             allowed first auth factor",
        ));
    }
    Ok(())
}

/// A few entries of the public suffix list, enough to test with.
const PUBLIC_SUFFIXES: &[&str] =
    &["com", "net", "org", "co.uk", "cloudfront.net", "github.io", "auth.us-east-1.amazoncognito.com"];

/// A relying party must not be a public suffix. [docs]
fn relying_party(wanted: &MfaRequest) -> Result<(), ApiError> {
    match wanted.web_authn("RelyingPartyId") {
        Some(id) if PUBLIC_SUFFIXES.contains(&id.to_ascii_lowercase().as_str()) => Err(ApiError::invalid(
            format!("Invalid RelyingPartyId {id}: it must not be on the public suffix list."),
        )),
        _ => Ok(()),
    }
}

/// Cognito tries the caller role whenever SMS is set. [docs]
fn sms_role(pool: &Pool, wanted: &MfaRequest) -> Result<(), ApiError> {
    if !wanted.has("SmsMfaConfiguration") {
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
