//! Documents that are mistaken for the AWS CLI's JSON of the MFA settings: what they are, and what to give instead.

use cognito_mfa_core::text::{self, safe};
use serde_json::{Map, Value};

/// How the AWS CLI's own errors read, after the prefix that newer versions write.
const ERROR: &str = "An error occurred (";

const NO_JSON: &str =
    "this is no JSON, but text: give the AWS CLI --output json, whatever the output of its profile is";
const LIST: &str = "this is a list: give the answer of one pool alone. An AWS CLI whose output is yaml-stream prints a list: give it --output json";

/// The members by which a document is recognized, and what it then is.
const SIGNS: [(&[&str], &str); 4] = [
    (
        &["UserPool", "SmsConfiguration", "Id", "Name", "LambdaConfig", "Policies"],
        "this is the JSON of describe-user-pool, which has no TOTP, email or passkeys: a manifest of it would take them away",
    ),
    (
        &["UserPools"],
        "this is the JSON of list-user-pools, which has no MFA settings. export --all writes all pools as manifests",
    ),
    (
        &["AWSTemplateFormatVersion", "EnabledMfas", "Properties", "Resources", "Type"],
        "this is from CloudFormation, which names the MFA settings in another way",
    ),
    (
        &[
            "mfa_configuration",
            "software_token_mfa_configuration",
            "format_version",
            "terraform_version",
            "instances",
        ],
        "this is from Terraform, which names the MFA settings in another way",
    ),
];

/// What a document is, and what to do, if it is known and has no MFA settings as the API names them.
pub(super) fn foreign(document: &Value) -> Option<String> {
    match document {
        Value::Object(members) => members
            .iter()
            .find_map(|(name, value)| error_of_the_cli(name, value))
            .or_else(|| another(members)),
        Value::Array(_) => Some(LIST.to_owned()),
        Value::String(text) => {
            Some(error_of_the_cli(text, &Value::Null).unwrap_or_else(|| NO_JSON.to_owned()))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(NO_JSON.to_owned()),
    }
}

/// YAML reads an error with a colon as a member.
fn error_of_the_cli(name: &str, value: &Value) -> Option<String> {
    let start = name.find(ERROR)?;
    let words = [&name[start..], value.as_str().unwrap_or_default()];
    let words = words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(": ");
    Some(format!("this is an error of the AWS CLI, and not an answer: {}", safe(&words, text::MAX_MESSAGE)))
}

fn another(members: &Map<String, Value>) -> Option<String> {
    let has = |names: &[&str]| names.iter().any(|name| members.contains_key(*name));
    let (_, what) = SIGNS.iter().find(|(names, _)| has(names))?;
    let id = pool_id(members).unwrap_or_else(|| "ID".to_owned());
    Some(format!(
        "{what}. Give what aws cognito-idp get-user-pool-mfa-config --user-pool-id {id} --output json prints, or write the manifest with export --user-pool-id {id}"
    ))
}

fn pool_id(members: &Map<String, Value>) -> Option<String> {
    let pool = members.get("UserPool").and_then(Value::as_object).unwrap_or(members);
    let id = ["Id", "id"].into_iter().find_map(|name| pool.get(name)?.as_str())?;
    let is_id = id.contains('_') && id.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    is_id.then(|| id.to_owned())
}

/// The first text in an input of set-user-pool-mfa-config that is empty. Only a skeleton has one: AWS takes none but an
/// empty ARN of a role.
pub(super) fn empty_text(input: &Value) -> Option<String> {
    let members = input.as_object()?;
    members.iter().find_map(|(name, value)| match value {
        Value::String(text) if text.is_empty() && !name.ends_with("CallerArn") => Some(name.clone()),
        _ => empty_text(value).map(|below| format!("{name}.{below}")),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn is(document: &Value, words: &str) {
        let sentence = foreign(document).unwrap_or_default();
        assert!(sentence.contains(words), "no {words:?} in {sentence:?} for {document}");
    }

    #[test]
    fn each_mistaken_document_is_named_with_what_to_give_instead() {
        let pool =
            json!({"Id": "eu-west-1_Ab", "Name": "a", "MfaConfiguration": "ON", "SmsConfiguration": {}});
        is(&pool, "this is the JSON of describe-user-pool");
        is(&json!({"UserPool": pool}), "get-user-pool-mfa-config --user-pool-id eu-west-1_Ab --output json");
        is(&json!({"MfaConfiguration": "ON", "SmsConfiguration": {}}), "export --user-pool-id ID");
        is(&json!({"UserPools": []}), "export --all");
        is(&json!({"Type": "AWS::Cognito::UserPool", "Properties": {}}), "CloudFormation");
        is(&json!({"id": "eu-west-1_Ab", "mfa_configuration": "ON"}), "from Terraform");
        is(&json!([{"MfaConfiguration": "ON"}]), "this is a list");
        is(&json!("ON\nSOFTWARETOKENMFACONFIGURATION\tTrue"), "--output json");
        is(
            &json!({"An error occurred (X) when calling the Y operation": "gone"}),
            "calling the Y operation: gone",
        );
        is(&json!("aws: [ERROR]: An error occurred (X) here"), "not an answer: An error occurred (X) here");
    }

    #[test]
    fn an_answer_and_an_input_of_the_api_are_not_foreign() {
        let answer = json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}});
        assert_eq!(foreign(&answer), None);
        assert_eq!(foreign(&json!({"UserPoolId": "eu-west-1_Ab", "MfaConfiguration": "OFF"})), None);
        assert_eq!(foreign(&json!({})), None);
    }

    #[test]
    fn the_first_empty_text_is_named_by_its_path() {
        let sms = json!({"SmsConfiguration": {"SnsCallerArn": "", "ExternalId": ""}});
        let empty = empty_text(&json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sms}));
        assert_eq!(empty.as_deref(), Some("SmsMfaConfiguration.SmsConfiguration.ExternalId"));
        assert_eq!(empty_text(&json!({"SmsConfiguration": {"SnsCallerArn": ""}, "A": "b"})), None);
    }

    proptest! {
        #[test]
        fn no_id_or_error_puts_control_characters_into_a_sentence(text in any::<String>()) {
            let documents = [json!(format!("{ERROR}{text}")), json!({"Id": text}), json!({format!("{ERROR}{text}"): text})];
            for document in documents {
                let sentence = foreign(&document).unwrap();
                prop_assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
            }
        }
    }
}
