//! Changes of pools that the operator did not make.

use cognito_emulator::{SmsRemoval, Switches};
use cognito_mfa_core::api::v1alpha1::ConditionType;
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

fn sms_and_totp(pool: &str) -> Value {
    let sms = json!({"smsConfiguration": {"snsCallerArn": "arn:aws:iam::123456789012:role/sms", "externalId": "id"}});
    with(totp(pool), "smsMfaConfiguration", sms)
}

/// Creates an object whose pool already equals its spec, so that its adoption costs no write and no confirming read.
/// Returns the pool.
async fn adopt_equal_pool(rig: &TestNamespace, name: &str, spec: Value, settings: &Value) -> String {
    let pool = spec["userPoolId"].as_str().expect("a pool").to_owned();
    rig.edit(&pool, settings);
    rig.apply(name, spec).await;
    rig.until_reason(name, "InSync").await;
    pool
}

fn totp_settings() -> Value {
    json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
}

#[tokio::test]
async fn a_manual_edit_is_corrected_at_the_next_scheduled_check() {
    let rig = TestNamespace::with_operator().await;
    let spec = with(totp(&rig.pool()), "driftCheckInterval", json!("1m"));
    let pool = adopt_equal_pool(&rig, "scheduled", spec, &totp_settings()).await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    let corrected = rig.until("scheduled", "corrected", |status| !status.corrections.is_empty()).await;
    assert_eq!(corrected.status.unwrap().corrections[0].fields, ["mfaConfiguration"]);
    assert_eq!(rig.call_counts(&pool).1, 1);
}

#[tokio::test]
async fn two_corrections_within_minutes_are_two_events_with_paths_and_values() {
    let rig = TestNamespace::with_operator().await;
    let pool = adopt_equal_pool(&rig, "edited", totp(&rig.pool()), &totp_settings()).await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OPTIONAL"}));
    rig.check("edited").await;
    rig.edit(&pool, &json!({"EmailMfaConfiguration": {"Message": "c {####}"}}));
    let status = rig.check("edited").await.status.unwrap();
    let fields: Vec<_> = status
        .corrections
        .iter()
        .map(|correction| (correction.fields.concat(), correction.lowered))
        .collect();
    assert_eq!(fields, [("mfaConfiguration".into(), false), ("emailMfaConfiguration".into(), true)]);
    assert!(status.drift.is_empty() && status.condition(ConditionType::Ready).unwrap().reason == "InSync");
    let mut notes = rig.events("edited", 3).await;
    notes.retain(|(reason, _)| reason == "DriftCorrected");
    assert_eq!(notes.len(), 2, "{notes:?}");
    let notes = format!("{notes:?}");
    assert!(notes.contains("mfaConfiguration OPTIONAL -> ON"), "{notes}");
    assert!(notes.contains("emailMfaConfiguration") && notes.contains("email as a factor"), "{notes}");
}

#[tokio::test]
async fn an_observing_object_reports_drift_and_never_writes() {
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
    rig.edit(&pool, &totp_settings());
    let status = rig.check("observer").await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().status, "True");
    assert!(status.applied_hash.is_none(), "an observing object adopts nothing");
    assert_eq!(rig.call_counts(&pool), (3, 0));
}

#[tokio::test]
async fn a_change_that_cognito_ignored_is_written_again_once_for_each_request() {
    let rig = TestNamespace::with_operator().await;
    rig.aws.state().switches = Switches { sms_removal: SmsRemoval::ShownOn, ..Switches::default() };
    let pool = rig.pool();
    rig.apply("removal", sms_and_totp(&pool)).await;
    rig.until_reason("removal", "InSync").await;
    rig.apply("removal", totp(&pool)).await;
    let status = rig.until_reason("removal", "NotTaken").await.status.unwrap();
    assert_eq!(status.drift[0].field, "smsMfaConfiguration");
    let status = rig.check("removal").await.status.unwrap();
    assert_eq!((rig.call_counts(&pool), status.not_taken.unwrap().writes), ((4, 3), 2));
    rig.edit(&pool, &json!({"MfaConfiguration": "OPTIONAL"}));
    let status = rig.check("removal").await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "NotTaken");
    assert_eq!(status.mode.as_deref(), Some("ON"));
    assert_eq!(rig.call_counts(&pool), (6, 4), "a correction reads what Cognito stored");
}

#[tokio::test]
async fn drift_after_a_restart_is_corrected_at_the_next_scheduled_check() {
    let mut rig = TestNamespace::with_operator().await;
    let spec = with(totp(&rig.pool()), "driftCheckInterval", json!("1m"));
    let pool = adopt_equal_pool(&rig, "restarted", spec, &totp_settings()).await;
    assert!(rig.stop().await);
    rig.start(&[]).await;
    rig.until_idle().await;
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    rig.until("restarted", "corrected", |status| !status.corrections.is_empty()).await;
}

#[tokio::test]
async fn a_failure_before_a_restart_is_retried_soon_after_it() {
    let mut rig = TestNamespace::with_operator().await;
    let pool = "us-east-1_Missing01";
    rig.apply("failing", with(totp(pool), "driftCheckInterval", json!("24h"))).await;
    rig.until_reason("failing", "PoolNotFound").await;
    assert!(rig.stop().await);
    rig.aws.state().pools.create(pool, cognito_emulator::Facts::ready());
    rig.start(&[]).await;
    rig.until_reason("failing", "InSync").await;
}
