//! The mounted accounts file: the operator waits for a valid one, and applies its changes without a restart.

use std::path::PathBuf;

use cognito_emulator::KeyStatus;
use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig};
use serde_json::json;
use tempfile::TempDir;
use test_support::cluster::{
    deadline::DEADLINE,
    namespace::{TestNamespace, totp, with},
};

/// The name of the operator's Pod, which the file's events are about.
pub const POD: &str = "operator-0";

/// A folder with an accounts file, like a mounted ConfigMap.
pub struct MountedFile(TempDir);

impl MountedFile {
    pub fn empty() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn with(content: &str) -> Self {
        let file = Self::empty();
        file.write(content);
        file
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().join("accounts.yaml")
    }

    /// Replaces the file atomically, as the kubelet does.
    pub fn write(&self, content: &str) {
        let new = self.0.path().join("new");
        std::fs::write(&new, content).unwrap();
        std::fs::rename(new, self.path()).unwrap();
    }

    /// Starts the operator with this file, as a Pod of the rig's namespace. It watches the rig's namespace and the
    /// others.
    pub async fn start(&self, rig: &mut TestNamespace, others: &[&TestNamespace], flags: &[&str]) {
        let namespaces: Vec<_> =
            [&*rig].into_iter().chain(others.iter().copied()).map(|rig| rig.namespace.clone()).collect();
        let (path, watched, pod) =
            (self.path().display().to_string(), namespaces.join(","), namespaces[0].clone());
        let own_flags = ["--accounts-file", &path, "--watch-namespaces", &watched];
        rig.start_with(&[&own_flags, flags].concat(), &[("POD_NAME", POD), ("POD_NAMESPACE", &pod)]).await;
    }
}

/// An entry of the file that gives the rig's namespace a role of this account, and these pools.
pub fn entry(rig: &TestNamespace, account: u8, pools: &[&str]) -> String {
    let (namespace, pools) = (&rig.namespace, json!(pools));
    let role = role(account);
    format!(
        "- {{namespaces: [{namespace}], roleArn: \"{role}\", externalId: id-{account}, userPools: {pools}}}\n"
    )
}

pub fn role(account: u8) -> String {
    format!("arn:aws:iam::{account:012}:role/mfa")
}

pub fn file(entries: &[String]) -> String {
    format!("accounts:\n{}", entries.concat())
}

fn stalled_message(object: &UserPoolMfaConfig) -> String {
    object.status.as_ref().unwrap().condition(ConditionType::Stalled).unwrap().message.clone()
}

async fn until_page_has(rig: &TestNamespace, path: &str, text: &str) {
    let polling = async { while !rig.page(path).await.1.contains(text) {} };
    tokio::time::timeout(DEADLINE, polling).await.expect(text);
}

/// Starts the operator without a valid file, asserts that it reconciles nothing and reports the error, and fixes the
/// file.
async fn assert_waits_for_valid_file(mounted: MountedFile, error: &str) {
    let mut rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    rig.apply("early", totp(&pool)).await;
    mounted.start(&mut rig, &[], &[]).await;
    until_page_has(&rig, "/readyz", error).await;
    let (code, page) = rig.page("/readyz").await;
    assert!(code == 503 && page.contains("accounts.yaml"), "{code} {page}");
    assert_eq!(rig.page("/healthz").await.0, 200);
    rig.operator.as_ref().unwrap().until_logged("without one no AWS call is made").await;
    until_page_has(&rig, "/metrics", "cognito_mfa_operator_accounts_file_valid{} 0").await;
    let events = rig.events(POD, 1).await;
    assert!(events[0].0 == "AccountsFileRejected" && events[0].1.contains(error), "{events:?}");
    assert!(rig.aws.calls().is_empty());
    let status = rig.objects().get("early").await.unwrap().status.unwrap();
    assert!(status.conditions.is_empty(), "it was not reconciled");

    mounted.write(&file(&[entry(&rig, 1, &[&pool])]));
    rig.until_reason("early", "InSync").await;
    assert_eq!(rig.page("/readyz").await.0, 200);
    until_page_has(&rig, "/metrics", "cognito_mfa_operator_accounts_file_valid{} 1").await;
    assert!(rig.page("/metrics").await.1.contains("accounts_file_loaded_timestamp_seconds{} 1"));
    assert!(rig.stop().await, "the exit is clean");
}

#[tokio::test]
async fn the_operator_waits_for_an_accounts_file_that_is_missing_at_start() {
    assert_waits_for_valid_file(MountedFile::empty(), "cannot be read").await;
}

#[tokio::test]
async fn the_operator_waits_for_an_accounts_file_that_is_invalid_at_start() {
    assert_waits_for_valid_file(MountedFile::with("accounts: []"), "at least one").await;
}

#[tokio::test]
async fn an_operator_that_waits_for_its_accounts_file_stops_at_once() {
    let mut rig = TestNamespace::without_operator().await;
    MountedFile::empty()
        .start(&mut rig, &[], &["--leader-elect", "--leader-election-namespace", "default"])
        .await;
    assert!(rig.stop().await, "the exit is clean");
}

#[tokio::test]
async fn the_last_valid_accounts_file_stays_in_force_when_it_is_broken_or_deleted() {
    let mut rig = TestNamespace::without_operator().await;
    let (pool, other) = (rig.pool(), rig.pool());
    let mounted = MountedFile::with(&file(&[entry(&rig, 1, &[&pool])]));
    mounted.start(&mut rig, &[], &[]).await;
    rig.apply("allowed", totp(&pool)).await;
    rig.apply("denied", totp(&other)).await;
    rig.until_reason("allowed", "InSync").await;
    rig.until_reason("denied", "PoolNotAllowed").await;

    mounted.write("accounts: [oops");
    let events = rig.events(POD, 1).await;
    assert!(events[0].0 == "AccountsFileRejected" && events[0].1.contains("line 1"), "{events:?}");
    std::fs::remove_file(mounted.path()).unwrap();
    assert_eq!(rig.events(POD, 2).await.len(), 2);
    assert!(rig.page("/metrics").await.1.contains("accounts_file_valid{} 0"));
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    let checked = rig.check("allowed").await;
    assert_eq!(checked.status.unwrap().corrections.len(), 1, "the drift was corrected");
    assert_eq!(rig.page("/readyz").await.0, 200);
    rig.check("denied").await;
    assert_eq!(rig.call_counts(&other), (0, 0));

    mounted.write(&file(&[entry(&rig, 1, &[&pool, &other])]));
    rig.until_reason("denied", "InSync").await;
    let events = rig.events(POD, 3).await;
    assert_eq!(events.iter().filter(|(reason, _)| reason == "AccountsFileLoaded").count(), 1, "{events:?}");
}

#[tokio::test]
async fn a_reloaded_file_grants_and_revokes_access_and_keeps_adoptions() {
    let mut rig = TestNamespace::without_operator().await;
    let other = rig.second_namespace().await;
    let pool = rig.pool();
    let (without, granted) =
        (file(&[entry(&other, 2, &["*"])]), file(&[entry(&other, 2, &["*"]), entry(&rig, 1, &[&pool])]));
    let mounted = MountedFile::with(&without);
    mounted.start(&mut rig, &[&other], &[]).await;
    rig.apply("tenant", totp(&pool)).await;
    let denied = rig.until_reason("tenant", "NamespaceNotMapped").await;
    assert!(
        stalled_message(&denied).contains(&format!("namespaces: [{}]", rig.namespace)),
        "{}",
        stalled_message(&denied)
    );
    rig.check("tenant").await;
    assert_eq!(rig.call_counts(&pool), (0, 0));
    assert_eq!(rig.events("tenant", 1).await.len(), 1);

    mounted.write(&granted);
    let adopted = rig.until_reason("tenant", "InSync").await.status.unwrap();
    assert_eq!(rig.call_counts(&pool), (1, 1));

    mounted.write(&without);
    let revoked = rig.until_reason("tenant", "NamespaceNotMapped").await.status.unwrap();
    assert_eq!(revoked.applied_hash, adopted.applied_hash);
    assert_eq!(revoked.condition(ConditionType::Synced), adopted.condition(ConditionType::Synced));
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    rig.check("tenant").await;
    rig.apply("tenant", with(totp(&pool), "mfaConfiguration", json!("OPTIONAL"))).await;
    rig.until_reason("tenant", "NamespaceNotMapped").await;
    other.until_idle().await;
    assert_eq!(rig.call_counts(&pool), (1, 1));

    mounted.write(&granted);
    let status = rig.until_reason("tenant", "InSync").await.status.unwrap();
    assert_eq!(status.mode.as_deref(), Some("OPTIONAL"));
}

#[tokio::test]
async fn a_queued_object_makes_no_call_after_its_access_is_revoked() {
    let mut rig = TestNamespace::without_operator().await;
    let pools: Vec<_> = (0..40).map(|_| rig.pool()).collect();
    for (number, pool) in pools.iter().enumerate() {
        rig.apply(&format!("queued-{number}"), totp(pool)).await;
    }
    let mounted = MountedFile::with(&file(&[entry(&rig, 1, &["*"])]));
    // This share allows one read a second, so most objects are queued.
    mounted.start(&mut rig, &[], &["--quota-share", "0.05"]).await;
    let first_call = rig.aws.calls_until(|calls| calls.iter().any(|call| call.pool.is_some()));
    tokio::time::timeout(DEADLINE, first_call).await.expect("the first call comes");
    mounted.write(&file(&[entry(&rig, 1, &["us-east-1_Other"])]));
    for number in 0..pools.len() {
        rig.until_reason(&format!("queued-{number}"), "PoolNotAllowed").await;
    }
    let untouched = pools.iter().filter(|pool| rig.call_counts(pool) == (0, 0)).count();
    assert!(untouched > 0, "the access was revoked while they were queued");
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_reported_and_a_fixed_file_is_tried_at_once() {
    let mut rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    rig.aws.state().iam.require_external_id(&role(1), "id-1");
    let valid = file(&[entry(&rig, 1, &[&pool])]);
    let mounted = MountedFile::with(&valid.replace("id-1", "id-wrong"));
    mounted.start(&mut rig, &[], &[]).await;
    rig.apply("tenant", totp(&pool)).await;
    let status = rig.until_reason("tenant", "CredentialsUnavailable").await.status.unwrap();
    let error = status.last_error.unwrap();
    for words in [&role(1), "trust policy", "sts:AssumeRole on resource"] {
        assert!(error.message.contains(words), "{error:?}");
    }
    assert!(!error.message.contains("id-wrong"));
    mounted.write(&valid);
    rig.until_reason("tenant", "InSync").await;
}

#[tokio::test]
async fn an_expired_session_is_renewed_without_a_restart() {
    let mut rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    let mounted = MountedFile::with(&file(&[entry(&rig, 1, &[&pool])]));
    mounted.start(&mut rig, &[], &[]).await;
    rig.apply("tenant", totp(&pool)).await;
    rig.until_reason("tenant", "InSync").await;
    for key in
        rig.aws.calls().into_iter().filter(|call| call.pool.is_some()).filter_map(|call| call.access_key_id)
    {
        rig.aws.state().iam.set_key_status(&key, KeyStatus::Expired);
    }
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    rig.request_check("tenant").await;
    rig.until_reason("tenant", "CredentialsUnavailable").await;
    let recovered = rig.until_reason("tenant", "InSync").await;
    assert_eq!(recovered.status.unwrap().corrections.len(), 1);
}

#[tokio::test]
async fn deleting_an_object_without_access_leaves_its_pool_unchanged() {
    let mut rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    let mounted = MountedFile::with(&file(&[entry(&rig, 1, &[&pool])]));
    mounted.start(&mut rig, &[], &["--allow-disable-on-delete"]).await;
    rig.apply("any", with(totp(&pool), "deletionPolicy", json!("Disable"))).await;
    rig.until_reason("any", "InSync").await;
    let before = rig.call_counts(&pool);
    mounted.write(&file(&[entry(&rig, 1, &["us-east-1_Other"])]));
    rig.until_reason("any", "PoolNotAllowed").await;
    rig.delete("any").await;
    let events = rig.events("any", 3).await;
    let retained = events.iter().find(|(reason, _)| reason == "MfaRetained").expect("it is reported");
    assert!(retained.1.contains("accounts file"), "{}", retained.1);
    assert_eq!(rig.call_counts(&pool), before);
}
