//! The commands beside a cluster: its objects are the memory of earlier passes, and kubectl finds them as a plugin.

use std::{os::unix::fs::symlink, process::Stdio};

use serde_json::json;
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, process::Command};

use crate::{
    kubectl::kubectl,
    rig::{Rig, totp},
};

const BINARY: &str = env!("CARGO_BIN_EXE_cognito-mfa-operator");

/// Runs a command over a manifest; the exit code, and what it printed.
async fn run(rig: &Rig, mut command: Command, manifest: &str) -> (i32, String) {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let pipes = pipes.env("AWS_ENDPOINT_URL", rig.aws.url());
    let pipes = pipes.envs([
        ("AWS_ACCESS_KEY_ID", "any"),
        ("AWS_SECRET_ACCESS_KEY", "any"),
        ("AWS_REGION", "us-east-1"),
    ]);
    let mut child = pipes.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("standard input is piped");
    input.write_all(manifest.as_bytes()).await.expect("it reads");
    drop(input);
    let ended = child.wait_with_output().await.expect("it ends");
    let printed = String::from_utf8([ended.stdout, ended.stderr].concat()).expect("text");
    (ended.status.code().expect("a code"), printed)
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments);
    command
}

fn off(rig: &Rig, pool: &str) -> String {
    json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "known", "namespace": rig.namespace},
        "spec": {"userPoolId": pool, "mfaConfiguration": "OFF"},
    })
    .to_string()
}

#[tokio::test]
async fn the_objects_of_the_cluster_are_the_memory_that_a_file_lacks() {
    let rig = Rig::running().await;
    let pool = rig.pool();
    rig.apply("known", totp(&pool)).await;
    rig.until_reason("known", "InSync").await;
    let off = off(&rig, &pool);
    let (code, printed) = run(&rig, command(&["diff", "-"]), &off).await;
    assert!(code == 1 && printed.contains("AdoptionHeld"), "{printed}");
    let got = kubectl(&format!("get upmfa -n {} -o yaml", rig.namespace), "").await;
    let folder = TempDir::new().expect("a folder");
    let previous = folder.path().join("previous.yaml");
    std::fs::write(&previous, got.out).expect("a file");
    let previous = previous.to_str().expect("a path");
    for arguments in [&["diff", "--cluster", "-"][..], &["diff", "--previous", previous, "-"]] {
        let (code, printed) = run(&rig, command(arguments), &off).await;
        let told = printed.contains("would be set") && printed.contains("takes away: mode ON to OFF");
        assert!(code == 1 && told && printed.contains("SpecChanged"), "{arguments:?} {printed}");
    }
}

#[tokio::test]
async fn kubectl_finds_it_as_a_plugin() {
    let rig = Rig::idle().await;
    let pool = rig.pool();
    let folder = TempDir::new().expect("a folder");
    symlink(BINARY, folder.path().join("kubectl-upmfa")).expect("a link");
    let path = std::env::join_paths(
        [folder.path().to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let mut kubectl = Command::new(std::env::var_os("KUBECTL").unwrap_or_else(|| "kubectl".into()));
    kubectl.args(["upmfa", "diff", "-"]).env("PATH", path.expect("a PATH"));
    let (code, printed) = run(&rig, kubectl, &off(&rig, &pool)).await;
    assert!(code == 0 && printed.contains("as declared"), "{code} {printed}");
}
