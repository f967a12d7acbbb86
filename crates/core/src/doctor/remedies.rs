//! The ways out of each refusal.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    finding::{Place, Remedy},
    planned_write::PlannedWrite,
    pool_description::PoolDescription,
    refused::{has_other_characters, other_sns_region},
};
use crate::{
    api::v1alpha1::{MfaMode, SmsConfiguration, SmsMfaConfiguration},
    calls::advice::Refusal,
    settings::section::Section,
};

/// What ends this refusal: each remedy is enough by itself.
pub(super) fn of(refusal: Refusal, write: &PlannedWrite) -> Vec<Remedy> {
    match refusal {
        Refusal::IncompleteSms | Refusal::CrossAccountRole => vec![own_role(write)],
        Refusal::PhoneVerification => phone_verification(write),
        Refusal::NoFactor => vec![spec("softwareTokenMfaConfiguration: {enabled: true}")],
        Refusal::SnsRegion => other_sns_region(write).map(sns_region).into_iter().collect(),
        Refusal::EmailSender => vec![
            pool(format!(
                "EmailConfiguration: {{EmailSendingAccount: DEVELOPER, SourceArn: {}}}",
                ses_identity(write)
            )),
            remove(Section::Email),
        ],
        Refusal::EmailRecovery => vec![recovery(write), remove(Section::Email)],
        Refusal::SmsRecovery => vec![recovery(write), remove(Section::Sms)],
        Refusal::OneTimePasswords => vec![optional(), first_factors(write, &["EMAIL_OTP", "SMS_OTP"])],
        Refusal::FirstFactorPasskeys => vec![
            spec("webAuthnConfiguration: {factorConfiguration: MULTI_FACTOR_WITH_USER_VERIFICATION}"),
            optional(),
            first_factors(write, &["WEB_AUTHN"]),
        ],
        Refusal::RelyingPartyCharacters => host_name(write).into_iter().collect(),
        Refusal::Tier => tier(write),
        Refusal::RoleNotPermitted => may_publish(write).into_iter().collect(),
        Refusal::FactorsUnderOff
        | Refusal::SmsRemoval
        | Refusal::RoleNotTrusted
        | Refusal::PassRole
        | Refusal::UpdateInProgress
        | Refusal::OperationNotEnabled
        | Refusal::PoolNotFound => Vec::new(),
    }
}

pub(super) fn spec(line: impl Into<String>) -> Remedy {
    Remedy::new(Place::Spec, line)
}

pub(super) fn command(line: impl Into<String>) -> Remedy {
    Remedy::new(Place::Command, line)
}

/// A word of a command. Names from AWS and from specs may hold anything, and a person pastes the command into a shell.
pub(super) fn word(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-._/:@+=".contains(c);
    if !text.is_empty() && text.chars().all(is_safe) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn pool(line: impl Into<String>) -> Remedy {
    Remedy::new(Place::Pool, line)
}

pub(super) fn optional() -> Remedy {
    spec("mfaConfiguration: \"OPTIONAL\"")
}

fn remove(section: Section) -> Remedy {
    Remedy::new(Place::RemoveFromSpec, section.path())
}

/// A spec with SMS under "OFF" sends no SMS section, so only the pool can change then.
fn phone_verification(write: &PlannedWrite) -> Vec<Remedy> {
    let declare = (write.mode() != MfaMode::Off)
        .then(|| spec(format!("smsMfaConfiguration: {}", sms_of_the_pool(write))));
    let others = write.described().map(|pool| &pool.auto_verified_attributes).into_iter().flatten();
    let others: Vec<_> = others.filter(|name| *name != "phone_number").collect();
    let verify = pool(format!("AutoVerifiedAttributes: {}", flow(&others)));
    declare.into_iter().chain([verify]).collect()
}

/// The SMS section that declares what the pool has.
pub(super) fn sms_of_the_pool(write: &PlannedWrite) -> String {
    if let Some(live) = &write.observed.sms_mfa_configuration {
        return flow(live);
    }
    let known = write.described().and_then(|pool| pool.sms_configuration.as_ref());
    let (arn, id) = known.map_or_else(
        || (example_arn("iam:", "role/cognito-sms", write), "ITS_EXTERNAL_ID".to_owned()),
        |sms| (sms.sns_caller_arn.clone(), sms.external_id.clone()),
    );
    let sms =
        SmsConfiguration { sns_caller_arn: Some(arn), external_id: Some(id), ..SmsConfiguration::default() };
    flow(&SmsMfaConfiguration { sms_configuration: Some(sms), ..SmsMfaConfiguration::default() })
}

/// A role of the pool's own account. Its name is an example.
fn own_role(write: &PlannedWrite) -> Remedy {
    let arn = example_arn("iam:", "role/cognito-sms", write);
    let sms = match write.sms().and_then(|sms| sms.eums_sms.as_ref()) {
        Some(_) => format!("eumsSms: {{callerArn: {arn}}}"),
        None => format!("snsCallerArn: {arn}, externalId: ITS_EXTERNAL_ID"),
    };
    spec(format!("smsMfaConfiguration: {{smsConfiguration: {{{sms}}}}}"))
}

fn sns_region(region: &str) -> Remedy {
    spec(format!("smsMfaConfiguration: {{smsConfiguration: {{snsRegion: {region}}}}}"))
}

/// An ARN of the pool's partition and account.
fn example_arn(service_and_region: &str, resource: &str, write: &PlannedWrite) -> String {
    let account = write.described().and_then(|pool| pool.account()).unwrap_or("ACCOUNT");
    format!("arn:{}:{service_and_region}:{account}:{resource}", partition(write.region()))
}

fn ses_identity(write: &PlannedWrite) -> String {
    let known = write.described().and_then(|pool| pool.ses_identity()).map(str::to_owned);
    known.unwrap_or_else(|| example_arn(&format!("ses:{}", write.region()), "identity/DOMAIN", write))
}

/// A way to recover accounts that excludes neither of the factors in the write. With both, only an administrator can.
fn recovery(write: &PlannedWrite) -> Remedy {
    let name = match (write.sends(Section::Email), write.sends(Section::Sms)) {
        (true, false) => "verified_phone_number",
        (false, _) => "verified_email",
        (true, true) => "admin_only",
    };
    pool(format!("AccountRecoverySetting: {{RecoveryMechanisms: [{{Name: {name}, Priority: 1}}]}}"))
}

/// The pool's first factors without these.
fn first_factors(write: &PlannedWrite, without: &[&str]) -> Remedy {
    let all = write.described().into_iter().flat_map(PoolDescription::first_factors);
    let rest: Vec<_> = all.filter(|name| !without.contains(name)).collect();
    pool(format!("Policies: {{SignInPolicy: {{AllowedFirstAuthFactors: {}}}}}", flow(&rest)))
}

fn host_name(write: &PlannedWrite) -> Option<Remedy> {
    let party = write.relying_party()?;
    let host = party.split_once("://").map_or(party, |(_, rest)| rest);
    let host = host.split(|c: char| has_other_characters(&c.to_string())).next().unwrap_or_default();
    let host = if host.is_empty() { "DOMAIN" } else { host };
    Some(spec(format!("webAuthnConfiguration: {{relyingPartyId: {}}}", flow(host))))
}

fn tier(write: &PlannedWrite) -> Vec<Remedy> {
    let email = write.sends(Section::Email).then(|| remove(Section::Email));
    let passkeys = write
        .sends_multi_factor_passkeys()
        .then(|| spec("webAuthnConfiguration: {factorConfiguration: SINGLE_FACTOR}"));
    // Where the write has both, neither is enough by itself.
    let alone = email.clone().xor(passkeys);
    [pool("UserPoolTier: ESSENTIALS")].into_iter().chain(alone).collect()
}

fn may_publish(write: &PlannedWrite) -> Option<Remedy> {
    let role = word(role_name(write.sms_role()?));
    Some(command(format!(
        "aws iam put-role-policy --role-name {role} --policy-name sns --policy-document file://deploy/iam/sms-role-policy.json"
    )))
}

/// The name of a role: the last part of its ARN, below any path.
pub(super) fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The partition of a region's ARNs.
pub(super) fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// A value as YAML on one line.
pub(super) fn flow<T: Serialize + ?Sized>(value: &T) -> String {
    flow_value(&serde_json::to_value(value).unwrap_or(json!({})))
}

fn flow_value(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}: {}", flow_value(value)));
            format!("{{{}}}", joined(members.collect()))
        }
        Value::Array(items) => format!("[{}]", joined(items.iter().map(flow_value).collect())),
        Value::String(text) if is_plain(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Whether YAML reads the text as a string without quotes, and kubectl does, too: a word such as ON is a boolean to it.
fn is_plain(text: &str) -> bool {
    text.len() > 4
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._/:".contains(c))
        && !text.ends_with(':')
        && text != "false"
}
