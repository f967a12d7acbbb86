//! What every object of Kubernetes has: kind, names, labels.

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    names::{is_name, is_namespace},
    text,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde_json::{Map, Value};

use super::{Fault, Kind, labels, resource, suggest::did_you_mean};

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

/// What is wrong when this is another kind of object, or none.
pub(super) fn kind(object: &Value) -> Option<Fault> {
    let Some(fields) = object.as_object() else {
        return Some(fault(&[], format!("this is no object of Kubernetes: write a {}", resource())));
    };
    let text =
        |name: &str| fields.get(name).and_then(Value::as_str).map(|text| text::safe(text, text::MAX_VALUE));
    let (kind, version) = (text("kind"), text("apiVersion"));
    let (own, own_version) = (UserPoolMfaConfig::kind(&()), UserPoolMfaConfig::api_version(&()));
    match (kind, version) {
        (None, _) => Some(fault(&["kind"], format!("kind is missing: write kind: {own}"))),
        (_, None) => {
            Some(fault(&["apiVersion"], format!("apiVersion is missing: write apiVersion: {own_version}")))
        }
        (Some(kind), Some(version)) if kind != own || version != own_version => Some(fault(
            &["kind"],
            format!("this is a {kind} of {version}, and only a {} is known here", resource()),
        )),
        _ => None,
    }
}

/// What is wrong with the metadata.
pub(super) fn faults(object: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    let Some(meta) = object.get("metadata").and_then(Value::as_object) else {
        return vec![fault(&["metadata"], "metadata with a name is missing")];
    };
    for name in meta.keys().filter(|name| !FIELDS.contains(&name.as_str()) && *name != "selfLink") {
        let near = did_you_mean(name, FIELDS);
        let message = format!("there is no such field{near}");
        faults.push(Fault { kind: Kind::Unknown, ..fault(&["metadata", name], message) });
    }
    faults.extend(name(meta));
    let namespace = meta.get("namespace").filter(|namespace| !namespace.is_null());
    if namespace.is_some_and(|namespace| !namespace.as_str().is_some_and(is_namespace)) {
        let message = "a namespace has 1 to 63 lowercase letters, digits and hyphens";
        faults.push(fault(&["metadata", "namespace"], message));
    }
    faults.extend(labels::faults(meta));
    faults.extend(owners(meta));
    if faults.is_empty()
        && let Err(error) = serde_json::from_value::<ObjectMeta>(Value::Object(meta.clone()))
    {
        faults.push(fault(&["metadata"], error.to_string()));
    }
    faults
}

/// What is wrong with the name, or with the beginning of the one that the server makes.
fn name(meta: &Map<String, Value>) -> Option<Fault> {
    let given = |field: &str| meta.get(field).filter(|value| !value.is_null() && *value != "");
    let message = "a name has lowercase letters, digits, hyphens and dots, begins and ends with a letter or a digit, and is text: put quotes around a number";
    match (given("name"), given("generateName")) {
        (None, None) => Some(fault(&["metadata", "name"], "the name is missing")),
        (Some(name), _) if !name.as_str().is_some_and(is_name) => Some(fault(&["metadata", "name"], message)),
        (_, Some(begin)) if !begin.as_str().is_some_and(is_beginning) => {
            Some(fault(&["metadata", "generateName"], message))
        }
        _ => None,
    }
}

/// Whether a name may begin so: what the server adds are letters and digits.
fn is_beginning(text: &str) -> bool {
    is_name(text) || text.strip_suffix('-').is_some_and(|rest| is_name(&format!("{rest}-a")))
}

/// What the owners lack.
fn owners(meta: &Map<String, Value>) -> Vec<Fault> {
    let owners = meta.get("ownerReferences").and_then(Value::as_array).into_iter().flatten().enumerate();
    let lack = owners.flat_map(|(number, owner)| {
        let has = |field: &str| owner.get(field).is_some_and(|value| !value.is_null() && value != "");
        let absent = ["apiVersion", "kind", "name", "uid"].into_iter().filter(move |field| !has(field));
        absent.map(move |field| {
            fault(&["metadata", "ownerReferences", &number.to_string(), field], "this field is missing")
        })
    });
    lack.collect()
}

/// The object as the API server takes it from people: the status is not theirs to write.
pub(super) fn without_status(object: &Value) -> Value {
    let mut object = object.clone();
    object.as_object_mut().map(|fields| fields.remove("status"));
    object
}

pub(super) fn fault(path: &[&str], message: impl Into<String>) -> Fault {
    Fault { path: path.iter().map(ToString::to_string).collect(), kind: Kind::Shape, message: message.into() }
}
