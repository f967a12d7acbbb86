//! What somebody strengthened outside the spec stays, until an edit lowers it or driftPolicy is Exact.

use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig};
use serde_json::{Value, json};
use test_support::{
    cluster::namespace::{TestNamespace, totp, with},
    kstatus::{Kstatus, kstatus},
};

use crate::{history::History, weakening_limit::start_with_flags};

/// A spec with mode OPTIONAL, TOTP, and an email with this subject.
fn optional(pool: &str, subject: &str) -> Value {
    let email = json!({"message": "Code {####}", "subject": subject});
    with(with(totp(pool), "mfaConfiguration", json!("OPTIONAL")), "emailMfaConfiguration", email)
}

/// Creates an object that declares OPTIONAL, and sets its pool to ON by hand. Returns the pool.
async fn raised_by_hand(rig: &TestNamespace, name: &str) -> String {
    let pool = rig.pool();
    rig.apply(name, optional(&pool, "one")).await;
    rig.until_reason(name, "InSync").await;
    rig.edit(&pool, &json!({"MfaConfiguration": "ON"}));
    pool
}

/// The reason of a condition, and its status.
fn condition(object: &UserPoolMfaConfig, type_: ConditionType) -> (String, String) {
    let status = object.status.as_ref().unwrap();
    let condition = status.condition(type_).unwrap();
    (condition.reason.clone(), condition.status.clone())
}

#[tokio::test]
async fn a_mode_raised_by_hand_stays_and_is_reported_once() {
    let rig = TestNamespace::with_operator().await;
    let pool = raised_by_hand(&rig, "raised").await;
    let mut history = History::of(&rig).await;
    for _ in 0..3 {
        let checked = rig.check("raised").await;
        assert_eq!(condition(&checked, ConditionType::Ready), ("StrongerThanDeclared".into(), "True".into()));
        assert_eq!(condition(&checked, ConditionType::Synced).1, "False");
        assert_eq!(kstatus(&checked), Kstatus::Current);
        assert_eq!(checked.status.unwrap().drift[0].field, "mfaConfiguration");
    }
    rig.until_idle().await;
    let events = rig.events("raised", 2).await;
    let stronger: Vec<_> = events.iter().filter(|(reason, _)| reason == "StrongerThanDeclared").collect();
    assert_eq!(stronger.len(), 1, "{events:?}");
    assert!(stronger[0].1.contains("mfaConfiguration (ON where OPTIONAL is declared)"), "{stronger:?}");
    assert_eq!((rig.mode(&pool), rig.call_counts(&pool).1), ("ON".into(), 1));
    assert_eq!(history.status_writes(&rig, "raised").await, 3, "one for each request");
}

#[tokio::test]
async fn an_edit_of_a_message_text_keeps_the_mode_that_was_raised_by_hand() {
    let rig = TestNamespace::with_operator().await;
    let pool = raised_by_hand(&rig, "texts").await;
    rig.apply("texts", optional(&pool, "two")).await;
    let edited = rig.until_reason("texts", "StrongerThanDeclared").await;
    assert_eq!(edited.status.unwrap().last_lowering_time, None);
    assert_eq!((rig.mode(&pool), rig.call_counts(&pool).1), ("ON".into(), 2));
    let live = rig.aws.state().pools.get(&pool).unwrap().live.clone();
    assert_eq!(live["EmailMfaConfiguration"]["Subject"], "two");
}

#[tokio::test]
async fn drift_of_a_text_is_set_back_under_a_mode_that_was_raised_by_hand() {
    let rig = TestNamespace::with_operator().await;
    let pool = raised_by_hand(&rig, "both").await;
    rig.edit(&pool, &json!({"EmailMfaConfiguration": {"Subject": "by hand"}}));
    let checked = rig.check("both").await;
    assert_eq!(condition(&checked, ConditionType::Ready).0, "StrongerThanDeclared");
    let corrections = checked.status.unwrap().corrections;
    assert_eq!(corrections[0].fields, ["emailMfaConfiguration.subject"]);
    assert!(!corrections[0].lowered && rig.mode(&pool) == "ON");
}

#[tokio::test]
async fn an_edit_that_lowers_the_mode_lowers_it() {
    let rig = TestNamespace::with_operator().await;
    let pool = raised_by_hand(&rig, "lowered").await;
    rig.apply("lowered", with(optional(&pool, "one"), "mfaConfiguration", json!("ON"))).await;
    rig.until_reason("lowered", "InSync").await;
    rig.apply("lowered", optional(&pool, "one")).await;
    let lowered = rig.until_reason("lowered", "InSync").await;
    assert!(lowered.status.unwrap().last_lowering_time.is_some());
    assert_eq!(rig.mode(&pool), "OPTIONAL");
}

#[tokio::test]
async fn the_policy_exact_sets_a_stronger_mode_back() {
    let rig = TestNamespace::with_operator().await;
    let pool = raised_by_hand(&rig, "exact").await;
    rig.check("exact").await;
    rig.apply("exact", with(optional(&pool, "one"), "driftPolicy", json!("Exact"))).await;
    let corrected = rig.until_reason("exact", "InSync").await.status.unwrap();
    assert!(corrected.corrections[0].lowered && rig.mode(&pool) == "OPTIONAL");
}

#[tokio::test]
async fn the_policy_exact_sets_back_within_the_hourly_limit() {
    let rig = start_with_flags(&["--max-lowerings-per-hour", "0"]).await;
    let pool = raised_by_hand(&rig, "limited").await;
    rig.apply("limited", with(optional(&pool, "one"), "driftPolicy", json!("Exact"))).await;
    rig.until_reason("limited", "LoweringHeld").await;
    assert_eq!(rig.mode(&pool), "ON");
}

#[tokio::test]
async fn mfa_raised_by_hand_under_a_declared_off_is_left_alone() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("off", json!({"userPoolId": pool, "mfaConfiguration": "OFF", "webAuthnConfiguration": {"userVerification": "required"}})).await;
    rig.until_reason("off", "InSync").await;
    rig.edit(&pool, &json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}));
    let checked = rig.check("off").await;
    assert_eq!(condition(&checked, ConditionType::Ready), ("StrongerThanDeclared".into(), "True".into()));
    rig.edit(&pool, &json!({"WebAuthnConfiguration": {"UserVerification": "preferred"}}));
    let checked = rig.check("off").await;
    assert_eq!(condition(&checked, ConditionType::Ready), ("DriftDetected".into(), "False".into()));
    assert_eq!((rig.mode(&pool), rig.call_counts(&pool).1), ("ON".into(), 1));
}
