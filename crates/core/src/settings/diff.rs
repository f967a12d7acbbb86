//! The differences between the spec and a pool.
//!
//! - A declared field is compared.
//! - A field left out of a declared section is Cognito's to choose.
//! - A section that is not declared is not wanted.
//! - Absent TOTP equals `enabled: false`. Absent passkeys equal SINGLE_FACTOR alone [reported / measured].
//! - An empty string counts as absent, and leading and trailing white space is ignored.

use super::{
    fields::{Fields, fields},
    section::{PASSKEY_FACTOR_PATH, SINGLE_FACTOR, Section},
    strengths::USER_VERIFICATION_PATH,
};
use crate::{
    api::v1alpha1::{Difference, MfaMode, MfaSettings},
    digest::digest,
    text,
};

const TOTP_ENABLED_PATH: &str = "softwareTokenMfaConfiguration.enabled";
const SNS_REGION_PATH: &str = "smsMfaConfiguration.smsConfiguration.snsRegion";

/// The settings that a write sends. They follow from the spec alone, so a stale read is never written back.
///
/// With mode OFF the factors are left out: Cognito refuses OFF together with a TOTP or email section, even a disabled one
/// [measured].
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

/// A hash of the settings that a write sends. The status remembers the hash that Cognito last accepted.
///
/// # Panics
/// Never: settings are plain strings, enums and booleans.
#[must_use]
pub fn hash(declared: &MfaSettings) -> String {
    let written = serde_json::to_vec(&to_write(declared)).expect("plain strings, enums and booleans");
    format!("sha256:{:032x}", digest(&written))
}

/// The fields in which the pool differs from the spec, sorted by path; empty when the pool equals the spec.
#[must_use]
pub fn differences(declared: &MfaSettings, observed: &MfaSettings) -> Vec<Difference> {
    let wanted = to_write(declared);
    let observed_fields = with_defaults(observed);
    let mut differences: Vec<Difference> = fields("", &wanted)
        .iter()
        .filter(|(path, value)| observed_fields.get(*path) != Some(*value))
        .map(|(path, value)| difference(path, Some(value), observed_fields.get(path).map(String::as_str)))
        .collect();
    for section in Section::all() {
        if let Some(difference) = section_difference(section, &wanted, observed)
            && !differences.iter().any(|difference| difference.field.starts_with(section.path()))
        {
            differences.push(difference);
        }
    }
    differences.sort_by(|a, b| a.field.cmp(&b.field));
    differences
}

/// The values that the pool has beside the declaration and that a write may reset: fields that the spec leaves to Cognito
/// in a section that is sent. Cognito fills in `snsRegion` by itself [reported], and then it is no loss.
#[must_use]
pub fn left_to_cognito(sent: &MfaSettings, observed: &MfaSettings) -> Vec<Difference> {
    let (sent_fields, observed_fields) = (fields("", sent), fields("", observed));
    let is_sent = |path: &str| {
        Section::all().any(|section| section.is_declared(sent) && path.starts_with(section.path()))
    };
    let is_default = |path: &str, value: &str| {
        (path == PASSKEY_FACTOR_PATH && value == SINGLE_FACTOR)
            || (path == USER_VERIFICATION_PATH && value == "preferred")
            || path == SNS_REGION_PATH
    };
    observed_fields
        .iter()
        .filter(|(path, value)| is_sent(path) && !sent_fields.contains_key(*path) && !is_default(path, value))
        .map(|(path, value)| difference(path, None, Some(value)))
        .collect()
}

/// Whether two observations of a pool are equal.
#[must_use]
pub fn is_same(a: &MfaSettings, b: &MfaSettings) -> bool {
    with_defaults(a) == with_defaults(b) && Section::all().all(|section| section.is_on(a) == section.is_on(b))
}

/// The names of the sections that are on in a pool, for `status.factors`.
#[must_use]
pub fn factors(observed: &MfaSettings) -> Vec<&'static str> {
    // Factors that Cognito still returns while the mode is OFF have no effect [measured for SMS].
    let is_effective = |section: &Section| section.is_on(observed) && !is_ignored(*section, observed);
    Section::all().filter(is_effective).map(Section::factor_name).collect()
}

fn is_ignored(section: Section, settings: &MfaSettings) -> bool {
    settings.mfa_configuration == MfaMode::Off && section.is_mfa_factor()
}

fn section_difference(section: Section, wanted: &MfaSettings, observed: &MfaSettings) -> Option<Difference> {
    let is_on = section.is_on(observed);
    if section.is_wanted(wanted) && !is_on {
        return Some(difference(section.path(), Some("{}"), None));
    }
    (is_on && !is_ignored(section, wanted) && !section.is_declared(wanted))
        .then(|| difference(section.path(), None, Some(&section_json(section, observed))))
}

fn difference(path: &str, declared: Option<&str>, found: Option<&str>) -> Difference {
    let shown = |value: &str| text::safe(value, text::MAX_VALUE);
    Difference { field: path.to_owned(), declared: declared.map(shown), found: found.map(shown) }
}

fn section_json(section: Section, observed: &MfaSettings) -> String {
    serde_json::to_value(observed)
        .map_or_else(|_| "{}".into(), |settings| settings[section.path()].to_string())
}

/// The observed fields, with the values that Cognito means by an absent TOTP or passkey section.
fn with_defaults(observed: &MfaSettings) -> Fields {
    let mut fields = fields("", observed);
    fields.entry(TOTP_ENABLED_PATH.into()).or_insert_with(|| "false".into());
    fields.entry(PASSKEY_FACTOR_PATH.into()).or_insert_with(|| SINGLE_FACTOR.into());
    fields
}
