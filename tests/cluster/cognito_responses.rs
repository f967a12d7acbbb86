//! Responses of Cognito that are lost, late, truncated or unexpected.

use cognito_emulator::{Effect, Fault};
use cognito_mfa_core::api::v1alpha1::ConditionType;
use futures::future::join_all;
use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp};

const GET: &str = "GetUserPoolMfaConfig";
const SET: &str = "SetUserPoolMfaConfig";

#[tokio::test]
async fn a_truncated_read_never_leads_to_a_write() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.fault(Fault::next(GET, Effect::Truncated).on(&pool));
    rig.apply("truncated", totp(&pool)).await;
    let status = rig.until_reason("truncated", "CognitoUnavailable").await.status.unwrap();
    assert_eq!(status.last_error.unwrap().code, "UnreadableAnswer");
    assert_eq!(rig.call_counts(&pool), (1, 0));
    rig.until_reason("truncated", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn a_read_without_a_mode_is_invalid_and_never_off() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    let body = json!({"SoftwareTokenMfaConfiguration": {"Enabled": true}}).to_string();
    rig.fault(Fault::next(GET, Effect::Raw { status: 200, body }).on(&pool));
    rig.apply("modeless", totp(&pool)).await;
    let status = rig.until_reason("modeless", "CognitoUnavailable").await.status.unwrap();
    assert!(status.mode.is_none() && status.observed.is_none());
    rig.until_reason("modeless", "InSync").await;
}

#[tokio::test]
async fn a_write_with_an_unknown_outcome_is_repeated_at_most_once() {
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
async fn a_write_with_a_truncated_response_is_confirmed_by_a_read_and_not_repeated() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.fault(Fault::next(SET, Effect::Truncated).after_applying().on(&pool));
    rig.apply("truncated", totp(&pool)).await;
    rig.until_reason("truncated", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (2, 1));
}

#[tokio::test]
async fn a_read_that_hangs_times_out_and_is_retried() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.fault(Fault::next(GET, Effect::Hang).on(&pool));
    rig.apply("hanging", totp(&pool)).await;
    rig.until_reason("hanging", "InSync").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}

#[tokio::test]
async fn an_unknown_setting_blocks_writes_until_it_is_tolerated() {
    let mut rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.edit(&pool, &json!({"PalmMfaConfiguration": {"Enabled": true}}));
    rig.apply("newer", totp(&pool)).await;
    let status = rig.until_reason("newer", "UnknownSetting").await.status.unwrap();
    assert!(status.condition(ConditionType::Stalled).unwrap().message.contains("PalmMfaConfiguration"));
    rig.check("newer").await;
    assert_eq!(rig.call_counts(&pool), (2, 0));
    assert!(rig.stop().await);
    rig.start(&["--tolerate-settings", "PalmMfaConfiguration"]).await;
    let status = rig.check("newer").await.status.unwrap();
    assert_eq!(status.condition(ConditionType::Ready).unwrap().reason, "InSync");
}
