use std::time::Duration;

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    calls::failure::{Failure, FailureClass, Operation},
    plan::step::{Cause, Plan, Step},
    settings::observed::Observed,
    status::outcome::Outcome,
};
use jiff::Timestamp;
use kube::core::DeserializeGuard;
use serde_json::{Value, json};

use super::*;

fn object() -> UserPoolMfaConfig {
    parsed(&example())
}

fn example() -> Value {
    json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1",
        "kind": "UserPoolMfaConfig",
        "metadata": {"namespace": "team", "name": "any", "generation": 1, "resourceVersion": "1", "uid": "a", "annotations": {}},
        "spec": {"userPoolId": "eu-west-1_A", "mfaConfiguration": "OFF"},
    })
}

fn parsed(json: &Value) -> UserPoolMfaConfig {
    serde_json::from_value(json.clone()).unwrap()
}

fn record(table: &Table, json: &Value) -> bool {
    let object: Object = serde_json::from_value(json.clone()).unwrap();
    table.record_object(&table.key(&object), object)
}

/// A table with one object.
fn table() -> Table {
    let table = Table::new(Leadership::alone());
    record(&table, &example());
    table
}

fn with(path: &str, value: Value) -> Value {
    let mut object = example();
    *object.pointer_mut(path).unwrap() = value;
    object
}

#[test]
fn labels_and_managed_fields_are_dropped() {
    let (table, mut full) = (table(), example());
    full["metadata"]["labels"] = json!({"team": "shop"});
    full["metadata"]["annotations"] = json!({"example.com/owner": "shop", RECONCILE_REQUESTED_AT: "now"});
    full["metadata"]["managedFields"] = json!([{"manager": "kubectl"}]);
    record(&table, &full);
    let expected = with("/metadata/annotations", json!({RECONCILE_REQUESTED_AT: "now"}));
    assert_eq!(table.object("team/any").unwrap().0.unwrap(), parsed(&expected));
}

#[test]
fn a_new_status_is_no_change_but_a_new_spec_annotation_or_uid_is() {
    for (path, value, is_change) in [
        ("/metadata/resourceVersion", json!("2"), false),
        ("/metadata/generation", json!(2), true),
        ("/metadata/annotations", json!({RECONCILE_REQUESTED_AT: "now"}), true),
        ("/metadata/annotations", json!({ALLOW_LOWERING: "1"}), true),
        ("/metadata/uid", json!("another"), true),
    ] {
        let table = table();
        let token = CancellationToken::new();
        assert!(table.begin_run("team/any", token.clone()).is_some());
        assert_eq!(record(&table, &with(path, value.clone())), is_change, "{path}");
        assert_eq!(token.is_cancelled(), is_change, "a run of the earlier version is cancelled: {path}");
    }
}

#[test]
fn an_invalid_object_keeps_its_error_and_metadata() {
    let table = table();
    record(&table, &with("/spec/mfaConfiguration", json!("SOMETIMES")));
    let DeserializeGuard(object) = table.object("team/any").unwrap();
    let invalid = object.unwrap_err();
    assert!(invalid.error.contains("SOMETIMES"), "{}", invalid.error);
    assert_eq!((invalid.metadata.name.as_deref(), invalid.metadata.generation), (Some("any"), Some(1)));
}

#[test]
fn cancelling_all_does_not_cancel_later_reconciliations() {
    let (table, before, after) = (table(), CancellationToken::new(), CancellationToken::new());
    table.begin_run("team/any", before.clone());
    table.cancel_all();
    table.end_run("team/any", false);
    table.begin_run("team/any", after.clone());
    assert!(before.is_cancelled() && !after.is_cancelled());
}

#[test]
fn a_write_stays_due_until_a_run_ends_otherwise() {
    let table = table();
    let is_due = || table.begin_run("team/any", CancellationToken::new()).unwrap().1;
    assert!(!is_due());
    assert_eq!((table.end_run("team/any", true), is_due()), (Some(1), true));
    assert_eq!((table.end_run("team/any", true), table.is_write_due("team/any")), (Some(2), true));
    assert_eq!((table.end_run("team/any", false), is_due()), (Some(0), false));
}

#[test]
fn nothing_is_recorded_about_an_object_that_was_deleted() {
    let table = table();
    table.remove("team/any");
    table.record_outcome(&object(), &Outcome::Suspended, None);
    assert!(table.wait_left(&object()).is_none() && table.end_run("team/any", true).is_none());
}

#[test]
fn a_pending_status_keeps_its_time_and_is_taken_once() {
    let (table, object) = (table(), object());
    let after = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
    let plan = Plan::new(Step::Write(Cause::SpecChanged), &object.spec.settings, &after.settings, Vec::new());
    table.keep_pending(&object, &Outcome::Written { plan, after }, Timestamp::UNIX_EPOCH);
    assert_eq!(table.take_pending(&object).map(|pending| pending.at), Some(Timestamp::UNIX_EPOCH));
    assert!(table.take_pending(&object).is_none());
}

#[test]
fn an_object_is_behind_only_at_an_older_revision_of_the_same_uid() {
    let table = table();
    let at = |revision: &str, uid: &str| {
        let mut object = object();
        (object.metadata.resource_version, object.metadata.uid) = (Some(revision.into()), Some(uid.into()));
        object
    };
    let behind = |revision, uid| table.is_behind(&at(revision, uid));
    assert!(!behind("1", "a"));
    table.record_outcome(&at("10", "a"), &Outcome::Suspended, None);
    assert!(behind("9", "a") && !behind("10", "a") && !behind("11", "a"));
    assert!(!behind("9", "b") && !behind("opaque", "a"));
}

#[test]
fn an_answer_that_goes_back_in_time_is_older_until_the_versions_are_forgotten() {
    let table = table();
    record(&table, &with("/metadata/resourceVersion", json!("10")));
    let answer = |version: &str| {
        let meta = parsed(&with("/metadata/resourceVersion", json!(version))).metadata;
        table.record_answer("team/any", Some(&meta), table.seen_version("team/any"))
    };
    assert!(!answer("10") && answer("9"));
    let gone = || table.record_answer("team/any", None, table.seen_version("team/any"));
    assert!(!gone() && gone(), "the first time the watch may lag");
    record(&table, &with("/metadata/resourceVersion", json!("10")));
    let newer: Vec<_> = (0..6).map(|_| answer("11")).collect();
    assert_eq!(newer, [false, false, false, false, false, true], "the watch shows no new version");
    assert!(!answer("10") && !gone());
    table.record_outcome(&parsed(&with("/metadata/resourceVersion", json!("12"))), &Outcome::Suspended, None);
    assert!(answer("11"), "this process has written version 12");
    table.forget_versions();
    assert!(!answer("9") && !gone());
}

#[test]
fn the_reads_of_one_run_count_as_one() {
    let table = table();
    record(&table, &example());
    let gone = || table.record_answer("team/any", None, table.seen_version("team/any"));
    table.begin_run("team/any", CancellationToken::new()).unwrap();
    assert!(!gone() && !gone(), "the watch is about to show the deletion");
    table.end_run("team/any", false);
    table.begin_run("team/any", CancellationToken::new()).unwrap();
    assert!(gone());
}

#[test]
fn an_answer_is_not_older_because_the_watch_showed_a_newer_object_meanwhile() {
    let table = table();
    record(&table, &with("/metadata/resourceVersion", json!("10")));
    let seen = table.seen_version("team/any");
    record(&table, &with("/metadata/resourceVersion", json!("11")));
    let meta = parsed(&with("/metadata/resourceVersion", json!("10"))).metadata;
    assert!(!table.record_answer("team/any", Some(&meta), seen));
}

#[test]
fn an_object_whose_generation_went_back_is_due_at_once() {
    let (table, old, mut new) = (table(), object(), object());
    new.metadata.generation = Some(2);
    table.record_outcome(&new, &Outcome::Suspended, Some(Duration::from_hours(24)));
    assert_eq!(table.wait_left(&old), Some(Duration::ZERO));
    assert!(table.wait_left(&new).is_some_and(|wait| wait > Duration::from_hours(23)));
}

#[test]
fn a_new_generation_starts_without_failures() {
    let table = table();
    let failure = Failure::new(FailureClass::Transient, Operation::Get, "Timeout", "late");
    let (old, mut new) = (object(), object());
    new.metadata.generation = Some(2);
    table.record_outcome(&old, &Outcome::Failed(failure, None), None);
    assert_eq!(table.failures(&old), 1);
    table.record_superseded(&new, Duration::ZERO);
    assert_eq!(table.failures(&new), 0);
}

#[test]
fn a_missing_finalizer_is_news_once_until_it_is_added_or_its_object_is_deleted() {
    let table = table();
    let fails = |refusal: Option<&str>| table.record_finalizer_failure("team/any", refusal.map(Into::into));
    assert_eq!(
        (fails(None), table.finalizer_retry("team/any").is_some()),
        (None, true),
        "a conflict is no news"
    );
    assert_eq!((fails(Some("forbidden")).as_deref(), fails(Some("forbidden"))), (Some("forbidden"), None));
    table.record_finalizer_written("team/any");
    assert!(table.finalizer_retry("team/any").is_none() && fails(Some("forbidden")).is_some());
    table.remove("team/any");
    record(&table, &example());
    assert!(table.finalizer_retry("team/any").is_none() && fails(Some("forbidden")).is_some());
}

#[test]
fn a_finalizer_write_is_retried_within_30s_unless_it_is_refused() {
    let table = table();
    let wait_after = |refusal: Option<&str>| {
        for _ in 0..20 {
            table.record_finalizer_failure("team/any", refusal.map(Into::into));
        }
        table.finalizer_retry("team/any").unwrap()
    };
    assert!(wait_after(None) <= Duration::from_secs(30));
    assert!(wait_after(Some("forbidden")) > Duration::from_secs(30));
}
