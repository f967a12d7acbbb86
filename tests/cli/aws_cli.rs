//! The real AWS CLI's own output, and its own reading of ours.

use std::process::Command;

use serde_json::json;

use crate::{
    export::every_section,
    ran::{Desk, POOL, Ran, TOTP_ON, finished, manifest, totp_on},
};

/// The AWS CLI, as a person has it beside this.
fn aws(desk: &Desk, arguments: &[&str]) -> Ran {
    let venv = finished(&mut Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/venv")), "");
    assert_eq!(venv.code, 0, "{venv:?}");
    let mut command = Command::new(format!("{}/bin/aws", venv.out.trim()));
    command
        .args(["--endpoint-url", &desk.aws.url(), "--output", "json", "cognito-idp"])
        .args(arguments)
        .current_dir(desk.folder.path())
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
    finished(&mut command, "")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_aws_cli_prints_of_a_pool_becomes_its_manifest() {
    let desk = Desk::new().await;
    desk.pool(POOL, &every_section());
    let printed = aws(&desk, &["get-user-pool-mfa-config", "--user-pool-id", POOL]);
    let imported = desk.fed(&["import", "--user-pool-id", POOL, "-"], &printed.out);
    assert_eq!(imported.code, 0, "{imported:#?}");
    assert_eq!(imported.out, desk.run(&["export", "--user-pool-id", POOL]).out);
    assert_eq!(desk.fed(&["diff", "-"], &imported.out).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_aws_cli_takes_what_a_manifest_becomes() {
    let desk = Desk::new().await;
    let eums = "smsMfaConfiguration:\n  smsConfiguration:\n    eumsSms:\n      callerArn: arn:aws:iam::123456789012:role/sms\n      externalId: x\n      region: us-east-1";
    let every = manifest_of(&desk, &every_section());
    for object in [manifest("a", POOL, TOTP_ON), manifest("a", POOL, &format!("{TOTP_ON}\n{eums}")), every] {
        desk.pool(POOL, &json!({}));
        desk.file("input.json", &desk.fed(&["import", "--to", "aws-cli", "-"], &object).out);
        let set = aws(&desk, &["set-user-pool-mfa-config", "--cli-input-json", "file://input.json"]);
        assert_eq!(set.code, 0, "{set:#?}");
        assert_eq!(desk.fed(&["diff", "-"], &object).code, 0, "{object}");
        assert_ne!(desk.live(POOL), json!({"MfaConfiguration": "OFF"}));
    }
}

/// A manifest of settings in the API's own names.
fn manifest_of(desk: &Desk, settings: &serde_json::Value) -> String {
    let imported = desk.fed(&["import", "--user-pool-id", POOL, "-"], &settings.to_string());
    assert_eq!(imported.code, 0, "{imported:#?}");
    imported.out
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_sets_the_other_sees() {
    let desk = Desk::new().await;
    desk.pool(POOL, &json!({}));
    assert_eq!(desk.fed(&["apply", "-"], &manifest("a", POOL, TOTP_ON)).code, 0);
    assert_eq!(aws(&desk, &["get-user-pool-mfa-config", "--user-pool-id", POOL]).json(), totp_on());
}
