//! `status` and `report` on a real API server.

use k8s_openapi::api::core::v1::ServiceAccount;
use kube::{Api, api::PostParams};
use serde_json::{Value, json};
use test_support::cluster::{
    install,
    namespace::{TestNamespace, totp},
    operator::{Access, own_kubeconfig, write_kubeconfig},
};

use crate::{
    command::{Going, command, command_under, plugin},
    undecodable::create_with_null,
};

/// Three objects: one in sync, one held, one that nobody has looked at.
async fn three() -> TestNamespace {
    let mut rig = TestNamespace::with_operator().await;
    let (good, held) = (rig.pool(), rig.pool());
    rig.edit(&held, &json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}));
    rig.apply("good", totp(&good)).await;
    rig.apply("held", json!({"userPoolId": held, "mfaConfiguration": "OFF"})).await;
    rig.until_reason("good", "InSync").await;
    rig.until_reason("held", "AdoptionHeld").await;
    assert!(rig.stop().await);
    rig.apply("waits", totp(&rig.pool())).await;
    rig
}

#[tokio::test]
async fn status_shows_what_needs_a_person_first() {
    let rig = three().await;
    let told = command(&format!("status -n {}", rig.namespace)).await;
    let lines: Vec<Vec<&str>> = told.out.lines().map(|line| line.split_whitespace().collect()).collect();
    let column = |at: usize| lines.iter().map(|line| line[at]).collect::<Vec<_>>();
    assert_eq!(column(0), ["NAME", "waits", "held", "good"]);
    assert_eq!(column(2), ["MODE", "<none>", "ON", "ON"]);
    assert_eq!(column(4), ["READY", "Unknown", "False", "True"]);
    assert_eq!(column(5), ["REASON", "Pending", "AdoptionHeld", "InSync"]);
    assert_eq!((told.code, told.err.as_str()), (1, ""));
}

#[tokio::test]
async fn status_of_all_namespaces_names_them_and_so_does_kubectls_plugin() {
    let rig = three().await;
    for told in [command("status -A").await.out, plugin("upmfa status").await.out] {
        let row = told.lines().find(|line| line.contains(&rig.namespace) && line.contains("good"));
        assert!(told.starts_with("NAMESPACE") && row.is_some_and(|row| row.contains("InSync")), "{told}");
    }
    let help = plugin("upmfa status --help").await;
    assert!(
        help.code == 0
            && help.out.contains("kubectl upmfa status")
            && !help.out.contains("mfa-operator status")
    );
}

#[tokio::test]
async fn status_ends_with_0_when_all_are_in_sync_and_when_there_are_none() {
    let mut rig = TestNamespace::with_operator().await;
    let told = command(&format!("status -n {}", rig.namespace)).await;
    assert_eq!((told.code, told.out.as_str()), (0, ""));
    assert!(told.err.starts_with("There are no UserPoolMfaConfig objects in namespace"), "{}", told.err);
    rig.apply("good", totp(&rig.pool())).await;
    rig.until_reason("good", "InSync").await;
    assert!(rig.stop().await);
    let told = command(&format!("status -n {} -o json", rig.namespace)).await;
    let all: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!((told.code, &all[0]["state"], &all[0]["notProven"]), (0, &json!("InSync"), &Value::Null));
}

#[tokio::test]
async fn an_object_that_this_version_cannot_read_does_not_hide_the_others() {
    let rig = TestNamespace::without_operator().await;
    rig.apply("other", totp(&rig.pool())).await;
    create_with_null(&rig, "nothing", &rig.pool()).await;
    let told = command(&format!("status -n {}", rig.namespace)).await;
    let lines: Vec<&str> = told.out.lines().collect();
    assert!(lines[1].starts_with("nothing") && lines[1].contains("InvalidSpec"), "{}", told.out);
    assert!(lines[2].starts_with("other") && lines[2].contains("Pending"), "{}", told.out);
}

#[tokio::test]
async fn a_watch_adds_a_line_for_each_change() {
    let rig = three().await;
    let mut going = Going::start(&format!("status --watch -n {}", rig.namespace));
    let first = [going.line().await, going.line().await, going.line().await, going.line().await];
    assert!(first[0].starts_with("NAME") && first[1].starts_with("waits"), "{first:?}");
    rig.patch("good", json!({"spec": {"mfaConfiguration": "OPTIONAL"}})).await;
    let line = going.line().await;
    assert!(line.starts_with("good") && line.contains("Pending"), "{line}");
    rig.delete("held").await;
    let line = going.line().await;
    assert!(line.starts_with("held") && line.contains("Deleted"), "{line}");
    let ended = going.leave();
    rig.patch("good", json!({"spec": {"mfaConfiguration": "ON"}})).await;
    rig.delete("waits").await;
    assert_eq!(ended.await, Some(0), "nobody reads any more");
}

#[tokio::test]
async fn a_watch_for_a_program_writes_a_json_object_a_line() {
    let rig = three().await;
    let mut going = Going::start(&format!("status -w -o json -n {}", rig.namespace));
    let states = [going.line().await, going.line().await, going.line().await].map(|line| {
        let told: Value = serde_json::from_str(&line).unwrap();
        (told["event"].as_str().unwrap().to_owned(), told["state"].as_str().unwrap().to_owned())
    });
    let changed = |state: &str| ("changed".to_owned(), state.to_owned());
    assert_eq!(states, [changed("Waiting"), changed("OnHold"), changed("InSync")]);
}

#[tokio::test]
async fn a_report_of_the_cluster_says_what_is_proven() {
    let rig = three().await;
    let told = command(&format!("report --json - -n {}", rig.namespace)).await;
    assert_eq!(told.code, 0, "{}", told.err);
    let report: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(report["totals"]["pools"], 3);
    assert_eq!(report["totals"]["proven"], 1);
    let doubts: Vec<_> = report["pools"].as_array().unwrap().iter().map(|pool| &pool["notProven"]).collect();
    assert_eq!(
        doubts,
        [&Value::Null, &json!("Ready is False: AdoptionHeld"), &json!("no operator has reported on it")]
    );
    assert!(
        report["source"].as_str().unwrap().starts_with(&format!("namespace {} of https://", rig.namespace))
    );
}

#[tokio::test]
async fn what_kubectl_prints_gives_the_same_report_as_the_cluster() {
    let rig = three().await;
    let printed =
        test_support::cluster::kubectl::kubectl(&format!("get upmfa -n {} -o yaml", rig.namespace), "").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), printed.out).unwrap();
    let pools = |told: &str| serde_json::from_str::<Value>(told).unwrap()["pools"].clone();
    let at = "2100-01-01T00:00:00Z";
    let of_cluster = command(&format!("report --json - --at {at} -n {}", rig.namespace)).await.out;
    let of_file = command(&format!("report --json - --at {at} {}", file.path().display())).await.out;
    assert_eq!(pools(&of_cluster), pools(&of_file));
}

async fn token_without_rights(rig: &TestNamespace) -> String {
    let account: ServiceAccount = serde_json::from_value(json!({"metadata": {"name": "nobody"}})).unwrap();
    let accounts = Api::namespaced(rig.client.clone(), &rig.namespace);
    accounts.create(&PostParams::default(), &account).await.unwrap();
    install::token_of(&accounts, "nobody").await
}

#[tokio::test]
async fn a_cluster_that_does_not_let_one_look_is_told_in_one_sentence() {
    let rig = TestNamespace::without_operator().await;
    let folder = tempfile::TempDir::new().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    let refused = |access: Access| {
        write_kubeconfig(&kubeconfig, &access);
        command_under(&kubeconfig, "status -n default")
    };
    let nobody = token_without_rights(&rig).await;
    let told = refused(Access { token: nobody.clone(), server: None }).await;
    assert!(
        told.err.starts_with("error: you may not see the UserPoolMfaConfig objects of namespace default"),
        "{}",
        told.err
    );
    assert!(told.err.contains("ask for the verbs list and watch"), "{}", told.err);
    assert_eq!((told.code, told.err.lines().count(), told.out.as_str()), (2, 1, ""));
    let told = refused(Access { token: "wrong".into(), server: None }).await;
    assert!(told.err.contains("does not know who you are"), "{}", told.err);
    let nowhere = Access { token: nobody, server: Some("https://127.0.0.1:1".into()) };
    let told = refused(nowhere).await;
    assert!(told.err.contains("the cluster at https://127.0.0.1:1 cannot be reached: "), "{}", told.err);
    assert_eq!((told.code, told.err.lines().count()), (2, 1));
}

/// Who is told of a path that is not there, rather than that it is forbidden.
fn administrator() -> String {
    own_kubeconfig()["users"][0]["user"]["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_cluster_that_does_not_let_one_remember_is_told_in_one_sentence() {
    let rig = TestNamespace::without_operator().await;
    let folder = tempfile::TempDir::new().unwrap();
    let (kubeconfig, manifest) = (folder.path().join("kubeconfig"), folder.path().join("a.json"));
    let object = json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "a", "namespace": "default"}, "spec": totp(&rig.pool()),
    });
    std::fs::write(&manifest, object.to_string()).unwrap();
    let nobody = token_without_rights(&rig).await;
    let server = kube::Config::infer().await.unwrap().cluster_url;
    for (access, words) in [
        (Access { token: nobody.clone(), server: None }, "you may not see the UserPoolMfaConfig default/a: "),
        (Access { token: nobody.clone(), server: None }, "; ask for the verb get\n"),
        (
            Access { token: "wrong".into(), server: None },
            "does not know who you are: Unauthorized; log in again",
        ),
        (
            Access { token: nobody.clone(), server: Some("https://127.0.0.1:1".into()) },
            "the cluster at https://127.0.0.1:1 cannot be reached: Connection refused",
        ),
        (
            Access { token: administrator(), server: Some(format!("{server}nowhere")) },
            "does not have the kind UserPoolMfaConfig: is the operator installed",
        ),
    ] {
        write_kubeconfig(&kubeconfig, &access);
        let told = command_under(&kubeconfig, &format!("diff --cluster {}", manifest.display())).await;
        assert!(told.err.contains(words), "{}", told.err);
        assert_eq!((told.code, told.err.lines().count(), told.out.as_str()), (2, 1, ""));
    }
}

#[tokio::test]
async fn a_context_that_is_not_there_is_told_in_one_sentence() {
    let told = command("status --context nowhere").await;
    assert_eq!((told.code, told.err.lines().count()), (2, 1));
    assert!(
        told.err.contains("there is no cluster to ask") && told.err.contains("--context"),
        "{}",
        told.err
    );
}
