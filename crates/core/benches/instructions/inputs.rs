//! The inputs of the cases.

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    calls::{decode, failure::Operation},
    plan::{plan_for, step::Step},
    schedule::interval::DEFAULT_INTERVAL,
    settings::observed::Observed,
    status::{next_status::next_status, outcome::Outcome, passing_failure::RecentChecks},
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The time of all decisions.
pub fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a valid time")
}

/// The body of a response with every section and an email message of this length.
pub fn response(message: usize) -> Vec<u8> {
    let response = json!({
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
    response.to_string().into_bytes()
}

fn text(length: usize) -> String {
    format!("{{####}} is your code. {}", "x".repeat(length))
}

/// The settings in that response.
pub fn observed(message: usize) -> Observed {
    decode::decode(Operation::Get, &response(message)).expect("a valid response")
}

/// A new object that declares these settings.
pub fn created(message: usize) -> UserPoolMfaConfig {
    let mut spec = serde_json::to_value(observed(message).settings).expect("settings");
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

/// The same object in sync: its pool had the declared settings.
pub fn settled(message: usize) -> UserPoolMfaConfig {
    let mut object = created(message);
    object.status = next_status(
        &object,
        &outcome(&object, observed(message)),
        RecentChecks::first(DEFAULT_INTERVAL),
        now(),
    );
    object
}

/// The object in sync after an edit of its spec.
pub fn edited(message: usize) -> UserPoolMfaConfig {
    let mut object = settled(message);
    object.metadata.generation = Some(2);
    object.spec.settings.email_mfa_configuration.as_mut().expect("a section").subject =
        Some("Welcome".into());
    object.spec.settings.web_authn_configuration = None;
    object
}

/// The outcome for a pool with these settings. If a write is planned, Cognito applies it in full.
pub fn outcome(object: &UserPoolMfaConfig, observed: Observed) -> Outcome {
    let plan = plan_for(object, &observed);
    let after = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
    match plan.step {
        Step::Write(_) => Outcome::Written { plan, after },
        _ => Outcome::Checked(observed, plan),
    }
}

/// The object in JSON as the API server sends it, with the managed fields of kubectl and of the operator.
pub fn object_json(message: usize) -> Vec<u8> {
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

/// Objects in sync: each has a pool of its own in one of a hundred regions, and a namespace has ten objects. All names
/// have the same length in a fleet of any size, because a longer name costs more.
pub fn fleet(size: usize) -> &'static [UserPoolMfaConfig] {
    let one = settled(400);
    let numbered = |number: usize| {
        let mut object = one.clone();
        object.metadata.name = Some(format!("pool-{number:05}"));
        object.metadata.namespace = Some(format!("team-{:04}", number / 10));
        object.metadata.uid = Some(format!("5a1c6a4e-0000-4000-8000-{number:012}"));
        object.spec.user_pool_id = Some(format!("eu-west-{:02}_AbCdEf{number:05}", number % 100));
        object
    };
    (0..size).map(numbered).collect::<Vec<_>>().leak()
}
