//! What the tests start from.

use cognito_mfa_core::{
    access::accounts::{Denied, Forbidden},
    api::v1alpha1::{MfaSettings, UserPoolMfaConfig, UserPoolMfaConfigSpec},
    calls::failure::{Failure, FailureClass, Operation},
    plan::{memory::memory, plan_for, step::Step, table::plan},
    settings::observed::Observed,
    status::{next_status::next_status, outcome::Outcome},
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

pub const POOL: &str = "eu-west-1_AbCdEf123";
pub const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

/// A moment, in seconds after the tests' beginning of time.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a moment of this century")
}

pub fn settings(value: &Value) -> MfaSettings {
    serde_json::from_value(value.clone()).expect("settings under the API's names")
}

pub fn observed(value: &Value) -> Observed {
    Observed { settings: settings(value), unknown: Vec::new() }
}

/// A spec of the pool: what `value` says, and nothing else.
pub fn spec(value: &Value) -> UserPoolMfaConfigSpec {
    let mut value = value.clone();
    value["userPoolId"] = json!(POOL);
    serde_json::from_value(value).expect("a spec")
}

/// An object as the API server stores it first: at generation 1, with the default status.
pub fn object(value: &Value) -> UserPoolMfaConfig {
    let mut object = UserPoolMfaConfig::new("customers", spec(value));
    object.metadata.namespace = Some("shop".into());
    object.metadata.uid = Some("5a1c6a4e-0000-4000-8000-000000000001".into());
    object.metadata.generation = Some(1);
    object.metadata.creation_timestamp = Some(Time(at(0)));
    object.status = serde_json::from_value(json!({"observedGeneration": -1})).expect("the CRD's default");
    object
}

/// The object after an edit of its spec.
pub fn edited(object: &UserPoolMfaConfig, value: &Value) -> UserPoolMfaConfig {
    let mut object = object.clone();
    object.spec = spec(value);
    object.metadata.generation = object.metadata.generation.map(|generation| generation + 1);
    object
}

/// The object after a pass that ended so, written or not.
pub fn after(object: &UserPoolMfaConfig, outcome: &Outcome, now: Timestamp) -> UserPoolMfaConfig {
    let mut object = object.clone();
    object.status = next_status(&object, outcome, now).or(object.status);
    object
}

/// The pass that finds `found`, and where it Sets is answered `then`.
pub fn reconciled(object: &UserPoolMfaConfig, found: &Observed, then: &Observed) -> Outcome {
    let plan = plan_for(object, found);
    match plan.step {
        Step::Write(_) => Outcome::Written { plan, after: then.clone() },
        _ => Outcome::Checked(found.clone(), plan),
    }
}

/// The pass that finds `found` and makes no Set, or one that Cognito takes whole.
pub fn reconciled_well(object: &UserPoolMfaConfig, found: &Observed) -> Outcome {
    let taken = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
    reconciled(object, found, &taken)
}

/// The object settled: adopted by a Set that left what is declared.
pub fn settled(value: &Value) -> UserPoolMfaConfig {
    let object = object(value);
    let outcome = reconciled_well(&object, &observed(&json!({"mfaConfiguration": "OFF"})));
    after(&object, &outcome, at(0))
}

pub fn failure(class: FailureClass, operation: Operation) -> Failure {
    Failure::new(class, operation, "SomeException", "AWS says why.")
}

pub fn failed_read(class: FailureClass) -> Outcome {
    Outcome::Failed(failure(class, Operation::Get), None)
}

/// What an object meets that asks for more than its namespace may.
pub fn denied(what: Forbidden, replaced: bool) -> Outcome {
    let why = Denied { namespace: "shop".into(), pool: POOL.into(), forbidden: what };
    Outcome::Denied { why, replaced }
}

/// A Set that failed, on a pool that showed `found`.
pub fn failed_write(object: &UserPoolMfaConfig, found: &Observed, class: FailureClass) -> Outcome {
    let plan = plan(&object.spec, found, &memory(object));
    Outcome::Failed(failure(class, Operation::Set), Some((found.clone(), plan)))
}

pub fn off() -> Value {
    json!({"mfaConfiguration": "OFF"})
}

pub fn on_totp() -> Value {
    json!({"mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": true}})
}

pub fn on_email() -> Value {
    json!({"mfaConfiguration": "ON", "emailMfaConfiguration": {}})
}

pub fn sms() -> Value {
    json!({"smsConfiguration": {"snsCallerArn": ROLE, "externalId": "id"}})
}

/// The object with a part of `more` put into it.
pub fn with(base: &Value, more: &Value) -> Value {
    let mut all = base.clone();
    for (name, value) in more.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    all
}

pub fn with_sms() -> Value {
    with(&on_totp(), &json!({"smsMfaConfiguration": sms()}))
}

/// An object whose last Set Cognito accepted without taking SMS away.
pub fn not_taken() -> UserPoolMfaConfig {
    let object = object(&with(&on_totp(), &json!({"adoptionPolicy": "Overwrite"})));
    let outcome = reconciled(&object, &observed(&with_sms()), &observed(&with_sms()));
    after(&object, &outcome, at(0))
}
