//! The four sections, and when each counts.

use strum::VariantArray;

use super::fields::fields;
use crate::api::v1alpha1::MfaSettings;

/// A section of the settings beside the mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Section {
    /// SMS messages.
    Sms,
    /// Authenticator apps.
    Totp,
    /// Email messages.
    Email,
    /// Passkeys, which are no factor of MFA.
    Passkey,
}

/// The factor of passkeys that counts as none [reported / measured].
pub const SINGLE_FACTOR: &str = "SINGLE_FACTOR";

impl Section {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The path below spec.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Sms => "smsMfaConfiguration",
            Self::Totp => "softwareTokenMfaConfiguration",
            Self::Email => "emailMfaConfiguration",
            Self::Passkey => "webAuthnConfiguration",
        }
    }

    /// The name in the status.
    #[must_use]
    pub fn factor_name(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Totp => "TOTP",
            Self::Email => "EMAIL",
            Self::Passkey => "PASSKEY",
        }
    }

    /// Whether settings have the section on: email by its presence [docs], TOTP by its flag, SMS by any content, and
    /// passkeys by more than SINGLE_FACTOR.
    #[must_use]
    pub fn is_on(self, settings: &MfaSettings) -> bool {
        let own = |path: &str| path != "webAuthnConfiguration.factorConfiguration";
        match self {
            Self::Email => settings.email_mfa_configuration.is_some(),
            Self::Totp => settings.software_token_mfa_configuration.as_ref().is_some_and(|totp| totp.enabled),
            Self::Sms => !fields(self.path(), &settings.sms_mfa_configuration).is_empty(),
            Self::Passkey => fields(self.path(), &settings.web_authn_configuration)
                .iter()
                .any(|(path, value)| own(path) || value != SINGLE_FACTOR),
        }
    }

    /// Whether a declaration has the section at all. Passkeys declared `{}` or SINGLE_FACTOR alone ask for none, and
    /// still leave the rest to Cognito.
    #[must_use]
    pub fn is_declared(self, declared: &MfaSettings) -> bool {
        match self {
            Self::Sms => declared.sms_mfa_configuration.is_some(),
            Self::Totp => declared.software_token_mfa_configuration.is_some(),
            Self::Email => declared.email_mfa_configuration.is_some(),
            Self::Passkey => declared.web_authn_configuration.is_some(),
        }
    }

    /// Whether a declaration wants the section on: SMS even where it leaves every field to Cognito.
    #[must_use]
    pub fn is_wanted(self, declared: &MfaSettings) -> bool {
        self.is_on(declared) || (self == Self::Sms && self.is_declared(declared))
    }
}
