//! The patterns of the resource definition.

use std::collections::HashMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::walk::subschemas;

pub(super) struct Patterns(HashMap<String, Regex>);

impl Patterns {
    pub(super) fn compile(schema: &JSONSchemaProps) -> Result<Self, String> {
        let patterns = subschemas(schema).into_iter().filter_map(|schema| schema.pattern.as_ref());
        patterns.map(|pattern| Ok((pattern.clone(), regex(pattern)?))).collect::<Result<_, _>>().map(Self)
    }

    /// What is wrong with a text that does not match the pattern of its schema.
    pub(super) fn mismatch(&self, value: &Value, schema: &JSONSchemaProps) -> Option<String> {
        let (text, pattern) = (value.as_str()?, schema.pattern.as_ref()?);
        let matches = self.0.get(pattern).is_some_and(|regex| regex.is_match(text));
        (!matches).then(|| format!("it does not have the form {pattern}"))
    }
}

/// The API server's patterns are Go's, where \\w and \\d match ASCII only.
fn regex(pattern: &str) -> Result<Regex, String> {
    let regex = RegexBuilder::new(pattern).unicode(false).build();
    regex.map_err(|error| format!("the pattern {pattern:?}: {error}"))
}
