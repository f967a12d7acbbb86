//! The accounts file as it is mounted: without it nothing begins, and a change of it takes effect by itself.

use std::path::PathBuf;

use cognito_emulator::KeyStatus;
use cognito_mfa_core::api::v1alpha1::{ConditionType, UserPoolMfaConfig};
use serde_json::json;
use tempfile::TempDir;
use test_support::cluster::namespace::{TestNamespace, totp, with};

pub const POD: &str = "operator-0";

/// An accounts file that the operator reads.
pub struct Mounted(TempDir);

impl Mounted {
    pub fn empty() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn with(content: &str) -> Self {
        let mounted = Self::empty();
        mounted.write(content);
        mounted
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("accounts.yaml")
    }

    /// Replaces the file in one step, as a mount does.
    pub fn write(&self, content: &str) {
        let new = self.0.path().join("new");
        std::fs::write(&new, content).unwrap();
        std::fs::rename(new, self.path()).unwrap();
    }

    /// Starts the operator on these namespaces with this file, as if in a Pod of the rig's namespace.
    pub async fn start(&self, rig: &mut TestNamespace, others: &[&TestNamespace], flags: &[&str]) {
        let namespaces: Vec<_> =
            [&*rig].into_iter().chain(others.iter().copied()).map(|rig| rig.namespace.clone()).collect();
        let (path, watched, pod) =
            (self.path().display().to_string(), namespaces.join(","), namespaces[0].clone());
        let own = ["--accounts-file", &path, "--watch-namespaces", &watched];
        rig.start_with(&[&own, flags].concat(), &[("POD_NAME", POD), ("POD_NAMESPACE", &pod)]).await;
    }
}

/// An entry for a namespace: a role of this account, and these pools.
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

fn message(object: &UserPoolMfaConfig) -> String {
    object.status.as_ref().unwrap().condition(ConditionType::Stalled).unwrap().message.clone()
}

async fn until_page_has(rig: &TestNamespace, path: &str, words: &str) {
    let look = async { while !rig.page(path).await.1.contains(words) {} };
    tokio::time::timeout(test_support::cluster::namespace::DEADLINE, look).await.expect(words);
}

/// Starts without a usable file, and mends it.
async fn nothing_begins_before_it_is_right(mounted: Mounted, why: &str) {
    let mut rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    rig.apply("early", totp(&pool)).await;
    mounted.start(&mut rig, &[], &[]).await;
    until_page_has(&rig, "/readyz", why).await;
    let (code, page) = rig.page("/readyz").await;
    assert!(code == 503 && page.contains("accounts.yaml"), "{code} {page}");
    assert_eq!(rig.page("/healthz").await.0, 200);
    rig.operator.as_ref().unwrap().until_logged("without one no AWS call is made").await;
    until_page_has(&rig, "/metrics", "cognito_mfa_operator_accounts_file_valid{} 0").await;
    let told = rig.events(POD, 1).await;
    assert!(told[0].0 == "AccountsFileRejected" && told[0].1.contains(why), "{told:?}");
    assert!(rig.aws.calls().is_empty());
    let status = rig.objects().get("early").await.unwrap().status.unwrap();
    assert!(status.conditions.is_empty(), "no pass was made");

    mounted.write(&file(&[entry(&rig, 1, &[&pool])]));
    rig.until_reason("early", "InSync").await;
    assert_eq!(rig.page("/readyz").await.0, 200);
    until_page_has(&rig, "/metrics", "cognito_mfa_operator_accounts_file_valid{} 1").await;
    assert!(rig.page("/metrics").await.1.contains("accounts_file_loaded_timestamp_seconds{} 1"));
    assert!(rig.stop().await, "the exit is clean");
}

#[tokio::test]
async fn a_file_that_is_missing_at_the_start_is_waited_for() {
    nothing_begins_before_it_is_right(Mounted::empty(), "cannot be read").await;
}

#[tokio::test]
async fn a_file_that_is_bad_at_the_start_is_waited_for() {
    nothing_begins_before_it_is_right(Mounted::with("accounts: []"), "at least one").await;
}

#[tokio::test]
async fn an_operator_that_waits_for_its_file_ends_at_once() {
    let mut rig = TestNamespace::without_operator().await;
    Mounted::empty()
        .start(&mut rig, &[], &["--leader-elect", "--leader-election-namespace", "default"])
        .await;
    assert!(rig.stop().await, "the exit is clean");
}

#[tokio::test]
async fn a_file_that_is_bad_or_gone_later_leaves_the_last_good_one_in_force() {
    let mut rig = TestNamespace::without_operator().await;
    let (pool, other) = (rig.pool(), rig.pool());
    let mounted = Mounted::with(&file(&[entry(&rig, 1, &[&pool])]));
    mounted.start(&mut rig, &[], &[]).await;
    rig.apply("kept", totp(&pool)).await;
    rig.apply("barred", totp(&other)).await;
    rig.until_reason("kept", "InSync").await;
    rig.until_reason("barred", "PoolNotAllowed").await;

    mounted.write("accounts: [oops");
    let told = rig.events(POD, 1).await;
    assert!(told[0].0 == "AccountsFileRejected" && told[0].1.contains("line 1"), "{told:?}");
    std::fs::remove_file(mounted.path()).unwrap();
    assert_eq!(rig.events(POD, 2).await.len(), 2);
    assert!(rig.page("/metrics").await.1.contains("accounts_file_valid{} 0"));
    rig.edit(&pool, &json!({"MfaConfiguration": "OFF"}));
    let kept = rig.check("kept").await;
    assert_eq!(kept.status.unwrap().corrections.len(), 1, "the drift was set back");
    assert_eq!(rig.page("/readyz").await.0, 200);
    rig.check("barred").await;
    assert_eq!(rig.call_counts(&other), (0, 0));

    mounted.write(&file(&[entry(&rig, 1, &[&pool, &other])]));
    rig.until_reason("barred", "InSync").await;
    let told = rig.events(POD, 3).await;
    assert_eq!(told.iter().filter(|(reason, _)| reason == "AccountsFileLoaded").count(), 1, "{told:?}");
}

#[tokio::test]
async fn a_reload_grants_and_revokes_and_what_was_adopted_stays_so() {
    let mut rig = TestNamespace::without_operator().await;
    let fence = rig.second_namespace().await;
    let pool = rig.pool();
    let (without, granted) =
        (file(&[entry(&fence, 2, &["*"])]), file(&[entry(&fence, 2, &["*"]), entry(&rig, 1, &[&pool])]));
    let mounted = Mounted::with(&without);
    mounted.start(&mut rig, &[&fence], &[]).await;
    rig.apply("tenant", totp(&pool)).await;
    let denied = rig.until_reason("tenant", "NamespaceNotMapped").await;
    assert!(message(&denied).contains(&format!("namespaces: [{}]", rig.namespace)), "{}", message(&denied));
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
    fence.until_idle().await;
    assert_eq!(rig.call_counts(&pool), (1, 1));

    mounted.write(&granted);
    let status = rig.until_reason("tenant", "InSync").await.status.unwrap();
    assert_eq!(status.mode.as_deref(), Some("OPTIONAL"));
}

#[tokio::test]
async fn who_waits_for_a_call_when_the_right_is_lost_makes_none() {
    let mut rig = TestNamespace::without_operator().await;
    let pools: Vec<_> = (0..40).map(|_| rig.pool()).collect();
    for (number, pool) in pools.iter().enumerate() {
        rig.apply(&format!("waits-{number}"), totp(pool)).await;
    }
    let mounted = Mounted::with(&file(&[entry(&rig, 1, &["*"])]));
    // One Get a second.
    mounted.start(&mut rig, &[], &["--quota-share", "0.05"]).await;
    let begun = rig.aws.calls_until(|calls| calls.iter().any(|call| call.pool.is_some()));
    tokio::time::timeout(test_support::cluster::namespace::DEADLINE, begun)
        .await
        .expect("the first call comes");
    mounted.write(&file(&[entry(&rig, 1, &["us-east-1_Other"])]));
    for number in 0..pools.len() {
        rig.until_reason(&format!("waits-{number}"), "PoolNotAllowed").await;
    }
    let untouched = pools.iter().filter(|pool| rig.call_counts(pool) == (0, 0)).count();
    assert!(untouched > 0, "the right was lost while they waited");
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_is_told_and_a_mended_file_is_tried_at_once() {
    let mut rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    rig.aws.state().iam.require_external_id(&role(1), "id-1");
    let right = file(&[entry(&rig, 1, &[&pool])]);
    let mounted = Mounted::with(&right.replace("id-1", "id-wrong"));
    mounted.start(&mut rig, &[], &[]).await;
    rig.apply("tenant", totp(&pool)).await;
    let told = rig.until_reason("tenant", "CredentialsUnavailable").await.status.unwrap().last_error.unwrap();
    for words in [&role(1), "trust policy", "sts:AssumeRole on resource"] {
        assert!(told.message.contains(words), "{told:?}");
    }
    assert!(!told.message.contains("id-wrong"));
    mounted.write(&right);
    rig.until_reason("tenant", "InSync").await;
}

#[tokio::test]
async fn a_session_that_aws_ended_heals_without_a_restart() {
    let mut rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    let mounted = Mounted::with(&file(&[entry(&rig, 1, &[&pool])]));
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
    let healed = rig.until_reason("tenant", "InSync").await;
    assert_eq!(healed.status.unwrap().corrections.len(), 1);
}

#[tokio::test]
async fn an_object_that_lost_its_right_goes_and_its_pool_stays_although_it_was_to_be_disabled() {
    let mut rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    let mounted = Mounted::with(&file(&[entry(&rig, 1, &[&pool])]));
    mounted.start(&mut rig, &[], &["--allow-disable-on-delete"]).await;
    rig.apply("any", with(totp(&pool), "deletionPolicy", json!("Disable"))).await;
    rig.until_reason("any", "InSync").await;
    let before = rig.call_counts(&pool);
    mounted.write(&file(&[entry(&rig, 1, &["us-east-1_Other"])]));
    rig.until_reason("any", "PoolNotAllowed").await;
    rig.delete("any").await;
    let told = rig.events("any", 3).await;
    let retained = told.iter().find(|(reason, _)| reason == "MfaRetained").expect("it is told");
    assert!(retained.1.contains("accounts file"), "{}", retained.1);
    assert_eq!(rig.call_counts(&pool), before);
}
