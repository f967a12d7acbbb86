//! The real AWS CLI against the emulator: `import` reads its output, and it reads `import`'s.

use std::process::Command;

use serde_json::json;

use crate::{
    export::every_section,
    sandbox::{Output, POOL, Sandbox, TOTP_ON, manifest, run, totp_on},
};

/// Runs the AWS CLI without this machine's configuration.
fn aws(sandbox: &Sandbox, arguments: &[&str]) -> Output {
    let venv = run(&mut Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/venv")), "");
    assert_eq!(venv.code, 0, "{venv:?}");
    let mut command = Command::new(format!("{}/bin/aws", venv.stdout.trim()));
    command
        .args(["--endpoint-url", &sandbox.aws.url(), "--output", "json", "cognito-idp"])
        .args(arguments)
        .current_dir(sandbox.folder.path())
        .env_clear()
        .envs([
            ("AWS_ACCESS_KEY_ID", "any"),
            ("AWS_SECRET_ACCESS_KEY", "any"),
            ("AWS_DEFAULT_REGION", "us-east-1"),
        ])
        .envs([
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_PAGER", ""),
        ]);
    run(&mut command, "")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_output_of_the_aws_cli_is_imported_as_the_pools_manifest() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &every_section());
    let printed = aws(&sandbox, &["get-user-pool-mfa-config", "--user-pool-id", POOL]);
    let imported = sandbox.run_with_input(&["import", "--user-pool-id", POOL, "-"], &printed.stdout);
    assert_eq!(imported.code, 0, "{imported:#?}");
    assert_eq!(imported.stdout, sandbox.run(&["export", "--user-pool-id", POOL]).stdout);
    assert_eq!(sandbox.run_with_input(&["diff", "-"], &imported.stdout).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_accepts_the_input_made_from_a_manifest() {
    let sandbox = Sandbox::new().await;
    let sms_by_eums = "smsMfaConfiguration:\n  smsConfiguration:\n    eumsSms:\n      callerArn: arn:aws:iam::123456789012:role/sms\n      externalId: x\n      region: us-east-1";
    let with_every_section = manifest_of(&sandbox, &every_section());
    for object in [
        manifest("a", POOL, TOTP_ON),
        manifest("a", POOL, &format!("{TOTP_ON}\n{sms_by_eums}")),
        with_every_section,
    ] {
        sandbox.set_pool(POOL, &json!({}));
        sandbox.write_file(
            "input.json",
            &sandbox.run_with_input(&["import", "--to", "aws-cli", "-"], &object).stdout,
        );
        let written = aws(&sandbox, &["set-user-pool-mfa-config", "--cli-input-json", "file://input.json"]);
        assert_eq!(written.code, 0, "{written:#?}");
        assert_eq!(sandbox.run_with_input(&["diff", "-"], &object).code, 0, "{object}");
        assert_ne!(sandbox.settings(POOL), json!({"MfaConfiguration": "OFF"}));
    }
}

/// A manifest of settings in the API's own names.
fn manifest_of(sandbox: &Sandbox, settings: &serde_json::Value) -> String {
    let imported = sandbox.run_with_input(&["import", "--user-pool-id", POOL, "-"], &settings.to_string());
    assert_eq!(imported.code, 0, "{imported:#?}");
    imported.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_reads_what_apply_wrote() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    assert_eq!(sandbox.run_with_input(&["apply", "-"], &manifest("a", POOL, TOTP_ON)).code, 0);
    assert_eq!(aws(&sandbox, &["get-user-pool-mfa-config", "--user-pool-id", POOL]).json(), totp_on());
}
