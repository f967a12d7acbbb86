//! What users of a pool may sign in with, and what each is worth.
//!
//! The grades follow NIST SP 800-63B-4: passkeys resist phishing (3.2.5), one-time passwords do not, SMS is restricted
//! (3.2.9), email is not to be used (3.1.3.1).

use cognito_mfa_core::{
    api::v1alpha1::{MfaMode, MfaSettings, UserVerification},
    settings::section::Section,
};
use serde::Serialize;
use strum::VariantArray;

/// A factor that a pool has on, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Factor {
    /// Passkeys on devices that must verify their user.
    PasskeyVerified,
    /// Passkeys on devices that may do without.
    Passkey,
    /// Authenticator apps.
    Totp,
    /// Email messages.
    Email,
    /// SMS messages.
    Sms,
}

/// What a factor is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Strength {
    /// Cannot be phished, and is two factors in one.
    Strong,
    /// Better than a message.
    Fair,
    /// A message that others can come by.
    Weak,
}

impl Strength {
    /// The word for a person.
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

    /// The words for a person.
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

    /// A word for a column.
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

    /// What it is worth.
    #[must_use]
    pub fn strength(self) -> Strength {
        match self {
            Self::PasskeyVerified => Strength::Strong,
            Self::Passkey | Self::Totp => Strength::Fair,
            Self::Email | Self::Sms => Strength::Weak,
        }
    }

    /// Why.
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

    /// The factors that count in a pool: under OFF the second factors rest.
    #[must_use]
    pub fn of(live: &MfaSettings) -> Vec<Self> {
        let counts = |factor: &Self| match factor {
            Self::PasskeyVerified => Section::Passkey.is_on(live) && verifies(live),
            Self::Passkey => Section::Passkey.is_on(live) && !verifies(live),
            Self::Totp => is_on(Section::Totp, live),
            Self::Email => is_on(Section::Email, live),
            Self::Sms => is_on(Section::Sms, live),
        };
        Self::all().filter(counts).collect()
    }
}

fn is_on(section: Section, live: &MfaSettings) -> bool {
    live.mfa_configuration != MfaMode::Off && section.is_on(live)
}

fn verifies(live: &MfaSettings) -> bool {
    let passkeys = live.web_authn_configuration.as_ref();
    passkeys.is_some_and(|passkeys| passkeys.user_verification == Some(UserVerification::Required))
}
