//! The committed CRD, and what a reader of it may expect.

use std::process::Command;

use cognito_mfa_core::api::v1alpha1::crd;
use serde_json::{Map, Value};

#[test]
fn the_committed_crd_is_what_the_binary_prints() {
    let printed = Command::new(env!("CARGO_BIN_EXE_cognito-mfa-operator")).arg("crd").output().unwrap();
    let committed = include_str!("../crds/userpoolmfaconfigs.yaml");
    assert!(
        String::from_utf8_lossy(&printed.stdout) == committed,
        "crds/userpoolmfaconfigs.yaml is stale: run `make generate`, or `cargo run -- crd > crds/userpoolmfaconfigs.yaml`"
    );
}

#[test]
fn every_field_is_documented_in_a_paragraph_that_kubectl_can_wrap() {
    for (path, field) in fields() {
        let text = field["description"].as_str().unwrap_or_default();
        assert!(text.ends_with('.') && text.len() > 10, "{path} needs a sentence: {text:?}");
        assert!(!text.contains('\n'), "{path}: kubectl explain keeps this line break: {text:?}");
    }
}

/// An unbounded text makes an object whose status cannot be written any more, and CEL rules on it cost too much.
#[test]
fn every_text_in_the_spec_is_bounded() {
    for (path, field) in fields().into_iter().filter(|(path, _)| path.starts_with("spec")) {
        let bounded = field.get("maxLength").is_some() || field.get("enum").is_some();
        assert!(field["type"] != "string" || bounded, "{path} has no bound");
    }
}

/// What Cognito has may break every rule for what a user declares.
#[test]
fn nothing_in_the_status_is_refused_for_its_value() {
    for (path, field) in fields().into_iter().filter(|(path, _)| path.starts_with("status")) {
        for rule in ["enum", "maxLength", "minLength", "pattern", "x-kubernetes-validations", "maxItems"] {
            assert!(field.get(rule).is_none(), "{path} has {rule}");
        }
    }
}

/// All fields of the schema, as path and schema.
fn fields() -> Vec<(String, Value)> {
    let crd = serde_json::to_value(crd()).expect("a CRD is plain data");
    let root = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let mut found = Vec::new();
    below("", root, &mut found);
    assert!(found.len() > 50);
    found
}

fn below(path: &str, schema: &Value, found: &mut Vec<(String, Value)>) {
    let properties = schema["items"]["properties"].as_object().or(schema["properties"].as_object());
    for (name, field) in properties.unwrap_or(&Map::new()) {
        let path = format!("{path}{}{name}", if path.is_empty() { "" } else { "." });
        below(&path, field, found);
        found.push((path, field.clone()));
    }
}
