//! Parses the accounts file. A file with any fault is rejected as a whole, because a mistake must not widen a right.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};
use wildmatch::WildMatch;

use super::accounts::{Account, Accounts, Identity};
use crate::text;

/// The longest glob, in characters: no ARN, pool id or namespace is longer.
const MAX_GLOB: usize = 2048;
/// The lengths of an external id that STS accepts [AssumeRole, ExternalId].
const EXTERNAL_ID_LENGTH: std::ops::RangeInclusive<usize> = 2..=1224;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(deserialize_with = "accounts")]
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Entry {
    #[serde(deserialize_with = "namespaces")]
    namespaces: Vec<WildMatch>,
    #[serde(default, deserialize_with = "role")]
    role_arn: Option<String>,
    #[serde(default, deserialize_with = "external_id")]
    external_id: Option<String>,
    #[serde(deserialize_with = "pools")]
    user_pools: Vec<WildMatch>,
    #[serde(default, deserialize_with = "roles")]
    sms_caller_roles: Vec<WildMatch>,
}

impl Accounts {
    /// Parses the content of an accounts file.
    ///
    /// # Errors
    /// One sentence, with the line number where one is known. It never contains an external id.
    pub fn parse(content: &[u8]) -> Result<Self, String> {
        let file: File = serde_saphyr::from_slice(content).map_err(|error| error_sentence(&error))?;
        Ok(Self(Some(file.accounts)))
    }
}

/// Leaves out the excerpt of the file, which may contain an external id.
fn error_sentence(error: &serde_saphyr::Error) -> String {
    text::safe(&error.without_snippet().to_string(), text::MAX_MESSAGE)
}

fn accounts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Account>, D::Error> {
    let entries = Vec::<Entry>::deserialize(deserializer)?;
    if entries.is_empty() {
        return Err(D::Error::custom("accounts has no entry: write at least one"));
    }
    entries.into_iter().map(account).collect()
}

fn account<E: Error>(entry: Entry) -> Result<Account, E> {
    let Entry { namespaces, user_pools, sms_caller_roles, .. } = entry;
    let identity = match (entry.role_arn, entry.external_id) {
        (Some(arn), external_id) => Identity::Role { arn, external_id },
        (None, None) => Identity::Own,
        (None, Some(_)) => {
            return Err(E::custom("an entry has an externalId and no roleArn: it is for assuming a role"));
        }
    };
    Ok(Account { namespaces, identity, user_pools, sms_caller_roles })
}

/// A string that is neither empty nor YAML's null: a value forgotten after its key must not count as an absent field.
fn non_empty_string<'de, D: Deserializer<'de>>(deserializer: D, field: &str) -> Result<String, D::Error> {
    let empty_error = || D::Error::custom(format_args!("{field} is empty: write it, or leave the line out"));
    Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()).ok_or_else(empty_error)
}

fn role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let arn = non_empty_string(deserializer, "roleArn")?;
    if is_role(&arn) {
        return Ok(Some(arn));
    }
    let shown = text::safe(&arn, 64);
    Err(D::Error::custom(format_args!(
        "roleArn {shown:?} is not a role: write it like arn:aws:iam::123456789012:role/cognito-mfa"
    )))
}

/// Whether the text is `arn:PARTITION:iam::ACCOUNT:role/PATH`, with the characters and lengths that IAM accepts.
fn is_role(arn: &str) -> bool {
    let [scheme, partition, service, region, account, role] = &arn.splitn(6, ':').collect::<Vec<_>>()[..]
    else {
        return false;
    };
    let name = role.strip_prefix("role/").unwrap_or_default();
    (*scheme, *service, *region) == ("arn", "iam", "")
        && partition.starts_with("aws")
        && partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=MAX_GLOB).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_/-".contains(c))
        && !name.ends_with('/')
}

fn external_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let id = non_empty_string(deserializer, "externalId")?;
    let has_allowed_characters = id.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c));
    if has_allowed_characters && EXTERNAL_ID_LENGTH.contains(&id.len()) {
        return Ok(Some(id));
    }
    Err(D::Error::custom("an externalId has 2 to 1224 letters, digits and _+=,.@:/-"))
}

fn namespaces<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<WildMatch>, D::Error> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    globs(deserializer, "namespaces", "team-a or shop-*", is_allowed)
}

fn pools<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<WildMatch>, D::Error> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    globs(deserializer, "userPools", "eu-west-1_AbCdEf123, \"eu-west-1_*\" or \"*\"", is_allowed)
}

fn roles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<WildMatch>, D::Error> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "+=,.@_/:-".contains(c);
    globs(deserializer, "smsCallerRoles", "\"arn:aws:iam::123456789012:role/sms-*\"", is_allowed)
}

/// A list of globs. A glob with a character that no name can contain would silently grant nothing, so it is an error.
fn globs<'de, D: Deserializer<'de>>(
    deserializer: D,
    field: &str,
    example: impl fmt::Display,
    is_allowed: impl Fn(char) -> bool,
) -> Result<Vec<WildMatch>, D::Error> {
    let globs = Option::<Vec<String>>::deserialize(deserializer)?.unwrap_or_default();
    if globs.is_empty() {
        return Err(D::Error::custom(format_args!("{field} is empty: write {example}")));
    }
    let is_glob = |glob: &String| {
        (1..=MAX_GLOB).contains(&glob.len()) && glob.chars().all(|c| "*?".contains(c) || is_allowed(c))
    };
    match globs.iter().find(|glob| !is_glob(glob)) {
        None => Ok(globs.iter().map(|glob| WildMatch::new(glob)).collect()),
        Some(glob) => Err(D::Error::custom(format_args!(
            "{field} has {:?}, which nothing can match: write it like {example}",
            text::safe(glob, 64)
        ))),
    }
}
