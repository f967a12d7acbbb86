//! The CEL rules of the resource definition.
//!
//! kube-cel 0.8.0 does not replace this module and `schema`: it evaluates rules only and checks no types, values or
//! unknown fields, and its validation needs chrono and cel 0.13.

use std::{collections::HashMap, sync::Arc};

use cel::{Context, Env, ExecutionError, Program, Value as Cel};
use cognito_mfa_core::schedule::interval;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSONSchemaProps, ValidationRule};
use serde_json::Value;

use super::{
    field_error::{ErrorKind, FieldError},
    walk::{collect_errors, subschemas},
};

/// A transition rule compares with the object before the change. It does not apply to a manifest, which has none.
const OLD_OBJECT: &str = "oldSelf";

pub(super) struct Rules {
    environment: Arc<Env>,
    programs: HashMap<String, Program>,
}

impl Rules {
    pub(super) fn compile(schema: &JSONSchemaProps) -> Result<Self, String> {
        let mut environment = Env::stdlib();
        environment.add_extension(cel::extensions::strings).map_err(|error| error.to_string())?;
        let mut programs = HashMap::new();
        for rule in subschemas(schema).into_iter().flat_map(creation_rules) {
            let program = environment.compile(&rule.rule);
            let program = program.map_err(|error| format!("the rule {:?}: {error}", rule.rule))?;
            programs.insert(rule.rule.clone(), program);
        }
        Ok(Self { environment: Arc::new(environment), programs })
    }

    /// The rules that an object with its defaults breaks.
    pub(super) fn violations(&self, object: &Value, schema: &JSONSchemaProps) -> Vec<FieldError> {
        collect_errors(object, schema, |value, schema, path| {
            let violated = creation_rules(schema).filter(|rule| !self.is_satisfied(rule, value));
            let error = |rule: &ValidationRule| {
                let message = rule.message.clone();
                let message = message.unwrap_or_else(|| format!("this breaks the rule {}", rule.rule));
                FieldError::new(ErrorKind::Rule, path, message)
            };
            violated.map(error).collect::<Vec<_>>()
        })
    }

    /// The API server takes a rule that cannot be evaluated for violated, and so does this.
    fn is_satisfied(&self, rule: &ValidationRule, value: &Value) -> bool {
        let Some(program) = self.programs.get(&rule.rule) else { return false };
        let mut context = Context::with_env(self.environment.clone());
        let has_duration = context.add_function("duration", |text: Arc<String>| seconds(&text)).is_ok();
        has_duration
            && context.add_variable("self", value).is_ok()
            && program.execute(&context) == Ok(Cel::Bool(true))
    }
}

/// In whole seconds, which is all that the rules compare. The durations of the cel crate need chrono.
fn seconds(text: &str) -> Result<i64, ExecutionError> {
    let seconds = interval::parse_duration(text).and_then(|span| i64::try_from(span.as_secs()).ok());
    seconds.ok_or_else(|| ExecutionError::function_error("duration", "no duration"))
}

fn creation_rules(schema: &JSONSchemaProps) -> impl Iterator<Item = &ValidationRule> {
    schema.x_kubernetes_validations.iter().flatten().filter(|rule| !rule.rule.contains(OLD_OBJECT))
}
