//! The four sections of the settings, and when each is on.

use strum::VariantArray;

use super::fields::fields;
use crate::api::v1alpha1::MfaSettings;

/// A section of the settings. The mode is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Section {
    /// SMS messages as a factor.
    Sms,
    /// Authenticator apps (TOTP) as a factor.
    Totp,
    /// Email messages as a factor.
    Email,
    /// Passkeys, which are not a factor of MFA.
    Passkey,
}

/// The `factorConfiguration` of passkeys that Cognito reports for a pool without passkey settings [reported / measured].
pub const SINGLE_FACTOR: &str = "SINGLE_FACTOR";
/// The path of that field.
pub(super) const PASSKEY_FACTOR_PATH: &str = "webAuthnConfiguration.factorConfiguration";

impl Section {
    /// All sections.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The section's field name below `spec`.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Sms => "smsMfaConfiguration",
            Self::Totp => "softwareTokenMfaConfiguration",
            Self::Email => "emailMfaConfiguration",
            Self::Passkey => "webAuthnConfiguration",
        }
    }

    /// The section's name in `status.factors`.
    #[must_use]
    pub fn factor_name(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Totp => "TOTP",
            Self::Email => "EMAIL",
            Self::Passkey => "PASSKEY",
        }
    }

    /// Whether the section is a factor of MFA, and so ignored while the mode is OFF.
    #[must_use]
    pub fn is_mfa_factor(self) -> bool {
        match self {
            Self::Sms | Self::Totp | Self::Email => true,
            Self::Passkey => false,
        }
    }

    /// Whether the section is on: email by its presence [docs], TOTP by its flag, SMS by any field, and passkeys by any
    /// field other than SINGLE_FACTOR.
    #[must_use]
    pub fn is_on(self, settings: &MfaSettings) -> bool {
        match self {
            Self::Email => settings.email_mfa_configuration.is_some(),
            Self::Totp => settings.software_token_mfa_configuration.as_ref().is_some_and(|totp| totp.enabled),
            Self::Sms => !fields(self.path(), &settings.sms_mfa_configuration).is_empty(),
            Self::Passkey => fields(self.path(), &settings.web_authn_configuration)
                .iter()
                .any(|(path, value)| path != PASSKEY_FACTOR_PATH || value != SINGLE_FACTOR),
        }
    }

    /// Whether the spec has the section. A passkey section of `{}` or SINGLE_FACTOR alone asks for nothing, and leaves its
    /// other fields to Cognito.
    #[must_use]
    pub fn is_declared(self, declared: &MfaSettings) -> bool {
        match self {
            Self::Sms => declared.sms_mfa_configuration.is_some(),
            Self::Totp => declared.software_token_mfa_configuration.is_some(),
            Self::Email => declared.email_mfa_configuration.is_some(),
            Self::Passkey => declared.web_authn_configuration.is_some(),
        }
    }

    /// Whether the spec wants the section on. A declared SMS section is wanted even when it has no fields.
    #[must_use]
    pub fn is_wanted(self, declared: &MfaSettings) -> bool {
        self.is_on(declared) || (self == Self::Sms && self.is_declared(declared))
    }
}
