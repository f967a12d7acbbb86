//! The commands beside a cluster: its objects are the memory of earlier passes, and kubectl finds them as a plugin.

use serde_json::json;
use tempfile::TempDir;
use test_support::cluster::{
    kubectl::kubectl,
    namespace::{TestNamespace, totp},
};
use tokio::process::Command;

use crate::command::{BINARY, Told, as_plugin, over, plugin};

/// Runs a command over a manifest, before the rig's AWS.
async fn run(rig: &TestNamespace, command: &mut Command, manifest: &str) -> Told {
    let aws = [
        ("AWS_ENDPOINT_URL", rig.aws.url()),
        ("AWS_ACCESS_KEY_ID", "any".into()),
        ("AWS_SECRET_ACCESS_KEY", "any".into()),
        ("AWS_REGION", "us-east-1".into()),
    ];
    over(command.envs(aws), manifest).await
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments);
    command
}

fn off(rig: &TestNamespace, pool: &str) -> String {
    json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "known", "namespace": rig.namespace},
        "spec": {"userPoolId": pool, "mfaConfiguration": "OFF"},
    })
    .to_string()
}

#[tokio::test]
async fn the_objects_of_the_cluster_are_the_memory_that_a_file_lacks() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("known", totp(&pool)).await;
    rig.until_reason("known", "InSync").await;
    let off = off(&rig, &pool);
    let told = run(&rig, &mut command(&["diff", "-"]), &off).await;
    assert!(told.code == 1 && told.printed().contains("AdoptionHeld"), "{}", told.printed());
    let got = kubectl(&format!("get upmfa -n {} -o yaml", rig.namespace), "").await;
    let folder = TempDir::new().expect("a folder");
    let previous = folder.path().join("previous.yaml");
    std::fs::write(&previous, got.out).expect("a file");
    let previous = previous.to_str().expect("a path");
    for arguments in [&["diff", "--cluster", "-"][..], &["diff", "--previous", previous, "-"]] {
        let told = run(&rig, &mut command(arguments), &off).await;
        let printed = told.printed();
        let lowers = printed.contains("would be set") && printed.contains("takes away: mode ON to OFF");
        assert!(told.code == 1 && lowers && printed.contains("SpecChanged"), "{arguments:?} {printed}");
    }
}

#[tokio::test]
async fn kubectl_finds_it_as_a_plugin() {
    let rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    let (mut kubectl, _folder) = as_plugin("upmfa diff -");
    let told = run(&rig, &mut kubectl, &off(&rig, &pool)).await;
    assert!(told.code == 0 && told.printed().contains("as declared"), "{} {}", told.code, told.printed());
}

#[tokio::test]
async fn kubectl_completes_the_commands_and_flags_of_its_plugin() {
    for (words, lines) in [
        (
            "__complete upmfa val",
            "validate\tCheck manifests as the API server would, without a cluster\n:4\n",
        ),
        ("__complete upmfa diff -o j", "json\tOne JSON document\n:4\n"),
        ("__complete upmfa diff a", ":0\n"),
    ] {
        let told = plugin(words).await;
        assert!(told.code == 0 && told.out == lines, "{words}: {}", told.printed());
    }
}
