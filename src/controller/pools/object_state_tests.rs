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
fn a_set_that_is_told_late_keeps_its_time_and_is_told_once() {
    let (tracks, object) = (ObjectStates::new(Leadership::alone()), object());
    let plan = Plan { step: Step::Write(Cause::SpecChanged), differences: Vec::new(), weakens: Vec::new() };
    let after = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
    tracks.keep_pending(&object, &Outcome::Written { plan, after }, Timestamp::UNIX_EPOCH);
    assert_eq!(tracks.take_pending(&object).map(|unsaid| unsaid.at), Some(Timestamp::UNIX_EPOCH));
    assert!(tracks.take_pending(&object).is_none());
}

#[test]
fn an_object_is_behind_where_it_is_older_than_this_process_left_it_and_no_other_of_its_name() {
    let tracks = ObjectStates::new(Leadership::alone());
    let at = |revision: &str, uid: &str| {
        let mut object = object();
        (object.metadata.resource_version, object.metadata.uid) = (Some(revision.into()), Some(uid.into()));
        object
    };
    let behind = |revision, uid| tracks.is_behind(&at(revision, uid));
    assert!(!behind("1", "a"));
    tracks.record_outcome(&at("10", "a"), &Outcome::Suspended, None);
    assert!(behind("9", "a") && !behind("10", "a") && !behind("11", "a"));
    assert!(!behind("9", "b") && !behind("opaque", "a"));
}

#[test]
fn a_failure_at_an_older_generation_is_not_counted_to_the_next() {
    let tracks = ObjectStates::new(Leadership::alone());
    let failure = Failure::new(FailureClass::Transient, Operation::Get, "Timeout", "late");
    let (old, mut new) = (object(), object());
    new.metadata.generation = Some(2);
    tracks.record_outcome(&old, &Outcome::Failed(failure, None), None);
    assert_eq!(tracks.failures(&old), 1);
    tracks.record_superseded(&new, Duration::ZERO);
    assert_eq!(tracks.failures(&new), 0);
}

#[test]
fn a_finalizer_that_cannot_be_put_on_is_news_once_until_it_could_or_its_object_is_gone() {
    let tracks = ObjectStates::new(Leadership::alone());
    assert!(
        tracks.record_finalizer_missing("team/any")
            && !tracks.record_finalizer_missing("team/any")
            && tracks.record_finalizer_missing("team/other")
    );
    tracks.record_finalizer_added("team/any");
    assert!(tracks.record_finalizer_missing("team/any"));
    tracks.remove("team/any");
    assert!(tracks.record_finalizer_missing("team/any"));
}
