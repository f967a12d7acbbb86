//! `export`.

use serde_json::{Value, json};

use crate::ran::{Desk, POOL, finished, totp_on};

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
async fn what_is_exported_is_valid_and_differs_in_nothing() {
    let desk = Desk::new().await;
    desk.pool(POOL, &every_section());
    let ran = desk.run(&["export", "--user-pool-id", POOL, "--namespace", "team-a"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    for line in
        ["name: us-east-1-customers\n", "namespace: team-a\n", "externalId: \"0123\"\n", "subject: \"yes\"\n"]
    {
        assert!(ran.out.contains(line), "{line} {ran:#?}");
    }
    assert_eq!(desk.fed(&["validate", "-"], &ran.out).code, 0);
    assert_eq!(desk.fed(&["diff", "-"], &ran.out).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_and_off_are_quoted() {
    let desk = Desk::new().await;
    desk.pool(POOL, &totp_on());
    desk.pool("us-east-1_Plain", &json!({}));
    let ran = desk.run(&["export", "--user-pool-id", POOL, "us-east-1_Plain"]);
    assert!(
        ran.out.contains("mfaConfiguration: \"ON\"\n") && ran.out.contains("mfaConfiguration: \"OFF\"\n"),
        "{ran:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pools_of_the_region_come_page_by_page_with_names_of_their_own() {
    let desk = Desk::new().await;
    for number in 0..70 {
        desk.pool(&format!("us-east-1_Many{number:03}"), &totp_on());
    }
    desk.pool("eu-west-1_Elsewhere", &totp_on());
    let ran = desk.run(&["export", "--all", "-o", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let items = ran.json()["items"].as_array().unwrap().clone();
    let names: std::collections::BTreeSet<_> =
        items.iter().map(|item| item["metadata"]["name"].to_string()).collect();
    assert_eq!((items.len(), names.len()), (70, 70));
    assert_eq!(ran.err, "70 pools in us-east-1\n");
    let lists = desk.aws.calls().iter().filter(|call| call.operation == "ListUserPools").count();
    assert_eq!(lists, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_names_the_region() {
    let desk = Desk::new().await;
    desk.pool("eu-west-1_Elsewhere", &totp_on());
    let ran = desk.run(&["export", "--all", "--region", "eu-west-1"]);
    assert!(ran.code == 0 && ran.out.contains("userPoolId: eu-west-1_Elsewhere"), "{ran:#?}");
    assert_eq!(ran.err, "1 pool in eu-west-1\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_region_nothing_is_listed() {
    let desk = Desk::new().await;
    let mut command = desk.command();
    command
        .env_remove("AWS_REGION")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null");
    finished(command.args(["export", "--all"]), "").refused("give --region, or set AWS_REGION");
    assert!(desk.aws.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_with_unknown_settings_is_not_exported_and_keeps_no_other() {
    let desk = Desk::new().await;
    desk.pool("us-east-1_Newer", &json!({"PushMfaConfiguration": {"Enabled": true}}));
    desk.pool(POOL, &totp_on());
    let ran = desk.run(&["export", "--user-pool-id", "us-east-1_Newer", "--user-pool-id", POOL]);
    ran.refused("us-east-1_Newer: it has settings that this version does not know");
    assert!(ran.out.contains(POOL) && !ran.out.contains("Newer"), "{ran:#?}");
}
