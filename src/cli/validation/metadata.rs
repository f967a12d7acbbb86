//! What every object of Kubernetes has: kind, name, labels and annotations.
//!
//! The checks cover common mistakes: invalid names, misspelt fields, and YAML's numbers and booleans where text belongs.
//! The API server checks the syntax of labels, annotations, finalizers and owner references, and its messages are clear.

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    names::{is_name, is_namespace},
    text,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde_json::{Map, Value};

use super::{field_error::FieldError, suggest::did_you_mean};

const FIELDS: [&str; 14] = [
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "uid",
];

/// What is wrong with a document that is not a UserPoolMfaConfig of this version.
pub(super) fn wrong_kind(object: &Value) -> Option<FieldError> {
    let (own, own_version) = (UserPoolMfaConfig::kind(&()), UserPoolMfaConfig::api_version(&()));
    let resource = format!("{own} of {own_version}");
    let Some(fields) = object.as_object() else {
        return Some(FieldError::at(&[], format!("this is no object of Kubernetes: write a {resource}")));
    };
    let text =
        |name: &str| fields.get(name).and_then(Value::as_str).map(|text| text::safe(text, text::MAX_VALUE));
    match (text("kind"), text("apiVersion")) {
        (None, _) => Some(FieldError::at(&["kind"], format!("kind is missing: write kind: {own}"))),
        (_, None) => {
            let message = format!("apiVersion is missing: write apiVersion: {own_version}");
            Some(FieldError::at(&["apiVersion"], message))
        }
        (Some(kind), Some(version)) if kind != own || version != own_version => {
            let message = format!("this is a {kind} of {version}, and only a {resource} is known here");
            Some(FieldError::at(&["kind"], message))
        }
        _ => None,
    }
}

/// What is wrong with the metadata.
pub(super) fn errors(object: &Value) -> Vec<FieldError> {
    let Some(metadata) = object.get("metadata").and_then(Value::as_object) else {
        return vec![FieldError::at(&["metadata"], "metadata with a name is missing")];
    };
    let mut errors: Vec<_> = unknown_fields(metadata)
        .chain(name_error(metadata))
        .chain(namespace_error(metadata))
        .chain(values_that_are_no_text(metadata, "labels"))
        .chain(values_that_are_no_text(metadata, "annotations"))
        .collect();
    if errors.is_empty()
        && let Err(error) = serde_json::from_value::<ObjectMeta>(Value::Object(metadata.clone()))
    {
        errors.push(FieldError::at(&["metadata"], error.to_string()));
    }
    errors
}

fn unknown_fields(metadata: &Map<String, Value>) -> impl Iterator<Item = FieldError> {
    // The API server still accepts selfLink, which Kubernetes no longer writes.
    let unknown = metadata.keys().filter(|name| !FIELDS.contains(&name.as_str()) && *name != "selfLink");
    unknown.map(|name| {
        FieldError::unknown_field(&["metadata".into(), name.clone()], &did_you_mean(name, FIELDS))
    })
}

/// What is wrong with the name, or with the prefix of a generated one.
fn name_error(metadata: &Map<String, Value>) -> Option<FieldError> {
    let given = |field: &str| metadata.get(field).filter(|value| !value.is_null() && *value != "");
    let message = "a name has lowercase letters, digits, hyphens and dots, begins and ends with a letter or a digit, and is text: put quotes around a number";
    match (given("name"), given("generateName")) {
        (None, None) => Some(FieldError::at(&["metadata", "name"], "the name is missing")),
        (Some(name), _) if !name.as_str().is_some_and(is_name) => {
            Some(FieldError::at(&["metadata", "name"], message))
        }
        (_, Some(prefix)) if !prefix.as_str().is_some_and(is_name_prefix) => {
            Some(FieldError::at(&["metadata", "generateName"], message))
        }
        _ => None,
    }
}

/// The API server completes the prefix with letters and digits.
fn is_name_prefix(text: &str) -> bool {
    is_name(text) || text.strip_suffix('-').is_some_and(|rest| is_name(&format!("{rest}-a")))
}

fn namespace_error(metadata: &Map<String, Value>) -> Option<FieldError> {
    let namespace = metadata.get("namespace").filter(|namespace| !namespace.is_null())?;
    let message = "a namespace has 1 to 63 lowercase letters, digits and hyphens";
    (!namespace.as_str().is_some_and(is_namespace))
        .then(|| FieldError::at(&["metadata", "namespace"], message))
}

fn values_that_are_no_text(metadata: &Map<String, Value>, field: &str) -> Vec<FieldError> {
    let pairs = metadata.get(field).and_then(Value::as_object).into_iter().flatten();
    let error = |(key, value): (&String, &Value)| match value {
        Value::String(_) | Value::Null => None,
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Some(FieldError::at(&["metadata", field, key], "this must be text: put quotes around it"))
        }
    };
    pairs.filter_map(error).collect()
}

/// The object as the API server takes it from a manifest: without a status, which only the status subresource sets, and
/// with empty texts where a label or an annotation is null [seen, 1.36].
pub(super) fn as_sent(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().map(|fields| fields.remove("status"));
    for field in ["/metadata/labels", "/metadata/annotations"] {
        let values = object.pointer_mut(field).and_then(Value::as_object_mut).into_iter().flatten();
        values.filter(|(_, value)| value.is_null()).for_each(|(_, value)| *value = "".into());
    }
    object
}
