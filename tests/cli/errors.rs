//! Mistakes of a person and refusals of AWS: each is one sentence with its place and exit code 2, and nothing is changed.

use cognito_emulator::{Facts, KeyStatus};
use cognito_mfa_core::calls::advice::Refusal;
use serde_json::json;

use crate::sandbox::{POOL, Sandbox, TOTP_ON, manifest, run};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_is_named_with_the_reason() {
    let sandbox = Sandbox::new().await;
    std::fs::create_dir(sandbox.folder.path().join("empty")).unwrap();
    sandbox.write_file("empty.yaml", "");
    std::fs::write(sandbox.folder.path().join("utf16.yaml"), b"\xff\xfea\0:\0").unwrap();
    for (file, words) in [
        ("utf16.yaml", "utf16.yaml: it is no text in UTF-8: save it as UTF-8"),
        ("none.yaml", "none.yaml: it cannot be read: No such file"),
        ("empty", "empty: there is no .yaml, .yml or .json file in this folder"),
        ("empty.yaml", "empty.yaml: there is no document in it"),
    ] {
        for command in ["diff", "apply"] {
            sandbox.run(&[command, file]).assert_failed(words);
        }
        let output = sandbox.run(&["validate", file]);
        assert!(output.code == 2 && output.stdout.contains(words), "{output:#?}");
    }
    assert!(sandbox.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn other_kinds_and_unknown_fields_are_named() {
    let sandbox = Sandbox::new().await;
    let other = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n";
    sandbox
        .run_with_input(&["apply", "-"], other)
        .assert_failed("(standard input):2: kind: this is a Deployment of apps/v1");
    let typo = manifest("a", POOL, "mfaConfiguration: \"OFF\"\nadoptionPolcy: Hold");
    sandbox.run_with_input(&["apply", "-"], &typo).assert_failed(
        "(standard input):8: spec.adoptionPolcy: there is no such field; did you mean adoptionPolicy?",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_permission_or_pool_is_reported_with_the_pool() {
    let sandbox = Sandbox::new().await;
    let object = manifest("a", POOL, TOTP_ON);
    sandbox.run_with_input(&["diff", "-"], &object).assert_failed("a (us-east-1_Customers): GetUserPoolMfaConfig failed: ResourceNotFoundException: User pool us-east-1_Customers does not exist.");
    sandbox
        .run(&["export", "--user-pool-id", POOL])
        .assert_failed("us-east-1_Customers: GetUserPoolMfaConfig: ResourceNotFoundException");
    sandbox.set_pool(POOL, &json!({}));
    sandbox.aws.state().iam.set_key_status("any", KeyStatus::Denied);
    sandbox.run_with_input(&["apply", "-"], &object).assert_failed("AccessDeniedException");
    sandbox.run(&["export", "--all"]).assert_failed("the pools of us-east-1 cannot be listed");
    assert_eq!(sandbox.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_printed_with_what_to_do_about_it() {
    let sandbox = Sandbox::new().await;
    let phone = Facts { auto_verified_attributes: vec!["phone_number".into()], ..Facts::ready() };
    sandbox.aws.state().pools.create(POOL, phone);
    let object = manifest("a", POOL, TOTP_ON);
    let output = sandbox.run_with_input(&["apply", "-"], &object);
    output
        .assert_failed("SMS configuration is required when phone_number is selected for auto verification.");
    output.assert_failed(Refusal::PhoneVerification.advice());
    let missing = manifest("a", "us-east-1_Missing", TOTP_ON);
    for output in [
        sandbox.run_with_input(&["diff", "-"], &missing),
        sandbox.run(&["export", "--user-pool-id", "us-east-1_Missing"]),
    ] {
        output.assert_failed(Refusal::PoolNotFound.advice());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_does_not_exist_is_named() {
    let sandbox = Sandbox::new().await;
    let config = sandbox.write_file("config", "[profile prod]\nregion = us-east-1\n");
    let mut command = sandbox.command();
    command.env("AWS_CONFIG_FILE", config).env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    let export = ["export", "--profile", "prdo", "--user-pool-id", POOL];
    run(command.args(export), "").assert_failed("the profile \"prdo\" is in neither ~/.aws/config nor");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_does_not_answer_is_reported_with_the_object() {
    let sandbox = Sandbox::new().await;
    let object = manifest("a", POOL, TOTP_ON);
    let output = sandbox.run_with_input(&["diff", "--endpoint-url", "http://127.0.0.1:1", "-"], &object);
    output.assert_failed(
        "a (us-east-1_Customers): GetUserPoolMfaConfig failed: ConnectionFailed: AWS could not be reached",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_cluster_or_previous_file_is_reported_before_any_call() {
    let sandbox = Sandbox::new().await;
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    for command in [&["apply", "--cluster", "a.yaml"][..], &["status"]] {
        let with_kubeconfig =
            |kubeconfig: &str| run(sandbox.command().args(command).env("KUBECONFIG", kubeconfig), "");
        with_kubeconfig("none")
            .assert_failed("there is no cluster to ask: none cannot be read: No such file or directory");
        let broken = with_kubeconfig(sandbox.write_file("broken", "clusters: [\n").to_str().unwrap());
        broken.assert_failed(
            "there is no cluster to ask: failed to parse kubeconfig YAML: error: line 1 column 11",
        );
        assert_eq!(broken.stderr.lines().count(), 1, "{broken:#?}");
    }
    sandbox.run(&["apply", "--context", "nowhere", "a.yaml"]).assert_failed("there is no cluster to ask");
    sandbox
        .run(&["apply", "--previous", "none.yaml", "a.yaml"])
        .assert_failed("none.yaml: it cannot be read");
    assert!(sandbox.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_arn_as_a_pool_id_is_refused_with_the_id_in_it() {
    let sandbox = Sandbox::new().await;
    let arn = format!("arn:aws:cognito-idp:us-east-1:123456789012:userpool/{POOL}");
    let id = format!("write the id alone, which is {POOL}");
    sandbox.run(&["export", "--user-pool-id", &arn]).assert_failed(&id);
    sandbox.run(&["import", "--user-pool-id", &arn, "-"]).assert_failed(&id);
    let identity = "us-east-1:01234567-89ab-cdef-0123-456789abcdef";
    sandbox.run(&["export", "--user-pool-id", identity]).assert_failed("an identity pool");
    sandbox.run_with_input(&["diff", "-"], &manifest("a", &arn, TOTP_ON)).assert_failed(&id);
    assert!(sandbox.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_command_line_exits_with_2() {
    let sandbox = Sandbox::new().await;
    for arguments in [
        &["diff"][..],
        &["export"],
        &["export", "--all", "--user-pool-id", POOL],
        &["apply", "-o", "xml", "-"],
        &["diff", "--endpoint-url", "", "-"],
        &["diff", "--endpoint-url", "localhost:4566", "-"],
        &["diff", "--endpoint-url", "http://:4566", "-"],
    ] {
        assert_eq!(run(sandbox.command().args(arguments), "").code, 2, "{arguments:?}");
    }
}
