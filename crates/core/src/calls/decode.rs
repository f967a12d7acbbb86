//! Decodes the body of a response from Cognito. Any bytes give settings or a failure, never a panic.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    failure::{Failure, FailureClass, Operation, UNREADABLE_ANSWER},
    json,
};
use crate::{
    api::v1alpha1::{
        EmailMfaConfiguration, EumsSms, MfaMode, MfaSettings, SmsConfiguration, SmsMfaConfiguration,
        SoftwareTokenMfaConfiguration, WebAuthnConfiguration,
    },
    settings::observed::Observed,
    text,
};

/// The status lists the unknown members, so their number is bounded.
const MAX_UNKNOWN: usize = 20;
/// The longest name of an unknown member that is shown, in characters.
const MAX_UNKNOWN_LENGTH: usize = 128;

/// The start of the message of an unreadable response. The cause follows it.
pub const UNREADABLE_PREFIX: &str = "Cognito's answer cannot be read: ";

/// Decodes the response of a read or a write. Both have the same members.
///
/// # Errors
/// `UnreadableAnswer` (transient) for a body that is incomplete or malformed: a response without MfaConfiguration never
/// counts as OFF. `UnknownSetting` for a mode that this build does not know.
pub fn decode(operation: Operation, body: &[u8]) -> Result<Observed, Failure> {
    let unreadable = |cause: String| {
        let message = format!("{UNREADABLE_PREFIX}{cause}");
        Failure::new(FailureClass::Transient, operation, UNREADABLE_ANSWER, &message)
    };
    let mut unknown = Vec::new();
    let response = json::parse(body)
        .and_then(|value| structure(String::new(), value, &mut unknown, Response::read))
        .map_err(unreadable)?;
    let mode = response.mode.ok_or_else(|| unreadable("it has no MfaConfiguration".to_owned()))?;
    let Some(mfa_configuration) = enum_value::<MfaMode>(&mode) else {
        let message =
            format!("MfaConfiguration is {mode:?}, which this version of the operator does not know");
        return Err(Failure::new(FailureClass::UnknownSetting, operation, "UnknownSetting", &message));
    };
    let settings = MfaSettings {
        mfa_configuration,
        sms_mfa_configuration: response.sms,
        software_token_mfa_configuration: response.software_token,
        email_mfa_configuration: response.email,
        web_authn_configuration: response.web_authn,
    };
    Ok(Observed { settings, unknown: bounded_names(unknown) })
}

/// A response whose mode has not been validated yet.
struct Response {
    mode: Option<String>,
    sms: Option<SmsMfaConfiguration>,
    software_token: Option<SoftwareTokenMfaConfiguration>,
    email: Option<EmailMfaConfiguration>,
    web_authn: Option<WebAuthnConfiguration>,
}

impl Response {
    fn read(members: &mut Members) -> Result<Self, String> {
        Ok(Self {
            mode: members.text("MfaConfiguration")?,
            sms: members.section("SmsMfaConfiguration", sms_mfa)?,
            software_token: members.section("SoftwareTokenMfaConfiguration", software_token)?,
            email: members.section("EmailMfaConfiguration", email)?,
            web_authn: members.section("WebAuthnConfiguration", web_authn)?,
        })
    }
}

fn sms_mfa(members: &mut Members) -> Result<SmsMfaConfiguration, String> {
    Ok(SmsMfaConfiguration {
        sms_authentication_message: members.text("SmsAuthenticationMessage")?,
        sms_configuration: members.section("SmsConfiguration", sms)?,
    })
}

fn sms(members: &mut Members) -> Result<SmsConfiguration, String> {
    Ok(SmsConfiguration {
        // The service model requires SnsCallerArn, so a response with EumsSms has it as an empty string.
        sns_caller_arn: members.text("SnsCallerArn")?.filter(|arn| !arn.is_empty()),
        external_id: members.text("ExternalId")?,
        sns_region: members.text("SnsRegion")?,
        eums_sms: members.section("EumsSms", eums)?,
    })
}

fn eums(members: &mut Members) -> Result<EumsSms, String> {
    Ok(EumsSms {
        caller_arn: members.text("CallerArn")?.unwrap_or_default(),
        external_id: members.text("ExternalId")?,
        origination_identity: members.text("OriginationIdentity")?,
        configuration_set_name: members.text("ConfigurationSetName")?,
        in_entity_id: members.text("InEntityId")?,
        in_template_id: members.text("InTemplateId")?,
        region: members.text("Region")?,
    })
}

fn software_token(members: &mut Members) -> Result<SoftwareTokenMfaConfiguration, String> {
    Ok(SoftwareTokenMfaConfiguration { enabled: members.flag("Enabled")? })
}

fn email(members: &mut Members) -> Result<EmailMfaConfiguration, String> {
    Ok(EmailMfaConfiguration { message: members.text("Message")?, subject: members.text("Subject")? })
}

fn web_authn(members: &mut Members) -> Result<WebAuthnConfiguration, String> {
    Ok(WebAuthnConfiguration {
        relying_party_id: members.text("RelyingPartyId")?,
        user_verification: members.value("UserVerification")?,
        factor_configuration: members.value("FactorConfiguration")?,
    })
}

/// The members of one JSON object. The decoder removes each member that it knows; the remaining ones are unknown to this
/// build.
struct Members<'a> {
    path: String,
    remaining: Map<String, Value>,
    unknown: &'a mut Vec<String>,
}

impl Members<'_> {
    /// Removes a member. A null counts as an absent member.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.remaining.remove(name).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{} is not a string", self.path_of(name))),
        }
    }

    fn flag(&mut self, name: &str) -> Result<bool, String> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(format!("{} is not a boolean", self.path_of(name))),
        }
    }

    /// A value of an enumeration. A value that this build does not know is added to the unknown settings.
    fn value<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, String> {
        let Some(value) = self.text(name)?.filter(|value| !value.is_empty()) else { return Ok(None) };
        let known_value = enum_value(&value);
        if known_value.is_none() {
            self.unknown.push(format!("{}={value}", self.path_of(name)));
        }
        Ok(known_value)
    }

    fn section<T>(
        &mut self,
        name: &str,
        read: fn(&mut Members) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        let path = self.path_of(name);
        self.take(name).map(|value| structure(path, value, self.unknown, read)).transpose()
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

fn structure<T>(
    path: String,
    value: Value,
    unknown: &mut Vec<String>,
    read: fn(&mut Members) -> Result<T, String>,
) -> Result<T, String> {
    let Value::Object(remaining) = value else {
        return Err(format!("{} is not an object", if path.is_empty() { "it" } else { &path }));
    };
    let mut members = Members { path, remaining, unknown };
    let decoded = read(&mut members)?;
    let unknown_names = members.remaining.iter().filter(|(_, value)| !value.is_null());
    let unknown_paths: Vec<_> = unknown_names.map(|(name, _)| members.path_of(name)).collect();
    members.unknown.extend(unknown_paths);
    Ok(decoded)
}

/// The enumeration value that serializes to this name.
fn enum_value<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(Value::from(name)).ok()
}

/// At most `MAX_UNKNOWN` names, sorted and safe to show. A last entry counts the others. It contains a comma, so that no
/// value of `--tolerate-settings`, which is split at commas, can match it.
fn bounded_names(mut unknown: Vec<String>) -> Vec<String> {
    unknown.sort();
    let unnamed = unknown.len().saturating_sub(MAX_UNKNOWN);
    let mut shown: Vec<_> =
        unknown.iter().take(MAX_UNKNOWN).map(|name| text::safe(name, MAX_UNKNOWN_LENGTH)).collect();
    if unnamed > 0 {
        shown.push(format!("and {unnamed} more, not named here"));
    }
    shown
}

#[cfg(test)]
mod tests;
