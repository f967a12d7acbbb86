//! One form for settings, and what differs in it.
//!
//! A declared field is compared; a field left out of a declared section is Cognito's to choose; a section that
//! is not declared is not wanted. Absent TOTP is `enabled: false`; absent passkeys, or SINGLE_FACTOR alone, are
//! none [reported / measured]; an empty string is absent; white space at the ends is no difference.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{digest::digest, text};
use crate::api::{Difference, MfaMode, MfaSettings};

const SMS: &str = "smsMfaConfiguration";
const TOTP: &str = "softwareTokenMfaConfiguration";
const EMAIL: &str = "emailMfaConfiguration";
const PASSKEY: &str = "webAuthnConfiguration";
const SECTIONS: [&str; 4] = [SMS, TOTP, EMAIL, PASSKEY];
const TOTP_ENABLED: &str = "softwareTokenMfaConfiguration.enabled";
const PASSKEY_FACTOR: &str = "webAuthnConfiguration.factorConfiguration";
const SINGLE: &str = "SINGLE_FACTOR";

/// Paths below spec, and the values there.
type Fields = BTreeMap<String, String>;

/// What a Set sends: it follows from the spec alone, so nothing stale is ever replayed. Under OFF the factors
/// rest, because Cognito refuses OFF together with a TOTP or email block, even a disabled one [measured].
#[must_use]
pub fn to_send(declared: &MfaSettings) -> MfaSettings {
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
    let sent = serde_json::to_vec(&to_send(declared)).expect("plain strings, enums and booleans");
    format!("sha256:{:032x}", digest(&sent))
}

/// What differs between the declaration and the pool, sorted by path; empty when they are equal.
#[must_use]
pub fn differences(declared: &MfaSettings, live: &MfaSettings) -> Vec<Difference> {
    let wanted = to_send(declared);
    let (wanted_fields, live_fields) = (fields(&wanted), with_defaults(fields(live)));
    let mut found: Vec<Difference> = wanted_fields
        .iter()
        .filter(|(path, value)| live_fields.get(*path) != Some(*value))
        .map(|(path, value)| difference(path, Some(value), live_fields.get(path).map(String::as_str)))
        .collect();
    for section in SECTIONS {
        if let Some(whole) = section_difference(section, &wanted, live)
            && !found.iter().any(|part| part.field.starts_with(section))
        {
            found.push(whole);
        }
    }
    found.sort_by(|a, b| a.field.cmp(&b.field));
    found
}

/// Whether two answers of Cognito show the same pool.
#[must_use]
pub fn same(a: &MfaSettings, b: &MfaSettings) -> bool {
    with_defaults(fields(a)) == with_defaults(fields(b))
        && SECTIONS.iter().all(|section| is_on(section, a) == is_on(section, b))
}

/// The factors that a pool has on, as the status names them.
#[must_use]
pub fn factors(live: &MfaSettings) -> Vec<&'static str> {
    let names = [(SMS, "SMS"), (TOTP, "TOTP"), (EMAIL, "EMAIL"), (PASSKEY, "PASSKEY")];
    // Factors that Cognito still shows under OFF are inert [measured for SMS].
    let rests = |section: &str| live.mfa_configuration == MfaMode::Off && section != PASSKEY;
    names
        .into_iter()
        .filter(|(section, _)| is_on(section, live) && !rests(section))
        .map(|(_, name)| name)
        .collect()
}

fn section_difference(section: &str, wanted: &MfaSettings, live: &MfaSettings) -> Option<Difference> {
    let rests = wanted.mfa_configuration == MfaMode::Off && section != PASSKEY;
    let on = is_on(section, live);
    if is_wanted(section, wanted) && !on {
        return Some(difference(section, Some("{}"), None));
    }
    (on && !rests && !is_declared(section, wanted))
        .then(|| difference(section, None, Some(&shown(section, live))))
}

fn difference(path: &str, declared: Option<&str>, found: Option<&str>) -> Difference {
    let cut = |value: &str| text::safe(value, text::VALUE);
    Difference { field: path.to_owned(), declared: declared.map(cut), found: found.map(cut) }
}

/// A declared SMS section is wanted even where it leaves every field to Cognito.
fn is_wanted(section: &str, wanted: &MfaSettings) -> bool {
    is_on(section, wanted) || (section == SMS && is_declared(section, wanted))
}

/// Passkeys declared `{}` or SINGLE_FACTOR alone ask for none, and still leave the rest to Cognito.
fn is_declared(section: &str, wanted: &MfaSettings) -> bool {
    match section {
        SMS => wanted.sms_mfa_configuration.is_some(),
        TOTP => wanted.software_token_mfa_configuration.is_some(),
        EMAIL => wanted.email_mfa_configuration.is_some(),
        _ => wanted.web_authn_configuration.is_some(),
    }
}

fn is_on(section: &str, settings: &MfaSettings) -> bool {
    let all = fields(settings);
    let mut own = all.iter().filter(|(path, _)| path.starts_with(section));
    match section {
        EMAIL => settings.email_mfa_configuration.is_some(),
        TOTP => settings.software_token_mfa_configuration.as_ref().is_some_and(|totp| totp.enabled),
        PASSKEY => own.any(|(path, value)| path != PASSKEY_FACTOR || value != SINGLE),
        _ => own.next().is_some(),
    }
}

fn shown(section: &str, live: &MfaSettings) -> String {
    serde_json::to_value(live).map_or_else(|_| "{}".into(), |all| all[section].to_string())
}

fn with_defaults(mut live: Fields) -> Fields {
    live.entry(TOTP_ENABLED.into()).or_insert_with(|| "false".into());
    live.entry(PASSKEY_FACTOR.into()).or_insert_with(|| SINGLE.into());
    live
}

fn fields(settings: &MfaSettings) -> Fields {
    let mut fields = Fields::new();
    let all = serde_json::to_value(settings).expect("settings are plain strings, enums and booleans");
    collect("", &all, &mut fields);
    fields
}

fn collect(path: &str, value: &Value, fields: &mut Fields) {
    let mut keep = |value: &str| {
        if !value.is_empty() {
            fields.insert(path.to_owned(), value.to_owned());
        }
    };
    match value {
        Value::String(text) => keep(text.trim()),
        Value::Object(children) => children.iter().for_each(|(name, child)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            collect(&path, child, fields);
        }),
        Value::Null => {}
        other => keep(&other.to_string()),
    }
}
