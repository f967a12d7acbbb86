//! What a Set would take away from the users' protection.

use crate::{
    api::v1alpha1::{FactorConfiguration, MfaMode, MfaSettings, UserVerification, WebAuthnConfiguration},
    settings::section::Section,
};

/// What replacing `live` with `declared` would lower, in words for a person; empty when nothing.
///
/// A field that the declaration leaves to Cognito counts as lowered where the replacement may reset it: an omitted
/// passkey block resets MULTI to SINGLE [measured], whether it clears the relying party is not known.
#[must_use]
pub fn weakening(live: &MfaSettings, declared: &MfaSettings) -> Vec<&'static str> {
    let mut lowered = mode(live.mfa_configuration, declared.mfa_configuration);
    if live.mfa_configuration != MfaMode::Off && declared.mfa_configuration != MfaMode::Off {
        lowered.extend(factors(live, declared));
    }
    let none = WebAuthnConfiguration::default();
    lowered.extend(passkeys(
        live.web_authn_configuration.as_ref().unwrap_or(&none),
        declared.web_authn_configuration.as_ref().unwrap_or(&none),
    ));
    lowered
}

/// Whether replacing `live` with `declared` gives back protection that the pool has lost: what a hand took away is
/// never slow to come back. Another relying party gives nothing back: passkeys of either are lost with the other.
#[must_use]
pub fn strengthens(live: &MfaSettings, declared: &MfaSettings) -> bool {
    let regained = |section: Section| section.is_wanted(declared) && !section.is_on(live);
    let factors = [Section::Sms, Section::Totp, Section::Email];
    let none = WebAuthnConfiguration::default();
    let of = |settings: &MfaSettings| settings.web_authn_configuration.clone().unwrap_or(none.clone());
    let (had, wanted) = (of(live), of(declared));
    !mode(declared.mfa_configuration, live.mfa_configuration).is_empty()
        || (declared.mfa_configuration != MfaMode::Off && factors.into_iter().any(regained))
        || weaker_passkeys(&wanted, &had).next().is_some()
        || (relying_party(&had).is_none() && relying_party(&wanted).is_some())
}

fn mode(live: MfaMode, declared: MfaMode) -> Vec<&'static str> {
    match (live, declared) {
        (MfaMode::On, MfaMode::Off) => vec!["mode ON to OFF"],
        (MfaMode::On, MfaMode::Optional) => vec!["mode ON to OPTIONAL"],
        (MfaMode::Optional, MfaMode::Off) => vec!["mode OPTIONAL to OFF"],
        _ => Vec::new(),
    }
}

fn factors(live: &MfaSettings, declared: &MfaSettings) -> impl Iterator<Item = &'static str> {
    let named = [
        (Section::Sms, "SMS as a factor"),
        (Section::Totp, "TOTP as a factor"),
        (Section::Email, "email as a factor"),
    ];
    let dropped = |section: Section| section.is_on(live) && !section.is_wanted(declared);
    named.into_iter().filter_map(move |(section, what)| dropped(section).then_some(what))
}

fn passkeys(
    live: &WebAuthnConfiguration,
    declared: &WebAuthnConfiguration,
) -> impl Iterator<Item = &'static str> {
    let moved = relying_party(live).is_some() && relying_party(live) != relying_party(declared);
    weaker_passkeys(live, declared).chain(moved.then_some("the relying party of registered passkeys"))
}

fn relying_party(passkeys: &WebAuthnConfiguration) -> Option<&str> {
    passkeys.relying_party_id.as_deref().map(str::trim).filter(|id| !id.is_empty())
}

/// How much weaker passkeys are in `declared` than in `live`.
fn weaker_passkeys(
    live: &WebAuthnConfiguration,
    declared: &WebAuthnConfiguration,
) -> impl Iterator<Item = &'static str> {
    let multi = Some(FactorConfiguration::MultiFactorWithUserVerification);
    let required = Some(UserVerification::Required);
    [
        (
            live.factor_configuration == multi && declared.factor_configuration != multi,
            "passkeys from multi-factor to single-factor",
        ),
        (
            live.user_verification == required && declared.user_verification != required,
            "passkeys' user verification from required to preferred",
        ),
    ]
    .into_iter()
    .filter_map(|(lowered, what)| lowered.then_some(what))
}
