//! Builders of objects, settings, outcomes and statuses for tests.

use cognito_mfa_core::{
    access::accounts::{Denied, Forbidden},
    api::v1alpha1::{MfaSettings, UserPoolMfaConfig, UserPoolMfaConfigSpec},
    calls::failure::{Failure, FailureClass, Operation},
    plan::{
        hold::Hold,
        memory::memory,
        plan_for,
        step::{Cause, Plan, Step},
        table::plan,
    },
    schedule::interval::DEFAULT_INTERVAL,
    settings::observed::Observed,
    status::{next_status::next_status, outcome::Outcome, passing_failure::RecentChecks},
};
use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::{Value, json};

pub const POOL: &str = "eu-west-1_AbCdEf123";
pub const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

/// A fixed start time of all tests, plus this many seconds.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("a valid time")
}

pub fn settings(value: &Value) -> MfaSettings {
    serde_json::from_value(value.clone()).expect("settings under the API's names")
}

pub fn observed(value: &Value) -> Observed {
    Observed { settings: settings(value), unknown: Vec::new() }
}

/// A spec for the pool [`POOL`] with the fields of `value`.
pub fn spec(value: &Value) -> UserPoolMfaConfigSpec {
    let mut value = value.clone();
    value["userPoolId"] = json!(POOL);
    serde_json::from_value(value).expect("a spec")
}

/// A new object as the API server stores it: at generation 1, with the CRD's default status.
pub fn object(value: &Value) -> UserPoolMfaConfig {
    let mut object = UserPoolMfaConfig::new("customers", spec(value));
    object.metadata.namespace = Some("shop".into());
    object.metadata.uid = Some("5a1c6a4e-0000-4000-8000-000000000001".into());
    object.metadata.generation = Some(1);
    object.metadata.creation_timestamp = Some(Time(at(0)));
    object.status = serde_json::from_value(json!({"observedGeneration": -1})).expect("the CRD's default");
    object
}

/// The object after its spec is replaced: at the next generation, with its old status.
pub fn edited(object: &UserPoolMfaConfig, value: &Value) -> UserPoolMfaConfig {
    let mut object = object.clone();
    object.spec = spec(value);
    object.metadata.generation = object.metadata.generation.map(|generation| generation + 1);
    object
}

/// The object after a reconciliation with this outcome. The status is unchanged where none is written.
pub fn after(object: &UserPoolMfaConfig, outcome: &Outcome, now: Timestamp) -> UserPoolMfaConfig {
    let mut object = object.clone();
    object.status = next_status(&object, outcome, first_check(), now).or(object.status);
    object
}

/// The outcome for a pool with the settings `before`. If a write is planned, it leaves the settings `after`.
pub fn reconciled(object: &UserPoolMfaConfig, before: &Observed, after: &Observed) -> Outcome {
    let plan = plan_for(object, before);
    match plan.step {
        Step::Write(Cause::NotTaken) => on_hold_as_not_taken(before, plan),
        Step::Write(_) => Outcome::Written { plan, after: after.clone() },
        _ => Outcome::Checked(before.clone(), plan),
    }
}

/// The outcome where Cognito did not take the settings, and the next write is not due.
pub fn on_hold_as_not_taken(before: &Observed, plan: Plan) -> Outcome {
    Outcome::OnHold(before.clone(), plan, Hold::NotTaken { left: DEFAULT_INTERVAL })
}

/// What is known of an object that is checked for the first time.
pub fn first_check() -> RecentChecks {
    RecentChecks::first(DEFAULT_INTERVAL)
}

/// The outcome for a pool with these settings. If a write is planned, Cognito applies it in full.
pub fn reconciled_fully(object: &UserPoolMfaConfig, before: &Observed) -> Outcome {
    let after = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
    reconciled(object, before, &after)
}

/// An object in sync: it adopted its pool by a write that Cognito applied in full.
pub fn settled(value: &Value) -> UserPoolMfaConfig {
    let object = object(value);
    let outcome = reconciled_fully(&object, &observed(&json!({"mfaConfiguration": "OFF"})));
    after(&object, &outcome, at(0))
}

pub fn failure(class: FailureClass, operation: Operation) -> Failure {
    Failure::new(class, operation, "SomeException", "AWS says why.")
}

pub fn failed_read(class: FailureClass) -> Outcome {
    Outcome::Failed(failure(class, Operation::Get), None)
}

/// The outcome where the accounts file does not allow the object's namespace the access. `replaced` says whether
/// another object owns the pool by now.
pub fn denied(forbidden: Forbidden, replaced: bool) -> Outcome {
    let why = Denied { namespace: "shop".into(), pool: POOL.into(), forbidden };
    Outcome::Denied { why, replaced }
}

/// The outcome where the pool had the settings `before` and the write failed.
pub fn failed_write(object: &UserPoolMfaConfig, before: &Observed, class: FailureClass) -> Outcome {
    let plan = plan(&object.spec, before, &memory(object));
    Outcome::Failed(failure(class, Operation::Set), Some((before.clone(), plan)))
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

/// The JSON object `base` with the members of `more` added or replaced.
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

/// An object whose last write Cognito accepted without removing SMS.
pub fn not_taken() -> UserPoolMfaConfig {
    let object = object(&with(&on_totp(), &json!({"adoptionPolicy": "Overwrite"})));
    let outcome = reconciled(&object, &observed(&with_sms()), &observed(&with_sms()));
    after(&object, &outcome, at(0))
}
