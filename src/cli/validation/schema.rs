//! The part of OpenAPI that the resource definition uses: types, enumerations, lengths, patterns, required and unknown
//! fields, null and defaults.

use cognito_mfa_core::{api::v1alpha1::null_remedy, text};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSON, JSONSchemaProps};
use serde_json::Value;

use super::{
    field_error::{ErrorKind, FieldError},
    patterns::Patterns,
    suggest::{closest, did_you_mean},
    walk::collect_errors,
};

/// The object as the API server stores it: without nulls and unknown fields, with defaults.
pub(super) fn with_defaults(value: &Value, schema: &JSONSchemaProps) -> Value {
    let (Some(fields), Some(known)) = (value.as_object(), &schema.properties) else { return value.clone() };
    let stored = |(name, schema): (&String, &JSONSchemaProps)| {
        let given = fields.get(name).filter(|value| !value.is_null());
        let given = given.map(|value| with_defaults(value, schema));
        let default = || schema.default.as_ref().map(|JSON(default)| default.clone());
        // The API server drops a null of a nullable field and does not replace it by the default.
        let value = if fields.contains_key(name) && schema.nullable == Some(true) {
            given
        } else {
            given.or_else(default)
        };
        Some((name.clone(), value?))
    };
    Value::Object(known.iter().filter_map(stored).collect())
}

pub(super) fn unknown_fields(object: &Value, schema: &JSONSchemaProps) -> Vec<FieldError> {
    collect_errors(object, schema, |value, schema, path| {
        let (Some(fields), Some(known)) = (value.as_object(), &schema.properties) else { return Vec::new() };
        let unknown = fields.keys().filter(|name| !known.contains_key(*name));
        let error = |name: &String| {
            let suggestion = did_you_mean(name, known.keys().map(String::as_str));
            FieldError::unknown_field(&child(path, name), &suggestion)
        };
        unknown.map(error).collect()
    })
}

pub(super) fn forbidden_nulls(object: &Value, schema: &JSONSchemaProps) -> Vec<FieldError> {
    collect_errors(object, schema, |value, schema, path| {
        let is_null_in_spec = value.is_null() && path.first().is_some_and(|first| first == "spec");
        let error = is_null_in_spec.then(|| forbidden_null(schema, path)).flatten();
        error.map(|(kind, message)| FieldError::new(kind, path, message))
    })
}

fn forbidden_null(schema: &JSONSchemaProps, path: &[String]) -> Option<(ErrorKind, String)> {
    // The API server takes a null section for absent, and the operator takes it for a mistake.
    if schema.type_.as_deref() == Some("object") {
        let remedy = null_remedy(path.last().map_or("", String::as_str));
        return Some((ErrorKind::NotReadable, format!("nothing stands after this key: {remedy}")));
    }
    // The API server refuses null where the enumeration does not list it, although the field is nullable [seen, 1.36].
    (schema.nullable == Some(true) && schema.enum_.is_some()).then(|| {
        let values: Vec<_> = enum_values(schema).map(|value| format!("{value:?}")).collect();
        let remedy = format!("write {}, or remove the key", values.join(" or "));
        (ErrorKind::Schema, format!("nothing stands after this key: {remedy}"))
    })
}

/// What of an object with its defaults contradicts the schema.
pub(super) fn violations(object: &Value, schema: &JSONSchemaProps, patterns: &Patterns) -> Vec<FieldError> {
    collect_errors(object, schema, |value, schema, path| {
        let error = |kind, message: String| FieldError::new(kind, path, message);
        if !has_type(value, schema) {
            return vec![error(ErrorKind::Schema, wrong_type(value, schema))];
        }
        let value_error = not_in_enum(value, schema).or_else(|| wrong_length(value, schema));
        let mismatch = patterns.mismatch(value, schema);
        value_error
            .map(|message| error(ErrorKind::Schema, message))
            .into_iter()
            .chain(mismatch.map(|message| error(ErrorKind::Pattern, message)))
            .chain(missing_fields(value, schema, path))
            .collect()
    })
}

/// The names of the fields at any depth.
pub(super) fn field_names(schema: &JSONSchemaProps) -> Vec<String> {
    let fields = schema.properties.iter().flatten();
    fields.flat_map(|(name, below)| [vec![name.clone()], field_names(below)].concat()).collect()
}

fn child(path: &[String], name: &str) -> Vec<String> {
    [path, &[name.to_owned()]].concat()
}

fn has_type(value: &Value, schema: &JSONSchemaProps) -> bool {
    match schema.type_.as_deref() {
        Some("object") => value.is_object(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("array") => value.is_array(),
        _ => true,
    }
}

fn wrong_type(value: &Value, schema: &JSONSchemaProps) -> String {
    let found = match value {
        Value::Bool(found) => found.to_string(),
        Value::Number(found) => format!("the number {found}"),
        Value::String(found) => format!("the text {:?}", text::safe(found, text::MAX_VALUE)),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "a section".into(),
        Value::Null => "nothing".into(),
    };
    let remedy = match (schema.type_.as_deref(), value) {
        (Some("string"), Value::Bool(value)) => return bare_boolean(*value, schema),
        (Some("string"), Value::Number(_)) => "write it in quotes",
        (Some("string"), _) => "write a text",
        (Some("boolean"), Value::String(_)) => "write true or false without quotes",
        (Some("boolean"), _) => "write true or false",
        (Some("object"), _) => "write a section, {} for an empty one",
        (Some("integer"), _) => "write a whole number",
        _ => "write a list",
    };
    format!("this is {found}: {remedy}")
}

/// YAML 1.1 reads a bare ON, yes or true as a boolean.
fn bare_boolean(value: bool, schema: &JSONSchemaProps) -> String {
    let word = if value { "ON" } else { "OFF" };
    if enum_values(schema).any(|known| known == word) {
        return format!("YAML reads a bare {word} as {value}: write \"{word}\", with the quotes");
    }
    format!("YAML reads this as the boolean {value}: write it in quotes")
}

fn enum_values(schema: &JSONSchemaProps) -> impl Iterator<Item = &str> {
    schema.enum_.iter().flatten().filter_map(|JSON(value)| value.as_str())
}

fn not_in_enum(value: &Value, schema: &JSONSchemaProps) -> Option<String> {
    let known = schema.enum_.as_ref()?;
    if known.iter().any(|JSON(known)| known == value) {
        return None;
    }
    let written = value.as_str().unwrap_or_default();
    let values: Vec<_> = enum_values(schema).map(|known| format!("{known:?}")).collect();
    let suggestion = closest(written, enum_values(schema))
        .map_or_else(String::new, |known| format!("; did you mean {known:?}?"));
    Some(format!("{:?} is none of {}{suggestion}", text::safe(written, text::MAX_VALUE), values.join(", ")))
}

fn wrong_length(value: &Value, schema: &JSONSchemaProps) -> Option<String> {
    let length = i64::try_from(value.as_str()?.chars().count()).unwrap_or(i64::MAX);
    let (min, max) = (schema.min_length.unwrap_or(0), schema.max_length.unwrap_or(i64::MAX));
    match length {
        _ if length < min => Some(format!("it has {length} characters, and at least {min} are required")),
        _ if length > max => Some(format!("it has {length} characters, and at most {max} are allowed")),
        _ => None,
    }
}

fn missing_fields(value: &Value, schema: &JSONSchemaProps, path: &[String]) -> Vec<FieldError> {
    let missing = schema.required.iter().flatten().filter(|name| value.get(*name).is_none());
    let error =
        |name: &String| FieldError::new(ErrorKind::Schema, &child(path, name), "this field is missing");
    missing.map(error).collect()
}
