//! The lines that a pool is measured against.

use cognito_mfa_core::api::v1alpha1::MfaMode;
use serde::Serialize;
use strum::VariantArray;

use super::Factor;

/// A line that a pool is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// AWS Config's cognito-user-pool-mfa-enabled, which Security Hub's Cognito.5 is built on: one check, two names.
    MfaEnabled,
    /// Every user has a second factor, and SMS is none of them.
    NoSms,
}

/// How a pool stands against a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, VariantArray)]
pub enum Standing {
    /// It does not meet it.
    Fails,
    /// No fresh, Ready status says what Cognito has.
    NotProven,
    /// The line's own text leaves it open.
    Unclear,
    /// It meets it.
    Passes,
}

impl Standing {
    /// All of them, the worst first.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The words for a person.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Fails => "Fails",
            Self::NotProven => "Not proven",
            Self::Unclear => "Unclear",
            Self::Passes => "Passes",
        }
    }
}

impl Rule {
    /// How a pool stands that is proven to have this mode and these factors.
    ///
    /// AWS's pages (Config: cognito-user-pool-mfa-enabled, Security Hub: Cognito.5) say that a pool whose sign-in policy
    /// has the password alone fails where MFA is not enabled. They do not say whether OPTIONAL counts as enabled, and the
    /// sign-in policy is not among the settings that the operator reads.
    #[must_use]
    pub fn standing(self, mode: MfaMode, factors: &[Factor]) -> Standing {
        match (self, mode) {
            (_, MfaMode::Off) | (Self::NoSms, MfaMode::Optional) => Standing::Fails,
            (Self::MfaEnabled, MfaMode::Optional) => Standing::Unclear,
            (Self::NoSms, MfaMode::On) if factors.contains(&Factor::Sms) => Standing::Fails,
            (_, MfaMode::On) => Standing::Passes,
        }
    }
}
