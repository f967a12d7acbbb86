//! Lists and watches that are stale, repeat events or drop them.

use cognito_mfa_core::api::v1alpha1::{RECONCILE_REQUESTED_AT, UserPoolMfaConfig};
use kube::api::{DeleteParams, ListParams};
use serde_json::{Value, json};
use test_support::cluster::rig::with;

use super::proxied_rig::ProxiedRig;
use crate::eventually::eventually;

const READ: &str = "GET userpoolmfaconfigs any";
const LIST: &str = "LIST userpoolmfaconfigs";
const WRITE: &str = "PUT userpoolmfaconfigs/status any";
const WATCH: &str = "WATCH userpoolmfaconfigs";

/// The current list of the objects.
async fn list(proxied: &ProxiedRig) -> Value {
    json!(proxied.rig.dynamic().list(&ListParams::default()).await.expect("listed"))
}

async fn change(proxied: &ProxiedRig) {
    proxied.apply("any", 2).await;
}

async fn delete(proxied: &ProxiedRig) {
    proxied.rig.delete("any").await;
}

async fn recreate(proxied: &ProxiedRig) {
    delete(proxied).await;
    proxied.apply("any", 2).await;
}

/// Ends all changes to lists and watches, and makes the operator list again.
async fn relist(proxied: &ProxiedRig) {
    proxied.kube.until_answered(WATCH, 1).await;
    proxied.kube.filter().replace_lists(None);
    proxied.kube.filter().repeat_events(1);
    proxied.kube.clear();
    proxied.kube.filter().expire_watches().await;
    proxied.kube.until_answered(LIST, 1).await;
}

/// Starts the operator with a stale list of an object that it never reconciled, and a silent watch. The object has no
/// status, so only its generation and UID show that the list is stale.
async fn start_with_stale_list(change: impl AsyncFn(&ProxiedRig)) -> ProxiedRig {
    let proxied = ProxiedRig::new(None).await;
    proxied.apply("any", 1).await;
    proxied.kube.filter().replace_lists(Some(list(&proxied).await));
    proxied.kube.filter().repeat_events(0);
    change(&proxied).await;
    proxied.start(&[]).await;
    // The operator reads the object before a write, and again once the write was refused or made.
    proxied.kube.until_answered(READ, 2).await;
    assert_eq!(proxied.written_specs(), [0; 0], "the stale object is not written");
    relist(&proxied).await;
    proxied
}

/// Asserts that one list suffices to write the current spec, and that exactly these specs were written.
async fn assert_converges(proxied: ProxiedRig, specs: &[usize]) {
    proxied.rig.until_reason("any", "InSync").await;
    assert_eq!((proxied.written_specs().as_slice(), proxied.kube.count(LIST)), (specs, 1));
}

/// Asserts that nothing more is written for the deleted object.
async fn assert_no_more_writes(proxied: ProxiedRig, specs: &[usize]) {
    proxied.rig.settle().await;
    assert_eq!((proxied.written_specs().as_slice(), proxied.kube.count(LIST)), (specs, 1));
}

#[tokio::test]
async fn a_stale_list_leads_to_no_write_of_an_older_generation() {
    assert_converges(start_with_stale_list(change).await, &[2]).await;
}

#[tokio::test]
async fn a_stale_list_leads_to_no_write_of_an_object_that_was_recreated() {
    assert_converges(start_with_stale_list(recreate).await, &[2]).await;
}

#[tokio::test]
async fn a_stale_list_leads_to_no_write_of_a_deleted_object() {
    assert_no_more_writes(start_with_stale_list(delete).await, &[]).await;
}

/// Applies the first spec, and requests two checks. Returns the event of the first request.
async fn event_of_old_request(proxied: &ProxiedRig) -> Value {
    proxied.start(&[]).await;
    proxied.apply("any", 1).await;
    proxied.rig.until_reason("any", "InSync").await;
    let handled_request =
        |object: UserPoolMfaConfig| object.status.and_then(|status| status.last_handled_reconcile_at);
    let request = handled_request(proxied.rig.check("any").await).expect("it was handled");
    proxied.rig.check("any").await;
    let is_request = |event: &Value| {
        event["object"]["metadata"]["annotations"][RECONCILE_REQUESTED_AT] == request.as_str()
            && event["object"]["status"]["lastHandledReconcileAt"] != request.as_str()
    };
    proxied.kube.filter().server_events().into_iter().find(is_request).expect("the watch showed the request")
}

/// Drops the events of a change, edits the pool by hand, and injects an old request for a check.
async fn change_with_dropped_events(change: impl AsyncFn(&ProxiedRig)) -> ProxiedRig {
    let proxied = ProxiedRig::new(None).await;
    let old_event = event_of_old_request(&proxied).await;
    proxied.kube.filter().repeat_events(0);
    change(&proxied).await;
    proxied.edit_pool(0);
    proxied.kube.filter().inject_event(old_event).await;
    proxied.kube.until_answered(READ, 1).await;
    assert_eq!(proxied.written_specs(), [1], "the stale object is not written");
    relist(&proxied).await;
    proxied
}

#[tokio::test]
async fn a_dropped_change_is_written_after_one_relist_and_the_old_spec_is_not() {
    assert_converges(change_with_dropped_events(change).await, &[1, 2]).await;
}

#[tokio::test]
async fn a_dropped_recreation_is_written_after_one_relist_and_the_old_spec_is_not() {
    assert_converges(change_with_dropped_events(recreate).await, &[1, 2]).await;
}

#[tokio::test]
async fn a_dropped_deletion_leads_to_no_further_write() {
    assert_no_more_writes(change_with_dropped_events(delete).await, &[1]).await;
}

#[tokio::test]
async fn an_old_event_after_a_newer_one_leads_to_no_write() {
    let proxied = ProxiedRig::new(None).await;
    let old_event = event_of_old_request(&proxied).await;
    proxied.apply("any", 2).await;
    proxied.rig.until_reason("any", "InSync").await;
    proxied.kube.clear();
    proxied.kube.filter().inject_event(old_event).await;
    proxied.kube.until_answered(READ, 1).await;
    proxied.rig.settle().await;
    assert_eq!(proxied.written_specs(), [1, 2], "the stale object is not written");
    assert_eq!(proxied.kube.count(WRITE), 0, "it was not reconciled");
}

/// Starts the operator and creates the object. Waits until the watch has shown the object with a status and as
/// `expected`, and returns its first event.
async fn first_event(
    proxied: &ProxiedRig,
    spec: Value,
    flags: &[&str],
    expected: fn(&Value) -> bool,
) -> Value {
    proxied.start(flags).await;
    // The object is created after the watch began, so the watch shows its first version.
    proxied.kube.until_answered(WATCH, 1).await;
    proxied.rig.apply("any", spec).await;
    let is_expected = |event: &Value| event["object"]["status"]["mode"] == "ON" && expected(&event["object"]);
    eventually("the watch shows the status", async || {
        proxied.kube.filter().server_events().iter().any(is_expected)
    })
    .await;
    let first =
        proxied.kube.filter().server_events().into_iter().next().expect("the watch showed the object");
    proxied.kube.clear();
    first
}

#[tokio::test]
async fn an_object_older_than_its_last_status_write_is_not_reconciled() {
    let proxied = ProxiedRig::new(None).await;
    let mut first = first_event(&proxied, proxied.spec(1), &[], |_| true).await;
    // The request for a check makes it due.
    first["object"]["metadata"]["annotations"] = json!({RECONCILE_REQUESTED_AT: "then"});
    proxied.kube.filter().inject_event(first).await;
    proxied.kube.until_answered(READ, 1).await;
    proxied.rig.settle().await;
    assert_eq!(proxied.kube.count(WRITE), 0);
}

#[tokio::test]
async fn a_deletion_that_the_watch_has_not_shown_yet_still_turns_mfa_off() {
    let proxied = ProxiedRig::new(None).await;
    let spec = with(proxied.spec(2), "deletionPolicy", json!("Disable"));
    let has_finalizer = |object: &Value| object["metadata"]["finalizers"].is_array();
    let first = first_event(&proxied, spec, &["--allow-disable-on-delete"], has_finalizer).await;
    proxied.kube.filter().repeat_events(0);
    let api = proxied.rig.objects();
    api.delete("any", &DeleteParams::default()).await.expect("it is being deleted");
    proxied.kube.filter().inject_event(first).await;
    proxied.kube.until_answered(READ, 1).await;
    relist(&proxied).await;
    eventually("the object is deleted", async || api.get_opt("any").await.expect("answered").is_none()).await;
    assert_eq!(proxied.written_specs(), [2, 1], "OFF counts as 1");
}

#[tokio::test]
async fn an_expired_watch_costs_one_list_and_no_call() {
    let proxied = ProxiedRig::new(None).await;
    proxied.start(&[]).await;
    proxied.apply("any", 1).await;
    proxied.rig.until_reason("any", "InSync").await;
    relist(&proxied).await;
    proxied.apply("any", 2).await;
    proxied.rig.until_reason("any", "InSync").await;
    assert_eq!((proxied.written_specs(), proxied.rig.cost(&proxied.pool)), (vec![1, 2], (2, 2)));
    assert_eq!(proxied.kube.count(LIST), 1);
}

#[tokio::test]
async fn an_event_that_comes_three_times_costs_as_much_as_one() {
    let proxied = ProxiedRig::new(None).await;
    proxied.kube.filter().repeat_events(3);
    proxied.start(&[]).await;
    for number in [1, 2] {
        proxied.apply("any", number).await;
        proxied.rig.until_reason("any", "InSync").await;
    }
    proxied.rig.settle().await;
    assert_eq!((proxied.written_specs(), proxied.rig.cost(&proxied.pool)), (vec![1, 2], (2, 2)));
    assert_eq!(proxied.kube.count(WRITE), 2);
}
