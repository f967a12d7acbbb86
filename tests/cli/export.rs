//! `export`.

use cognito_emulator::Fault;
use serde_json::{Value, json};

use crate::sandbox::{POOL, Sandbox, run, totp_on};

pub fn every_section() -> Value {
    json!({
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": true},
        "SmsMfaConfiguration": {
            "SmsAuthenticationMessage": "code {####}",
            "SmsConfiguration": {
                "SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "0123", "SnsRegion": "us-east-1",
            },
        },
        "EmailMfaConfiguration": {"Message": "your code: {####}", "Subject": "yes"},
        "WebAuthnConfiguration": {"RelyingPartyId": "auth.example.com", "UserVerification": "preferred"},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exported_manifest_is_valid_and_equals_its_pool() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &every_section());
    let output = sandbox.run(&["export", "--user-pool-id", POOL, "--namespace", "team-a"]);
    assert_eq!(output.code, 0, "{output:#?}");
    for line in
        ["name: us-east-1-customers\n", "namespace: team-a\n", "externalId: \"0123\"\n", "subject: \"yes\"\n"]
    {
        assert!(output.stdout.contains(line), "{line} {output:#?}");
    }
    assert_eq!(sandbox.run_with_input(&["validate", "-"], &output.stdout).code, 0);
    assert_eq!(sandbox.run_with_input(&["diff", "-"], &output.stdout).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_with_disabled_totp_alone_is_exported_with_totp_enabled() {
    let sandbox = Sandbox::new().await;
    let disabled = json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": false}});
    sandbox.set_pool(POOL, &disabled);
    let live = sandbox.write_file("live.json", &disabled.to_string());
    let import = ["import", "--user-pool-id", POOL, live.to_str().unwrap()];
    for output in [sandbox.run(&["export", "--user-pool-id", POOL]), sandbox.run(&import)] {
        assert_eq!(output.code, 0, "{output:#?}");
        assert!(output.stderr.contains("MFA is ON and no factor is enabled"), "{output:#?}");
        assert_eq!(sandbox.run_with_input(&["apply", "-"], &output.stdout).code, 0);
        assert_eq!(sandbox.settings(POOL), totp_on());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_and_off_are_quoted() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    sandbox.set_pool("us-east-1_Plain", &json!({}));
    let output = sandbox.run(&["export", "--user-pool-id", POOL, "us-east-1_Plain"]);
    assert!(
        output.stdout.contains("mfaConfiguration: \"ON\"\n")
            && output.stdout.contains("mfaConfiguration: \"OFF\"\n"),
        "{output:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_of_the_regions_pools_are_exported_with_unique_names() {
    let sandbox = Sandbox::new().await;
    for number in 0..70 {
        sandbox.set_pool(&format!("us-east-1_Many{number:03}"), &totp_on());
    }
    sandbox.set_pool("eu-west-1_Elsewhere", &totp_on());
    let output = sandbox.run(&["export", "--all", "-o", "json"]);
    assert_eq!(output.code, 0, "{}", output.stderr);
    let items = output.json()["items"].as_array().unwrap().clone();
    let names: std::collections::BTreeSet<_> =
        items.iter().map(|item| item["metadata"]["name"].to_string()).collect();
    assert_eq!((items.len(), names.len()), (70, 70));
    assert_eq!(output.stderr, "70 pools in us-east-1\n");
    let lists = sandbox.aws.calls().iter().filter(|call| call.operation == "ListUserPools").count();
    assert_eq!(lists, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_region_flag_chooses_the_region() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool("eu-west-1_Elsewhere", &totp_on());
    let output = sandbox.run(&["export", "--all", "--region", "eu-west-1"]);
    assert!(output.code == 0 && output.stdout.contains("userPoolId: eu-west-1_Elsewhere"), "{output:#?}");
    assert_eq!(output.stderr, "1 pool in eu-west-1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_region_nothing_is_listed() {
    let sandbox = Sandbox::new().await;
    let mut command = sandbox.command();
    command
        .env_remove("AWS_REGION")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null");
    run(command.args(["export", "--all"]), "").assert_failed("give --region, or set AWS_REGION");
    assert!(sandbox.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_with_unknown_settings_is_not_exported_and_the_others_are() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool("us-east-1_Newer", &json!({"PushMfaConfiguration": {"Enabled": true}}));
    sandbox.set_pool(POOL, &totp_on());
    let output = sandbox.run(&["export", "--user-pool-id", "us-east-1_Newer", "--user-pool-id", POOL]);
    output.assert_failed("us-east-1_Newer: it has settings that this version does not know");
    assert!(output.stdout.contains(POOL) && !output.stdout.contains("Newer"), "{output:#?}");
}

/// More than the three attempts of a call.
#[tokio::test(flavor = "multi_thread")]
async fn throttled_reads_wait_and_end_no_command() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    for operation in ["ListUserPools", "GetUserPoolMfaConfig"] {
        let throttle = Fault::error(operation, "TooManyRequestsException", "Rate exceeded").times(4);
        sandbox.aws.state().faults.push(throttle);
    }
    let output = sandbox.run(&["export", "--all"]);
    assert!(output.code == 0 && output.stdout.contains(POOL), "{output:#?}");
    assert!(output.stderr.contains("note: AWS asks for fewer calls"), "{output:#?}");
}
