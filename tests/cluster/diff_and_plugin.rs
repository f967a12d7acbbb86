//! `diff` against the statuses in a cluster, and the binary as a plugin of kubectl.

use serde_json::json;
use tempfile::TempDir;
use test_support::cluster::{
    kubectl::kubectl,
    namespace::{TestNamespace, totp},
};
use tokio::process::Command;

use crate::command_runner::{BINARY, CommandOutput, plugin_command, run_plugin, run_with_stdin};

/// Runs a command that reads a manifest from standard input and calls the rig's emulator.
async fn run_over_manifest(rig: &TestNamespace, command: &mut Command, manifest: &str) -> CommandOutput {
    let aws = [
        ("AWS_ENDPOINT_URL", rig.aws.url()),
        ("AWS_ACCESS_KEY_ID", "any".into()),
        ("AWS_SECRET_ACCESS_KEY", "any".into()),
        ("AWS_REGION", "us-east-1".into()),
    ];
    run_with_stdin(command.envs(aws), manifest).await
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments);
    command
}

fn manifest_with_mfa_off(rig: &TestNamespace, pool: &str) -> String {
    json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "known", "namespace": rig.namespace},
        "spec": {"userPoolId": pool, "mfaConfiguration": "OFF"},
    })
    .to_string()
}

#[tokio::test]
async fn diff_takes_the_adoption_from_the_cluster_or_a_previous_file() {
    let rig = TestNamespace::with_operator().await;
    let pool = rig.pool();
    rig.apply("known", totp(&pool)).await;
    rig.until_reason("known", "InSync").await;
    let manifest = manifest_with_mfa_off(&rig, &pool);
    let output = run_over_manifest(&rig, &mut command(&["diff", "-"]), &manifest).await;
    assert!(output.code == 1 && output.all().contains("AdoptionHeld"), "{}", output.all());
    let stored = kubectl(&format!("get upmfa -n {} -o yaml", rig.namespace), "").await;
    let folder = TempDir::new().expect("a folder");
    let previous = folder.path().join("previous.yaml");
    std::fs::write(&previous, stored.out).expect("a file");
    let previous = previous.to_str().expect("a path");
    for arguments in [&["diff", "--cluster", "-"][..], &["diff", "--previous", previous, "-"]] {
        let output = run_over_manifest(&rig, &mut command(arguments), &manifest).await;
        let all = output.all();
        let weakens = all.contains("would be set") && all.contains("takes away: mode ON to OFF");
        assert!(output.code == 1 && weakens && all.contains("SpecChanged"), "{arguments:?} {all}");
    }
}

#[tokio::test]
async fn doctor_looks_at_the_objects_of_a_namespace() {
    let rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    rig.apply("known", totp(&pool)).await;
    let arguments = ["doctor", "--cluster", "--namespace", &rig.namespace];
    let output = run_over_manifest(&rig, &mut command(&arguments), "").await;
    let head = format!("{}/known ({pool}): AWS would accept this\n  users will notice: ", rig.namespace);
    assert!(output.code == 1 && output.stdout.starts_with(&head), "{}", output.all());
}

#[tokio::test]
async fn kubectl_runs_the_binary_as_a_plugin() {
    let rig = TestNamespace::without_operator().await;
    let pool = rig.pool();
    let (mut kubectl, _folder) = plugin_command("upmfa diff -");
    let output = run_over_manifest(&rig, &mut kubectl, &manifest_with_mfa_off(&rig, &pool)).await;
    assert!(output.code == 0 && output.all().contains("as declared"), "{} {}", output.code, output.all());
}

#[tokio::test]
async fn kubectl_completes_the_commands_and_flags_of_its_plugin() {
    for (words, completions) in [
        (
            "__complete upmfa val",
            "validate\tCheck manifests as the API server would, without a cluster\n:4\n",
        ),
        ("__complete upmfa diff -o j", "json\tOne JSON document\n:4\n"),
        ("__complete upmfa diff a", ":0\n"),
    ] {
        let output = run_plugin(words).await;
        assert!(output.code == 0 && output.stdout == completions, "{words}: {}", output.all());
    }
}
