//! The rules that pools are checked against.

use cognito_mfa_core::api::v1alpha1::MfaMode;
use serde::Serialize;
use strum::VariantArray;

use super::factors::Factor;

/// A rule that pools are checked against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The AWS Config rule cognito-user-pool-mfa-enabled, on which the Security Hub control Cognito.5 is built.
    MfaEnabled,
    /// Every user has a second factor, and SMS is not among the factors.
    NoSms,
}

/// The result of a rule for a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, VariantArray)]
pub enum RuleResult {
    /// The pool violates the rule.
    Fails,
    /// No status of a fresh read shows what Cognito has.
    NotProven,
    /// The text of the rule does not decide the case.
    Unclear,
    /// The pool complies with the rule.
    Passes,
}

impl RuleResult {
    /// All of them, the worst first.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The words on the page and in the CSV.
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
    /// The result for a pool that is proven to have this mode and these factors.
    ///
    /// AWS's pages (Config: cognito-user-pool-mfa-enabled, Security Hub: Cognito.5) say that a pool fails if its sign-in
    /// policy allows only the password and MFA is not enabled. They do not say whether OPTIONAL counts as enabled. The
    /// operator does not read the sign-in policy.
    #[must_use]
    pub fn evaluate(self, mode: MfaMode, factors: &[Factor]) -> RuleResult {
        match (self, mode) {
            (Self::MfaEnabled | Self::NoSms, MfaMode::Off) | (Self::NoSms, MfaMode::Optional) => {
                RuleResult::Fails
            }
            (Self::MfaEnabled, MfaMode::Optional) => RuleResult::Unclear,
            (Self::NoSms, MfaMode::On) if factors.contains(&Factor::Sms) => RuleResult::Fails,
            (Self::MfaEnabled | Self::NoSms, MfaMode::On) => RuleResult::Passes,
        }
    }
}
