//! Operators with Leases of their own that act on the same object.

use std::time::Duration;

use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfigStatus};
use serde_json::json;
use test_support::cluster::{
    namespace::{TestNamespace, totp, with},
    operator::Operator,
};

use crate::{
    eventually::eventually,
    history::History,
    replicas::{LEASE, LONG_LEASE, create_free_lease, rig_with_lease, start_replica, until_led_by},
};

const IN_CONFLICT: &str = "\ncognito_mfa_operator_operator_conflicts 1\n";
const NO_CONFLICT: &str = "\ncognito_mfa_operator_operator_conflicts 0\n";

/// Starts an operator whose Lease is in the namespace `home`, and waits until it knows the objects of `rig`.
async fn start_operator(rig: &TestNamespace, home: &TestNamespace, name: &str, objects: usize) -> Operator {
    let operator = start_replica(home, name, &rig.namespace, &LONG_LEASE).await;
    until_led_by(home, name).await;
    let known = format!("cognito_mfa_operator_objects{{state=\"InSync\"}} {objects}\n");
    if objects > 0 {
        eventually("the operator knows the objects", async || shows(&operator, &known).await).await;
    }
    operator
}

async fn shows(operator: &Operator, line: &str) -> bool {
    operator.page("/metrics").await.1.contains(line)
}

fn name_of(home: &TestNamespace) -> String {
    format!("{}/{LEASE}", home.namespace)
}

fn ready_message(status: &UserPoolMfaConfigStatus) -> &str {
    &status.condition(ConditionType::Ready).expect("every status has Ready").message
}

/// The number of events of this reason about the object.
async fn conflict_events(rig: &TestNamespace) -> usize {
    rig.events("any", 0).await.iter().filter(|(reason, _)| reason == "OperatorConflict").count()
}

#[tokio::test]
async fn two_operators_on_one_object_are_reported_until_one_of_them_leaves() {
    let rig = rig_with_lease().await;
    let other_home = rig.second_namespace().await;
    create_free_lease(&other_home).await;
    let first = start_operator(&rig, &rig, "first", 0).await;
    let pool = rig.pool();
    rig.apply("any", totp(&pool)).await;
    let alone = rig.until_reason("any", "InSync").await.status.expect("a status");
    assert_eq!((alone.operator, alone.operator_conflict), (Some(name_of(&rig)), None));
    let second = start_operator(&rig, &other_home, "second", 1).await;

    rig.apply("any", with(totp(&pool), "mfaConfiguration", json!("OPTIONAL"))).await;
    let found = |status: &UserPoolMfaConfigStatus| status.operator_conflict.is_some();
    let status = rig.until("any", "in conflict", found).await.status.expect("a status");
    let mut operators = [name_of(&rig), name_of(&other_home)];
    operators.sort();
    assert_eq!(
        status.operator_conflict.as_ref().map(|conflict| conflict.operators.as_slice()),
        Some(&operators[..])
    );
    assert!(ready_message(&status).contains(&operators.join(" and ")), "{}", ready_message(&status));
    eventually("the event is published", async || conflict_events(&rig).await == 1).await;

    let mut history = History::of(&rig).await;
    for _ in 0..3 {
        rig.check("any").await;
        for operator in [&first, &second] {
            eventually("it counts the object", async || shows(operator, IN_CONFLICT).await).await;
        }
    }
    assert!(second.stop().await, "the exit is clean");
    rig.check("any").await;
    assert_eq!(history.status_writes(&rig, "any").await, 4, "each request is answered by one write");
    assert_eq!(conflict_events(&rig).await, 1);

    // Two hours later.
    let found_at = status.operator_conflict.expect("it was found").time;
    let earlier = (found_at - Duration::from_hours(2)).to_string();
    rig.patch_status("any", json!({"operatorConflict": {"time": earlier}})).await;
    rig.check("any").await;
    let over = rig.until("any", "alone", |status| !found(status)).await.status.expect("a status");
    assert_eq!(ready_message(&over), "Cognito equals the spec.");
    assert_eq!(over.operator, Some(name_of(&rig)));
    eventually("no object is counted", async || shows(&first, NO_CONFLICT).await).await;
}

#[tokio::test]
async fn a_handover_and_a_renamed_release_are_no_conflict() {
    let rig = rig_with_lease().await;
    let renamed = rig.second_namespace().await;
    create_free_lease(&renamed).await;
    let pool = rig.pool();
    rig.apply("any", totp(&pool)).await;
    for (home, name, mode) in [
        (&rig, "first", "ON"),
        (&rig, "second", "OPTIONAL"),
        (&renamed, "third", "ON"),
        (&rig, "fourth", "OPTIONAL"),
    ] {
        let operator = start_operator(&rig, home, name, usize::from(name != "first")).await;
        rig.apply("any", with(totp(&pool), "mfaConfiguration", json!(mode))).await;
        let status = rig.until_reason("any", "InSync").await.status.expect("a status");
        assert_eq!((status.operator, status.operator_conflict), (Some(name_of(home)), None));
        rig.check("any").await;
        assert!(operator.stop().await, "the exit is clean");
    }
    assert_eq!(conflict_events(&rig).await, 0);
}
