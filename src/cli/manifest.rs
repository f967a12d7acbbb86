//! Settings as a manifest in YAML, and as the AWS CLI's JSON.

use std::collections::{BTreeMap, BTreeSet};

use cognito_mfa_core::{
    api::v1alpha1::{MfaMode, MfaSettings, SoftwareTokenMfaConfiguration, UserPoolMfaConfig},
    settings::diff::to_write,
};
use kube::Resource;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{input, output, validation::Validator};
use crate::aws::ListedPool;

/// The longest name made here. It is the limit of a label's value, so the name fits wherever Kubernetes takes one.
const MAX_NAME: usize = 63;

/// A manifest. It has no field that was not given.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    api_version: String,
    kind: String,
    metadata: Metadata,
    spec: Spec,
}

#[derive(Clone, Debug, Serialize)]
struct Metadata {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    user_pool_id: String,
    #[serde(flatten)]
    settings: MfaSettings,
}

impl Manifest {
    /// The manifest of a pool with these settings.
    #[must_use]
    pub fn new(name: &str, namespace: Option<&str>, pool: &str, settings: &MfaSettings) -> Self {
        Self {
            api_version: UserPoolMfaConfig::api_version(&()).into(),
            kind: UserPoolMfaConfig::kind(&()).into(),
            metadata: Metadata { name: name.to_owned(), namespace: namespace.map(str::to_owned) },
            spec: Spec { user_pool_id: pool.to_owned(), settings: declarable(settings) },
        }
    }
}

/// What the manifest declares although the pool does not have it, as a sentence.
#[must_use]
pub fn note(source: &str, settings: &MfaSettings) -> Option<String> {
    has_only_disabled_totp(settings).then(|| {
        format!(
            "note: {source}: MFA is {} and no factor is enabled, which no object can declare: the manifest enables TOTP",
            settings.mfa_configuration.as_str()
        )
    })
}

/// Cognito accepts disabled TOTP as the only factor of a pool with MFA. The resource refuses it, because nobody can use
/// such a factor.
fn has_only_disabled_totp(settings: &MfaSettings) -> bool {
    settings.mfa_configuration != MfaMode::Off
        && settings.sms_mfa_configuration.is_none()
        && settings.email_mfa_configuration.is_none()
        && settings.software_token_mfa_configuration.as_ref().is_some_and(|totp| !totp.enabled)
}

/// The part of live settings that a spec may hold. To Cognito an empty text, or an SMS configuration without a sender,
/// is the same as none; the resource refuses both. Where no factor is enabled, TOTP is.
fn declarable(settings: &MfaSettings) -> MfaSettings {
    let mut value = serde_json::to_value(settings).unwrap_or_default();
    drop_empty_texts(&mut value);
    let mut settings: MfaSettings = serde_json::from_value(value).unwrap_or_else(|_| settings.clone());
    if let Some(sms) = &mut settings.sms_mfa_configuration {
        sms.sms_configuration = sms
            .sms_configuration
            .take()
            .filter(|sender| sender.sns_caller_arn.is_some() || sender.eums_sms.is_some());
    }
    if has_only_disabled_totp(&settings) {
        settings.software_token_mfa_configuration = Some(SoftwareTokenMfaConfiguration { enabled: true });
    }
    settings
}

fn drop_empty_texts(value: &mut Value) {
    let Some(fields) = value.as_object_mut() else { return };
    fields.retain(|name, value| value != "" || name == "callerArn");
    fields.values_mut().for_each(drop_empty_texts);
}

/// A manifest as YAML that the API server would accept.
///
/// # Errors
/// Every problem of the manifest in one sentence, which begins with `source`.
pub fn valid_yaml(validator: &Validator, source: &str, manifest: &Manifest) -> Result<String, String> {
    let yaml = output::yaml(manifest)?;
    let document = input::parse(source, &yaml).remove(0).map_err(|problem| problem.to_string())?;
    match validator.object(&document) {
        Ok(_) => Ok(yaml),
        Err(problems) => {
            let messages = problems.iter().map(|problem| match problem.field.as_str() {
                "" => problem.message.clone(),
                field => format!("{field}: {}", problem.message),
            });
            let messages = messages.collect::<Vec<_>>().join("; ");
            Err(format!("{source}: no object can declare this: {messages}"))
        }
    }
}

/// A name for the object of each pool: the pool's own name, followed by its id where several pools have the same.
#[must_use]
pub fn object_names(pools: &[ListedPool]) -> Vec<String> {
    let plain: Vec<_> =
        pools.iter().map(|pool| sanitised(&pool.name).unwrap_or_else(|| name_from_id(&pool.id))).collect();
    let mut taken = BTreeSet::new();
    let mut counts: BTreeMap<&String, usize> = BTreeMap::new();
    for name in &plain {
        *counts.entry(name).or_default() += 1;
    }
    let once = |name: &String| counts.get(name) == Some(&1);
    let unique = plain.iter().zip(pools).map(|(name, pool)| {
        let wanted = if once(name) { name.clone() } else { joined(name, &name_from_id(&pool.id)) };
        let numbered = (2..).map(|number: u32| joined(&wanted, &number.to_string()));
        let free = std::iter::once(wanted.clone()).chain(numbered).find(|name| !taken.contains(name));
        let name = free.unwrap_or(wanted);
        taken.insert(name.clone());
        name
    });
    unique.collect()
}

/// The object's name for a pool that has no name.
#[must_use]
pub fn name_from_id(pool: &str) -> String {
    sanitised(pool).unwrap_or_else(|| "pool".into())
}

/// Two names as one. Where that is too long, the first name is cut.
fn joined(name: &str, end: &str) -> String {
    let room = MAX_NAME.saturating_sub(end.len() + 1);
    let start = name.get(..room.min(name.len())).unwrap_or(name).trim_end_matches('-');
    format!("{start}-{end}")
}

/// The part of a text that Kubernetes accepts as a name; None when nothing is left.
fn sanitised(text: &str) -> Option<String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let lower = text.to_lowercase();
    let words: Vec<_> = lower.split(|c| !fits(c)).filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-");
    name.truncate(MAX_NAME);
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

/// The input of `aws cognito-idp set-user-pool-mfa-config --cli-input-json`: the same request that the operator sends.
#[must_use]
pub fn aws_cli_input(pool: &str, settings: &MfaSettings) -> Value {
    let request = serde_json::to_value(to_write(settings)).unwrap_or_default();
    let mut input = Map::from_iter([("UserPoolId".to_owned(), pool.into())]);
    input.extend(with_aws_names(&request).as_object().cloned().unwrap_or_default());
    Value::Object(input)
}

/// The resource has the names of AWS's API with a small first letter.
fn with_aws_names(value: &Value) -> Value {
    let Value::Object(fields) = value else { return value.clone() };
    let named = |(name, value): (&String, &Value)| (capitalised(name), with_aws_names(value));
    Value::Object(fields.iter().map(named).collect())
}

/// A field's name as AWS's API writes it.
#[must_use]
pub fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(pools: &[(&str, &str)]) -> Vec<ListedPool> {
        pools.iter().map(|(id, name)| ListedPool { id: (*id).into(), name: (*name).into() }).collect()
    }

    #[test]
    fn an_object_is_named_after_its_pool() {
        let pools = listed(&[
            ("eu-west-1_A", "Customers (EU)"),
            ("eu-west-1_B", "__"),
            ("eu-west-1_C", "Ünïcode 1"),
            ("eu-west-1_D", &"x".repeat(128)),
        ]);
        let names = object_names(&pools);
        assert_eq!(names[..3], ["customers-eu", "eu-west-1-b", "n-code-1"]);
        assert_eq!(names[3].len(), 63);
    }

    #[test]
    fn pools_with_the_same_name_get_different_object_names() {
        let long = "x".repeat(128);
        let pools = listed(&[
            ("eu-west-1_Ab", "demo"),
            ("eu-west-1_aB", "Demo"),
            ("eu-west-1_C", "other"),
            ("eu-west-1_D", &long),
            ("eu-west-1_E", &long),
        ]);
        let names = object_names(&pools);
        assert_eq!(names[..3], ["demo-eu-west-1-ab", "demo-eu-west-1-ab-2", "other"]);
        assert!(names[3].ends_with("x-eu-west-1-d") && names[4].ends_with("x-eu-west-1-e"), "{names:?}");
        assert!(names.iter().all(|name| name.len() <= 63));
    }
}
