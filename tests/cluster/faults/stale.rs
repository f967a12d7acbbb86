//! Lists and watches that show what was, or show it twice, or do not show what is.

use cognito_mfa_core::api::v1alpha1::{RECONCILE_REQUESTED_AT, UserPoolMfaConfig};
use kube::api::{DeleteParams, ListParams};
use serde_json::{Value, json};
use test_support::cluster::namespace::with;

use super::stage::Stage;
use crate::election::eventually;

const READ: &str = "GET userpoolmfaconfigs kept";
const LIST: &str = "LIST userpoolmfaconfigs";
const WRITE: &str = "PUT userpoolmfaconfigs/status kept";
const WATCH: &str = "WATCH userpoolmfaconfigs";

/// The list of the objects as it is now.
async fn list(stage: &Stage) -> Value {
    json!(stage.rig.dynamic().list(&ListParams::default()).await.expect("listed"))
}

async fn declared_again(stage: &Stage) {
    stage.declare("kept", 2).await;
}

async fn deleted(stage: &Stage) {
    stage.rig.delete("kept").await;
}

async fn recreated(stage: &Stage) {
    deleted(stage).await;
    stage.declare("kept", 2).await;
}

/// Shows things as they are, by a new list.
async fn relist(stage: &Stage) {
    stage.kube.until_answered(WATCH, 1).await;
    stage.kube.view().lists_show(None);
    stage.kube.view().watches_show(1);
    stage.kube.clear();
    stage.kube.view().gone().await;
    stage.kube.until_answered(LIST, 1).await;
}

/// Starts the operator with an old list of an object that it never met, and a watch that says nothing. The status
/// of the object tells nothing of a first declaration: the guard has nothing but generation and UID.
async fn met_by_an_old_list(since: impl AsyncFn(&Stage)) -> Stage {
    let stage = Stage::new(None).await;
    stage.declare("kept", 1).await;
    stage.kube.view().lists_show(Some(list(&stage).await));
    stage.kube.view().watches_show(0);
    since(&stage).await;
    stage.start(&[]).await;
    // The guard reads the object, and so does what follows its No, or a Set.
    stage.kube.until_answered(READ, 2).await;
    assert_eq!(stage.sets(), [0; 0], "the object shown is no more");
    relist(&stage).await;
    stage
}

/// One list is enough to set what was declared since, and nothing else is set.
async fn heals_to(stage: Stage, sets: &[usize]) {
    stage.rig.until_reason("kept", "InSync").await;
    assert_eq!((stage.sets().as_slice(), stage.kube.count(LIST)), (sets, 1));
}

/// The object is gone: nothing is set any more.
async fn stays_at(stage: Stage, sets: &[usize]) {
    stage.rig.until_idle().await;
    assert_eq!((stage.sets().as_slice(), stage.kube.count(LIST)), (sets, 1));
}

#[tokio::test]
async fn an_old_list_leads_to_no_set_of_an_older_generation() {
    heals_to(met_by_an_old_list(declared_again).await, &[2]).await;
}

#[tokio::test]
async fn a_list_with_an_object_that_was_made_anew_since_leads_to_no_set_of_the_old_one() {
    heals_to(met_by_an_old_list(recreated).await, &[2]).await;
}

#[tokio::test]
async fn a_list_with_an_object_that_is_gone_leads_to_no_set() {
    stays_at(met_by_an_old_list(deleted).await, &[]).await;
}

/// Declares the first, and returns an old event: the request for a check that was followed by another.
async fn with_an_old_request(stage: &Stage) -> Value {
    stage.start(&[]).await;
    stage.declare("kept", 1).await;
    stage.rig.until_reason("kept", "InSync").await;
    let handled =
        |object: UserPoolMfaConfig| object.status.and_then(|status| status.last_handled_reconcile_at);
    let request = handled(stage.rig.check("kept").await).expect("it was handled");
    stage.rig.check("kept").await;
    let asks = |event: &Value| {
        event["object"]["metadata"]["annotations"][RECONCILE_REQUESTED_AT] == request.as_str()
            && event["object"]["status"]["lastHandledReconcileAt"] != request.as_str()
    };
    stage.kube.view().events().into_iter().find(asks).expect("the watch showed the request")
}

/// Drops the events of what happens, edits the pool by hand, and asks for a check of the object as it was.
async fn replayed_while_events_are_dropped(since: impl AsyncFn(&Stage)) -> Stage {
    let stage = Stage::new(None).await;
    let old = with_an_old_request(&stage).await;
    stage.kube.view().watches_show(0);
    since(&stage).await;
    stage.edit(0);
    stage.kube.view().show(old).await;
    stage.kube.until_answered(READ, 1).await;
    assert_eq!(stage.sets(), [1], "the object shown is no more");
    relist(&stage).await;
    stage
}

#[tokio::test]
async fn a_change_that_the_watch_dropped_is_set_after_one_relist_and_what_was_before_it_is_not() {
    heals_to(replayed_while_events_are_dropped(declared_again).await, &[1, 2]).await;
}

#[tokio::test]
async fn an_object_that_was_made_anew_while_events_were_dropped_is_set_after_one_relist_and_the_old_one_is_not()
 {
    heals_to(replayed_while_events_are_dropped(recreated).await, &[1, 2]).await;
}

#[tokio::test]
async fn an_object_whose_end_the_watch_dropped_is_set_no_more() {
    stays_at(replayed_while_events_are_dropped(deleted).await, &[1]).await;
}

#[tokio::test]
async fn an_old_event_after_a_newer_one_leads_to_no_set_of_an_older_generation() {
    let stage = Stage::new(None).await;
    let old = with_an_old_request(&stage).await;
    stage.declare("kept", 2).await;
    stage.rig.until_reason("kept", "InSync").await;
    stage.kube.clear();
    stage.kube.view().show(old).await;
    stage.kube.until_answered(READ, 1).await;
    stage.rig.until_idle().await;
    assert_eq!(stage.sets(), [1, 2], "the object shown is no more");
    assert_eq!(stage.kube.count(WRITE), 0, "there was no pass over it");
}

/// Starts the operator and creates the object. Returns the first event of it, when the watch has shown it with a status, and
/// `so`.
async fn first_shown(stage: &Stage, spec: Value, flags: &[&str], so: fn(&Value) -> bool) -> Value {
    stage.start(flags).await;
    // Created later, the object is shown by the watch from its first version on.
    stage.kube.until_answered(WATCH, 1).await;
    stage.rig.apply("kept", spec).await;
    let seen = |event: &Value| event["object"]["status"]["mode"] == "ON" && so(&event["object"]);
    eventually("the watch shows the status", async || stage.kube.view().events().iter().any(seen)).await;
    let first = stage.kube.view().events().into_iter().next().expect("the watch showed the object");
    stage.kube.clear();
    first
}

#[tokio::test]
async fn no_pass_is_made_over_an_object_as_it_was_before_its_status_was_written() {
    let stage = Stage::new(None).await;
    let mut first = first_shown(&stage, stage.spec(1), &[], |_| true).await;
    // Asked for a check, which wakes it.
    first["object"]["metadata"]["annotations"] = json!({RECONCILE_REQUESTED_AT: "then"});
    stage.kube.view().show(first).await;
    stage.kube.until_answered(READ, 1).await;
    stage.rig.until_idle().await;
    assert_eq!(stage.kube.count(WRITE), 0);
}

#[tokio::test]
async fn a_deletion_that_the_watch_does_not_show_yet_turns_the_pool_off_all_the_same() {
    let stage = Stage::new(None).await;
    let spec = with(stage.spec(2), "deletionPolicy", json!("Disable"));
    let held = |object: &Value| object["metadata"]["finalizers"].is_array();
    let first = first_shown(&stage, spec, &["--allow-disable-on-delete"], held).await;
    stage.kube.view().watches_show(0);
    let api = stage.rig.objects();
    api.delete("kept", &DeleteParams::default()).await.expect("it is being deleted");
    stage.kube.view().show(first).await;
    stage.kube.until_answered(READ, 1).await;
    relist(&stage).await;
    eventually("the object goes", async || api.get_opt("kept").await.expect("answered").is_none()).await;
    assert_eq!(stage.sets(), [2, 1], "OFF counts as 1");
}

#[tokio::test]
async fn a_watch_whose_version_is_gone_costs_one_list_and_no_call() {
    let stage = Stage::new(None).await;
    stage.start(&[]).await;
    stage.declare("kept", 1).await;
    stage.rig.until_reason("kept", "InSync").await;
    relist(&stage).await;
    stage.declare("kept", 2).await;
    stage.rig.until_reason("kept", "InSync").await;
    assert_eq!((stage.sets(), stage.rig.call_counts(&stage.pool)), (vec![1, 2], (2, 2)));
    assert_eq!(stage.kube.count(LIST), 1);
}

#[tokio::test]
async fn events_that_come_three_times_cost_what_one_costs() {
    let stage = Stage::new(None).await;
    stage.kube.view().watches_show(3);
    stage.start(&[]).await;
    for number in [1, 2] {
        stage.declare("kept", number).await;
        stage.rig.until_reason("kept", "InSync").await;
    }
    stage.rig.until_idle().await;
    assert_eq!((stage.sets(), stage.rig.call_counts(&stage.pool)), (vec![1, 2], (2, 2)));
    assert_eq!(stage.kube.count(WRITE), 2);
}
