//! What AWS refuses ends in the status, in AWS's own words, and heals once it is mended.

use cognito_emulator::{EmailSender, Facts, Fault, KeyStatus, SmsRole, Tier};
use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfigStatus};
use serde_json::{Value, json};
use test_support::cluster::namespace::{TestNamespace, totp, with};

fn sms(pool: &str) -> Value {
    let sms = json!({"smsConfiguration": {"snsCallerArn": "arn:aws:iam::123456789012:role/sms", "externalId": "id"}});
    with(totp(pool), "smsMfaConfiguration", sms)
}

fn email(pool: &str) -> Value {
    with(totp(pool), "emailMfaConfiguration", json!({}))
}

/// Whether the object says so, and that it has the condition `kind` alone of Reconciling and Stalled.
fn says(status: &UserPoolMfaConfigStatus, kind: ConditionType, operation: &str, code: &str) -> bool {
    let error = status.last_error.as_ref();
    let progress = |type_: ConditionType| status.condition(type_).is_some() == (type_ == kind);
    progress(ConditionType::Reconciling)
        && progress(ConditionType::Stalled)
        && error.is_some_and(|error| error.code == code && error.operation.as_deref() == Some(operation))
}

#[tokio::test]
async fn a_missing_pool_is_waited_for_then_stalled_and_heals_once_it_is_there() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.aws.state().pools.remove(&pool);
    rig.apply("early", totp(&pool)).await;
    let missing = |kind: ConditionType| {
        move |status: &UserPoolMfaConfigStatus| {
            says(status, kind, "GetUserPoolMfaConfig", "ResourceNotFoundException")
        }
    };
    let waits = rig.until("early", "reconciling", missing(ConditionType::Reconciling)).await;
    assert_eq!(rig.events("early", 1).await[0].0, "PoolNotFound");

    let mut conditions = json!(waits.status.unwrap().conditions);
    for condition in conditions.as_array_mut().unwrap() {
        condition["lastTransitionTime"] = json!("2020-01-01T00:00:00Z");
    }
    rig.patch_status("early", json!({"conditions": conditions})).await;
    rig.request_check("early").await;
    rig.until("early", "stalled", missing(ConditionType::Stalled)).await;

    rig.aws.state().pools.create(&pool, Facts::ready());
    let healed = rig.check("early").await.status.unwrap();
    assert_eq!(healed.condition(ConditionType::Ready).unwrap().reason, "InSync");
    assert!(healed.last_error.is_none() && healed.condition(ConditionType::Stalled).is_none());
}

/// What the pool lacks, what that leads to, and the spec that asks for it.
type Case = (&'static str, Facts, fn(&str) -> Value, ConditionType, &'static str);

const CASES: [fn() -> Case; 4] = [
    || {
        let facts = Facts { tier: Tier::Lite, ..Facts::ready() };
        ("tier", facts, email, ConditionType::Stalled, "FeatureUnavailableInTierException")
    },
    || {
        let facts = Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() };
        ("sender", facts, email, ConditionType::Stalled, "InvalidParameterException")
    },
    || {
        let facts = Facts { sms_role: SmsRole::NotTrusted, ..Facts::ready() };
        ("trust", facts, sms, ConditionType::Reconciling, "InvalidSmsRoleTrustRelationshipException")
    },
    || {
        let facts = Facts { sms_role: SmsRole::NotPermitted, ..Facts::ready() };
        ("policy", facts, sms, ConditionType::Reconciling, "InvalidSmsRoleAccessPolicyException")
    },
];

#[tokio::test]
async fn what_cognito_refuses_is_told_with_its_words_and_heals_once_the_pool_is_mended() {
    let rig = TestNamespace::with_operator().await;
    for (name, facts, spec, kind, code) in CASES.map(|case| case()) {
        let pool = rig.pool();
        rig.aws.state().pools.find(&pool).unwrap().facts = facts;
        rig.apply(name, spec(&pool)).await;
        let told = rig.until(name, code, |status| says(status, kind, "SetUserPoolMfaConfig", code)).await;
        let error = told.status.unwrap().last_error.unwrap();
        assert!(error.message.len() > 20, "AWS's own words: {}", error.message);
        rig.aws.state().pools.find(&pool).unwrap().facts = Facts::ready();
        let healed = rig.check(name).await.status.unwrap();
        assert_eq!(healed.condition(ConditionType::Ready).unwrap().reason, "InSync", "{name}");
    }
}

#[tokio::test]
async fn a_denied_call_is_told_and_retried_until_it_is_allowed() {
    let rig = TestNamespace::with_operator().await;
    rig.aws.state().iam.set_key_status("operator", KeyStatus::Denied);
    let pool = rig.pool();
    rig.apply("denied", totp(&pool)).await;
    let denied = |status: &UserPoolMfaConfigStatus| {
        says(status, ConditionType::Reconciling, "GetUserPoolMfaConfig", "AccessDeniedException")
    };
    let told = rig.until("denied", "denied", denied).await.status.unwrap();
    assert!(
        told.condition(ConditionType::Ready).unwrap().message.contains("cognito-idp:GetUserPoolMfaConfig")
    );
    assert_eq!(told.condition(ConditionType::Synced).unwrap().status, "Unknown");
    rig.aws.state().iam.set_key_status("operator", KeyStatus::Allowed);
    rig.until_reason("denied", "InSync").await;
}

#[tokio::test]
async fn missing_credentials_are_told_and_the_operator_is_ready_all_the_same() {
    let mut rig = TestNamespace::without_operator().await;
    let namespace = rig.namespace.clone();
    let none =
        [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_EC2_METADATA_DISABLED", "true")];
    rig.start_with(&["--watch-namespaces", &namespace], &none).await;
    let pool = rig.pool();
    rig.apply("keyless", totp(&pool)).await;
    rig.until_reason("keyless", "CredentialsUnavailable").await;
    assert_eq!(rig.page("/readyz").await, (200, "ok\n".into()));
    assert_eq!(rig.call_counts(&pool), (0, 0));
}

#[tokio::test]
async fn a_throttle_and_a_server_error_are_retried_by_themselves() {
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
    assert_eq!(rig.call_counts(&pool), (4, 1), "the SDK tries a Get three times");
}

#[tokio::test]
async fn a_hostile_message_is_bounded_and_escaped_in_status_and_events() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    let message = format!("\u{1b}[31mred\r\n\0\u{202e}{}", "é".repeat(100_000));
    rig.fault(Fault::error("SetUserPoolMfaConfig", "InvalidParameterException", &message).on(&pool));
    rig.apply("shouted", totp(&pool)).await;
    let status = rig.until_reason("shouted", "InvalidParameter").await.status.unwrap();
    let events = rig.events("shouted", 1).await;
    for text in [&status.last_error.as_ref().unwrap().message, &events[0].1] {
        assert!(text.contains("[31mred") && text.len() <= 1024, "{} bytes: {text}", text.len());
        assert!(!text.chars().any(|c| c.is_control() || c == '\u{202e}'), "{text:?}");
    }
}
