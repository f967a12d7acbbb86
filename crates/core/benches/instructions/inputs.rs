//! What the cases start from.

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    calls::{decode, failure::Operation},
    plan::{plan_for, step::Step},
    settings::observed::Observed,
    status::{next_status::next_status, outcome::Outcome},
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The moment of all decisions.
pub fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a moment of this century")
}

/// The answer of a Get: every section is there, and the email's message has this length.
pub fn answer(message: usize) -> Vec<u8> {
    let answer = json!({
        "MfaConfiguration": "ON",
        "SmsMfaConfiguration": {
            "SmsAuthenticationMessage": "Your code is {####}.",
            "SmsConfiguration": {
                "SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "id", "SnsRegion": "eu-west-1",
            },
        },
        "SoftwareTokenMfaConfiguration": {"Enabled": true},
        "EmailMfaConfiguration": {"Message": text(message), "Subject": "Your code"},
        "WebAuthnConfiguration": {"RelyingPartyId": "auth.example.com", "UserVerification": "required"},
    });
    answer.to_string().into_bytes()
}

fn text(length: usize) -> String {
    format!("{{####}} is your code. {}", "x".repeat(length))
}

/// What that answer says.
pub fn live(message: usize) -> Observed {
    decode::decode(Operation::Get, &answer(message)).expect("an answer that can be read")
}

/// An object that declares what is live, as a person created it.
pub fn created(message: usize) -> UserPoolMfaConfig {
    let mut spec = serde_json::to_value(live(message).settings).expect("settings");
    spec["userPoolId"] = json!("eu-west-1_AbCdEf123");
    let object = json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {
            "name": "customers", "namespace": "shop", "uid": "5a1c6a4e-0000-4000-8000-000000000001",
            "generation": 1, "resourceVersion": "123456", "creationTimestamp": "2023-11-14T22:00:00Z",
        },
        "spec": spec, "status": {"observedGeneration": -1},
    });
    serde_json::from_value(object).expect("an object")
}

/// The same object, settled: its pool was found as declared.
pub fn settled(message: usize) -> UserPoolMfaConfig {
    let mut object = created(message);
    object.status = next_status(&object, &passed(&object, live(message)), now());
    object
}

/// The settled object after an edit: the first that its pass finds is a change.
pub fn edited(message: usize) -> UserPoolMfaConfig {
    let mut object = settled(message);
    object.metadata.generation = Some(2);
    object.spec.settings.email_mfa_configuration.as_mut().expect("a section").subject =
        Some("Welcome".into());
    object.spec.settings.web_authn_configuration = None;
    object
}

/// How a pass ends that finds this; a Set is taken whole.
pub fn passed(object: &UserPoolMfaConfig, found: Observed) -> Outcome {
    let plan = plan_for(object, &found);
    let after = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
    match plan.step {
        Step::Write(_) => Outcome::Written { plan, after },
        _ => Outcome::Checked(found, plan),
    }
}

/// The object as the API server sends it, with the managed fields of who applied it and of the operator.
pub fn sent(message: usize) -> Vec<u8> {
    let mut object = serde_json::to_value(settled(message)).expect("an object");
    object["metadata"]["managedFields"] = json!([managed(&object, "spec"), managed(&object, "status")]);
    object["metadata"]["annotations"] = json!({"example.com/owner": "the team of the shop"});
    object.to_string().into_bytes()
}

fn managed(object: &Value, part: &str) -> Value {
    json!({
        "manager": "kubectl", "operation": "Apply", "apiVersion": "cognito.mfaoperator.dev/v1alpha1",
        "time": "2023-11-14T22:00:00Z", "fieldsType": "FieldsV1",
        "fieldsV1": {format!("f:{part}"): fields(&object[part])},
    })
}

fn fields(value: &Value) -> Value {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (format!("f:{name}"), fields(value))).collect()
}

/// Settled objects, each with a pool of its own in one of a hundred regions, ten in a namespace. All names are of one
/// length in fleets of any size: longer ones cost more.
pub fn fleet(size: usize) -> &'static [UserPoolMfaConfig] {
    let one = settled(400);
    let numbered = |number: usize| {
        let mut object = one.clone();
        object.metadata.name = Some(format!("pool-{number:05}"));
        object.metadata.namespace = Some(format!("team-{:04}", number / 10));
        object.metadata.uid = Some(format!("5a1c6a4e-0000-4000-8000-{number:012}"));
        object.spec.user_pool_id = format!("eu-west-{:02}_AbCdEf{number:05}", number % 100);
        object
    };
    (0..size).map(numbered).collect::<Vec<_>>().leak()
}
