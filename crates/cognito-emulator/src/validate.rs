//! Checks a request against the constraints of the service model, before any rule is checked. [model]

use serde_json::{Map, Value};

use crate::{
    error::ApiError,
    model::{Member, Pattern, Shape},
};

/// Checks a request and returns the members that the model has. A member that is null counts as absent.
///
/// # Errors
/// SerializationException for a wrong type, InvalidParameterException for a violated constraint.
pub fn read(request: &Value, members: &'static [Member]) -> Result<Map<String, Value>, ApiError> {
    read_at("", request, members)
}

fn read_at(path: &str, value: &Value, members: &'static [Member]) -> Result<Map<String, Value>, ApiError> {
    let object = value.as_object().ok_or_else(|| wrong_type(path, "a structure"))?;
    let mut read = Map::new();
    for member in members {
        let path = join(path, member.name);
        match object.get(member.name).filter(|value| !value.is_null()) {
            Some(value) => drop(read.insert(member.name.into(), check(&path, value, &member.shape)?)),
            None if member.required => return Err(missing(&path)),
            None => {}
        }
    }
    Ok(read)
}

fn check(path: &str, value: &Value, shape: &Shape) -> Result<Value, ApiError> {
    match shape {
        Shape::Structure(members) => return read_at(path, value, members).map(Value::Object),
        Shape::Boolean => drop(value.as_bool().ok_or_else(|| wrong_type(path, "a boolean"))?),
        Shape::Integer { min, max } => check_integer(path, value, *min, *max)?,
        Shape::Enum(allowed) => check_enum(path, string(path, value)?, allowed)?,
        Shape::String { min, max, pattern } => {
            check_string(path, string(path, value)?, *min, *max, *pattern)?;
        }
    }
    Ok(value.clone())
}

fn check_integer(path: &str, value: &Value, min: i64, max: i64) -> Result<(), ApiError> {
    let number = value.as_i64().ok_or_else(|| wrong_type(path, "a whole number"))?;
    let rule = match number {
        _ if number < min => format!("Member must have value greater than or equal to {min}"),
        _ if number > max => format!("Member must have value less than or equal to {max}"),
        _ => return Ok(()),
    };
    Err(constraint_error(path, &format!("'{number}'"), &rule))
}

fn check_enum(path: &str, value: &str, allowed: &[&str]) -> Result<(), ApiError> {
    if allowed.contains(&value) {
        return Ok(());
    }
    let rule = format!("Member must satisfy enum value set: [{}]", allowed.join(", "));
    Err(constraint_error(path, &format!("'{value}'"), &rule))
}

fn check_string(
    path: &str,
    value: &str,
    min: usize,
    max: usize,
    pattern: Option<Pattern>,
) -> Result<(), ApiError> {
    let quoted = format!("'{value}'");
    let length = value.chars().count();
    if length < min {
        return Err(constraint_error(
            path,
            &quoted,
            &format!("Member must have length greater than or equal to {min}"),
        ));
    }
    if length > max {
        return Err(constraint_error(
            path,
            &quoted,
            &format!("Member must have length less than or equal to {max}"),
        ));
    }
    match pattern {
        Some(pattern) if !(pattern.matches)(value) => Err(constraint_error(
            path,
            &quoted,
            &format!("Member must satisfy regular expression pattern: {}", pattern.text),
        )),
        _ => Ok(()),
    }
}

fn string<'a>(path: &str, value: &'a Value) -> Result<&'a str, ApiError> {
    value.as_str().ok_or_else(|| wrong_type(path, "a string"))
}

fn join(path: &str, name: &str) -> String {
    let mut name = name.to_owned();
    name[..1].make_ascii_lowercase();
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

/// The error for a required member that is absent.
pub fn missing(path: &str) -> ApiError {
    constraint_error(path, "null", "Member must not be null")
}

fn wrong_type(path: &str, expected: &str) -> ApiError {
    ApiError::serialization(format!("'{path}' must be {expected}"))
}

fn constraint_error(path: &str, value: &str, rule: &str) -> ApiError {
    let detail = format!("Value {value} at '{path}' failed to satisfy constraint: {rule}");
    ApiError::invalid(format!("1 validation error detected: {detail}"))
}
