//! One form for settings, and what differs in it.
//!
//! A declared field is compared; a field left out of a declared section is Cognito's to choose; a section that
//! is not declared is not wanted. Absent TOTP is `enabled: false`; absent passkeys, or SINGLE_FACTOR alone, are
//! none [reported / measured]; an empty string is absent; white space at the ends is no difference.

use super::{
    fields::{Fields, fields},
    section::{SINGLE_FACTOR, Section},
};
use crate::{
    api::v1alpha1::{Difference, MfaMode, MfaSettings},
    digest::digest,
    text,
};

/// What a Set sends: it follows from the spec alone, so nothing stale is ever replayed. Under OFF the factors
/// rest, because Cognito refuses OFF together with a TOTP or email block, even a disabled one [measured].
#[must_use]
pub fn to_write(declared: &MfaSettings) -> MfaSettings {
    if declared.mfa_configuration != MfaMode::Off {
        return declared.clone();
    }
    MfaSettings {
        mfa_configuration: MfaMode::Off,
        sms_mfa_configuration: None,
        software_token_mfa_configuration: None,
        email_mfa_configuration: None,
        web_authn_configuration: declared.web_authn_configuration.clone(),
    }
}

/// A name for what a Set would send; the status remembers the one that Cognito last accepted.
///
/// # Panics
/// Never: settings are plain strings, enums and booleans.
#[must_use]
pub fn hash(declared: &MfaSettings) -> String {
    let sent = serde_json::to_vec(&to_write(declared)).expect("plain strings, enums and booleans");
    format!("sha256:{:032x}", digest(&sent))
}

/// What differs between the declaration and the pool, sorted by path; empty when they are equal.
#[must_use]
pub fn differences(declared: &MfaSettings, live: &MfaSettings) -> Vec<Difference> {
    let wanted = to_write(declared);
    let (wanted_fields, live_fields) = (fields("", &wanted), with_defaults(live));
    let mut found: Vec<Difference> = wanted_fields
        .iter()
        .filter(|(path, value)| live_fields.get(*path) != Some(*value))
        .map(|(path, value)| difference(path, Some(value), live_fields.get(path).map(String::as_str)))
        .collect();
    for section in Section::all() {
        if let Some(whole) = section_difference(section, &wanted, live)
            && !found.iter().any(|part| part.field.starts_with(section.path()))
        {
            found.push(whole);
        }
    }
    found.sort_by(|a, b| a.field.cmp(&b.field));
    found
}

/// Whether two answers of Cognito show the same pool.
#[must_use]
pub fn is_same(a: &MfaSettings, b: &MfaSettings) -> bool {
    with_defaults(a) == with_defaults(b) && Section::all().all(|section| section.is_on(a) == section.is_on(b))
}

/// The factors that a pool has on, as the status names them.
#[must_use]
pub fn factors(live: &MfaSettings) -> Vec<&'static str> {
    // Factors that Cognito still shows under OFF are inert [measured for SMS].
    let counts = |section: &Section| section.is_on(live) && !is_ignored(*section, live);
    Section::all().filter(counts).map(Section::factor_name).collect()
}

fn is_ignored(section: Section, settings: &MfaSettings) -> bool {
    settings.mfa_configuration == MfaMode::Off && section != Section::Passkey
}

fn section_difference(section: Section, wanted: &MfaSettings, live: &MfaSettings) -> Option<Difference> {
    let on = section.is_on(live);
    if section.is_wanted(wanted) && !on {
        return Some(difference(section.path(), Some("{}"), None));
    }
    (on && !is_ignored(section, wanted) && !section.is_declared(wanted))
        .then(|| difference(section.path(), None, Some(&section_json(section, live))))
}

fn difference(path: &str, declared: Option<&str>, found: Option<&str>) -> Difference {
    let cut = |value: &str| text::safe(value, text::MAX_VALUE);
    Difference { field: path.to_owned(), declared: declared.map(cut), found: found.map(cut) }
}

fn section_json(section: Section, live: &MfaSettings) -> String {
    serde_json::to_value(live).map_or_else(|_| "{}".into(), |all| all[section.path()].to_string())
}

fn with_defaults(live: &MfaSettings) -> Fields {
    let mut fields = fields("", live);
    let totp = format!("{}.enabled", Section::Totp.path());
    let factor = format!("{}.factorConfiguration", Section::Passkey.path());
    fields.entry(totp).or_insert_with(|| "false".into());
    fields.entry(factor).or_insert_with(|| SINGLE_FACTOR.into());
    fields
}
