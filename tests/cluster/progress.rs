//! What `kubectl wait`, Flux and Helm may believe at every instant.

use std::time::Duration;

use cognito_emulator::{Effect, Fault};
use cognito_mfa_core::{api::v1alpha1::UserPoolMfaConfig, settings::diff::differences};
use serde_json::{Value, json};
use test_support::{
    cluster::namespace::{TestNamespace, totp, with},
    kstatus::{Kstatus, kstatus},
};

use crate::history::History;

/// Slow calls, and one that fails: there is time to say Current too early.
fn script(rig: &TestNamespace, pool: &str) {
    for operation in ["GetUserPoolMfaConfig", "SetUserPoolMfaConfig"] {
        rig.fault(Fault::next(operation, Effect::Delay).on(pool).delayed(Duration::from_millis(700)));
    }
}

/// Whether the emulator's pool equals the object's spec now.
pub fn is_equal(rig: &TestNamespace, object: &UserPoolMfaConfig) -> bool {
    let state = rig.aws.state();
    let live =
        Value::Object(state.pools.get(&object.spec.user_pool_id).expect("the pool is there").live.clone());
    let live = serde_json::from_value(in_camel_case(&live)).expect("the pool has known settings");
    differences(&object.spec.settings, &live).is_empty()
}

/// AWS's member names as the resource has them.
fn in_camel_case(live: &Value) -> Value {
    let Value::Object(members) = live else { return live.clone() };
    let lower = |name: &str| name[..1].to_lowercase() + &name[1..];
    members.iter().map(|(name, value)| (lower(name), in_camel_case(value))).collect()
}

/// Reads the history until this generation is Current. Nothing before may be, unless the pool is equal then.
async fn until_current(history: &mut History, rig: &TestNamespace, generation: i64) -> usize {
    for versions in 1.. {
        let object = history.next().await;
        let verdict = kstatus(&object);
        assert_ne!(verdict, Kstatus::Failed, "{object:#?}");
        if verdict == Kstatus::Current {
            assert!(is_equal(rig, &object), "Current too early: {object:#?}");
            assert_eq!(object.metadata.generation, Some(generation));
            return versions;
        }
    }
    unreachable!("the history has no end")
}

#[tokio::test]
async fn no_version_of_an_object_is_current_before_cognito_is_equal() {
    let rig = TestNamespace::with_operator().await;
    let (mut history, pool) = (History::of(&rig).await, rig.pool());
    script(&rig, &pool);
    rig.apply("watched", totp(&pool)).await;
    assert_eq!(until_current(&mut history, &rig, 1).await, 2, "created, then Current");

    script(&rig, &pool);
    rig.apply("watched", with(totp(&pool), "mfaConfiguration", json!("OPTIONAL"))).await;
    assert_eq!(until_current(&mut history, &rig, 2).await, 2);

    script(&rig, &pool);
    rig.fault(Fault::error("SetUserPoolMfaConfig", "TooManyRequestsException", "").on(&pool).times(2));
    rig.apply("watched", with(totp(&pool), "emailMfaConfiguration", json!({}))).await;
    until_current(&mut history, &rig, 3).await;
    rig.apply("watched", json!({"userPoolId": pool, "mfaConfiguration": "OFF"})).await;
    until_current(&mut history, &rig, 4).await;
}

#[tokio::test]
async fn what_waits_for_a_person_is_failed_and_what_rests_is_in_progress() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(&pool, &json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}));
    rig.apply("held", totp(&pool)).await;
    assert_eq!(kstatus(&rig.until_reason("held", "AdoptionHeld").await), Kstatus::Failed);
    rig.apply("held", with(totp(&pool), "suspend", json!(true))).await;
    assert_eq!(kstatus(&rig.until_reason("held", "Suspended").await), Kstatus::InProgress);
}
