//! The rights that deploy/ grants are those that the operator uses: none is missing, none is idle.
//!
//! The API server's audit log tells. Only a control plane that was started for it writes one, so the test starts
//! that and runs itself again there.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use k8s_openapi::api::rbac::v1::PolicyRule;
use serde_json::{Value, json};

use crate::{
    kubectl::kubectl,
    rig::{DEADLINE, Rig, totp, with},
};

const ACCOUNT: &str = "system:serviceaccount:cognito-mfa-operator:cognito-mfa-operator";

/// A group, a resource with its subresource, and a verb.
type Right = (String, String, String);

#[tokio::test]
async fn the_operator_uses_every_right_that_it_is_granted_and_no_other() {
    match std::env::var("TEST_AUDIT_LOG") {
        Ok(log) => {
            exercise().await;
            let entries = finished(Path::new(&log)).await;
            assert_eq!(used(&entries), granted());
            assert_eq!(refused(&entries), Vec::<Value>::new());
        }
        Err(_) => {
            again_on_a_plane_of_its_own(
                "rights::the_operator_uses_every_right_that_it_is_granted_and_no_other",
            )
            .await;
        }
    }
}

#[test]
fn no_right_is_wider_than_a_word_and_none_is_to_secrets() {
    for (group, resource, verb) in granted() {
        // The core group has no name.
        for word in [&group, &resource, &verb] {
            assert!(!word.contains('*'), "{group} {resource} {verb}");
        }
        assert!(!resource.is_empty() && !verb.is_empty());
        assert!(!resource.contains("secrets") && verb != "impersonate" && verb != "escalate");
    }
}

/// Runs a test of this program again, on a control plane that writes an audit log and that no other test sees.
pub async fn again_on_a_plane_of_its_own(this: &str) {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let ended = tokio::process::Command::new("tests/control-plane/control-plane")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", "--audit-log"])
        .arg(folder.path().join("audit.log"))
        .arg("--")
        .arg(std::env::current_exe().expect("this program has a path"))
        .args(["--exact", this])
        .output()
        .await
        .expect("the control plane runs");
    let (out, err) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success() && out.contains("1 passed"), "{out}\n{err}");
}

/// All that the operator does: the Lease, watches, a Set and its event, a repeated event, an object that it cannot read,
/// a deletion that turns MFA off.
async fn exercise() {
    let mut rig = Rig::idle().await;
    // The Lease is where deploy/ grants it: nobody else is there in this control plane.
    let flags = "--allow-disable-on-delete --leader-elect --leader-election-namespace cognito-mfa-operator --lease-duration 6s \
                 --lease-renew-deadline 4s --lease-retry-period 500ms";
    rig.start_with(&flags.split_whitespace().collect::<Vec<_>>(), &[]).await;
    let pool = rig.pool();
    rig.apply("set", with(totp(&pool), "deletionPolicy", json!("Disable"))).await;
    rig.until_reason("set", "InSync").await;
    for _ in 0..2 {
        rig.edit(&pool, &json!({"EmailMfaConfiguration": {}}));
        rig.check("set").await;
    }
    let unreadable = "{apiVersion: cognito.mfaoperator.dev/v1alpha1, kind: UserPoolMfaConfig, metadata: {name: unreadable}, \
                      spec: {userPoolId: us-east-1_Null, mfaConfiguration: \"OFF\", emailMfaConfiguration: null}}";
    let created = kubectl(&format!("create -n {} -f -", rig.namespace), unreadable).await;
    assert!(created.ok, "{}", created.err);
    rig.events("unreadable", 1).await;
    rig.delete("set").await;
    assert!(rig.stop().await);
}

/// The operator's entries, once every request in the log has ended there.
async fn finished(log: &Path) -> Vec<Value> {
    let ended = async {
        loop {
            let entries = entries(&std::fs::read_to_string(log).expect("the log can be read"));
            let of = |stage: &str| -> BTreeSet<_> {
                let at = entries.iter().filter(|entry| entry["stage"] == stage);
                at.map(|entry| entry["auditID"].to_string()).collect()
            };
            if !entries.is_empty() && of("RequestReceived") == of("ResponseComplete") {
                return entries;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, ended).await.expect("every request ends in the log")
}

fn entries(log: &str) -> Vec<Value> {
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let all = whole.lines().map(|line| serde_json::from_str::<Value>(line).expect("the log is JSON"));
    all.filter(|entry| entry["user"]["username"] == ACCOUNT).collect()
}

fn used(entries: &[Value]) -> BTreeSet<Right> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let right = |entry: &Value| {
        let on = &entry["objectRef"];
        let sub = on["subresource"].as_str().map(|sub| format!("/{sub}")).unwrap_or_default();
        (text(&on["apiGroup"]), text(&on["resource"]) + &sub, text(&entry["verb"]))
    };
    entries.iter().map(right).collect()
}

fn refused(entries: &[Value]) -> Vec<Value> {
    entries.iter().filter(|entry| entry["responseStatus"]["code"] == 403).cloned().collect()
}

/// The rights of the ClusterRole and the Role, one by one.
fn granted() -> BTreeSet<Right> {
    let file = include_str!("../../deploy/kustomize/base/rbac.yaml");
    let documents = serde_saphyr::from_multiple::<Value>(file).expect("the manifest is YAML");
    let kinds = documents.iter().fold(BTreeMap::<_, u8>::new(), |mut kinds, document| {
        *kinds.entry(document["kind"].as_str().unwrap_or_default()).or_default() += 1;
        kinds
    });
    let bound = [("ClusterRole", 1), ("ClusterRoleBinding", 1), ("Role", 1), ("RoleBinding", 1)];
    assert_eq!(kinds, bound.into_iter().collect());
    let lists = documents.into_iter().map(|mut document| document["rules"].take());
    let rules = lists
        .filter(Value::is_array)
        .flat_map(|list| serde_json::from_value::<Vec<PolicyRule>>(list).expect("the rules of a role"));
    let mut rights = BTreeSet::new();
    for rule in rules {
        assert_eq!(rule.non_resource_urls, None);
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                rights.extend(rule.verbs.iter().map(|verb| (group.clone(), resource.clone(), verb.clone())));
            }
        }
    }
    rights
}
