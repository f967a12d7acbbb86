//! `doctor`.

use cognito_emulator::{EmailSender, Facts, Fault};
use serde_json::{Value, json};

use crate::sandbox::{POOL, Sandbox, TOTP_ON, manifest, totp_on};

const EMAIL_ON: &str = "mfaConfiguration: \"ON\"\nemailMfaConfiguration: {}";

/// A pool with these facts and MFA settings.
fn set_pool(sandbox: &Sandbox, facts: Facts, settings: &Value) {
    sandbox.aws.state().pools.create(POOL, facts).edit_live(settings);
}

fn without_sender() -> Facts {
    Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() }
}

fn denied(operation: &str) -> Fault {
    Fault::error(operation, "AccessDeniedException", "no").times(9)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_as_declared_exits_with_0() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    let output = sandbox.run_with_input(&["doctor", "-"], &manifest("a", POOL, TOTP_ON));
    let expected = "a (us-east-1_Customers): AWS would accept this\n";
    assert_eq!((output.code, &*output.stdout), (0, expected), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_predicted_in_the_words_of_the_apply_that_follows() {
    let sandbox = Sandbox::new().await;
    set_pool(&sandbox, without_sender(), &json!({}));
    let declared = manifest("a", POOL, EMAIL_ON);
    let output = sandbox.run_with_input(&["doctor", "-"], &declared);
    assert_eq!((output.code, sandbox.writes()), (1, 0), "{output:#?}");
    let words = "EmailSendingAccount of COGNITO_DEFAULT";
    for line in [
        "a (us-east-1_Customers): AWS would refuse this\n  refused: emailMfaConfiguration: ".to_owned(),
        format!("\n    AWS says: {words}\n    in the pool: EmailConfiguration: {{"),
        "\n    or remove from the spec: emailMfaConfiguration\n".to_owned(),
        "\n  users will notice: mfaConfiguration: ".to_owned(),
    ] {
        assert!(output.stdout.contains(&line), "{line} {output:#?}");
    }
    sandbox.run_with_input(&["apply", "-"], &declared).assert_failed(words);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_each_finding_with_its_remedies() {
    let sandbox = Sandbox::new().await;
    set_pool(&sandbox, without_sender(), &json!({}));
    let output = sandbox.run_with_input(&["doctor", "-o", "json", "-"], &manifest("a", POOL, EMAIL_ON));
    let result = &output.json()[0];
    assert_eq!(
        (&result["verdict"], &result["line"], &result["name"]),
        (&json!("refused"), &json!(1), &json!("a"))
    );
    let finding = &result["findings"][0];
    for (member, value) in [
        ("kind", "refused"),
        ("topic", "Email sender"),
        ("field", "emailMfaConfiguration"),
        ("grade", "measured"),
    ] {
        assert_eq!(finding[member], value);
    }
    assert_eq!(finding["remedies"][1], json!({"place": "removeFromSpec", "text": "emailMfaConfiguration"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comment_on_a_pull_request_is_a_table_for_each_pool() {
    let sandbox = Sandbox::new().await;
    set_pool(&sandbox, without_sender(), &json!({}));
    let output = sandbox.run_with_input(&["doctor", "-o", "markdown", "-"], &manifest("a", POOL, EMAIL_ON));
    let head = "### a (`us-east-1_Customers`): AWS would refuse this\n\n| | field | why | what to do |\n|---|---|---|---|\n| **refused** | `emailMfaConfiguration` | ";
    assert!(output.stdout.starts_with(head), "{output:#?}");
    assert!(
        output
            .stdout
            .lines()
            .skip(2)
            .all(|line| line.starts_with("| ") && line.ends_with(" |") || line.starts_with("|---")),
        "{output:#?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_an_object_is_looked_at_as_it_is() {
    let sandbox = Sandbox::new().await;
    set_pool(&sandbox, Facts { first_factors: vec!["EMAIL_OTP".into()], ..Facts::ready() }, &totp_on());
    let output = sandbox.run(&["doctor", "--user-pool-id", POOL]);
    assert_eq!((output.code, sandbox.writes()), (1, 0));
    assert!(output.stdout.starts_with("us-east-1_Customers: AWS would refuse this\n"), "{output:#?}");
    assert!(output.stdout.contains("    in the spec: mfaConfiguration: \"OPTIONAL\"\n"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_right_to_describe_the_pool_is_named_and_exits_with_2() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    sandbox.aws.state().faults.push(denied("DescribeUserPool"));
    let output = sandbox.run_with_input(&["doctor", "-"], &manifest("a", POOL, TOTP_ON));
    assert_eq!(output.code, 2, "{output:#?}");
    assert!(
        output.stdout.contains("what AWS would say is not known\n  not looked at: userPoolId: "),
        "{output:#?}"
    );
    assert!(
        output
            .stdout
            .contains("    allow: {\"Effect\": \"Allow\", \"Action\": \"cognito-idp:DescribeUserPool\"")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_that_cannot_be_read_hides_no_other() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    let both = [manifest("a", "us-east-1_Gone", TOTP_ON), manifest("b", POOL, TOTP_ON)].join("---\n");
    let output = sandbox.run_with_input(&["doctor", "-"], &both);
    output.assert_failed(
        "error: (standard input):1: a (us-east-1_Gone): GetUserPoolMfaConfig: ResourceNotFoundException",
    );
    assert_eq!(output.stdout, "b (us-east-1_Customers): AWS would accept this\n");
    let json = sandbox.run_with_input(&["doctor", "-o", "json", "-"], &both).json();
    assert_eq!((&json[0]["verdict"], &json[1]["verdict"]), (&json!("failed"), &json!("accepted")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strength_that_the_operator_would_keep_is_no_finding() {
    let sandbox = Sandbox::new().await;
    let optional = "mfaConfiguration: OPTIONAL\nsoftwareTokenMfaConfiguration: {enabled: true}";
    sandbox.write_file("a.yaml", &manifest("a", POOL, optional));
    sandbox.write_file("status.yaml", "");
    sandbox.set_pool(POOL, &json!({}));
    let applied = sandbox.run(&["apply", "--previous", "status.yaml", "--save", "status.yaml", "a.yaml"]);
    assert_eq!(applied.code, 0, "{applied:#?}");
    sandbox.set_pool(POOL, &totp_on());
    let output = sandbox.run(&["doctor", "--previous", "status.yaml", "a.yaml"]);
    assert_eq!(output.code, 0, "{output:#?}");
    let output = sandbox.run(&["doctor", "a.yaml"]);
    assert!(output.code == 1 && output.stdout.contains("users will notice"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_off_that_is_left_alone_is_not_predicted_to_be_refused() {
    let sandbox = Sandbox::new().await;
    sandbox.write_file("a.yaml", &manifest("a", POOL, crate::sandbox::OFF));
    sandbox.write_file("status.yaml", "");
    sandbox.set_pool(POOL, &json!({}));
    let applied = sandbox.run(&["apply", "--previous", "status.yaml", "--save", "status.yaml", "a.yaml"]);
    assert_eq!(applied.code, 0, "{applied:#?}");
    // The operator keeps the mode and no factor, and never writes that.
    sandbox.set_pool(POOL, &json!({"MfaConfiguration": "ON", "EmailMfaConfiguration": {}}));
    let output = sandbox.run(&["doctor", "--previous", "status.yaml", "a.yaml"]);
    assert_eq!(output.code, 0, "{output:#?}");
}

/// The text of the page between two lines, without them.
fn between<'a>(start: &str, end: &str) -> &'a str {
    const PAGE: &str = include_str!("../../docs/doctor.md");
    let (_, rest) = PAGE.split_once(start).expect(start);
    rest.split_once(end).expect(end).0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_what_the_command_prints() {
    let sandbox = Sandbox::new().await;
    let facts = Facts { estimated_users: 4711, ..without_sender() };
    let optional =
        json!({"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": true}});
    sandbox.aws.state().pools.create("eu-west-1_AbCdEf123", facts).edit_live(&optional);
    sandbox.write_file("customers.yaml", between("```yaml\n", "```\n"));
    let output = sandbox.run(&["doctor", "customers.yaml"]);
    let shown = between("$ cognito-mfa-operator doctor customers.yaml\n", "$ echo $?\n1\n```\n");
    assert_eq!((output.code, &*output.stdout), (1, shown), "{output:#?}");
}

#[test]
fn something_to_look_at_must_be_named() {
    let output = crate::sandbox::run_offline(&["doctor"], "");
    assert!(output.code == 2 && output.stderr.contains("<FILE>"), "{output:#?}");
    let output = crate::sandbox::run_offline(&["doctor", "--user-pool-id", POOL, "--cluster"], "");
    assert_eq!(output.code, 2);
}
