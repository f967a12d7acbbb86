//! Reading the accounts file. One that is not right in every part is no accounts file: a slip must not widen a right.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};
use wildmatch::WildMatch;

use super::accounts::{Account, Accounts, Identity};
use crate::text;

/// The longest glob: ARNs and what else is matched are no longer.
const MAX_GLOB: usize = 2048;
/// The lengths of external ids that STS takes [AssumeRole, ExternalId].
const EXTERNAL_ID_LENGTH: std::ops::RangeInclusive<usize> = 2..=1224;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    #[serde(deserialize_with = "some_accounts")]
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
    /// Reads the content of an accounts file.
    ///
    /// # Errors
    /// One sentence, with the line where there is one. It shows none of the external ids.
    pub fn parse(content: &[u8]) -> Result<Self, String> {
        let file: File = serde_saphyr::from_slice(content).map_err(|error| sentence(&error))?;
        Ok(Self(Some(file.accounts)))
    }
}

/// Without the lines around it, which may have an external id.
fn sentence(error: &serde_saphyr::Error) -> String {
    text::safe(&error.without_snippet().to_string(), text::MAX_MESSAGE)
}

fn some_accounts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Account>, D::Error> {
    let entries = Vec::<Entry>::deserialize(from)?;
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

/// A string: YAML's null is none, so that a value left out by mistake is not taken for a field left out.
fn string<'de, D: Deserializer<'de>>(from: D, name: &str) -> Result<String, D::Error> {
    let empty = || D::Error::custom(format_args!("{name} is empty: write it, or leave the line out"));
    Option::<String>::deserialize(from)?.filter(|text| !text.is_empty()).ok_or_else(empty)
}

fn role<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let arn = string(from, "roleArn")?;
    if is_role(&arn) {
        return Ok(Some(arn));
    }
    let shown = text::safe(&arn, 64);
    Err(D::Error::custom(format_args!(
        "roleArn {shown:?} is no role: write it like arn:aws:iam::123456789012:role/cognito-mfa"
    )))
}

/// `arn:PARTITION:iam::ACCOUNT:role/PATH`, with the characters and lengths that IAM takes.
fn is_role(arn: &str) -> bool {
    let [start, partition, service, region, account, role] = &arn.splitn(6, ':').collect::<Vec<_>>()[..]
    else {
        return false;
    };
    let name = role.strip_prefix("role/").unwrap_or_default();
    (*start, *service, *region) == ("arn", "iam", "")
        && partition.starts_with("aws")
        && partition.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=MAX_GLOB).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_/-".contains(c))
        && !name.ends_with('/')
}

fn external_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let id = string(from, "externalId")?;
    let fits = id.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c));
    if fits && EXTERNAL_ID_LENGTH.contains(&id.len()) {
        return Ok(Some(id));
    }
    Err(D::Error::custom("an externalId has 2 to 1224 letters, digits and _+=,.@:/-"))
}

fn namespaces<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<WildMatch>, D::Error> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    globs(from, "namespaces", "team-a or shop-*", fits)
}

fn pools<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<WildMatch>, D::Error> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    globs(from, "userPools", "eu-west-1_AbCdEf123, \"eu-west-1_*\" or \"*\"", fits)
}

fn roles<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<WildMatch>, D::Error> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+=,.@_/:-".contains(c);
    globs(from, "smsCallerRoles", "\"arn:aws:iam::123456789012:role/sms-*\"", fits)
}

/// A list of globs of these characters, `*` and `?`.
fn globs<'de, D: Deserializer<'de>>(
    from: D,
    list: &str,
    example: impl fmt::Display,
    fits: impl Fn(char) -> bool,
) -> Result<Vec<WildMatch>, D::Error> {
    let globs = Option::<Vec<String>>::deserialize(from)?.unwrap_or_default();
    if globs.is_empty() {
        return Err(D::Error::custom(format_args!("{list} is empty: write {example}")));
    }
    let is_glob = |glob: &String| {
        (1..=MAX_GLOB).contains(&glob.len()) && glob.chars().all(|c| "*?".contains(c) || fits(c))
    };
    match globs.iter().find(|glob| !is_glob(glob)) {
        None => Ok(globs.iter().map(|glob| WildMatch::new(glob)).collect()),
        Some(glob) => Err(D::Error::custom(format_args!(
            "{list} has {:?}, which nothing can match: write it like {example}",
            text::safe(glob, 64)
        ))),
    }
}
