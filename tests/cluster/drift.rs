//! Cognito is changed by somebody else.

use cognito_emulator::{SmsRemoval, Switches};
use cognito_mfa_core::api::v1alpha1::ConditionType;
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

fn sms_and_totp(pool: &str) -> Value {
    let sms = json!({"smsConfiguration": {"snsCallerArn": "arn:aws:iam::123456789012:role/sms", "externalId": "id"}});
    with(totp(pool), "smsMfaConfiguration", sms)
}

/// An object whose pool was equal from the start: no Set, so no confirming Get either.
async fn adopted(rig: &TestNamespace, name: &str, spec: Value, live: &Value) -> String {
    let pool = spec["userPoolId"].as_str().expect("a pool").to_owned();
    rig.edit(&pool, live);
    rig.apply(name, spec).await;
    rig.until_reason(name, "InSync").await;
    pool
}

fn live_totp() -> Value {
    json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
}

#[tokio::test]
async fn a_pool_edited_by_hand_is_corrected_at_the_objects_slot() {
    let rig = TestNamespace::with_operator().await;
    let spec = with(totp(&rig.pool()), "driftCheckInterval", json!("1m"));
    let pool = adopted(&rig, "slot", spec, &live_totp()).await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    let corrected = rig.until("slot", "corrected", |status| !status.corrections.is_empty()).await;
    assert_eq!(corrected.status.unwrap().corrections[0].fields, ["mfaConfiguration"]);
    assert_eq!(rig.call_counts(&pool).1, 1);
}

#[tokio::test]
async fn two_different_corrections_within_minutes_are_two_events_with_paths_and_values() {
    let rig = TestNamespace::with_operator().await;
    let pool = adopted(&rig, "edited", totp(&rig.pool()), &live_totp()).await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OPTIONAL"}));
    rig.check("edited").await;
    rig.edit(&pool, &json!({"EmailMfaConfiguration": {"Message": "c {####}"}}));
    let status = rig.check("edited").await.status.unwrap();
    let fields: Vec<_> = status.corrections.iter().map(|made| (made.fields.concat(), made.lowered)).collect();
    assert_eq!(fields, [("mfaConfiguration".into(), false), ("emailMfaConfiguration".into(), true)]);
    assert!(status.drift.is_empty() && status.condition(ConditionType::Ready).unwrap().reason == "InSync");
    let mut notes: Vec<_> = rig.events("edited", 3).await.into_iter().collect();
    notes.retain(|(reason, _)| reason == "DriftCorrected");
    assert_eq!(notes.len(), 2, "{notes:?}");
    let all = format!("{notes:?}");
    assert!(all.contains("mfaConfiguration OPTIONAL -> ON"), "{all}");
    assert!(all.contains("emailMfaConfiguration") && all.contains("email as a factor"), "{all}");
}

#[tokio::test]
async fn an_observing_object_reports_drift_and_never_sets() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    let spec = with(totp(&pool), "managementPolicy", json!("Observe"));
    rig.apply("observer", spec).await;
    let object = rig.until_reason("observer", "DriftDetected").await;
    let status = object.status.unwrap();
    assert_eq!(
        status.drift_summary.as_deref(),
        Some("mfaConfiguration, softwareTokenMfaConfiguration.enabled")
    );
    assert_eq!(rig.events("observer", 1).await[0].0, "DriftDetected");
    rig.check("observer").await;
    rig.edit(&pool, &live_totp());
    let status = rig.check("observer").await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().status, "True");
    assert!(status.applied_hash.is_none(), "who observes adopts nothing");
    assert_eq!(rig.call_counts(&pool), (3, 0));
}

#[tokio::test]
async fn what_cognito_did_not_take_is_not_set_again_until_cognito_changes() {
    let rig = TestNamespace::with_operator().await;
    rig.aws.state().switches = Switches { sms_removal: SmsRemoval::ShownOn, ..Switches::default() };
    let pool = rig.pool();
    rig.apply("residue", sms_and_totp(&pool)).await;
    rig.until_reason("residue", "InSync").await;
    rig.apply("residue", totp(&pool)).await;
    let left = rig.until_reason("residue", "NotTaken").await.status.unwrap();
    assert_eq!(left.drift[0].field, "smsMfaConfiguration");
    rig.check("residue").await;
    assert_eq!(rig.call_counts(&pool), (3, 2));
    rig.edit(&pool, &json!({"MfaConfiguration": "OPTIONAL"}));
    let status = rig.check("residue").await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "NotTaken");
    assert_eq!(status.mode.as_deref(), Some("ON"));
    assert_eq!(rig.call_counts(&pool), (5, 3), "a correction reads what Cognito stored");
}

#[tokio::test]
async fn drift_that_comes_after_a_restart_is_corrected_at_the_slot() {
    let mut rig = TestNamespace::with_operator().await;
    let spec = with(totp(&rig.pool()), "driftCheckInterval", json!("1m"));
    let pool = adopted(&rig, "restarted", spec, &live_totp()).await;
    assert!(rig.stop().await);
    rig.start(&[]).await;
    rig.until_idle().await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    rig.until("restarted", "corrected", |status| !status.corrections.is_empty()).await;
}

#[tokio::test]
async fn what_failed_before_a_restart_is_tried_again_soon_after_it() {
    let mut rig = TestNamespace::with_operator().await;
    let pool = "us-east-1_Missing01";
    rig.apply("failing", with(totp(pool), "driftCheckInterval", json!("24h"))).await;
    rig.until_reason("failing", "PoolNotFound").await;
    assert!(rig.stop().await);
    rig.aws.state().pools.create(pool, cognito_emulator::Facts::ready());
    rig.start(&[]).await;
    rig.until_reason("failing", "InSync").await;
}
