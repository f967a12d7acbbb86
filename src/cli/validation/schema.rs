//! The part of OpenAPI that the resource definition uses: types, enumerations, lengths, patterns, required and unknown
//! fields, null and defaults.

use cognito_mfa_core::text;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSON, JSONSchemaProps};
use serde_json::Value;

use super::{
    Fault, Kind,
    rules::Patterns,
    suggest::{closest, did_you_mean},
};

type Path = Vec<String>;

/// The object as the API server keeps it: without nulls, without what the schema does not know, with defaults.
pub(super) fn settled(value: &Value, schema: &JSONSchemaProps) -> Value {
    let (Some(fields), Some(known)) = (value.as_object(), &schema.properties) else { return value.clone() };
    let of_schema = |(name, schema): (&String, &JSONSchemaProps)| {
        let given = fields.get(name).filter(|value| !value.is_null()).map(|value| settled(value, schema));
        let default = || schema.default.as_ref().map(|JSON(default)| default.clone());
        // A null where null may stand is not replaced by the default.
        let value = if fields.contains_key(name) && schema.nullable == Some(true) {
            given
        } else {
            given.or_else(default)
        };
        Some((name.clone(), value?))
    };
    Value::Object(known.iter().filter_map(of_schema).collect())
}

/// The fields that the schema does not have.
pub(super) fn unknown(value: &Value, schema: &JSONSchemaProps) -> Vec<Fault> {
    let mut faults = Vec::new();
    walk(value, schema, &mut Vec::new(), &mut |value, schema, path| {
        let (Some(fields), Some(known)) = (value.as_object(), &schema.properties) else { return };
        for name in fields.keys().filter(|name| !known.contains_key(*name)) {
            let path = path.iter().chain([name]).cloned().collect();
            let near = did_you_mean(name, known.keys().map(String::as_str));
            faults.push(Fault {
                path,
                kind: Kind::Unknown,
                message: format!("there is no such field{near}"),
            });
        }
    });
    faults
}

/// The fields that are null and may not be.
pub(super) fn nulls(value: &Value, schema: &JSONSchemaProps) -> Vec<Fault> {
    let mut faults = Vec::new();
    walk(value, schema, &mut Vec::new(), &mut |value, schema, path| {
        if value.is_null() && path.first().is_some_and(|first| first == "spec") {
            faults.extend(null(schema).map(|(kind, message)| Fault { path: path.clone(), kind, message }));
        }
    });
    faults
}

fn null(schema: &JSONSchemaProps) -> Option<(Kind, String)> {
    // The API server takes that for absent, and the operator takes it for a mistake.
    if is(schema, "object") {
        let remedy = "write {} to declare the section empty, or remove the key";
        return Some((Kind::Unreadable, format!("nothing stands after this key: {remedy}")));
    }
    // Null may stand there and is none of the values: the API server refuses it [seen, 1.36].
    (schema.nullable == Some(true) && schema.enum_.is_some()).then(|| {
        let all: Vec<_> = values(schema).map(|known| format!("{known:?}")).collect();
        (Kind::Shape, format!("nothing stands after this key: write {}, or remove the key", all.join(" or ")))
    })
}

/// What of a settled object does not have the form that the schema wants.
pub(super) fn shape(value: &Value, schema: &JSONSchemaProps, patterns: &Patterns) -> Vec<Fault> {
    let mut faults = Vec::new();
    walk(value, schema, &mut Vec::new(), &mut |value, schema, path| {
        let shape = |message| Fault { path: path.clone(), kind: Kind::Shape, message };
        if !has_type(value, schema) {
            faults.push(shape(wrong_type(value, schema)));
            return;
        }
        faults.extend(none_of(value, schema).or_else(|| length(value, schema)).map(shape));
        if let Some(message) = patterns.breaks(value, schema) {
            faults.push(Fault { path: path.clone(), kind: Kind::Pattern, message });
        }
        faults.extend(missing(value, schema, path));
    });
    faults
}

/// The names of the fields at any depth.
pub(super) fn names(schema: &JSONSchemaProps) -> Vec<String> {
    let fields = schema.properties.iter().flatten();
    fields.flat_map(|(name, below)| [vec![name.clone()], names(below)].concat()).collect()
}

/// Shows each value that the schema speaks of, from the outside in.
pub(super) fn walk(
    value: &Value,
    schema: &JSONSchemaProps,
    path: &mut Path,
    visit: &mut impl FnMut(&Value, &JSONSchemaProps, &Path),
) {
    visit(value, schema, path);
    for (name, schema) in schema.properties.iter().flatten() {
        let Some(value) = value.get(name) else { continue };
        path.push(name.clone());
        walk(value, schema, path, visit);
        path.pop();
    }
}

fn is(schema: &JSONSchemaProps, name: &str) -> bool {
    schema.type_.as_deref() == Some(name)
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
        (Some("string"), Value::Bool(on)) => return bare_boolean(*on, schema),
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

/// YAML takes a bare ON, yes or true for a boolean.
fn bare_boolean(on: bool, schema: &JSONSchemaProps) -> String {
    let word = if on { "ON" } else { "OFF" };
    if values(schema).any(|known| known == word) {
        return format!("YAML reads a bare {word} as {on}: write \"{word}\", with the quotes");
    }
    format!("YAML reads this as the boolean {on}: write it in quotes")
}

fn values(schema: &JSONSchemaProps) -> impl Iterator<Item = &str> {
    schema.enum_.iter().flatten().filter_map(|JSON(value)| value.as_str())
}

fn none_of(value: &Value, schema: &JSONSchemaProps) -> Option<String> {
    let known = schema.enum_.as_ref()?;
    if known.iter().any(|JSON(known)| known == value) {
        return None;
    }
    let written = value.as_str().unwrap_or_default();
    let all: Vec<_> = values(schema).map(|known| format!("{known:?}")).collect();
    let near =
        closest(written, values(schema)).map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
    Some(format!("{:?} is none of {}{near}", text::safe(written, text::MAX_VALUE), all.join(", ")))
}

fn length(value: &Value, schema: &JSONSchemaProps) -> Option<String> {
    let length = i64::try_from(value.as_str()?.chars().count()).unwrap_or(i64::MAX);
    let (least, most) = (schema.min_length.unwrap_or(0), schema.max_length.unwrap_or(i64::MAX));
    match length {
        _ if length < least => Some(format!("it has {length} characters, and at least {least} are wanted")),
        _ if length > most => Some(format!("it has {length} characters, and at most {most} are taken")),
        _ => None,
    }
}

fn missing(value: &Value, schema: &JSONSchemaProps, path: &Path) -> Vec<Fault> {
    let absent = schema.required.iter().flatten().filter(|name| value.get(*name).is_none());
    let fault = |name: &String| {
        let path = path.iter().chain([name]).cloned().collect();
        Fault { path, kind: Kind::Shape, message: "this field is missing".into() }
    };
    absent.map(fault).collect()
}
