//! Invalid input and refusals of AWS: a command prints one sentence with the place, ends with 2 and changes nothing.

use cognito_emulator::KeyStatus;
use serde_json::json;

use crate::ran::{Desk, POOL, TOTP_ON, finished, manifest};

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_files_are_named() {
    let desk = Desk::new().await;
    std::fs::create_dir(desk.folder.path().join("empty")).unwrap();
    desk.file("empty.yaml", "");
    std::fs::write(desk.folder.path().join("utf16.yaml"), b"\xff\xfea\0:\0").unwrap();
    for (file, words) in [
        ("utf16.yaml", "utf16.yaml: it is no text in UTF-8: save it as UTF-8"),
        ("none.yaml", "none.yaml: it cannot be read: No such file"),
        ("empty", "empty: there is no .yaml, .yml or .json file in this folder"),
        ("empty.yaml", "empty.yaml: there is no document in it"),
    ] {
        for command in ["diff", "apply"] {
            desk.run(&[command, file]).refused(words);
        }
        let ran = desk.run(&["validate", file]);
        assert!(ran.code == 2 && ran.out.contains(words), "{ran:#?}");
    }
    assert!(desk.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_kinds_and_unknown_fields_are_named() {
    let desk = Desk::new().await;
    let other = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n";
    desk.fed(&["apply", "-"], other).refused("(standard input):2: kind: this is a Deployment of apps/v1");
    let typo = manifest("a", POOL, "mfaConfiguration: \"OFF\"\nadoptionPolcy: Hold");
    desk.fed(&["apply", "-"], &typo).refused(
        "(standard input):8: spec.adoptionPolcy: there is no such field; did you mean adoptionPolicy?",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_permissions_and_pools_are_reported_with_the_pool() {
    let desk = Desk::new().await;
    let object = manifest("a", POOL, TOTP_ON);
    desk.fed(&["diff", "-"], &object).refused("a (us-east-1_Customers): GetUserPoolMfaConfig failed: ResourceNotFoundException: User pool us-east-1_Customers does not exist.");
    desk.run(&["export", "--user-pool-id", POOL])
        .refused("us-east-1_Customers: GetUserPoolMfaConfig: ResourceNotFoundException");
    desk.pool(POOL, &json!({}));
    desk.aws.state().iam.set_key_status("any", KeyStatus::Denied);
    desk.fed(&["apply", "-"], &object).refused("AccessDeniedException");
    desk.run(&["export", "--all"]).refused("the pools of us-east-1 cannot be listed");
    assert_eq!(desk.sets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_profile_is_named() {
    let desk = Desk::new().await;
    let config = desk.file("config", "[profile prod]\nregion = us-east-1\n");
    let mut command = desk.command();
    command.env("AWS_CONFIG_FILE", config).env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    let export = ["export", "--profile", "prdo", "--user-pool-id", POOL];
    finished(command.args(export), "").refused("the profile \"prdo\" is in neither ~/.aws/config nor");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_endpoint_is_reported() {
    let desk = Desk::new().await;
    let object = manifest("a", POOL, TOTP_ON);
    let ran = desk.fed(&["diff", "--endpoint-url", "http://127.0.0.1:1", "-"], &object);
    ran.refused(
        "a (us-east-1_Customers): GetUserPoolMfaConfig failed: ConnectionFailed: AWS could not be reached",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_cluster_or_previous_status_is_reported() {
    let desk = Desk::new().await;
    desk.file("a.yaml", &manifest("a", POOL, TOTP_ON));
    for command in [&["apply", "--cluster", "a.yaml"][..], &["status"]] {
        let run = |kubeconfig: &str| finished(desk.command().args(command).env("KUBECONFIG", kubeconfig), "");
        run("none").refused("there is no cluster to ask: none cannot be read: No such file or directory");
        let broken = run(desk.file("broken", "clusters: [\n").to_str().unwrap());
        broken
            .refused("there is no cluster to ask: failed to parse kubeconfig YAML: error: line 1 column 11");
        assert_eq!(broken.err.lines().count(), 1, "{broken:#?}");
    }
    desk.run(&["apply", "--context", "nowhere", "a.yaml"]).refused("there is no cluster to ask");
    desk.run(&["apply", "--previous", "none.yaml", "a.yaml"]).refused("none.yaml: it cannot be read");
    assert!(desk.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_command_line_ends_with_2() {
    let desk = Desk::new().await;
    for arguments in [
        &["diff"][..],
        &["export"],
        &["export", "--all", "--user-pool-id", POOL],
        &["apply", "-o", "xml", "-"],
        &["diff", "--endpoint-url", "", "-"],
        &["diff", "--endpoint-url", "localhost:4566", "-"],
        &["diff", "--endpoint-url", "http://:4566", "-"],
    ] {
        assert_eq!(finished(desk.command().args(arguments), "").code, 2, "{arguments:?}");
    }
}
