//! `apply`.

use serde_json::json;

use crate::sandbox::{OFF, POOL, Sandbox, TOTP_ON, manifest, totp_on};

const OTHER: &str = "us-east-1_Partners";
/// MFA that each user may turn on, with TOTP as the factor.
const OPTIONAL: &str = "mfaConfiguration: OPTIONAL\nsoftwareTokenMfaConfiguration: {enabled: true}";

#[tokio::test(flavor = "multi_thread")]
async fn a_second_apply_finds_the_pool_as_declared_and_writes_nothing() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    let output = sandbox.run(&["apply", "a.yaml"]);
    assert!(output.code == 0 && output.stdout.starts_with("a (us-east-1_Customers): set\n"), "{output:#?}");
    assert_eq!(sandbox.settings(POOL), totp_on());
    let output = sandbox.run(&["apply", "a.yaml"]);
    assert!(output.code == 0 && output.stdout.contains("as declared"), "{output:#?}");
    assert_eq!(sandbox.writes(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_sets_nothing() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let output = sandbox.run_with_input(&["apply", "--dry-run", "-"], &manifest("a", POOL, TOTP_ON));
    assert!(output.code == 1 && output.stdout.contains("would be set"), "{output:#?}");
    assert_eq!(sandbox.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_saved_status_lets_the_next_run_tell_a_change_from_an_adoption() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    sandbox.write_file("a.yaml", &manifest("a", POOL, TOTP_ON));
    sandbox.write_file("status.yaml", "");
    let apply = ["apply", "--previous", "status.yaml", "--save", "status.yaml", "a.yaml"];
    let output = sandbox.run(&apply);
    assert!(output.code == 0 && !output.stderr.contains("adopts its pool"), "{output:#?}");
    sandbox.write_file("a.yaml", &manifest("a", POOL, OFF));
    let without_status = sandbox.run(&["apply", "a.yaml"]);
    assert!(
        without_status.code == 1 && without_status.stdout.contains("AdoptionHeld"),
        "{without_status:#?}"
    );
    assert_eq!(sandbox.writes(), 1);
    let output = sandbox.run(&apply);
    assert!(output.code == 0 && output.stdout.contains("takes away: mode ON to OFF"), "{output:#?}");
    assert_eq!(sandbox.settings(POOL)["MfaConfiguration"], json!("OFF"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_strengthened_is_kept_and_what_they_weakened_is_set_back() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let apply = ["apply", "--previous", "status.yaml", "--save", "status.yaml", "a.yaml"];
    sandbox.write_file("a.yaml", &manifest("a", POOL, OPTIONAL));
    sandbox.write_file("status.yaml", "");
    assert_eq!(sandbox.run(&apply).code, 0);
    sandbox.set_pool(
        POOL,
        &json!({"MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}}),
    );
    let output = sandbox.run(&apply);
    let expected = "a (us-east-1_Customers): stronger than declared, left alone\n  mfaConfiguration: ON stays, which is stronger than OPTIONAL\n";
    assert_eq!((output.code, &*output.stdout), (0, expected), "{output:#?}");
    sandbox.set_pool(POOL, &json!({"MfaConfiguration": "OFF"}));
    let output = sandbox.run(&apply);
    assert!(output.code == 0 && output.stdout.starts_with("a (us-east-1_Customers): set\n"), "{output:#?}");
    assert_eq!(sandbox.settings(POOL)["MfaConfiguration"], json!("OPTIONAL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_a_text_keeps_the_stronger_mode_unless_the_policy_is_exact() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let apply = ["apply", "--previous", "status.yaml", "--save", "status.yaml", "a.yaml"];
    let with_subject = |subject: &str, more: &str| {
        let email = format!("emailMfaConfiguration: {{message: 'Code {{####}}', subject: {subject}}}");
        manifest("a", POOL, &format!("{OPTIONAL}\n{email}{more}"))
    };
    sandbox.write_file("a.yaml", &with_subject("one", ""));
    sandbox.write_file("status.yaml", "");
    assert_eq!(sandbox.run(&apply).code, 0);
    let mut strengthened = sandbox.settings(POOL);
    strengthened["MfaConfiguration"] = json!("ON");
    sandbox.set_pool(POOL, &strengthened);
    sandbox.write_file("a.yaml", &with_subject("two", ""));
    let output = sandbox.run(&apply);
    assert!(output.code == 0 && output.stdout.contains("ON stays"), "{output:#?}");
    let settings = sandbox.settings(POOL);
    assert_eq!(
        (&settings["MfaConfiguration"], &settings["EmailMfaConfiguration"]["Subject"]),
        (&json!("ON"), &json!("two"))
    );
    sandbox.write_file("a.yaml", &with_subject("two", "\ndriftPolicy: Exact"));
    let output = sandbox.run(&apply);
    assert!(output.code == 0 && output.stdout.contains("takes away: mode ON to OPTIONAL"), "{output:#?}");
    assert_eq!(sandbox.settings(POOL)["MfaConfiguration"], json!("OPTIONAL"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_invalid_document_prevents_all_writes_and_shows_the_other_pools() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let text = [manifest("a", POOL, TOTP_ON), manifest("b", OTHER, "mfaConfiguration: ON")].join("---\n");
    let output = sandbox.run_with_input(&["apply", "-"], &text);
    output.assert_failed("(standard input):17: spec.mfaConfiguration: YAML reads a bare ON as true");
    output.assert_failed("nothing was set, because of the mistakes above");
    assert!(output.stdout.contains("a (us-east-1_Customers): would be set"), "{output:#?}");
    assert_eq!(sandbox.writes(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_documents_for_one_pool_are_refused_unless_one_only_observes() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let two_documents = |more: &str| {
        [manifest("a", POOL, TOTP_ON), manifest("b", POOL, &format!("{OFF}{more}"))].join("---\n")
    };
    let output = sandbox.run_with_input(&["apply", "-"], &two_documents("\nsuspend: true"));
    output.assert_failed("(standard input):1: spec.userPoolId: (standard input):11 declares the same pool");
    output.assert_failed("(standard input):11: spec.userPoolId: (standard input):1 declares the same pool");
    assert_eq!(sandbox.writes(), 0);
    let output = sandbox.run_with_input(&["apply", "-"], &two_documents("\nmanagementPolicy: Observe"));
    assert!(output.code == 0 && output.stdout.contains("a (us-east-1_Customers): set"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_fails_does_not_stop_the_others() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let text = [manifest("missing", OTHER, TOTP_ON), manifest("a", POOL, TOTP_ON)].join("---\n");
    let output = sandbox.run_with_input(&["apply", "-"], &text);
    output.assert_failed("(standard input):1: missing (us-east-1_Partners): GetUserPoolMfaConfig failed: ResourceNotFoundException");
    assert_eq!(sandbox.settings(POOL), totp_on());
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_settings_are_not_wiped_unless_the_flag_names_them() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({"PushMfaConfiguration": {"Enabled": true}}));
    let object = manifest("a", POOL, TOTP_ON);
    let output = sandbox.run_with_input(&["apply", "-"], &object);
    output.assert_failed("PushMfaConfiguration");
    assert_eq!(sandbox.writes(), 0);
    let output =
        sandbox.run_with_input(&["apply", "--tolerate-settings", "PushMfaConfiguration", "-"], &object);
    assert_eq!((output.code, sandbox.writes()), (0, 1), "{output:#?}");
}
