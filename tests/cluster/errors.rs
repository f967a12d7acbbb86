//! Errors of AWS are reported in the status in AWS's own words, and clear once their cause is fixed.

use cognito_emulator::{EmailSender, Facts, Fault, KeyStatus, SmsRole, Tier};
use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfigStatus};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

fn with_sms(pool: &str) -> Value {
    let section = json!({"smsConfiguration": {"snsCallerArn": "arn:aws:iam::123456789012:role/sms", "externalId": "id"}});
    with(totp(pool), "smsMfaConfiguration", section)
}

fn with_email(pool: &str) -> Value {
    with(totp(pool), "emailMfaConfiguration", json!({}))
}

/// Whether the status has this error, and only the condition `progress` of Reconciling and Stalled.
fn reports_error(
    status: &UserPoolMfaConfigStatus,
    progress: ConditionType,
    operation: &str,
    code: &str,
) -> bool {
    let error = status.last_error.as_ref();
    let is_as_expected = |type_: ConditionType| status.condition(type_).is_some() == (type_ == progress);
    is_as_expected(ConditionType::Reconciling)
        && is_as_expected(ConditionType::Stalled)
        && error.is_some_and(|error| error.code == code && error.operation.as_deref() == Some(operation))
}

#[tokio::test]
async fn a_missing_pool_is_reconciling_then_stalled_and_recovers_once_it_exists() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.aws.state().pools.remove(&pool);
    rig.apply("early", totp(&pool)).await;
    let pool_missing = |progress: ConditionType| {
        move |status: &UserPoolMfaConfigStatus| {
            reports_error(status, progress, "GetUserPoolMfaConfig", "ResourceNotFoundException")
        }
    };
    let reconciling = rig.until("early", "reconciling", pool_missing(ConditionType::Reconciling)).await;
    assert_eq!(rig.events("early", 1).await[0].0, "PoolNotFound");

    let mut conditions = json!(reconciling.status.unwrap().conditions);
    for condition in conditions.as_array_mut().unwrap() {
        condition["lastTransitionTime"] = json!("2020-01-01T00:00:00Z");
    }
    rig.patch_status("early", json!({"conditions": conditions})).await;
    rig.request_check("early").await;
    rig.until("early", "stalled", pool_missing(ConditionType::Stalled)).await;

    rig.aws.state().pools.create(&pool, Facts::ready());
    let recovered = rig.check("early").await.status.unwrap();
    assert_eq!(recovered.condition(ConditionType::Ready).unwrap().reason, "InSync");
    assert!(recovered.last_error.is_none() && recovered.condition(ConditionType::Stalled).is_none());
}

/// A name, the facts of a pool that Cognito refuses, the spec that needs them, and the condition and code that follow.
type Refusal = (&'static str, Facts, fn(&str) -> Value, ConditionType, &'static str);

const REFUSALS: [fn() -> Refusal; 4] = [
    || {
        let facts = Facts { tier: Tier::Lite, ..Facts::ready() };
        ("tier", facts, with_email, ConditionType::Stalled, "FeatureUnavailableInTierException")
    },
    || {
        let facts = Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() };
        ("sender", facts, with_email, ConditionType::Stalled, "InvalidParameterException")
    },
    || {
        let facts = Facts { sms_role: SmsRole::NotTrusted, ..Facts::ready() };
        ("trust", facts, with_sms, ConditionType::Reconciling, "InvalidSmsRoleTrustRelationshipException")
    },
    || {
        let facts = Facts { sms_role: SmsRole::NotPermitted, ..Facts::ready() };
        ("policy", facts, with_sms, ConditionType::Reconciling, "InvalidSmsRoleAccessPolicyException")
    },
];

#[tokio::test]
async fn a_refusal_is_reported_in_cognitos_words_and_clears_once_the_pool_is_fixed() {
    let rig = TestNamespace::with_operator().await;
    for (name, facts, spec, progress, code) in REFUSALS.map(|refusal| refusal()) {
        let pool = rig.pool();
        rig.aws.state().pools.find(&pool).unwrap().facts = facts;
        rig.apply(name, spec(&pool)).await;
        let is_reported =
            |status: &UserPoolMfaConfigStatus| reports_error(status, progress, "SetUserPoolMfaConfig", code);
        let object = rig.until(name, code, is_reported).await;
        let error = object.status.unwrap().last_error.unwrap();
        assert!(error.message.len() > 20, "AWS's own words: {}", error.message);
        rig.aws.state().pools.find(&pool).unwrap().facts = Facts::ready();
        let recovered = rig.check(name).await.status.unwrap();
        assert_eq!(recovered.condition(ConditionType::Ready).unwrap().reason, "InSync", "{name}");
    }
}

#[tokio::test]
async fn a_denied_call_is_reported_and_retried_until_it_is_allowed() {
    let rig = TestNamespace::with_operator().await;
    rig.aws.state().iam.set_key_status("operator", KeyStatus::Denied);
    let pool = rig.pool();
    rig.apply("denied", totp(&pool)).await;
    let is_denied = |status: &UserPoolMfaConfigStatus| {
        reports_error(status, ConditionType::Reconciling, "GetUserPoolMfaConfig", "AccessDeniedException")
    };
    let status = rig.until("denied", "denied", is_denied).await.status.unwrap();
    assert!(
        status.condition(ConditionType::Ready).unwrap().message.contains("cognito-idp:GetUserPoolMfaConfig")
    );
    assert_eq!(status.condition(ConditionType::Synced).unwrap().status, "Unknown");
    rig.aws.state().iam.set_key_status("operator", KeyStatus::Allowed);
    rig.until_reason("denied", "InSync").await;
}

#[tokio::test]
async fn missing_credentials_are_reported_and_the_operator_stays_ready() {
    let mut rig = TestNamespace::without_operator().await;
    let namespace = rig.namespace.clone();
    let no_credentials =
        [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_EC2_METADATA_DISABLED", "true")];
    rig.start_with(&["--watch-namespaces", &namespace], &no_credentials).await;
    let pool = rig.pool();
    rig.apply("keyless", totp(&pool)).await;
    rig.until_reason("keyless", "CredentialsUnavailable").await;
    assert_eq!(rig.page("/readyz").await, (200, "ok\n".into()));
    assert_eq!(rig.call_counts(&pool), (0, 0));
}

#[tokio::test]
async fn throttling_and_server_errors_are_retried_automatically() {
    let rig = TestNamespace::with_operator().await;
    for (name, code, reason) in [
        ("throttled", "TooManyRequestsException", "Throttled"),
        ("concurrent", "ConcurrentModificationException", "ConcurrentModification"),
    ] {
        let pool = rig.pool();
        rig.fault(Fault::error("SetUserPoolMfaConfig", code, "Rate exceeded").on(&pool));
        rig.apply(name, totp(&pool)).await;
        rig.until_reason(name, reason).await;
        rig.until_reason(name, "InSync").await;
        assert_eq!(rig.call_counts(&pool), (2, 2), "{name}");
    }
    let pool = rig.pool();
    rig.fault(Fault::error("GetUserPoolMfaConfig", "InternalErrorException", "").on(&pool).times(3));
    rig.apply("broken", totp(&pool)).await;
    rig.until_reason("broken", "CognitoUnavailable").await;
    rig.until_reason("broken", "InSync").await;
    assert_eq!(rig.call_counts(&pool), (4, 1), "the SDK tries a read three times");
}

#[tokio::test]
async fn a_hostile_message_is_truncated_and_escaped_in_status_and_events() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    let message = format!("\u{1b}[31mred\r\n\0\u{202e}{}", "é".repeat(100_000));
    rig.fault(Fault::error("SetUserPoolMfaConfig", "InvalidParameterException", &message).on(&pool));
    rig.apply("hostile", totp(&pool)).await;
    let status = rig.until_reason("hostile", "InvalidParameter").await.status.unwrap();
    let events = rig.events("hostile", 1).await;
    for text in [&status.last_error.as_ref().unwrap().message, &events[0].1] {
        assert!(text.contains("[31mred") && text.len() <= 1024, "{} bytes: {text}", text.len());
        assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text:?}");
    }
}
