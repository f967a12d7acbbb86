//! The protection that a write takes away from a pool's users.

use crate::{
    api::v1alpha1::{FactorConfiguration, MfaMode, MfaSettings, UserVerification, WebAuthnConfiguration},
    settings::section::Section,
};

/// The loss of the relying party.
pub const RELYING_PARTY: &str = "the relying party of registered passkeys";

/// The protection that is lost when `declared` replaces `observed`, one phrase for each loss.
///
/// A write without a passkey section resets MULTI to SINGLE [measured]. Whether a write that leaves the relying party out
/// clears it is not known, so it counts as lost.
#[must_use]
pub fn weakening(observed: &MfaSettings, declared: &MfaSettings) -> Vec<&'static str> {
    let mut losses = weaker_mode(observed.mfa_configuration, declared.mfa_configuration);
    if observed.mfa_configuration != MfaMode::Off && declared.mfa_configuration != MfaMode::Off {
        losses.extend(dropped_factors(observed, declared));
    }
    let none = WebAuthnConfiguration::default();
    losses.extend(weaker_passkeys(
        observed.web_authn_configuration.as_ref().unwrap_or(&none),
        declared.web_authn_configuration.as_ref().unwrap_or(&none),
    ));
    let party = relying_party(observed);
    losses.extend((party.is_some() && party != relying_party(declared)).then_some(RELYING_PARTY));
    losses
}

fn weaker_mode(observed: MfaMode, declared: MfaMode) -> Vec<&'static str> {
    match (observed, declared) {
        (MfaMode::On, MfaMode::Off) => vec!["mode ON to OFF"],
        (MfaMode::On, MfaMode::Optional) => vec!["mode ON to OPTIONAL"],
        (MfaMode::Optional, MfaMode::Off) => vec!["mode OPTIONAL to OFF"],
        (MfaMode::On, MfaMode::On)
        | (MfaMode::Optional, MfaMode::On | MfaMode::Optional)
        | (MfaMode::Off, MfaMode::On | MfaMode::Optional | MfaMode::Off) => Vec::new(),
    }
}

fn dropped_factors(observed: &MfaSettings, declared: &MfaSettings) -> impl Iterator<Item = &'static str> {
    let is_dropped = |section: Section| section.is_on(observed) && !section.is_wanted(declared);
    Section::all().filter_map(move |section| loss(section).filter(|_| is_dropped(section)))
}

/// What users lose with the section, where it is a factor of MFA.
fn loss(section: Section) -> Option<&'static str> {
    match section {
        Section::Sms => Some("SMS as a factor"),
        Section::Totp => Some("TOTP as a factor"),
        Section::Email => Some("email as a factor"),
        Section::Passkey => None,
    }
}

/// Whether the declaration has a passkey section and leaves the relying party in it to Cognito.
#[must_use]
pub fn leaves_relying_party(declared: &MfaSettings) -> bool {
    declared.web_authn_configuration.is_some() && relying_party(declared).is_none()
}

/// The relying party of these settings, if they have one.
#[must_use]
pub fn relying_party(settings: &MfaSettings) -> Option<&str> {
    let id = settings.web_authn_configuration.as_ref()?.relying_party_id.as_deref()?.trim();
    (!id.is_empty()).then_some(id)
}

fn weaker_passkeys(
    observed: &WebAuthnConfiguration,
    declared: &WebAuthnConfiguration,
) -> impl Iterator<Item = &'static str> {
    let multi = Some(FactorConfiguration::MultiFactorWithUserVerification);
    let required = Some(UserVerification::Required);
    [
        (
            observed.factor_configuration == multi && declared.factor_configuration != multi,
            "passkeys from multi-factor to single-factor",
        ),
        (
            observed.user_verification == required && declared.user_verification != required,
            "passkeys' user verification from required to preferred",
        ),
    ]
    .into_iter()
    .filter_map(|(is_weaker, loss)| is_weaker.then_some(loss))
}
