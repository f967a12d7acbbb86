//! Whether the API server would accept a document, and whether the operator can read it. The rules come from the
//! resource definition that this binary prints, so there is no second copy of them.

mod field_error;
mod metadata;
mod patterns;
mod rules;
mod schema;
mod suggest;
mod walk;

use cognito_mfa_core::{
    api::v1alpha1::{UserPoolMfaConfig, crd},
    pool_id,
};
use field_error::{ErrorKind, FieldError};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use patterns::Patterns;
use rules::Rules;
use serde_json::Value;
pub(super) use suggest::closest;

use super::input::{Document, Problem};

/// Validates documents against the resource definition of this binary.
pub struct Validator {
    schema: JSONSchemaProps,
    patterns: Patterns,
    rules: Rules,
}

impl Validator {
    /// Compiles the patterns and rules of the resource definition.
    ///
    /// # Errors
    /// A sentence, for a rule or a pattern that cannot be compiled. A test excludes it.
    pub fn new() -> Result<Self, String> {
        let version = crd().spec.versions.into_iter().next();
        let schema = version.and_then(|version| version.schema?.open_api_v3_schema);
        let mut schema = schema.ok_or("the resource definition has no schema")?;
        // The API server adds these fields to every definition.
        for (name, type_) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
            let field = JSONSchemaProps { type_: Some(type_.into()), ..JSONSchemaProps::default() };
            schema.properties.get_or_insert_default().entry(name.into()).or_insert(field);
        }
        Ok(Self { patterns: Patterns::compile(&schema)?, rules: Rules::compile(&schema)?, schema })
    }

    /// The object in a document.
    ///
    /// # Errors
    /// Every mistake in the document, in the order of the lines.
    pub fn object(&self, document: &Document) -> Result<UserPoolMfaConfig, Vec<Problem>> {
        let mut object = metadata::as_sent(&document.value);
        let errors = metadata::wrong_kind(&object).map_or_else(|| self.errors(&object), |error| vec![error]);
        let problem = |error: FieldError| document.problem(&error.path, error.message);
        let mut problems: Vec<_> = errors.into_iter().map(problem).collect();
        problems.sort_by(|a, b| a.place.cmp(&b.place));
        if !problems.is_empty() {
            return Err(problems);
        }
        // The API server replaces a null of a field that has a default.
        let stored = schema::with_defaults(&object, &self.schema);
        object["spec"] = stored["spec"].clone();
        let problem = |error: serde_json::Error| vec![document.problem(&["spec".into()], error.to_string())];
        serde_json::from_value(object).map_err(problem)
    }

    /// Whether the API server would accept an object of this resource, apart from the syntax of its labels,
    /// annotations, finalizers and owner references.
    #[must_use]
    pub fn accepts(&self, object: &Value) -> bool {
        let errors = self.errors(&metadata::as_sent(object));
        errors.iter().all(|error| error.kind == ErrorKind::NotReadable)
    }

    /// The names of all fields that a spec may have, at any depth.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let spec = self.schema.properties.as_ref().and_then(|fields| fields.get("spec"));
        spec.map(schema::field_names).unwrap_or_default()
    }

    fn errors(&self, object: &Value) -> Vec<FieldError> {
        let stored = schema::with_defaults(object, &self.schema);
        let mut errors = metadata::errors(object);
        errors.extend(schema::unknown_fields(object, &self.schema));
        let mut schema_errors = schema::forbidden_nulls(object, &self.schema);
        schema_errors.extend(schema::violations(&stored, &self.schema, &self.patterns));
        let evaluates_rules = schema_errors.iter().all(|error| error.kind != ErrorKind::Schema);
        let violations =
            if evaluates_rules { self.rules.violations(&stored, &self.schema) } else { Vec::new() };
        // The message of a rule says what to write; that of a pattern repeats the pattern.
        let has_rule = |error: &FieldError| violations.iter().any(|violation| violation.path == error.path);
        schema_errors.retain(|error| error.kind != ErrorKind::Pattern || !has_rule(error));
        explain_pool_id(object, errors.into_iter().chain(schema_errors).chain(violations).collect())
    }
}

/// Replaces the errors of a pool's id by what it is, where that is known.
fn explain_pool_id(object: &Value, mut errors: Vec<FieldError>) -> Vec<FieldError> {
    let path = ["spec", "userPoolId"];
    let explanation = object.pointer("/spec/userPoolId").and_then(Value::as_str).and_then(pool_id::explain);
    if let Some(explanation) = explanation {
        errors.retain(|error| error.path != path);
        errors.push(FieldError::at(&path, explanation));
    }
    errors
}

/// The problem with a document that is not a UserPoolMfaConfig of this version.
#[must_use]
pub fn wrong_kind(document: &Document) -> Option<Problem> {
    metadata::wrong_kind(&document.value).map(|error| document.problem(&error.path, error.message))
}

#[cfg(test)]
mod tests;
