//! The rules in CEL, and the patterns.

use std::{collections::HashMap, sync::Arc};

use cel::{Context, Env, ExecutionError, Program, Value as Cel};
use cognito_mfa_core::schedule::interval;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSONSchemaProps, ValidationRule};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

use super::{Fault, Kind, schema::walk};

/// A rule that speaks of the object as it was. Where there was none, it does not apply.
const BEFORE: &str = "oldSelf";

/// All rules and patterns of a schema, ready for use.
pub(super) struct Rules {
    language: Arc<Env>,
    programs: HashMap<String, Program>,
    patterns: Patterns,
}

impl Rules {
    /// Those of a schema.
    pub(super) fn of(schema: &JSONSchemaProps) -> Result<Self, String> {
        let mut language = Env::stdlib();
        language.add_extension(cel::extensions::strings).map_err(|error| error.to_string())?;
        let (mut programs, mut patterns) = (HashMap::new(), HashMap::new());
        for schema in all(schema) {
            for rule in of_creation(schema) {
                let program = language.compile(&rule.rule);
                let program = program.map_err(|error| format!("the rule {:?}: {error}", rule.rule))?;
                programs.insert(rule.rule.clone(), program);
            }
            if let Some(pattern) = &schema.pattern {
                patterns.insert(pattern.clone(), compiled(pattern)?);
            }
        }
        Ok(Self { language: Arc::new(language), programs, patterns: Patterns(patterns) })
    }

    pub(super) fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    /// The rules that a settled object breaks.
    pub(super) fn broken(&self, object: &Value, schema: &JSONSchemaProps) -> Vec<Fault> {
        let mut faults = Vec::new();
        walk(object, schema, &mut Vec::new(), &mut |value, schema, path| {
            let broken = of_creation(schema).filter(|rule| !self.holds(rule, value));
            faults.extend(broken.map(|rule| Fault {
                path: path.clone(),
                kind: Kind::Rule,
                message:
                    rule.message.clone().unwrap_or_else(|| format!("this breaks the rule {}", rule.rule)),
            }));
        });
        faults
    }

    /// Whether a rule holds. One that cannot be evaluated does not, as at the API server.
    fn holds(&self, rule: &ValidationRule, value: &Value) -> bool {
        let Some(program) = self.programs.get(&rule.rule) else { return false };
        let mut context = Context::with_env(self.language.clone());
        let ready = context.add_function("duration", |text: Arc<String>| seconds(&text)).is_ok();
        ready
            && context.add_variable("self", value).is_ok()
            && program.execute(&context) == Ok(Cel::Bool(true))
    }
}

/// In whole seconds, which is all that the rules compare. The library's own durations would bring another notion of
/// time into the binary.
fn seconds(text: &str) -> Result<i64, ExecutionError> {
    let whole = interval::parse_duration(text).and_then(|span| i64::try_from(span.as_secs()).ok());
    whole.ok_or_else(|| ExecutionError::function_error("duration", "no duration"))
}

fn all(schema: &JSONSchemaProps) -> Vec<&JSONSchemaProps> {
    let below = schema.properties.iter().flatten().flat_map(|(_, below)| all(below));
    std::iter::once(schema).chain(below).collect()
}

fn of_creation(schema: &JSONSchemaProps) -> impl Iterator<Item = &ValidationRule> {
    schema.x_kubernetes_validations.iter().flatten().filter(|rule| !rule.rule.contains(BEFORE))
}

/// As Go reads it: there \\w and \\d are ASCII.
fn compiled(pattern: &str) -> Result<Regex, String> {
    let compiled = RegexBuilder::new(pattern).unicode(false).build();
    compiled.map_err(|error| format!("the pattern {pattern:?}: {error}"))
}

/// The patterns of a schema.
pub(super) struct Patterns(HashMap<String, Regex>);

impl Patterns {
    /// What is wrong with a value by its pattern.
    pub(super) fn breaks(&self, value: &Value, schema: &JSONSchemaProps) -> Option<String> {
        let (text, pattern) = (value.as_str()?, schema.pattern.as_ref()?);
        let matches = self.0.get(pattern).is_some_and(|regex| regex.is_match(text));
        (!matches).then(|| format!("it does not have the form {pattern}"))
    }
}
