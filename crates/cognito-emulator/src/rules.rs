//! The rules of SetUserPoolMfaConfig beyond the model's constraints: one function for each rule, with its grade. The
//! messages are AWS's own words, unless a rule says that they are not recorded.

pub mod email;
pub mod first_factors;
pub mod passkeys;
pub mod sms;

use serde_json::{Map, Value};

use crate::{
    error::ApiError,
    pool::{Pool, Tier},
    switches::{SmsUnderOff, Switches, TotpDisabledAlone},
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
    sms::section(pool, request, switches)?;
    off_excludes_factors(request, switches)?;
    on_needs_a_factor(request, switches)?;
    sms::removal(pool, request, switches)?;
    tier(pool, request)?;
    email::sender(pool, request)?;
    email::recovery(pool, request)?;
    sms::recovery(pool, request, switches)?;
    sms::phone_verification(pool, request, switches)?;
    first_factors::set(pool, request)?;
    passkeys::relying_party(request)?;
    sms::role(pool, request)
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

/// ON and OPTIONAL need the section of a factor, and passkeys do not count as one. Cognito checks that the section is
/// there, not that its factor is on. [measured] [`TotpDisabledAlone`] has the opposite.
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
        // The words are not AWS's.
        Some(_) => Err(ApiError::invalid(
            "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration.",
        )),
    }
}

/// Email MFA [model] and multi-factor passkeys [docs] need the Essentials tier. SINGLE_FACTOR needs no tier: a read may
/// return it for any pool, and a write accepts what a read returns. [measured] The form of the message is measured, the
/// names of these two features in it are not recorded.
fn tier(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    if pool.facts.tier > Tier::Lite {
        return Ok(());
    }
    let features = [
        request.has("EmailMfaConfiguration").then_some("Email MFA"),
        request.multi_factor_passkeys().then_some("Multi-Factor Passkeys"),
    ];
    let features: Vec<_> = features.into_iter().flatten().collect();
    if features.is_empty() {
        return Ok(());
    }
    let message = format!(
        "The following features need to be disabled for the LITE pricing tier configured: {}",
        features.join(", ")
    );
    Err(ApiError::new("FeatureUnavailableInTierException", message))
}
