//! The protection that a write takes away from a pool's users.

use crate::{
    api::v1alpha1::{FactorConfiguration, MfaMode, MfaSettings, UserVerification, WebAuthnConfiguration},
    settings::section::Section,
};

/// The protection that is lost when `declared` replaces `observed`, one phrase for each loss.
///
/// A write without a passkey section resets MULTI to SINGLE [measured]; whether it clears the relying party is not known,
/// so it counts as lost.
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
    losses.extend(
        loses_relying_party(observed, declared).then_some("the relying party of registered passkeys"),
    );
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

/// Whether the write moves or drops the relying party. In a section that declares none, Cognito chooses it.
fn loses_relying_party(observed: &MfaSettings, declared: &MfaSettings) -> bool {
    let Some(lost) = observed.web_authn_configuration.as_ref().and_then(relying_party) else { return false };
    match &declared.web_authn_configuration {
        None => true,
        Some(passkeys) => relying_party(passkeys).is_some_and(|declared| declared != lost),
    }
}

fn relying_party(passkeys: &WebAuthnConfiguration) -> Option<&str> {
    passkeys.relying_party_id.as_deref().map(str::trim).filter(|id| !id.is_empty())
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
