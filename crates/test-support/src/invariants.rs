//! Feeds untrusted input through every decision of the core and asserts what must always hold. Used by the fuzz
//! targets in `crates/core/fuzz` and by the property tests in `crates/core/tests/decisions/untrusted_input.rs`.

use std::time::Duration;

use cognito_mfa_core::{
    access::{
        accounts::{AccessRequest, Accounts, session_name},
        ownership::{Claims, object_key},
    },
    api::v1alpha1::{ConditionType, MfaMode, MfaSettings, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::{
        decode::decode,
        failure::{Failure, FailureClass, Operation},
    },
    plan::{
        memory::{has_same_plan, memory},
        step::{Plan, Step},
        table::plan,
    },
    schedule::{interval, requeue},
    settings::observed::Observed,
    status::{
        event::for_outcome,
        next_status::{self, next_status, requested_at, superseded_status},
        outcome::Outcome,
    },
};
use jiff::Timestamp;
use kube::core::DeserializeGuard;

use crate::fixtures::first_check;

/// The largest status that is written, in bytes. etcd accepts 1.5 MiB for a whole object.
const LARGEST_STATUS: usize = 600_000;

/// Checks any bytes as the body of a response to GetUserPoolMfaConfig and to SetUserPoolMfaConfig.
pub fn check_response_body(body: &[u8]) {
    for operation in [Operation::Get, Operation::Set] {
        match decode(operation, body) {
            Ok(observed) => check_observed(&observed),
            Err(failure) => {
                assert_eq!(failure.operation, operation);
                assert!(is_safe_to_show(&failure.message, 512), "{:?}", failure.message);
                check_outcome(&valid_object(), &Outcome::Failed(failure, None));
            }
        }
    }
}

/// Checks any bytes as an accounts file.
pub fn check_accounts_file(file: &[u8]) {
    let accounts = match Accounts::parse(file) {
        Ok(accounts) => accounts,
        Err(error) => return assert!(is_safe_to_show(&error, 2048), "{error:?}"),
    };
    for (namespace, pool) in [("team-a", "eu-west-1_AbCdEf123"), ("", ""), ("*", "*")] {
        for sms_roles in [vec![], vec!["arn:aws:iam::123456789012:role/sms".to_owned()]] {
            let request = AccessRequest { namespace: namespace.into(), pool: pool.into(), sms_roles };
            match accounts.authorize(&request) {
                Ok(identity) => assert!(session_name(namespace).len() <= 64, "{identity:?}"),
                Err(denied) => assert!(is_safe_to_show(&denied.message(), 4096), "{denied:?}"),
            }
        }
    }
}

/// Checks a decoded response: unknown settings must prevent every write.
fn check_observed(observed: &Observed) {
    assert!(observed.unknown.len() <= 21 && observed.unknown.iter().all(|name| is_safe_to_show(name, 128)));
    let object = valid_object();
    let plan = plan(&object.spec, observed, &memory(&object));
    assert!(observed.unknown.is_empty() || plan.step == Step::UnknownSetting);
    check_outcomes(&object, observed);
}

/// Checks any bytes as a custom resource in JSON.
pub fn check_object(body: &[u8]) {
    let Ok(DeserializeGuard(decoded)) = serde_json::from_slice::<DeserializeGuard<UserPoolMfaConfig>>(body)
    else {
        return;
    };
    match decoded {
        Ok(object) => check_reconciliations(&object),
        Err(invalid) => check_invalid_object(&invalid.error),
    }
}

/// An invalid object is reported as InvalidSpec, and its status is written once.
fn check_invalid_object(error: &str) {
    let before = UserPoolMfaConfigStatus::default();
    let after = next_status::invalid_status(&before, 1, error, now()).expect("it was not reported before");
    let ready = after.condition(ConditionType::Ready).expect("every status has Ready");
    assert_eq!(ready.reason, "InvalidSpec");
    assert!(is_safe_to_show(&ready.message, 700));
    assert!(next_status::invalid_status(&after, 1, error, now()).is_none());
}

fn check_reconciliations(object: &UserPoolMfaConfig) {
    let mut claims = Claims::default();
    claims.upsert(&object_key(object).into(), object);
    assert_eq!(claims.conflicting_owner(object, |_| true), None);
    assert!(has_same_plan(object, object));
    let _ = (requeue::priority(object), requested_at(object), object.region());
    let _ = object.spec.drift_check_interval.as_deref().map(interval::parse_interval);
    let _ = requeue::wait_until_due(object, None, Duration::from_mins(10), now());
    for settings in [object.spec.settings.clone(), mfa_off()] {
        check_outcomes(object, &Observed { settings, unknown: Vec::new() });
    }
    for outcome in [Outcome::Suspended, Outcome::NotOwner("shop/older".into())] {
        check_outcome(object, &outcome);
    }
}

/// Checks the possible outcomes of a reconciliation of this object with this pool.
fn check_outcomes(object: &UserPoolMfaConfig, observed: &Observed) {
    let plan: Plan = plan(&object.spec, observed, &memory(object));
    let failure = |class| Failure::new(class, Operation::Set, "SomeException", "AWS says why.");
    check_outcome(object, &Outcome::Checked(observed.clone(), plan.clone()));
    check_outcome(object, &Outcome::Written { plan: plan.clone(), after: observed.clone() });
    for class in [FailureClass::Transient, FailureClass::InvalidParameter] {
        check_outcome(object, &Outcome::Failed(failure(class), Some((observed.clone(), plan.clone()))));
    }
}

/// The status and the event of an outcome are safe to show and short enough, and the status is written once.
fn check_outcome(object: &UserPoolMfaConfig, outcome: &Outcome) {
    let status = next_status(object, outcome, first_check(), now());
    let reported = UserPoolMfaConfig { status: status.or_else(|| object.status.clone()), ..object.clone() };
    assert!(
        next_status(&reported, outcome, first_check(), now()).is_none(),
        "every reconciliation would write it"
    );
    let _ = superseded_status(object, outcome, &reported, now());
    let status = reported.status.clone().unwrap_or_default();
    let size = serde_json::to_vec(&status).expect("a status is JSON").len();
    let before = serde_json::to_vec(&object.status).expect("a status is JSON").len();
    assert!(size < LARGEST_STATUS + before, "{size} bytes");
    if let Some(event) = for_outcome(object, outcome, true) {
        assert!((1..=128).contains(&event.action.len()) && (1..=1024).contains(&event.note.len()));
        assert!(is_safe_to_show(&event.note, 1024) && is_safe_to_show(&event.action, 128));
    }
    let wait = requeue::requeue_after(object, &status, outcome, 3, Duration::from_mins(10), now());
    assert!(wait.is_none_or(|wait| wait <= Duration::from_mins(20)));
}

/// Whether the text has at most `longest` characters and none that a terminal takes for a command.
fn is_safe_to_show(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.chars().any(char::is_control)
}

/// A valid object that has not adopted its pool.
fn valid_object() -> UserPoolMfaConfig {
    let object = r#"{
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "valid", "namespace": "shop", "uid": "u", "generation": 1},
        "spec": {"userPoolId": "eu-west-1_AbCdEf123", "mfaConfiguration": "ON", "emailMfaConfiguration": {}}
    }"#;
    serde_json::from_str(object).expect("an object")
}

fn mfa_off() -> MfaSettings {
    let settings = valid_object().spec.settings;
    MfaSettings { mfa_configuration: MfaMode::Off, email_mfa_configuration: None, ..settings }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a valid time")
}
