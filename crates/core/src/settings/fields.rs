//! Settings as the values at their paths below spec, in one form: an empty string is absent, white space at the ends
//! is no difference.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// Paths, and the values there.
pub type Fields = BTreeMap<String, String>;

/// The fields of settings, or of a section of them at its `path`.
///
/// # Panics
/// Never: settings are plain strings, enums and booleans.
#[must_use]
pub fn fields(path: &str, settings: &impl Serialize) -> Fields {
    let mut fields = Fields::new();
    let all = serde_json::to_value(settings).expect("plain strings, enums and booleans");
    collect(path, &all, &mut fields);
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
