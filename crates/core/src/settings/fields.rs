//! Settings as a map from paths to values. An empty string counts as absent, and leading and trailing white space is
//! ignored.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// The values of settings by their paths below `spec`, such as `webAuthnConfiguration.relyingPartyId`.
pub type Fields = BTreeMap<String, String>;

/// The fields of settings, or of the section at `path`.
///
/// # Panics
/// Never: settings are plain strings, enums and booleans.
#[must_use]
pub fn fields(path: &str, settings: &impl Serialize) -> Fields {
    let mut fields = Fields::new();
    let value = serde_json::to_value(settings).expect("plain strings, enums and booleans");
    collect(path, &value, &mut fields);
    fields
}

fn collect(path: &str, value: &Value, fields: &mut Fields) {
    let mut insert = |value: &str| {
        if !value.is_empty() {
            fields.insert(path.to_owned(), value.to_owned());
        }
    };
    match value {
        Value::String(text) => insert(text.trim()),
        Value::Object(children) => children.iter().for_each(|(name, child)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            collect(&path, child, fields);
        }),
        Value::Null => {}
        other => insert(&other.to_string()),
    }
}
