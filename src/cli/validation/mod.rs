//! Whether the API server would take a document, and whether the operator can read it: judged by the resource definition
//! that this binary prints, so there is no second copy of its rules.

mod labels;
mod meta;
mod rules;
mod schema;
mod suggest;

use cognito_mfa_core::api::v1alpha1::{UserPoolMfaConfig, crd};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use kube::Resource;
use rules::Rules;
use serde_json::Value;
pub(super) use suggest::closest;

use super::input::{Document, Problem};

/// Something wrong with a document, at a path in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fault {
    path: Vec<String>,
    kind: Kind,
    message: String,
}

/// What kind of wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A type, a length, a value of an enumeration, a missing field. It hides what the rules say.
    Shape,
    /// A pattern.
    Pattern,
    /// A rule.
    Rule,
    /// A field that the resource does not have.
    Unknown,
    /// What the API server takes and the operator refuses.
    Unreadable,
}

/// Judges documents.
pub struct Validator {
    schema: JSONSchemaProps,
    rules: Rules,
}

impl Validator {
    /// Reads the resource definition and its rules.
    ///
    /// # Errors
    /// A sentence, for a rule that cannot be used; a test rules it out.
    pub fn new() -> Result<Self, String> {
        let version = crd().spec.versions.into_iter().next();
        let schema = version.and_then(|version| version.schema?.open_api_v3_schema);
        let mut schema = schema.ok_or("the resource definition has no schema")?;
        // Every object has them, and no definition names them.
        for (name, type_) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
            let of_type = JSONSchemaProps { type_: Some(type_.into()), ..JSONSchemaProps::default() };
            schema.properties.get_or_insert_default().entry(name.into()).or_insert(of_type);
        }
        Ok(Self { rules: Rules::of(&schema)?, schema })
    }

    /// The object in a document.
    ///
    /// # Errors
    /// All that is wrong with it, in the order of its lines.
    pub fn object(&self, document: &Document) -> Result<UserPoolMfaConfig, Vec<Problem>> {
        let object = meta::without_status(&document.value);
        let faults = meta::kind(&object).map_or_else(|| self.faults(&object), |other| vec![other]);
        let told = faults.into_iter().map(|fault| document.problem(&fault.path, fault.message));
        let mut problems: Vec<_> = told.collect();
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        if !problems.is_empty() {
            return Err(problems);
        }
        let unreadable =
            |error: serde_json::Error| vec![document.problem(&["spec".into()], error.to_string())];
        serde_json::from_value(object).map_err(unreadable)
    }

    /// Whether the API server would take an object of this resource.
    #[must_use]
    pub fn accepts(&self, object: &Value) -> bool {
        self.faults(&meta::without_status(object)).iter().all(|fault| fault.kind == Kind::Unreadable)
    }

    /// The names of all fields that a spec may have, at any depth.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let spec = self.schema.properties.as_ref().and_then(|fields| fields.get("spec"));
        spec.map(schema::names).unwrap_or_default()
    }

    fn faults(&self, object: &Value) -> Vec<Fault> {
        let settled = schema::settled(object, &self.schema);
        let mut faults = meta::faults(object);
        faults.extend(schema::unknown(object, &self.schema));
        let mut form = schema::nulls(object, &self.schema);
        form.extend(schema::shape(&settled, &self.schema, self.rules.patterns()));
        let hides = form.iter().any(|fault| fault.kind == Kind::Shape);
        let broken = if hides { Vec::new() } else { self.rules.broken(&settled, &self.schema) };
        // A rule has better words than the pattern of the same field.
        let is_said =
            |fault: &Fault| fault.kind == Kind::Pattern && broken.iter().any(|rule| rule.path == fault.path);
        form.retain(|fault| !is_said(fault));
        faults.into_iter().chain(form).chain(broken).collect()
    }
}

/// The problem with a document that is no object of this resource.
#[must_use]
pub fn wrong_kind(document: &Document) -> Option<Problem> {
    meta::kind(&document.value).map(|fault| document.problem(&fault.path, fault.message))
}

/// The resource, as people write it.
fn resource() -> String {
    format!("{} of {}", UserPoolMfaConfig::kind(&()), UserPoolMfaConfig::api_version(&()))
}

#[cfg(test)]
mod tests;
