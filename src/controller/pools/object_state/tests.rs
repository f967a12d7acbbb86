use cognito_mfa_core::{
    calls::failure::{Failure, FailureClass, Operation},
    plan::step::{Cause, Plan, Step},
    settings::observed::Observed,
};
use serde_json::json;

use super::*;

fn object() -> UserPoolMfaConfig {
    let spec = json!({"userPoolId": "eu-west-1_A", "mfaConfiguration": "OFF"});
    UserPoolMfaConfig::new("any", serde_json::from_value(spec).unwrap())
}

#[test]
fn a_pending_status_keeps_its_time_and_is_taken_once() {
    let (states, object) = (ObjectStates::new(Leadership::alone()), object());
    let after = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
    let plan = Plan::new(Step::Write(Cause::SpecChanged), &object.spec.settings, &after.settings, Vec::new());
    states.keep_pending(&object, &Outcome::Written { plan, after }, Timestamp::UNIX_EPOCH);
    assert_eq!(states.take_pending(&object).map(|pending| pending.at), Some(Timestamp::UNIX_EPOCH));
    assert!(states.take_pending(&object).is_none());
}

#[test]
fn an_object_is_behind_only_at_an_older_revision_of_the_same_uid() {
    let states = ObjectStates::new(Leadership::alone());
    let at = |revision: &str, uid: &str| {
        let mut object = object();
        (object.metadata.resource_version, object.metadata.uid) = (Some(revision.into()), Some(uid.into()));
        object
    };
    let behind = |revision, uid| states.is_behind(&at(revision, uid));
    assert!(!behind("1", "a"));
    states.record_outcome(&at("10", "a"), &Outcome::Suspended, None);
    assert!(behind("9", "a") && !behind("10", "a") && !behind("11", "a"));
    assert!(!behind("9", "b") && !behind("opaque", "a"));
}

#[test]
fn a_new_generation_starts_without_failures() {
    let states = ObjectStates::new(Leadership::alone());
    let failure = Failure::new(FailureClass::Transient, Operation::Get, "Timeout", "late");
    let (old, mut new) = (object(), object());
    new.metadata.generation = Some(2);
    states.record_outcome(&old, &Outcome::Failed(failure, None), None);
    assert_eq!(states.failures(&old), 1);
    states.record_superseded(&new, Duration::ZERO);
    assert_eq!(states.failures(&new), 0);
}

#[test]
fn a_missing_finalizer_is_news_once_until_it_is_added_or_its_object_is_deleted() {
    let states = ObjectStates::new(Leadership::alone());
    assert!(
        states.record_finalizer_missing("team/any")
            && !states.record_finalizer_missing("team/any")
            && states.record_finalizer_missing("team/other")
    );
    states.record_finalizer_added("team/any");
    assert!(states.record_finalizer_missing("team/any"));
    states.remove("team/any");
    assert!(states.record_finalizer_missing("team/any"));
}
