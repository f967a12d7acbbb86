//! Failures that pass without a person change no condition, and a new generation begins again.

use std::time::Duration;

use cognito_emulator::{EmailSender, Facts, Fault, SmsRole};
use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfigStatus};
use serde_json::{Value, json};
use test_support::{
    cluster::{
        install,
        namespace::{TestNamespace, totp, with},
        operator::{Access, Operator},
    },
    kstatus::{Kstatus, kstatus},
};

use crate::{
    history::History,
    tcp_proxy::{Mode, TcpProxy},
};

const GET: &str = "GetUserPoolMfaConfig";
const SET: &str = "SetUserPoolMfaConfig";

fn with_sms(pool: &str, external_id: &str) -> Value {
    let role = "arn:aws:iam::123456789012:role/sms";
    let sms = json!({"smsConfiguration": {"snsCallerArn": role, "externalId": external_id}});
    with(totp(pool), "smsMfaConfiguration", sms)
}

fn is_stalled(status: &UserPoolMfaConfigStatus) -> bool {
    status.condition(ConditionType::Stalled).is_some()
}

/// Moves the times of the conditions back, so that a grace period is over.
async fn end_grace(rig: &TestNamespace, name: &str) {
    let status = rig.objects().get(name).await.unwrap().status.unwrap();
    let mut conditions = json!(status.conditions);
    for condition in conditions.as_array_mut().unwrap() {
        condition["lastTransitionTime"] = json!("2020-01-01T00:00:00Z");
    }
    rig.patch_status(name, json!({"conditions": conditions})).await;
    rig.request_check(name).await;
    rig.until(name, "stalled", is_stalled).await;
}

#[tokio::test]
async fn a_commit_that_fixes_a_stalled_object_begins_a_new_grace_period() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.aws.state().pools.find(&pool).unwrap().facts =
        Facts { sms_role: SmsRole::NotTrusted, ..Facts::ready() };
    rig.apply("fixed", with_sms(&pool, "wrong")).await;
    rig.until_reason("fixed", "SmsRoleNotUsable").await;
    end_grace(&rig, "fixed").await;
    let mut history = History::of(&rig).await;
    rig.apply("fixed", with_sms(&pool, "right")).await;
    let failed = rig.until("fixed", "failed again", |status| status.last_error.is_some()).await;
    assert_eq!(kstatus(&failed), Kstatus::InProgress, "{failed:#?}");
    rig.aws.state().pools.find(&pool).unwrap().facts = Facts::ready();
    rig.until_reason("fixed", "InSync").await;
    for version in history.versions(&rig, "fixed").await {
        assert_ne!(kstatus(&version), Kstatus::Failed, "{version:#?}");
    }
}

#[tokio::test]
async fn a_throttled_write_leaves_a_stalled_object_stalled() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    let facts = Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() };
    rig.aws.state().pools.find(&pool).unwrap().facts = facts;
    rig.apply("refused", with(totp(&pool), "emailMfaConfiguration", json!({}))).await;
    let before = rig.until("refused", "stalled", is_stalled).await.status.unwrap();
    let mut history = History::of(&rig).await;
    rig.fault(Fault::error(SET, "TooManyRequestsException", "Rate exceeded").on(&pool));
    rig.request_check("refused").await;
    let is_throttled = |status: &UserPoolMfaConfigStatus| {
        status.last_error.as_ref().is_some_and(|error| error.code == "TooManyRequestsException")
    };
    let throttled = rig.until("refused", "throttled", is_throttled).await.status.unwrap();
    assert_eq!(throttled.conditions, before.conditions);
    rig.until_idle().await;
    for version in history.versions(&rig, "refused").await {
        assert_eq!(kstatus(&version), Kstatus::Failed, "{version:#?}");
    }
    assert_eq!(rig.events("refused", 1).await.len(), 1, "the refusal");
}

#[tokio::test]
async fn an_outage_of_seconds_makes_no_event_and_at_most_one_status_write() {
    let mut rig = TestNamespace::without_operator().await;
    let proxy = TcpProxy::start(rig.aws.address().to_string()).await;
    let access = Access { token: install::token(&rig.client).await, server: None };
    let (flags, aws) = (["--watch-namespaces", &rig.namespace], format!("http://{}", proxy.address));
    rig.operator = Some(Operator::start(&access, &aws, &flags, &[]).await);
    let pool = rig.pool();
    rig.apply("blip", totp(&pool)).await;
    rig.until_reason("blip", "InSync").await;
    let mut history = History::of(&rig).await;
    proxy.set_mode(Mode::Refusing);
    let request = rig.request_check("blip").await;
    proxy.until_refused_for(Duration::from_secs(5)).await;
    proxy.set_mode(Mode::Open);
    let is_handled =
        |status: &UserPoolMfaConfigStatus| status.last_handled_reconcile_at.as_ref() == Some(&request);
    rig.until("blip", "checked", is_handled).await;
    rig.until_idle().await;
    assert!(history.status_writes(&rig, "blip").await <= 1);
    assert_eq!(rig.events("blip", 1).await.len(), 1, "the first write");
    for version in history.versions(&rig, "blip").await {
        assert_eq!(kstatus(&version), Kstatus::Current, "{version:#?}");
    }
}

#[tokio::test]
async fn drift_of_an_older_generation_is_not_shown_beside_a_new_one() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    let observe = |mode: &str| {
        with(with(totp(&pool), "managementPolicy", json!("Observe")), "mfaConfiguration", json!(mode))
    };
    rig.apply("observer", observe("ON")).await;
    let drifted = rig.until_reason("observer", "DriftDetected").await.status.unwrap();
    assert!(!drifted.drift.is_empty());
    rig.fault(Fault::error(GET, "InternalErrorException", "").on(&pool).times(3));
    rig.apply("observer", observe("OPTIONAL")).await;
    let failed = rig.until_reason("observer", "CognitoUnavailable").await.status.unwrap();
    assert_eq!((failed.drift, failed.drift_summary), (Vec::new(), None));
    assert_eq!(failed.mode.as_deref(), Some("OFF"), "a fact about the pool stays");
    rig.until_reason("observer", "DriftDetected").await;
}
