//! What comes from outside, and all that the operator makes of it without I/O. The fuzz targets and the tests in
//! `crates/core/tests/decisions/untrusted_input.rs` enter here; what must hold is asserted here, too.
#![allow(dead_code, reason = "each target enters at one place")]

use std::time::Duration;

use cognito_mfa_core::{
    access::{
        accounts::{AccessRequest, Accounts, session_name},
        ownership::Claims,
    },
    api::v1alpha1::{ConditionType, MfaMode, MfaSettings, UserPoolMfaConfig, UserPoolMfaConfigStatus},
    calls::{
        decode::decode,
        failure::{Failure, FailureClass, Operation},
    },
    plan::{
        memory::{is_planned_alike, memory},
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

/// The largest status that is written, in bytes: etcd takes 1.5 MiB for a whole object.
const LARGEST_STATUS: usize = 600_000;

/// The body of an answer to a Get or a Set.
pub fn answer(body: &[u8]) {
    for operation in [Operation::Get, Operation::Set] {
        match decode(operation, body) {
            Ok(live) => check_answer(&live),
            Err(failure) => {
                assert_eq!(failure.operation, operation);
                assert!(is_shown_safely(&failure.message, 512), "{:?}", failure.message);
                check_outcome(&known(), &Outcome::Failed(failure, None));
            }
        }
    }
}

/// The accounts file.
pub fn accounts(file: &[u8]) {
    let accounts = match Accounts::parse(file) {
        Ok(accounts) => accounts,
        Err(why) => return assert!(is_shown_safely(&why, 2048), "{why:?}"),
    };
    for (namespace, pool) in [("team-a", "eu-west-1_AbCdEf123"), ("", ""), ("*", "*")] {
        for callers in [vec![], vec!["arn:aws:iam::123456789012:role/sms".to_owned()]] {
            let wish = AccessRequest { namespace: namespace.into(), pool: pool.into(), sms_roles: callers };
            match accounts.authorize(&wish) {
                Ok(identity) => assert!(session_name(namespace).len() <= 64, "{identity:?}"),
                Err(denied) => assert!(is_shown_safely(&denied.message(), 4096), "{denied:?}"),
            }
        }
    }
}

/// An answer without a mode is not OFF, and what is unknown stops every Set.
fn check_answer(live: &Observed) {
    assert!(live.unknown.len() <= 21 && live.unknown.iter().all(|name| is_shown_safely(name, 128)));
    let object = known();
    let plan = plan(&object.spec, live, &memory(&object));
    assert!(live.unknown.is_empty() || plan.step == Step::UnknownSetting);
    check_outcomes(&object, live);
}

/// A custom resource as JSON.
pub fn object(body: &[u8]) {
    let Ok(DeserializeGuard(read)) = serde_json::from_slice::<DeserializeGuard<UserPoolMfaConfig>>(body)
    else {
        return;
    };
    match read {
        Ok(object) => check_reconciliations(&object),
        Err(invalid) => check_invalid_object(&invalid.error),
    }
}

/// One that cannot be read is reported as such, once.
fn check_invalid_object(error: &str) {
    let before = UserPoolMfaConfigStatus::default();
    let after = next_status::invalid_status(&before, 1, error, now()).expect("it was not reported before");
    let ready = after.condition(ConditionType::Ready).expect("it always says whether it is ready");
    assert_eq!(ready.reason, "InvalidSpec");
    assert!(is_shown_safely(&ready.message, 700));
    assert!(next_status::invalid_status(&after, 1, error, now()).is_none());
}

fn check_reconciliations(object: &UserPoolMfaConfig) {
    let mut claims = Claims::default();
    claims.upsert(object);
    assert_eq!(claims.conflicting_owner(object, |_| true), None);
    assert!(is_planned_alike(object, object));
    let _ = (requeue::priority(object), requested_at(object), object.spec.region());
    let _ = object.spec.drift_check_interval.as_deref().map(interval::parse_interval);
    let _ = requeue::wait_until_due(object, None, Duration::from_mins(10), now());
    let off = known_settings();
    for settings in [object.spec.settings.clone(), off] {
        check_outcomes(object, &Observed { settings, unknown: Vec::new() });
    }
    for outcome in [Outcome::Suspended, Outcome::NotOwner("shop/older".into())] {
        check_outcome(object, &outcome);
    }
}

/// The object meets this pool: all ways in which that may end.
fn check_outcomes(object: &UserPoolMfaConfig, live: &Observed) {
    let plan: Plan = plan(&object.spec, live, &memory(object));
    let failure = |class| Failure::new(class, Operation::Set, "SomeException", "AWS says why.");
    check_outcome(object, &Outcome::Checked(live.clone(), plan.clone()));
    check_outcome(object, &Outcome::Written { plan: plan.clone(), after: live.clone() });
    for class in [FailureClass::Transient, FailureClass::InvalidParameter] {
        check_outcome(object, &Outcome::Failed(failure(class), Some((live.clone(), plan.clone()))));
    }
}

/// A pass over the object ended so: what is told of it is safe, short enough, and told once.
fn check_outcome(object: &UserPoolMfaConfig, outcome: &Outcome) {
    let status = next_status(object, outcome, now());
    let told = UserPoolMfaConfig { status: status.or_else(|| object.status.clone()), ..object.clone() };
    assert!(next_status(&told, outcome, now()).is_none(), "it would be written at every pass");
    let _ = superseded_status(object, outcome, &told, now());
    let said = told.status.clone().unwrap_or_default();
    let size = serde_json::to_vec(&said).expect("a status is JSON").len();
    let before = serde_json::to_vec(&object.status).expect("a status is JSON").len();
    assert!(size < LARGEST_STATUS + before, "{size} bytes");
    if let Some(notice) = for_outcome(object, outcome, true) {
        assert!((1..=128).contains(&notice.action.len()) && (1..=1024).contains(&notice.note.len()));
        assert!(is_shown_safely(&notice.note, 1024) && is_shown_safely(&notice.action, 128));
    }
    let wait = requeue::requeue_after(object, &said, outcome, 3, Duration::from_mins(10), now());
    assert!(wait.is_none_or(|wait| wait <= Duration::from_mins(20)));
}

/// One line of bounded length that no terminal takes for a command.
fn is_shown_safely(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.chars().any(char::is_control)
}

/// An object as it should be, that was never adopted.
fn known() -> UserPoolMfaConfig {
    let object = r#"{
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "known", "namespace": "shop", "uid": "u", "generation": 1},
        "spec": {"userPoolId": "eu-west-1_AbCdEf123", "mfaConfiguration": "ON", "emailMfaConfiguration": {}}
    }"#;
    serde_json::from_str(object).expect("an object")
}

fn known_settings() -> MfaSettings {
    MfaSettings { mfa_configuration: MfaMode::Off, email_mfa_configuration: None, ..known().spec.settings }
}

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a moment of this century")
}
