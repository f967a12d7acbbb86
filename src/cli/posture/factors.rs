//! The factors that users of a pool may sign in with, and their strengths.
//!
//! The strengths follow NIST SP 800-63B-4: passkeys resist phishing (3.2.5), one-time passwords do not, SMS is restricted
//! (3.2.9), email is not allowed (3.1.3.1).

use cognito_mfa_core::{
    api::v1alpha1::{MfaMode, MfaSettings, UserVerification},
    settings::section::Section,
};
use serde::Serialize;
use strum::VariantArray;

/// A factor that a pool has enabled. The strongest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Factor {
    /// Passkeys with `userVerification: required`.
    PasskeyVerified,
    /// Passkeys that do not require the device to verify its user.
    Passkey,
    /// Authenticator apps.
    Totp,
    /// Email messages.
    Email,
    /// SMS messages.
    Sms,
}

/// How well a factor protects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Strength {
    /// Cannot be phished, and is two factors in one.
    Strong,
    /// Better than a message.
    Fair,
    /// A message that others can intercept.
    Weak,
}

impl Strength {
    /// The word on the page and in the CSV.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Fair => "fair",
            Self::Weak => "weak",
        }
    }
}

impl Factor {
    /// All of them, the strongest first.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The words on the page and in the CSV.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::PasskeyVerified => "Passkey, verified",
            Self::Passkey => "Passkey",
            Self::Totp => "TOTP",
            Self::Email => "Email",
            Self::Sms => "SMS",
        }
    }

    /// The word in the column FACTORS of `status`.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::PasskeyVerified => "PASSKEY(verified)",
            Self::Passkey => "PASSKEY",
            Self::Totp => "TOTP",
            Self::Email => "EMAIL",
            Self::Sms => "SMS",
        }
    }

    /// Its strength; [`Self::why`] gives the reason.
    #[must_use]
    pub fn strength(self) -> Strength {
        match self {
            Self::PasskeyVerified => Strength::Strong,
            Self::Passkey | Self::Totp => Strength::Fair,
            Self::Email | Self::Sms => Strength::Weak,
        }
    }

    /// The reason for its strength, as the page shows it.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::PasskeyVerified => {
                "cannot be phished; the device asks for a PIN or a fingerprint every time"
            }
            Self::Passkey => "cannot be phished, but a device that does not verify its user will do",
            Self::Totp => "codes of an authenticator app; a false page can ask for one",
            Self::Email => "no better than the mailbox; NIST SP 800-63B-4 does not allow it (3.1.3.1)",
            Self::Sms => "numbers can be taken over; restricted by NIST SP 800-63B-4 (3.2.9)",
        }
    }

    /// The factors that users may sign in with. The mode OFF ignores all but passkeys.
    #[must_use]
    pub fn enabled_in(settings: &MfaSettings) -> Vec<Self> {
        let is_enabled = |factor: &Self| match factor {
            Self::PasskeyVerified => Section::Passkey.is_on(settings) && verifies_user(settings),
            Self::Passkey => Section::Passkey.is_on(settings) && !verifies_user(settings),
            Self::Totp => is_second_factor(Section::Totp, settings),
            Self::Email => is_second_factor(Section::Email, settings),
            Self::Sms => is_second_factor(Section::Sms, settings),
        };
        Self::all().filter(is_enabled).collect()
    }
}

fn is_second_factor(section: Section, settings: &MfaSettings) -> bool {
    settings.mfa_configuration != MfaMode::Off && section.is_on(settings)
}

fn verifies_user(settings: &MfaSettings) -> bool {
    let passkeys = settings.web_authn_configuration.as_ref();
    passkeys.is_some_and(|passkeys| passkeys.user_verification == Some(UserVerification::Required))
}
