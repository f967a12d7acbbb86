//! The four strengths: the settings in which a pool is stronger or weaker than another one. A write keeps the observed
//! value of a strength where that is stronger than declared and no edit has lowered it.

use strum::VariantArray;

use super::section::{PASSKEY_FACTOR_PATH, Section};
use crate::api::v1alpha1::{
    FactorConfiguration, MfaMode, MfaSettings, Strengths, UserVerification, WebAuthnConfiguration,
};

/// The path of the passkeys' user verification.
pub(super) const USER_VERIFICATION_PATH: &str = "webAuthnConfiguration.userVerification";

/// A setting whose values are ordered by the protection that they give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Strength {
    /// The mode: ON is stronger than OPTIONAL, and OPTIONAL than OFF.
    Mode,
    /// TOTP: on is stronger than off.
    Totp,
    /// The factor of passkeys: MULTI is stronger than SINGLE.
    PasskeyFactor,
    /// The passkeys' user verification: required is stronger than preferred.
    UserVerification,
}

impl Strength {
    /// All strengths.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::VARIANTS.iter().copied()
    }

    /// The field's path below `spec`.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Mode => "mfaConfiguration",
            Self::Totp => "softwareTokenMfaConfiguration.enabled",
            Self::PasskeyFactor => PASSKEY_FACTOR_PATH,
            Self::UserVerification => USER_VERIFICATION_PATH,
        }
    }

    /// Whether `one` is stronger than `other` in this strength.
    #[must_use]
    pub fn is_stronger(self, one: Strengths, other: Strengths) -> bool {
        match self {
            Self::Mode => one.mfa_configuration > other.mfa_configuration,
            Self::Totp => one.software_token_mfa && !other.software_token_mfa,
            Self::PasskeyFactor => one.factor_configuration > other.factor_configuration,
            Self::UserVerification => one.user_verification > other.user_verification,
        }
    }

    /// Gives `target` the value that `source` has.
    fn copy(self, source: &MfaSettings, target: &mut MfaSettings) {
        let passkeys = source.web_authn_configuration.as_ref();
        match self {
            Self::Mode => target.mfa_configuration = source.mfa_configuration,
            Self::Totp => {
                target.software_token_mfa_configuration.clone_from(&source.software_token_mfa_configuration);
            }
            Self::PasskeyFactor => {
                passkeys_of(target).factor_configuration = passkeys.and_then(|it| it.factor_configuration);
            }
            Self::UserVerification => {
                passkeys_of(target).user_verification = passkeys.and_then(|it| it.user_verification);
            }
        }
    }
}

fn passkeys_of(settings: &mut MfaSettings) -> &mut WebAuthnConfiguration {
    settings.web_authn_configuration.get_or_insert_default()
}

impl Strengths {
    /// The strengths of these settings. TOTP has no effect while the mode is OFF.
    #[must_use]
    pub fn of(settings: &MfaSettings) -> Self {
        let passkeys = settings.web_authn_configuration.as_ref();
        Self {
            mfa_configuration: settings.mfa_configuration,
            software_token_mfa: settings.mfa_configuration != MfaMode::Off && Section::Totp.is_on(settings),
            factor_configuration: passkeys
                .and_then(|passkeys| passkeys.factor_configuration)
                .unwrap_or(FactorConfiguration::SingleFactor),
            user_verification: passkeys
                .and_then(|passkeys| passkeys.user_verification)
                .unwrap_or(UserVerification::Preferred),
        }
    }

    /// The stronger one of each strength.
    #[must_use]
    pub fn strongest(self, other: Self) -> Self {
        Self {
            mfa_configuration: self.mfa_configuration.max(other.mfa_configuration),
            software_token_mfa: self.software_token_mfa.max(other.software_token_mfa),
            factor_configuration: self.factor_configuration.max(other.factor_configuration),
            user_verification: self.user_verification.max(other.user_verification),
        }
    }

    /// The applied strengths after a check. While the pool is stronger than declared in a strength, its earlier value
    /// stays, because the edit that lowers it is not done yet. Otherwise it falls to the declared value: if the pool is
    /// stronger later, somebody else raised it.
    #[must_use]
    pub fn still_lowered(self, declared: Self, observed: Self) -> Self {
        Self {
            mfa_configuration: still_lowered(
                self.mfa_configuration,
                declared.mfa_configuration,
                observed.mfa_configuration,
            ),
            software_token_mfa: still_lowered(
                self.software_token_mfa,
                declared.software_token_mfa,
                observed.software_token_mfa,
            ),
            factor_configuration: still_lowered(
                self.factor_configuration,
                declared.factor_configuration,
                observed.factor_configuration,
            ),
            user_verification: still_lowered(
                self.user_verification,
                declared.user_verification,
                observed.user_verification,
            ),
        }
    }
}

fn still_lowered<T: Copy + Ord>(applied: T, declared: T, observed: T) -> T {
    if observed > declared { applied } else { applied.min(declared) }
}

/// The strengths that a write keeps: the pool is stronger than declared, and no edit has lowered the strength. An edit has
/// lowered it where an earlier declaration was stronger (`applied`). If `applied` is None, nothing counts as edited.
#[must_use]
pub fn kept(declared: &MfaSettings, observed: &MfaSettings, applied: Option<Strengths>) -> Vec<Strength> {
    let (declared, observed) = (Strengths::of(declared), Strengths::of(observed));
    let is_kept = |strength: Strength| {
        strength.is_stronger(observed, declared)
            && !applied.is_some_and(|applied| strength.is_stronger(applied, declared))
    };
    let is_off = declared.mfa_configuration == MfaMode::Off && !is_kept(Strength::Mode);
    // Cognito refuses TOTP under OFF [measured].
    Strength::all()
        .filter(|strength| is_kept(*strength) && !(is_off && *strength == Strength::Totp))
        .collect()
}

/// The `target` settings with these strengths of `source`.
#[must_use]
pub fn with_strengths(target: &MfaSettings, source: &MfaSettings, strengths: &[Strength]) -> MfaSettings {
    let mut result = target.clone();
    for strength in strengths {
        strength.copy(source, &mut result);
    }
    result
}
