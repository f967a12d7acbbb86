//! A key with nothing after it is null in YAML. Reading it as "absent" would drop a factor that the user believes to be
//! declared, so a section that is null is refused. The schema cannot refuse it, because `has()` is false for null.

use serde::{Deserialize, Deserializer, de::Error};

use super::settings::{
    EmailMfaConfiguration, EumsSms, SmsConfiguration, SmsMfaConfiguration, SoftwareTokenMfaConfiguration,
    WebAuthnConfiguration,
};

/// A section of the settings.
pub(super) trait Section {
    /// The key of the section in the spec.
    const KEY: &'static str;
}

impl Section for SmsMfaConfiguration {
    const KEY: &'static str = "smsMfaConfiguration";
}

impl Section for SmsConfiguration {
    const KEY: &'static str = "smsConfiguration";
}

impl Section for EumsSms {
    const KEY: &'static str = "eumsSms";
}

impl Section for SoftwareTokenMfaConfiguration {
    const KEY: &'static str = "softwareTokenMfaConfiguration";
}

impl Section for EmailMfaConfiguration {
    const KEY: &'static str = "emailMfaConfiguration";
}

impl Section for WebAuthnConfiguration {
    const KEY: &'static str = "webAuthnConfiguration";
}

pub(super) fn not_null<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Section,
{
    let refused = || D::Error::custom(format!("{} is null: {}", T::KEY, null_remedy(T::KEY)));
    Option::<T>::deserialize(deserializer)?.map(Some).ok_or_else(refused)
}

/// What to write where nothing stands after the key of a section. Only some sections may be empty.
#[must_use]
pub fn null_remedy(key: &str) -> &'static str {
    match key {
        SmsConfiguration::KEY => "write snsCallerArn and externalId, or eumsSms, below it, or remove the key",
        EumsSms::KEY => "write callerArn below it, or remove the key",
        SoftwareTokenMfaConfiguration::KEY => "write enabled: true below it, or remove the key",
        _ => "write {} after it to declare the section empty, or remove the key",
    }
}
