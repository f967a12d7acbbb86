//! The schema of the CRD: descriptions, bounds, and a status that accepts whatever Cognito has.

use cognito_mfa_core::api::v1alpha1::crd;
use serde_json::{Map, Value};

#[test]
fn every_field_has_a_description_that_kubectl_explain_can_wrap() {
    for (path, field) in fields() {
        let text = field["description"].as_str().unwrap_or_default();
        assert!(text.ends_with('.') && text.len() > 10, "{path} needs a sentence: {text:?}");
        assert!(!text.contains('\n'), "{path}: kubectl explain keeps this line break: {text:?}");
    }
}

/// A text without a bound could make an object too large for a status, and CEL rules on it cost too much.
#[test]
fn every_text_in_the_spec_has_a_maximum_length() {
    for (path, field) in fields().into_iter().filter(|(path, _)| path.starts_with("spec")) {
        let bounded = field.get("maxLength").is_some() || field.get("enum").is_some();
        assert!(field["type"] != "string" || bounded, "{path} has no bound");
    }
}

/// Cognito can have values that a spec may not declare.
#[test]
fn no_field_of_the_status_restricts_its_value() {
    for (path, field) in fields().into_iter().filter(|(path, _)| path.starts_with("status")) {
        for rule in ["enum", "maxLength", "minLength", "pattern", "x-kubernetes-validations", "maxItems"] {
            assert!(field.get(rule).is_none(), "{path} has {rule}");
        }
    }
}

/// Every field at any depth, with its path and its schema.
fn fields() -> Vec<(String, Value)> {
    let crd = serde_json::to_value(crd()).expect("a CRD is plain data");
    let root = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let mut fields = Vec::new();
    collect("", root, &mut fields);
    assert!(fields.len() > 50);
    fields
}

fn collect(path: &str, schema: &Value, fields: &mut Vec<(String, Value)>) {
    let properties = schema["items"]["properties"].as_object().or(schema["properties"].as_object());
    for (name, field) in properties.unwrap_or(&Map::new()) {
        let path = format!("{path}{}{name}", if path.is_empty() { "" } else { "." });
        collect(&path, field, fields);
        fields.push((path, field.clone()));
    }
}
