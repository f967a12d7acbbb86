//! The commands `status` and `report`, and failed cluster access, on a real API server.

use k8s_openapi::api::core::v1::ServiceAccount;
use kube::{Api, api::PostParams};
use serde_json::{Value, json};
use test_support::cluster::{
    install,
    namespace::{TestNamespace, totp},
    operator::{Access, own_kubeconfig, write_kubeconfig},
};

use crate::{
    command_runner::{RunningCommand, run_command, run_command_under, run_plugin},
    invalid_objects::create_with_null_section,
};

/// Creates three objects: one in sync, one on hold, and one that was never reconciled.
async fn three_objects() -> TestNamespace {
    let mut rig = TestNamespace::with_operator().await;
    let (in_sync, on_hold) = (rig.pool(), rig.pool());
    rig.edit(
        &on_hold,
        &json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}),
    );
    rig.apply("in-sync", totp(&in_sync)).await;
    rig.apply("on-hold", json!({"userPoolId": on_hold, "mfaConfiguration": "OFF"})).await;
    rig.until_reason("in-sync", "InSync").await;
    rig.until_reason("on-hold", "AdoptionHeld").await;
    assert!(rig.stop().await);
    rig.apply("pending", totp(&rig.pool())).await;
    rig
}

#[tokio::test]
async fn status_lists_objects_that_need_attention_first() {
    let rig = three_objects().await;
    let output = run_command(&format!("status -n {}", rig.namespace)).await;
    let lines: Vec<Vec<&str>> = output.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    let column = |at: usize| lines.iter().map(|line| line[at]).collect::<Vec<_>>();
    assert_eq!(column(0), ["NAME", "pending", "on-hold", "in-sync"]);
    assert_eq!(column(2), ["MODE", "<none>", "ON", "ON"]);
    assert_eq!(column(4), ["READY", "Unknown", "False", "True"]);
    assert_eq!(column(5), ["REASON", "Pending", "AdoptionHeld", "InSync"]);
    assert_eq!((output.code, output.stderr.as_str()), (1, ""));
}

#[tokio::test]
async fn status_of_all_namespaces_and_of_the_plugin_has_a_namespace_column() {
    let rig = three_objects().await;
    for output in [run_command("status -A").await.stdout, run_plugin("upmfa status").await.stdout] {
        let row = output.lines().find(|line| line.contains(&rig.namespace) && line.contains("in-sync"));
        assert!(output.starts_with("NAMESPACE") && row.is_some_and(|row| row.contains("InSync")), "{output}");
    }
    let help = run_plugin("upmfa status --help").await;
    assert!(
        help.code == 0
            && help.stdout.contains("kubectl upmfa status")
            && !help.stdout.contains("mfa-operator status")
    );
}

#[tokio::test]
async fn status_exits_with_0_when_all_objects_are_in_sync_or_there_are_none() {
    let mut rig = TestNamespace::with_operator().await;
    let output = run_command(&format!("status -n {}", rig.namespace)).await;
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    assert!(
        output.stderr.starts_with("There are no UserPoolMfaConfig objects in namespace"),
        "{}",
        output.stderr
    );
    rig.apply("in-sync", totp(&rig.pool())).await;
    rig.until_reason("in-sync", "InSync").await;
    assert!(rig.stop().await);
    let output = run_command(&format!("status -n {} -o json", rig.namespace)).await;
    let objects: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(
        (output.code, &objects[0]["state"], &objects[0]["notProven"]),
        (0, &json!("InSync"), &Value::Null)
    );
}

#[tokio::test]
async fn status_lists_an_invalid_object_beside_the_others() {
    let rig = TestNamespace::without_operator().await;
    rig.apply("other", totp(&rig.pool())).await;
    create_with_null_section(&rig, "nothing", &rig.pool()).await;
    let output = run_command(&format!("status -n {}", rig.namespace)).await;
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines[1].starts_with("nothing") && lines[1].contains("InvalidSpec"), "{}", output.stdout);
    assert!(lines[2].starts_with("other") && lines[2].contains("Pending"), "{}", output.stdout);
}

#[tokio::test]
async fn status_watch_prints_a_line_for_each_change() {
    let rig = three_objects().await;
    let mut watch = RunningCommand::start(&format!("status --watch -n {}", rig.namespace));
    let first =
        [watch.next_line().await, watch.next_line().await, watch.next_line().await, watch.next_line().await];
    assert!(first[0].starts_with("NAME") && first[1].starts_with("pending"), "{first:?}");
    rig.patch("in-sync", json!({"spec": {"mfaConfiguration": "OPTIONAL"}})).await;
    let line = watch.next_line().await;
    assert!(line.starts_with("in-sync") && line.contains("Pending"), "{line}");
    rig.delete("on-hold").await;
    let line = watch.next_line().await;
    assert!(line.starts_with("on-hold") && line.contains("Deleted"), "{line}");
    let exit_code = watch.close_stdout();
    rig.patch("in-sync", json!({"spec": {"mfaConfiguration": "ON"}})).await;
    rig.delete("pending").await;
    assert_eq!(exit_code.await, Some(0), "a closed output ends the command");
}

#[tokio::test]
async fn status_watch_as_json_prints_one_object_per_line() {
    let rig = three_objects().await;
    let mut watch = RunningCommand::start(&format!("status -w -o json -n {}", rig.namespace));
    let states = [watch.next_line().await, watch.next_line().await, watch.next_line().await].map(|line| {
        let object: Value = serde_json::from_str(&line).unwrap();
        (object["event"].as_str().unwrap().to_owned(), object["state"].as_str().unwrap().to_owned())
    });
    let changed = |state: &str| ("changed".to_owned(), state.to_owned());
    assert_eq!(states, [changed("Waiting"), changed("OnHold"), changed("InSync")]);
}

#[tokio::test]
async fn report_says_which_pools_are_proven() {
    let rig = three_objects().await;
    let output = run_command(&format!("report --json - -n {}", rig.namespace)).await;
    assert_eq!(output.code, 0, "{}", output.stderr);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["totals"]["pools"], 3);
    assert_eq!(report["totals"]["proven"], 2);
    let unproven: Vec<_> =
        report["pools"].as_array().unwrap().iter().map(|pool| &pool["notProven"]).collect();
    assert_eq!(unproven, [&Value::Null, &Value::Null, &json!("no operator has reported on it")]);
    assert!(
        report["source"].as_str().unwrap().starts_with(&format!("namespace {} of https://", rig.namespace))
    );
}

#[tokio::test]
async fn report_of_kubectl_output_equals_the_report_of_the_cluster() {
    let rig = three_objects().await;
    let printed =
        test_support::cluster::kubectl::kubectl(&format!("get upmfa -n {} -o yaml", rig.namespace), "").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), printed.out).unwrap();
    let pools = |report: &str| serde_json::from_str::<Value>(report).unwrap()["pools"].clone();
    let time = "2100-01-01T00:00:00Z";
    let cluster_report =
        run_command(&format!("report --json - --at {time} -n {}", rig.namespace)).await.stdout;
    let file_report =
        run_command(&format!("report --json - --at {time} {}", file.path().display())).await.stdout;
    assert_eq!(pools(&cluster_report), pools(&file_report));
}

async fn create_token_without_rights(rig: &TestNamespace) -> String {
    let account: ServiceAccount = serde_json::from_value(json!({"metadata": {"name": "nobody"}})).unwrap();
    let accounts = Api::namespaced(rig.client.clone(), &rig.namespace);
    accounts.create(&PostParams::default(), &account).await.unwrap();
    install::token_of(&accounts, "nobody").await
}

#[tokio::test]
async fn status_explains_failed_cluster_access_in_one_sentence() {
    let rig = TestNamespace::without_operator().await;
    let folder = tempfile::TempDir::new().unwrap();
    let kubeconfig = folder.path().join("kubeconfig");
    let run_with_access = |access: Access| {
        write_kubeconfig(&kubeconfig, &access);
        run_command_under(&kubeconfig, "status -n default")
    };
    let token = create_token_without_rights(&rig).await;
    let output = run_with_access(Access { token: token.clone(), server: None }).await;
    assert!(
        output
            .stderr
            .starts_with("error: you may not see the UserPoolMfaConfig objects of namespace default"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("ask for the verbs list and watch"), "{}", output.stderr);
    assert_eq!((output.code, output.stderr.lines().count(), output.stdout.as_str()), (2, 1, ""));
    let output = run_with_access(Access { token: "wrong".into(), server: None }).await;
    assert!(output.stderr.contains("does not know who you are"), "{}", output.stderr);
    let unreachable = Access { token, server: Some("https://127.0.0.1:1".into()) };
    let output = run_with_access(unreachable).await;
    assert!(
        output.stderr.contains("the cluster at https://127.0.0.1:1 cannot be reached: "),
        "{}",
        output.stderr
    );
    assert_eq!((output.code, output.stderr.lines().count()), (2, 1));
}

/// The administrator's token. With fewer rights, an unknown path is forbidden and not missing.
fn administrator_token() -> String {
    own_kubeconfig()["users"][0]["user"]["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn diff_explains_failed_cluster_access_in_one_sentence() {
    let rig = TestNamespace::without_operator().await;
    let folder = tempfile::TempDir::new().unwrap();
    let (kubeconfig, manifest) = (folder.path().join("kubeconfig"), folder.path().join("a.json"));
    let object = json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "a", "namespace": "default"}, "spec": totp(&rig.pool()),
    });
    std::fs::write(&manifest, object.to_string()).unwrap();
    let token = create_token_without_rights(&rig).await;
    let server = kube::Config::infer().await.unwrap().cluster_url;
    for (access, words) in [
        (Access { token: token.clone(), server: None }, "you may not see the UserPoolMfaConfig default/a: "),
        (Access { token: token.clone(), server: None }, "; ask for the verb get\n"),
        (
            Access { token: "wrong".into(), server: None },
            "does not know who you are: Unauthorized; log in again",
        ),
        (
            Access { token: token.clone(), server: Some("https://127.0.0.1:1".into()) },
            "the cluster at https://127.0.0.1:1 cannot be reached: Connection refused",
        ),
        (
            Access { token: administrator_token(), server: Some(format!("{server}nowhere")) },
            "does not have the kind UserPoolMfaConfig: is the operator installed",
        ),
    ] {
        write_kubeconfig(&kubeconfig, &access);
        let output = run_command_under(&kubeconfig, &format!("diff --cluster {}", manifest.display())).await;
        assert!(output.stderr.contains(words), "{}", output.stderr);
        assert_eq!((output.code, output.stderr.lines().count(), output.stdout.as_str()), (2, 1, ""));
    }
}

#[tokio::test]
async fn a_missing_kubeconfig_context_is_explained_in_one_sentence() {
    let output = run_command("status --context nowhere").await;
    assert_eq!((output.code, output.stderr.lines().count()), (2, 1));
    assert!(
        output.stderr.contains("there is no cluster to ask") && output.stderr.contains("--context"),
        "{}",
        output.stderr
    );
}
