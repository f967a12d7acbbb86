//! Traversal of an object beside its schema.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::JSONSchemaProps;
use serde_json::Value;

use super::field_error::FieldError;

/// Collects what `check` finds wrong with each value that the schema describes, from the outside in.
pub(super) fn collect_errors<E: IntoIterator<Item = FieldError>>(
    object: &Value,
    schema: &JSONSchemaProps,
    check: impl Fn(&Value, &JSONSchemaProps, &[String]) -> E,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    walk(object, schema, &mut Vec::new(), &mut |value, schema, path| {
        errors.extend(check(value, schema, path));
    });
    errors
}

fn walk(
    value: &Value,
    schema: &JSONSchemaProps,
    path: &mut Vec<String>,
    visit: &mut impl FnMut(&Value, &JSONSchemaProps, &[String]),
) {
    visit(value, schema, path);
    for (name, schema) in schema.properties.iter().flatten() {
        let Some(value) = value.get(name) else { continue };
        path.push(name.clone());
        walk(value, schema, path, visit);
        path.pop();
    }
}

/// The schema and the schemas of its fields at any depth.
pub(super) fn subschemas(schema: &JSONSchemaProps) -> Vec<&JSONSchemaProps> {
    let below = schema.properties.iter().flatten().flat_map(|(_, below)| subschemas(below));
    std::iter::once(schema).chain(below).collect()
}
