//! `diff`.

use clap::Parser;
use cognito_mfa_core::calls::{decode::decode, failure::Operation};
use cognito_mfa_operator::cli::{Cli, Command, ToolCommand};
use serde_json::{Map, json};

use crate::sandbox::{OFF, POOL, Sandbox, TOTP_ON, manifest, totp_on};

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_pool_exits_with_0() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    let output = sandbox.run_with_input(&["diff", "-"], &manifest("a", POOL, TOTP_ON));
    assert_eq!((output.code, &*output.stdout), (0, "a (us-east-1_Customers): as declared\n"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn differences_are_shown_field_by_field_and_not_written() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let output = sandbox.run_with_input(&["diff", "-"], &manifest("a", POOL, TOTP_ON));
    assert_eq!(output.code, 1);
    for line in [
        "a (us-east-1_Customers): would be set\n",
        "  mfaConfiguration: OFF -> ON\n",
        "  softwareTokenMfaConfiguration.enabled: false -> true\n",
    ] {
        assert!(output.stdout.contains(line), "{line} {output:#?}");
    }
    assert_eq!(sandbox.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn adoption_leaves_a_pool_alone_that_would_lose_protection() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    let output = sandbox.run_with_input(&["diff", "-"], &manifest("a", POOL, OFF));
    assert_eq!(output.code, 1);
    assert!(
        output.stdout.contains("differs, left alone")
            && output.stdout.contains("AdoptionHeld: The spec would take away"),
        "{output:#?}"
    );
    assert!(output.stderr.contains("without --previous or --cluster"), "{output:#?}");
    let output = sandbox
        .run_with_input(&["diff", "-"], &manifest("a", POOL, &format!("{OFF}\nadoptionPolicy: Overwrite")));
    assert!(
        output.stdout.contains("would be set") && output.stdout.contains("takes away: mode ON to OFF"),
        "{output:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_gets_the_differences_as_json() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let output = sandbox.run_with_input(&["diff", "-o", "json", "-"], &manifest("a", POOL, TOTP_ON));
    let result = &output.json()[0];
    assert_eq!(
        (&result["action"], &result["done"], &result["line"]),
        (&json!("set"), &json!(false), &json!(1))
    );
    assert_eq!(
        result["differences"][0],
        json!({"field": "mfaConfiguration", "declared": "ON", "found": "OFF"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_the_spec_leaves_to_cognito_and_a_write_may_reset_is_named() {
    let sandbox = Sandbox::new().await;
    let email = json!({"Message": "By hand {####}"});
    sandbox.set_pool(POOL, &json!({"MfaConfiguration": "OPTIONAL", "EmailMfaConfiguration": email}));
    let declared = manifest("a", POOL, "mfaConfiguration: \"ON\"\nemailMfaConfiguration: {}");
    let output = sandbox.run_with_input(&["diff", "-"], &declared);
    let line =
        "  may be reset: emailMfaConfiguration.message (By hand {####}): the spec leaves it to Cognito\n";
    assert!(output.code == 1 && output.stdout.contains(line), "{output:#?}");
    let result = &sandbox.run_with_input(&["diff", "-o", "json", "-"], &declared).json()[0];
    assert_eq!(result["resets"][0]["field"], json!("emailMfaConfiguration.message"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observer_of_a_stronger_pool_shows_that_and_exits_with_0() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    let optional = "mfaConfiguration: OPTIONAL\nsoftwareTokenMfaConfiguration: {enabled: true}";
    let declared = manifest("a", POOL, &format!("{optional}\nmanagementPolicy: Observe"));
    let output = sandbox.run_with_input(&["diff", "-o", "json", "-"], &declared);
    let result = &output.json()[0];
    assert_eq!((output.code, &result["reason"]), (0, &json!("StrongerThanDeclared")), "{output:#?}");
    let stronger = json!([{"field": "mfaConfiguration", "declared": "OPTIONAL", "found": "ON"}]);
    assert_eq!((&result["stronger"], &result["differences"]), (&stronger, &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_observing_or_suspended_object_is_never_written() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let observe = format!("{TOTP_ON}\nmanagementPolicy: Observe");
    let output = sandbox.run_with_input(&["diff", "-"], &manifest("a", POOL, &observe));
    assert!(
        output.code == 1
            && output.stdout.contains("DriftDetected")
            && !output.stdout.contains("would be set"),
        "{output:#?}"
    );
    let calls = sandbox.aws.calls().len();
    let output =
        sandbox.run_with_input(&["diff", "-"], &manifest("a", POOL, &format!("{TOTP_ON}\nsuspend: true")));
    assert!(output.code == 1 && output.stdout.contains("suspended, not looked at"), "{output:#?}");
    assert_eq!(sandbox.aws.calls().len(), calls);
}

#[test]
fn the_summary_of_unnamed_settings_cannot_be_tolerated_as_one() {
    let members = (0..23).map(|index| (format!("New{index}"), json!(1)));
    let mut body = json!(members.collect::<Map<_, _>>());
    body["MfaConfiguration"] = json!("ON");
    let unnamed = decode(Operation::Get, body.to_string().as_bytes()).unwrap().unknown.pop().unwrap();
    let arguments = ["cognito-mfa-operator", "diff", "--tolerate-settings", &unnamed, "a.yaml"];
    let Command::Tool(ToolCommand::Diff(diff)) = Cli::try_parse_from(arguments).unwrap().command else {
        panic!()
    };
    assert!(
        unnamed.starts_with("and 3 more") && !diff.sync.tolerate_settings.contains(&unnamed),
        "{unnamed}"
    );
}

/// The pool is as declared, and the file of an earlier run says that the object has adopted it.
fn adopted(sandbox: &Sandbox) {
    sandbox.set_pool(POOL, &totp_on());
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    sandbox.write_file("status.yaml", "");
    assert_eq!(
        sandbox.run(&["apply", "--previous", "status.yaml", "--save", "status.yaml", "a.yaml"]).code,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_weakens_is_shown_with_the_approval_that_releases_it() {
    let sandbox = Sandbox::new().await;
    adopted(&sandbox);
    let arguments = ["diff", "--previous", "status.yaml", "-"];
    let weaker = manifest("a", POOL, OFF);
    let output = sandbox.run_with_input(&[&arguments[..], &["-o", "json"]].concat(), &weaker);
    let approval = &output.json()[0]["approval"];
    let hash = approval["settingsHash"].as_str().unwrap_or_else(|| panic!("{output:#?}")).to_owned();
    assert_eq!((&approval["given"], hash.len()), (&json!(false), "sha256:".len() + 32));
    let output = sandbox.run_with_input(&arguments, &weaker);
    let annotation = format!("cognito.mfaoperator.dev/allow-lowering: \"{hash}\"");
    assert!(output.stdout.contains(&annotation), "{output:#?}");
    let annotated = weaker.replace("name: a\n", &format!("name: a\n  annotations:\n    {annotation}\n"));
    let output = sandbox.run_with_input(&arguments, &annotated);
    assert!(output.stdout.contains("approved: cognito.mfaoperator.dev/allow-lowering"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_takes_nothing_away_is_shown_without_an_approval() {
    let sandbox = Sandbox::new().await;
    adopted(&sandbox);
    let stronger = format!("{TOTP_ON}\nemailMfaConfiguration: {{}}");
    let output =
        sandbox.run_with_input(&["diff", "--previous", "status.yaml", "-"], &manifest("a", POOL, &stronger));
    assert!(
        output.stdout.contains("would be set") && !output.stdout.contains("allow-lowering"),
        "{output:#?}"
    );
}
