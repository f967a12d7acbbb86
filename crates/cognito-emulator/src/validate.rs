//! The service model's constraints: types, lengths, enums, patterns. They are checked before anything else.
//!
//! The patterns are the model's own and, as there, not anchored: a match anywhere in the text is enough. [model]

use serde_json::{Map, Value};

use crate::error::ApiError;

/// A member of a structure in the service model.
pub struct Member {
    name: &'static str,
    required: bool,
    shape: Shape,
}

enum Shape {
    String { min: usize, max: usize, pattern: Option<Pattern> },
    Enum(&'static [&'static str]),
    Boolean,
    Integer { min: i64, max: i64 },
    Structure(&'static [Member]),
}

#[derive(Clone, Copy)]
struct Pattern {
    text: &'static str,
    matches: fn(&str) -> bool,
}

const fn optional(name: &'static str, kind: Shape) -> Member {
    Member { name, required: false, shape: kind }
}

const fn required(name: &'static str, kind: Shape) -> Member {
    Member { name, required: true, shape: kind }
}

const fn text(min: usize, max: usize) -> Shape {
    Shape::String { min, max, pattern: None }
}

const fn matching(min: usize, max: usize, text: &'static str, matches: fn(&str) -> bool) -> Shape {
    Shape::String { min, max, pattern: Some(Pattern { text, matches }) }
}

const POOL_ID: Shape = matching(1, 55, r"[\w-]+_[0-9a-zA-Z]+", contains_pool_id);

/// The members of GetUserPoolMfaConfig, and of every other request that names a pool and nothing else.
pub const POOL_ONLY: &[Member] = &[required("UserPoolId", POOL_ID)];

/// The members of ListUserPools.
pub const LIST: &[Member] = &[
    required("MaxResults", Shape::Integer { min: 1, max: 60 }),
    optional("NextToken", matching(1, 131_072, r"[\S]+", |text| text.chars().any(|c| !c.is_whitespace()))),
];

/// The members of SetUserPoolMfaConfig.
pub const SET: &[Member] = &[
    required("UserPoolId", POOL_ID),
    optional("MfaConfiguration", MFA_MODE),
    optional("SmsMfaConfiguration", Shape::Structure(SMS_MFA)),
    optional("SoftwareTokenMfaConfiguration", Shape::Structure(&[optional("Enabled", Shape::Boolean)])),
    optional("EmailMfaConfiguration", Shape::Structure(EMAIL_MFA)),
    optional("WebAuthnConfiguration", Shape::Structure(WEB_AUTHN)),
];

/// What CreateUserPool and UpdateUserPool take of the fields that the rules ask about.
pub const POOL_FIELDS: &[Member] = &[
    optional("MfaConfiguration", MFA_MODE),
    optional("SmsConfiguration", Shape::Structure(SMS)),
    optional("SmsAuthenticationMessage", SMS_MESSAGE),
    optional("UserPoolTier", Shape::Enum(&["LITE", "ESSENTIALS", "PLUS"])),
];

const MFA_MODE: Shape = Shape::Enum(&["OFF", "ON", "OPTIONAL"]);

const SMS_MESSAGE: Shape = matching(6, 140, r".*\{####\}.*", contains_code_placeholder);

const SMS_MFA: &[Member] =
    &[optional("SmsAuthenticationMessage", SMS_MESSAGE), optional("SmsConfiguration", Shape::Structure(SMS))];

const SMS: &[Member] = &[
    // The model's pattern makes the whole ARN optional, so every text matches it.
    optional("SnsCallerArn", text(0, 2048)),
    optional("ExternalId", text(0, 131_072)),
    optional("SnsRegion", text(5, 32)),
    optional("EumsSms", Shape::Structure(EUMS)),
];

const EUMS: &[Member] = &[
    required(
        "CallerArn",
        matching(20, 2048, r"arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+", contains_arn),
    ),
    optional("ExternalId", text(0, 131_072)),
    optional("OriginationIdentity", text(0, 131_072)),
    optional("ConfigurationSetName", text(0, 131_072)),
    optional("InEntityId", text(0, 131_072)),
    optional("InTemplateId", text(0, 131_072)),
    optional("Region", text(5, 32)),
];

const EMAIL_MFA: &[Member] = &[
    optional(
        "Message",
        matching(
            6,
            20_000,
            r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*",
            contains_code_placeholder,
        ),
    ),
    optional("Subject", matching(0, usize::MAX, r"[\p{L}\p{M}\p{S}\p{N}\p{P}\s]+", contains_printable)),
];

const WEB_AUTHN: &[Member] = &[
    optional("RelyingPartyId", text(1, 127)),
    optional("UserVerification", Shape::Enum(&["required", "preferred"])),
    optional("FactorConfiguration", Shape::Enum(&["SINGLE_FACTOR", "MULTI_FACTOR_WITH_USER_VERIFICATION"])),
];

/// Reads a request: only modelled members come out, and null counts as absent.
///
/// # Errors
/// SerializationException for a wrong type, InvalidParameterException for a broken constraint.
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
            None if member.required => return Err(constraint_error(&path, "null", "Member must not be null")),
            None => {}
        }
    }
    Ok(read)
}

fn check(path: &str, value: &Value, kind: &Shape) -> Result<Value, ApiError> {
    match kind {
        Shape::Structure(members) => return read_at(path, value, members).map(Value::Object),
        Shape::Boolean => drop(value.as_bool().ok_or_else(|| wrong_type(path, "a boolean"))?),
        Shape::Integer { min, max } => check_integer(path, value, *min, *max)?,
        Shape::Enum(allowed) => check_enum(path, string(path, value)?, allowed)?,
        Shape::String { min, max, pattern } => check_string(path, string(path, value)?, *min, *max, *pattern)?,
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
        return Err(constraint_error(path, &quoted, &format!("Member must have length less than or equal to {max}")));
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

fn wrong_type(path: &str, wanted: &str) -> ApiError {
    ApiError::serialization(format!("'{path}' must be {wanted}"))
}

fn constraint_error(path: &str, value: &str, rule: &str) -> ApiError {
    let detail = format!("Value {value} at '{path}' failed to satisfy constraint: {rule}");
    ApiError::invalid(format!("1 validation error detected: {detail}"))
}

fn contains_code_placeholder(text: &str) -> bool {
    text.contains("{####}")
}

fn contains_printable(text: &str) -> bool {
    text.chars().any(|c| c.is_whitespace() || !c.is_control())
}

fn contains_pool_id(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices('_').any(|(at, _)| {
        text[..at].ends_with(word) && text[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric())
    })
}

/// Whether the text holds an ARN with an account number.
#[must_use]
pub fn contains_arn(text: &str) -> bool {
    text.match_indices("arn:").any(|(at, start)| is_arn_rest(&text[at + start.len()..]))
}

fn is_arn_rest(rest: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || "_+=/,.@-".contains(c);
    let mut parts = rest.splitn(5, ':');
    let mut next = || parts.next().unwrap_or_default();
    let (partition, service, region, account, resource) = (next(), next(), next(), next(), next());
    let words = |part: &str| part.chars().all(word);
    words(partition)
        && words(service)
        && words(region)
        && !partition.is_empty()
        && !service.is_empty()
        && !account.is_empty()
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && resource.starts_with(word)
}
