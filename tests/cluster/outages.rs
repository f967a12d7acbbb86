//! Outages of AWS, of the API server or of the credentials: calls back off, nothing restarts, everything converges.

use std::{fs, path::Path, time::Duration};

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
    accounts::{MountedFile, entry, file},
    api_server_connection::behind_a_proxy,
    tcp_proxy::{Mode, TcpProxy},
};

/// The number of tries of a read in one reconciliation.
const TRIES: usize = 3;

#[tokio::test]
async fn changes_during_an_api_server_outage_are_applied_when_it_is_back() {
    let (rig, proxy) = behind_a_proxy(TestNamespace::without_operator().await, &[]).await;
    let [in_flight, edited, added] = [rig.pool(), rig.pool(), rig.pool()];
    rig.apply("edited", totp(&edited)).await;
    rig.until_reason("edited", "InSync").await;
    let slow = Fault::next("SetUserPoolMfaConfig", Effect::Delay).delayed(Duration::from_secs(2));
    rig.fault(slow.on(&in_flight));
    rig.apply("in-flight", totp(&in_flight)).await;
    rig.until_call_counts(&in_flight, (1, 1)).await;

    proxy.set_mode(Mode::Refusing);
    rig.apply("edited", with(totp(&edited), "mfaConfiguration", json!("OPTIONAL"))).await;
    rig.apply("added", totp(&added)).await;
    proxy.until_refused_for(Duration::from_secs(5)).await;
    assert_eq!(
        (rig.call_counts(&edited).1, rig.call_counts(&added)),
        (1, (0, 0)),
        "the operator cannot see the changes"
    );
    proxy.set_mode(Mode::Open);

    for (name, pool, writes) in [("in-flight", in_flight, 1), ("edited", edited, 2), ("added", added, 1)] {
        rig.until_reason(name, "InSync").await;
        assert_eq!(rig.call_counts(&pool).1, writes, "{name}");
    }
    assert_eq!(rig.events("in-flight", 1).await[0].0, "Updated", "the write in flight is reported");
    assert_eq!(rig.page("/healthz").await.0, 200, "it was not restarted");
}

#[tokio::test]
async fn calls_back_off_during_an_aws_outage_and_converge_when_it_is_back() {
    let mut rig = TestNamespace::without_operator().await;
    let proxy = TcpProxy::start(rig.aws.address().to_string()).await;
    let access = Access { token: install::token(&rig.client).await, server: None };
    let flags = ["--watch-namespaces", &rig.namespace];
    let aws = format!("http://{}", proxy.address);
    rig.operator = Some(Operator::start(&access, &aws, &flags, &[]).await);
    proxy.set_mode(Mode::Refusing);
    let pool = rig.pool();
    rig.apply("cut-off", totp(&pool)).await;
    rig.until_reason("cut-off", "CognitoUnavailable").await;
    let duration = Duration::from_secs(10);
    proxy.until_refused_for(duration).await;
    let (calls, limit) = (proxy.refused_within(duration), TRIES * reconciliations_within(duration));
    assert!(calls <= limit, "{calls} calls in {duration:?}, {limit} at most");
    proxy.set_mode(Mode::Open);
    let status = rig.until_reason("cut-off", "InSync").await.status.unwrap();
    assert_eq!((rig.call_counts(&pool).1, status.last_error), (1, None));
    assert_eq!(rig.events("cut-off", 2).await.len(), 2, "the outage, and the write");
}

#[tokio::test]
async fn an_outage_of_sts_is_reported_as_one_and_objects_recover_from_it() {
    let mut rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    let mounted = MountedFile::with(&file(&[entry(&rig, 1, &[&pool])]));
    let sts = TcpProxy::start(rig.aws.address().to_string()).await;
    sts.set_mode(Mode::Refusing);
    let (namespace, accounts) = (rig.namespace.clone(), mounted.path().display().to_string());
    let flags = ["--accounts-file", &accounts, "--watch-namespaces", &namespace];
    rig.start_with(&flags, &[("AWS_ENDPOINT_URL_STS", &format!("http://{}", sts.address))]).await;
    rig.apply("cut-off", totp(&pool)).await;
    let status = rig.until_reason("cut-off", "CognitoUnavailable").await.status.unwrap();
    assert_eq!(status.last_error.map(|error| error.code).as_deref(), Some("CredentialsUnreachable"));
    assert!(status.conditions.iter().all(|condition| condition.type_ != ConditionType::Stalled.as_str()));
    let duration = Duration::from_secs(10);
    sts.until_refused_for(duration).await;
    // The SDK asks STS three times for each reconciliation.
    let (calls, limit) = (sts.refused_within(duration), 3 * reconciliations_within(duration));
    assert!(calls <= limit, "{calls} calls of STS in {duration:?}, {limit} at most");
    sts.set_mode(Mode::Open);
    let status = rig.until_reason("cut-off", "InSync").await.status.unwrap();
    assert_eq!((rig.call_counts(&pool), status.last_error), ((1, 1), None));
}

/// The most reconciliations of an object that start within a duration when AWS fails all of them.
fn reconciliations_within(duration: Duration) -> usize {
    let backoffs = (0..).map(|attempt| FailureClass::Transient.backoff(attempt, false).mul_f64(0.8));
    let starts = backoffs.scan(Duration::ZERO, |now, backoff| {
        *now += backoff;
        Some(*now)
    });
    1 + starts.take_while(|start| *start <= duration).count()
}

/// Whether the status reports that AWS refused the credentials as expired.
fn reports_expired_credentials(status: &UserPoolMfaConfigStatus) -> bool {
    status.condition(ConditionType::Ready).is_some_and(|ready| ready.reason == "CredentialsUnavailable")
        && status.last_error.as_ref().is_some_and(|error| error.code == "ExpiredTokenException")
}

#[tokio::test]
async fn expired_credentials_are_reported_until_they_are_valid_again() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("expiring", totp(&pool)).await;
    rig.until_reason("expiring", "InSync").await;
    rig.aws.state().iam.set_key_status("operator", KeyStatus::Expired);
    rig.request_check("expiring").await;
    let status = rig.until("expiring", "refused", reports_expired_credentials).await.status.unwrap();
    let synced = status.condition(ConditionType::Synced).unwrap();
    assert_eq!(synced.status, "True", "as in the last check");
    rig.aws.state().iam.set_key_status("operator", KeyStatus::Allowed);
    rig.until_reason("expiring", "InSync").await;
    assert_eq!(rig.call_counts(&pool).1, 1);
}

/// Starts the operator with the credentials of a file, which an environment variable names. Asserts that the operator
/// uses the second key once the first has expired.
async fn assert_second_key_is_used(variable: (&str, &Path), write_key: impl Fn(&str)) {
    write_key("first");
    let mut rig = TestNamespace::without_operator().await;
    let namespace = rig.namespace.clone();
    let (name, file) = variable;
    let environment =
        [("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), (name, file.to_str().unwrap())];
    rig.start_with(&["--watch-namespaces", &namespace], &environment).await;
    let pool = rig.pool();
    rig.apply("rotated", totp(&pool)).await;
    rig.until_reason("rotated", "InSync").await;
    rig.aws.state().iam.set_key_status("first", KeyStatus::Expired);
    rig.request_check("rotated").await;
    rig.until("rotated", "refused", reports_expired_credentials).await;
    write_key("second");
    rig.until_reason("rotated", "InSync").await;
    assert_eq!(rig.aws.calls().last().unwrap().access_key_id.as_deref(), Some("second"));
}

#[tokio::test]
async fn credentials_of_a_process_are_refreshed_before_they_expire() {
    let folder = TempDir::new().unwrap();
    let (config, keys) = (folder.path().join("config"), folder.path().join("keys"));
    fs::write(&config, format!("[default]\ncredential_process = /bin/cat {}\n", keys.display())).unwrap();
    let write_key = |key: &str| fs::write(&keys, process_output(key)).unwrap();
    assert_second_key_is_used(("AWS_CONFIG_FILE", &config), write_key).await;
}

/// The output of a credential process whose credentials expire in 15 s.
fn process_output(key: &str) -> String {
    let expiration = Timestamp::now() + SignedDuration::from_secs(15);
    json!({"Version": 1, "AccessKeyId": key, "SecretAccessKey": "any", "SessionToken": "any", "Expiration": expiration.to_string()})
        .to_string()
}

#[tokio::test]
async fn a_key_replaced_in_the_credentials_file_is_read_again() {
    let folder = TempDir::new().unwrap();
    let keys = folder.path().join("credentials");
    let write_key = |key: &str| {
        let text = format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = any\n");
        fs::write(&keys, text).unwrap();
    };
    assert_second_key_is_used(("AWS_SHARED_CREDENTIALS_FILE", &keys), write_key).await;
}
