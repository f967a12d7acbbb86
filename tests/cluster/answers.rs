//! Answers of Cognito that are lost, late, cut or strange.

use cognito_emulator::{Effect, Fault};
use cognito_mfa_core::api::v1alpha1::ConditionType;
use futures::future::join_all;
use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp};

const GET: &str = "GetUserPoolMfaConfig";
const SET: &str = "SetUserPoolMfaConfig";

#[tokio::test]
async fn a_truncated_get_never_leads_to_a_set() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.fault(Fault::next(GET, Effect::Truncated).on(&pool));
    rig.apply("cut", totp(&pool)).await;
    let told = rig.until_reason("cut", "CognitoUnavailable").await.status.unwrap();
    assert_eq!(told.last_error.unwrap().code, "UnreadableAnswer");
    assert_eq!(rig.call_counts(&pool), (1, 0));
    rig.until_reason("cut", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn a_get_without_a_mode_is_unreadable_and_never_off() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    let body = json!({"SoftwareTokenMfaConfiguration": {"Enabled": true}}).to_string();
    rig.fault(Fault::next(GET, Effect::Raw { status: 200, body }).on(&pool));
    rig.apply("modeless", totp(&pool)).await;
    let told = rig.until_reason("modeless", "CognitoUnavailable").await.status.unwrap();
    assert!(told.mode.is_none() && told.observed.is_none());
    rig.until_reason("modeless", "InSync").await;
}

#[tokio::test]
async fn sets_whose_outcome_is_unknown_converge_with_at_most_one_more() {
    let rig = TestNamespace::with_operator().await;
    let converge = async |(name, effect)| {
        let pool = rig.pool();
        rig.fault(Fault::next(SET, effect).after_applying().on(&pool));
        rig.apply(name, totp(&pool)).await;
        rig.until_reason(name, "CognitoUnavailable").await;
        rig.until_reason(name, "InSync").await;
        assert!(rig.call_counts(&pool).1 <= 2, "{name}: {:?}", rig.calls(&pool));
    };
    join_all([("hung-up", Effect::HangUp), ("silent", Effect::Hang)].map(converge)).await;
}

#[tokio::test]
async fn a_set_whose_answer_is_cut_off_is_looked_at_and_not_repeated() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.fault(Fault::next(SET, Effect::Truncated).after_applying().on(&pool));
    rig.apply("cut", totp(&pool)).await;
    rig.until_reason("cut", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn a_get_that_hangs_is_given_up_and_asked_again() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.fault(Fault::next(GET, Effect::Hang).on(&pool));
    rig.apply("hanging", totp(&pool)).await;
    rig.until_reason("hanging", "InSync").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}

#[tokio::test]
async fn an_unknown_setting_stops_a_set_until_it_is_tolerated() {
    let mut rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(&pool, &json!({"PalmMfaConfiguration": {"Enabled": true}}));
    rig.apply("newer", totp(&pool)).await;
    let told = rig.until_reason("newer", "UnknownSetting").await.status.unwrap();
    assert!(told.condition(ConditionType::Stalled).unwrap().message.contains("PalmMfaConfiguration"));
    rig.check("newer").await;
    assert_eq!(rig.call_counts(&pool), (2, 0));
    assert!(rig.stop().await);
    rig.start(&["--tolerate-settings", "PalmMfaConfiguration"]).await;
    let status = rig.check("newer").await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "InSync");
}
