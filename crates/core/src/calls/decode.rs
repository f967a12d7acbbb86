//! From the body of an answer to the live settings: pure, and total over all bytes.

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

/// How many unknown members are named, and how long a name may be in characters: they are shown in status.
const MAX_UNKNOWN: usize = 20;
const UNKNOWN_LENGTH: usize = 128;

/// How the message of an answer that cannot be read begins; why follows.
pub const UNREADABLE_PREFIX: &str = "Cognito's answer cannot be read: ";

/// Reads the answer of a Get or a Set. Both have the same members.
///
/// # Errors
/// `UnreadableAnswer` (transient) for what is not a whole and sound answer: an answer without MfaConfiguration is
/// never taken for OFF. `UnknownSetting` for a mode that this build does not know.
pub fn decode(operation: Operation, body: &[u8]) -> Result<Observed, Failure> {
    let unreadable = |why: String| {
        let message = format!("{UNREADABLE_PREFIX}{why}");
        Failure::new(FailureClass::Transient, operation, UNREADABLE_ANSWER, &message)
    };
    let mut unknown = Vec::new();
    let answer = json::parse(body)
        .and_then(|value| structure(String::new(), value, &mut unknown, Answer::read))
        .map_err(unreadable)?;
    let mode = answer.mode.ok_or_else(|| unreadable("it has no MfaConfiguration".to_owned()))?;
    let Some(mfa_configuration) = named::<MfaMode>(&mode) else {
        let message =
            format!("MfaConfiguration is {mode:?}, which this version of the operator does not know");
        return Err(Failure::new(FailureClass::UnknownSetting, operation, "UnknownSetting", &message));
    };
    let settings = MfaSettings {
        mfa_configuration,
        sms_mfa_configuration: answer.sms,
        software_token_mfa_configuration: answer.software_token,
        email_mfa_configuration: answer.email,
        web_authn_configuration: answer.web_authn,
    };
    Ok(Observed { settings, unknown: bounded_names(unknown) })
}

/// The answer before its mode is known to be one.
struct Answer {
    mode: Option<String>,
    sms: Option<SmsMfaConfiguration>,
    software_token: Option<SoftwareTokenMfaConfiguration>,
    email: Option<EmailMfaConfiguration>,
    web_authn: Option<WebAuthnConfiguration>,
}

impl Answer {
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
        // The model requires it, so an answer about EumsSms carries it empty.
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

/// The members of one structure. Each is taken by its name; what is left over is unknown to this build.
struct Members<'a> {
    path: String,
    left: Map<String, Value>,
    unknown: &'a mut Vec<String>,
}

impl Members<'_> {
    /// A null is an absent member.
    fn take(&mut self, name: &str) -> Option<Value> {
        self.left.remove(name).filter(|value| !value.is_null())
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

    /// One of the values that the API names; another one is listed as unknown.
    fn value<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, String> {
        let Some(value) = self.text(name)?.filter(|value| !value.is_empty()) else { return Ok(None) };
        let known = named(&value);
        if known.is_none() {
            self.unknown.push(format!("{}={value}", self.path_of(name)));
        }
        Ok(known)
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
    let Value::Object(left) = value else {
        return Err(format!("{} is not an object", if path.is_empty() { "it" } else { &path }));
    };
    let mut members = Members { path, left, unknown };
    let read = read(&mut members)?;
    let names: Vec<_> = members.left.iter().filter(|(_, value)| !value.is_null()).collect();
    let names: Vec<_> = names.into_iter().map(|(name, _)| members.path_of(name)).collect();
    members.unknown.extend(names);
    Ok(read)
}

/// The value of an enumeration by AWS's own name.
fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(Value::from(name)).ok()
}

/// Safe to show, in a stable order. The last entry counts what is not named. Its comma keeps it from being tolerated:
/// `--tolerate-settings` is split at commas.
fn bounded_names(mut unknown: Vec<String>) -> Vec<String> {
    unknown.sort();
    let rest = unknown.len().saturating_sub(MAX_UNKNOWN);
    let mut shown: Vec<_> =
        unknown.iter().take(MAX_UNKNOWN).map(|name| text::safe(name, UNKNOWN_LENGTH)).collect();
    if rest > 0 {
        shown.push(format!("and {rest} more, not named here"));
    }
    shown
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
