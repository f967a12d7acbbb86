//! What `kubectl wait`, Flux and Helm read from every version of an object.

use std::time::Duration;

use cognito_emulator::{Effect, Fault};
use cognito_mfa_core::{api::v1alpha1::UserPoolMfaConfig, settings::diff::differences};
use serde_json::{Value, json};
use test_support::{
    cluster::namespace::{TestNamespace, totp, with},
    kstatus::{Kstatus, kstatus},
};

use crate::history::History;

/// Delays the next calls, so that an object that is Current too early would be seen.
fn delay_calls(rig: &TestNamespace, pool: &str) {
    for operation in ["GetUserPoolMfaConfig", "SetUserPoolMfaConfig"] {
        rig.fault(Fault::next(operation, Effect::Delay).on(pool).delayed(Duration::from_millis(700)));
    }
}

/// Whether the pool in the emulator equals the object's spec now.
pub fn pool_equals_spec(rig: &TestNamespace, object: &UserPoolMfaConfig) -> bool {
    let state = rig.aws.state();
    let pool = state.pools.get(object.pool_id().unwrap()).expect("the pool is there");
    let settings = in_camel_case(&Value::Object(pool.live.clone()));
    let observed = serde_json::from_value(settings).expect("the pool has known settings");
    differences(&object.spec.settings, &observed).is_empty()
}

/// Converts AWS's member names to the resource's, which begin with a lower-case letter.
fn in_camel_case(value: &Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let lower = |name: &str| name[..1].to_lowercase() + &name[1..];
    members.iter().map(|(name, value)| (lower(name), in_camel_case(value))).collect()
}

/// Reads the history until a version is Current, and asserts that the pool equals the spec then. Returns the number of
/// versions.
async fn until_current(history: &mut History, rig: &TestNamespace, generation: i64) -> usize {
    for versions in 1.. {
        let object = history.next().await;
        let read_status = kstatus(&object);
        assert_ne!(read_status, Kstatus::Failed, "{object:#?}");
        if read_status == Kstatus::Current {
            assert!(pool_equals_spec(rig, &object), "Current too early: {object:#?}");
            assert_eq!(object.metadata.generation, Some(generation));
            return versions;
        }
    }
    unreachable!("the history has no end")
}

#[tokio::test]
async fn an_object_is_never_current_before_cognito_equals_its_spec() {
    let rig = TestNamespace::with_operator().await;
    let (mut history, pool) = (History::of(&rig).await, rig.pool());
    delay_calls(&rig, &pool);
    rig.apply("watched", totp(&pool)).await;
    assert_eq!(until_current(&mut history, &rig, 1).await, 2, "created, then Current");

    delay_calls(&rig, &pool);
    rig.apply("watched", with(totp(&pool), "mfaConfiguration", json!("OPTIONAL"))).await;
    assert_eq!(until_current(&mut history, &rig, 2).await, 2);

    delay_calls(&rig, &pool);
    rig.fault(Fault::error("SetUserPoolMfaConfig", "TooManyRequestsException", "").on(&pool).times(2));
    rig.apply("watched", with(totp(&pool), "emailMfaConfiguration", json!({}))).await;
    until_current(&mut history, &rig, 3).await;
    rig.apply("watched", json!({"userPoolId": pool, "mfaConfiguration": "OFF"})).await;
    until_current(&mut history, &rig, 4).await;
}

#[tokio::test]
async fn an_object_on_hold_is_failed_and_a_suspended_one_is_in_progress() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(&pool, &json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}));
    rig.apply("on-hold", totp(&pool)).await;
    assert_eq!(kstatus(&rig.until_reason("on-hold", "AdoptionHeld").await), Kstatus::Failed);
    rig.apply("on-hold", with(totp(&pool), "suspend", json!(true))).await;
    assert_eq!(kstatus(&rig.until_reason("on-hold", "Suspended").await), Kstatus::InProgress);
}
