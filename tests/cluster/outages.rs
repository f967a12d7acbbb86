//! AWS, the API server or the credentials are gone for a while: nothing storms, nothing is restarted, all converges.

use std::{fs, time::Duration};

use cognito_emulator::{Effect, Fault, KeyStatus};
use cognito_mfa_core::{
    api::v1alpha1::{ConditionType, UserPoolMfaConfigStatus},
    calls::failure::FailureClass,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tempfile::TempDir;
use test_support::cluster::{
    install,
    namespace::{TestNamespace, totp, with},
    operator::{Access, Operator},
};

use crate::{
    connection::behind_a_proxy,
    proxy::{Mode, Proxy},
};

/// How often a Get is tried in one pass.
const TRIES: usize = 3;

#[tokio::test]
async fn what_changes_while_the_api_server_is_gone_is_done_when_it_is_back() {
    let (rig, proxy) = behind_a_proxy(TestNamespace::without_operator().await, &[]).await;
    let [told, edited, added] = [rig.pool(), rig.pool(), rig.pool()];
    rig.apply("edited", totp(&edited)).await;
    rig.until_reason("edited", "InSync").await;
    let slow = Fault::next("SetUserPoolMfaConfig", Effect::Delay).delayed(Duration::from_secs(2));
    rig.fault(slow.on(&told));
    rig.apply("told", totp(&told)).await;
    rig.until_call_counts(&told, (1, 1)).await;

    proxy.turn(Mode::Refusing);
    rig.apply("edited", with(totp(&edited), "mfaConfiguration", json!("OPTIONAL"))).await;
    rig.apply("added", totp(&added)).await;
    proxy.until_refused_for(Duration::from_secs(5)).await;
    assert_eq!((rig.call_counts(&edited).1, rig.call_counts(&added)), (1, (0, 0)), "it cannot know");
    proxy.turn(Mode::Open);

    for (name, pool, sets) in [("told", told, 1), ("edited", edited, 2), ("added", added, 1)] {
        rig.until_reason(name, "InSync").await;
        assert_eq!(rig.call_counts(&pool).1, sets, "{name}");
    }
    assert_eq!(rig.events("told", 1).await[0].0, "Updated", "the Set is not forgotten");
    assert_eq!(rig.page("/healthz").await.0, 200, "it was not restarted");
}

#[tokio::test]
async fn an_aws_that_is_gone_is_asked_ever_more_seldom_and_all_converges_when_it_is_back() {
    let mut rig = TestNamespace::without_operator().await;
    let proxy = Proxy::start(rig.aws.address().to_string()).await;
    let access = Access { token: install::token(&rig.client).await, server: None };
    let flags = ["--watch-namespaces", &rig.namespace];
    let aws = format!("http://{}", proxy.address);
    rig.operator = Some(Operator::start(&access, &aws, &flags, &[]).await);
    proxy.turn(Mode::Refusing);
    let pool = rig.pool();
    rig.apply("cut-off", totp(&pool)).await;
    rig.until_reason("cut-off", "CognitoUnavailable").await;
    let look = Duration::from_secs(10);
    proxy.until_refused_for(look).await;
    let (asked, most) = (proxy.refused_within(look), TRIES * passes_within(look));
    assert!(asked <= most, "asked {asked} times in {look:?}, {most} at most");
    proxy.turn(Mode::Open);
    let status = rig.until_reason("cut-off", "InSync").await.status.unwrap();
    assert_eq!((rig.call_counts(&pool).1, status.last_error), (1, None));
    assert_eq!(rig.events("cut-off", 2).await.len(), 2, "the outage, and the Set");
}

/// How many passes over an object begin within a time when AWS fails all of them, at most.
fn passes_within(time: Duration) -> usize {
    let waits = (0..).map(|attempt| FailureClass::Transient.backoff(attempt, false).mul_f64(0.8));
    let begins = waits.scan(Duration::ZERO, |now, wait| {
        *now += wait;
        Some(*now)
    });
    1 + begins.take_while(|begin| *begin <= time).count()
}

/// Whether AWS refuses the credentials.
fn refused(status: &UserPoolMfaConfigStatus) -> bool {
    let is_expired = |code: &str| code == "ExpiredTokenException";
    status.condition(ConditionType::Ready).is_some_and(|ready| ready.reason == "CredentialsUnavailable")
        && status.last_error.as_ref().is_some_and(|error| is_expired(&error.code))
}

#[tokio::test]
async fn credentials_that_expire_are_told_and_the_object_heals_once_they_are_good_again() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("expiring", totp(&pool)).await;
    rig.until_reason("expiring", "InSync").await;
    rig.aws.state().iam.set_key_status("operator", KeyStatus::Expired);
    rig.request_check("expiring").await;
    let told = rig.until("expiring", "refused", refused).await.status.unwrap();
    assert_eq!(told.condition(ConditionType::Synced).unwrap().status, "True", "as the last check saw it");
    rig.aws.state().iam.set_key_status("operator", KeyStatus::Allowed);
    rig.until_reason("expiring", "InSync").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}

#[tokio::test]
async fn credentials_of_a_process_are_asked_for_anew_before_they_run_out() {
    let mut rig = TestNamespace::without_operator().await;
    let files = TempDir::new().unwrap();
    let (config, keys) = (files.path().join("config"), files.path().join("keys"));
    fs::write(&config, format!("[default]\ncredential_process = /bin/cat {}\n", keys.display())).unwrap();
    let give = |key: &str| fs::write(&keys, process_output(key)).unwrap();
    give("first");
    let namespace = rig.namespace.clone();
    let environment = [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_CONFIG_FILE", config.to_str().unwrap()),
    ];
    rig.start_with(&["--watch-namespaces", &namespace], &environment).await;
    let pool = rig.pool();
    rig.apply("rotated", totp(&pool)).await;
    rig.until_reason("rotated", "InSync").await;
    rig.aws.state().iam.set_key_status("first", KeyStatus::Expired);
    rig.request_check("rotated").await;
    rig.until("rotated", "refused", refused).await;
    give("second");
    rig.until_reason("rotated", "InSync").await;
    assert_eq!(rig.aws.calls().last().unwrap().access_key_id.as_deref(), Some("second"));
}

/// Credentials that run out in a moment.
fn process_output(key: &str) -> String {
    let end = Timestamp::now() + SignedDuration::from_secs(15);
    json!({"Version": 1, "AccessKeyId": key, "SecretAccessKey": "any", "SessionToken": "any", "Expiration": end.to_string()})
        .to_string()
}

#[tokio::test]
async fn a_key_that_was_replaced_in_the_credentials_file_is_read_anew() {
    let mut rig = TestNamespace::without_operator().await;
    let files = TempDir::new().unwrap();
    let keys = files.path().join("credentials");
    let give = |key: &str| {
        let text = format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = any\n");
        fs::write(&keys, text).unwrap();
    };
    give("first");
    let namespace = rig.namespace.clone();
    let environment = [
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("AWS_SHARED_CREDENTIALS_FILE", keys.to_str().unwrap()),
    ];
    rig.start_with(&["--watch-namespaces", &namespace], &environment).await;
    let pool = rig.pool();
    rig.apply("rotated", totp(&pool)).await;
    rig.until_reason("rotated", "InSync").await;
    rig.aws.state().iam.set_key_status("first", KeyStatus::Expired);
    rig.request_check("rotated").await;
    rig.until("rotated", "refused", refused).await;
    give("second");
    rig.until_reason("rotated", "InSync").await;
    assert_eq!(rig.aws.calls().last().unwrap().access_key_id.as_deref(), Some("second"));
}
