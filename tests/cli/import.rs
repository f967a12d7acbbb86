//! `import`.

use serde_json::{Value, json};

use crate::sandbox::{POOL, Sandbox, TOTP_ON, manifest, totp_on};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_api_becomes_a_manifest() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &totp_on());
    let output = sandbox.run_with_input(
        &["import", "--user-pool-id", POOL, "--name", "customers", "-"],
        &totp_on().to_string(),
    );
    assert_eq!(output.code, 0, "{output:#?}");
    assert!(
        output.stdout.contains("name: customers\n") && output.stdout.contains("mfaConfiguration: \"ON\"\n"),
        "{output:#?}"
    );
    assert_eq!(sandbox.run_with_input(&["diff", "-"], &output.stdout).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_becomes_an_input_and_the_input_a_manifest_again() {
    let sandbox = Sandbox::new().await;
    let input = sandbox
        .run_with_input(&["import", "--to", "aws-cli", "-"], &manifest("us-east-1-customers", POOL, TOTP_ON));
    let mut wanted = totp_on();
    wanted["UserPoolId"] = POOL.into();
    assert_eq!(input.json(), wanted);
    let back = sandbox.run_with_input(&["import", "-"], &input.stdout);
    assert!(back.stdout.contains(&format!("userPoolId: {POOL}\n")), "{back:#?}");
    assert_eq!(sandbox.run_with_input(&["import", "--to", "aws-cli", "-"], &back.stdout).json(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_that_would_lose_something_is_refused_with_what_to_do() {
    let sandbox = Sandbox::new().await;
    let import = |input: &str| sandbox.run_with_input(&["import", "-"], input);
    import(&totp_on().to_string()).assert_failed("give --user-pool-id");
    import("{}").assert_failed(
        "(standard input):1: this is no JSON of get- or set-user-pool-mfa-config: it has no MfaConfiguration",
    );
    import("{\"MfaConfiguration\": \"ON\",\n\"SoftwareTokenMfaConfiguration\": {\n\"Enabled\": \"yes\"}}")
        .assert_failed("(standard input):3: this is no JSON of get- or set-user-pool-mfa-config: SoftwareTokenMfaConfiguration.Enabled is not a boolean");
    import("{\"MfaConfiguration\": \"ON\",\n\"SoftwareTokenMfaConfig\": {}}").assert_failed(
        "(standard input):2: it has settings that this version does not know and would lose: SoftwareTokenMfaConfig (did you mean SoftwareTokenMfaConfiguration?). Upgrade",
    );
    import(&manifest("a", POOL, TOTP_ON))
        .assert_failed("(standard input):1: this is a manifest already: --to aws-cli");
    sandbox
        .run_with_input(&["import", "--to", "aws-cli", "-"], &totp_on().to_string())
        .assert_failed("(standard input):1: this is the AWS CLI's JSON already: without --to aws-cli");
    import("{\"MfaConfiguration\": \"ON\", \"Push\": {}}").assert_failed("would lose: Push");
    import("{\"MfaConfiguration\": \"SOMETIMES\"}").assert_failed("SOMETIMES");
    import("{\"MfaConfiguration\": \"ON\", \"UserPoolId\": \"us-east-1_A\"}").assert_failed("need a factor");
    import("{\"MfaConfiguration\": \"OFF\", \"UserPoolId\": 7}").assert_failed("UserPoolId is no text: 7");
    import("not: [json").assert_failed("cannot be read as YAML");
    let two = sandbox.run_with_input(
        &["import", "--user-pool-id", "us-east-1_B", "-"],
        "{\"UserPoolId\": \"us-east-1_A\", \"MfaConfiguration\": \"OFF\"}",
    );
    two.assert_failed("it is about the pool us-east-1_A, and --user-pool-id says us-east-1_B");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_mistaken_for_the_settings_is_named_with_what_to_give() {
    let sandbox = Sandbox::new().await;
    let import = |input: &str| sandbox.run_with_input(&["import", "--user-pool-id", POOL, "-"], input);
    let described = json!({"UserPool": {"Id": POOL, "Name": "customers", "MfaConfiguration": "OPTIONAL"}});
    let described = import(&described.to_string());
    described.assert_failed("(standard input):1: this is the JSON of describe-user-pool");
    described.assert_failed(&format!("get-user-pool-mfa-config --user-pool-id {POOL} --output json"));
    import("{\"Type\": \"AWS::Cognito::UserPool\", \"Properties\": {}}")
        .assert_failed("this is from CloudFormation");
    import("{\"id\": \"x\", \"mfa_configuration\": \"ON\"}").assert_failed("this is from Terraform");
    import(&json!([totp_on()]).to_string()).assert_failed("this is a list: give the answer of one pool");
    import("ON\nSOFTWARETOKENMFACONFIGURATION\tTrue\n").assert_failed("give the AWS CLI --output json");
    import("ON\nEMAILMFACONFIGURATION\tCode: {####}: yours\n").assert_failed("--output json");
    import("\nAn error occurred (ResourceNotFoundException) when calling the GetUserPoolMfaConfig operation: gone\n")
        .assert_failed("this is an error of the AWS CLI, and not an answer: An error occurred (ResourceNotF");
    import("apiVersion: apps/v1\nkind: Deployment\n").assert_failed("this is a Deployment of apps/v1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skeleton_is_refused_with_its_first_empty_member() {
    let sandbox = Sandbox::new().await;
    let mut skeleton = json!({"UserPoolId": "", "MfaConfiguration": "OFF", "EmailMfaConfiguration": {"Message": "", "Subject": ""}});
    for arguments in [&["import", "-"][..], &["import", "--user-pool-id", POOL, "-"]] {
        let output = sandbox.run_with_input(arguments, &skeleton.to_string());
        output.assert_failed("(standard input):1: UserPoolId is empty, as in a skeleton");
    }
    skeleton["UserPoolId"] = POOL.into();
    let output = sandbox.run_with_input(&["import", "-"], &skeleton.to_string());
    output.assert_failed("EmailMfaConfiguration.Message is empty, as in a skeleton");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_of_an_sdk_and_the_yaml_of_the_cli_become_the_same_manifest() {
    let sandbox = Sandbox::new().await;
    let import = |input: &str| sandbox.run_with_input(&["import", "--user-pool-id", POOL, "-"], input);
    let manifest = import(&totp_on().to_string()).stdout;
    assert!(manifest.contains("userPoolId"), "{manifest}");
    for member in ["ResponseMetadata", "$metadata"] {
        let mut answer = totp_on();
        answer[member] = json!({"HTTPStatusCode": 200});
        assert_eq!(import(&answer.to_string()).stdout, manifest);
    }
    let yaml = "MfaConfiguration: 'ON'\nSoftwareTokenMfaConfiguration:\n  Enabled: true\n";
    assert_eq!(import(yaml).stdout, manifest);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_an_old_aws_cli_may_have_printed_is_noted() {
    let sandbox = Sandbox::new().await;
    let import = |input: &Value| {
        let output = sandbox.run_with_input(&["import", "--user-pool-id", POOL, "-"], &input.to_string());
        assert_eq!(output.code, 0, "{output:#?}");
        output
    };
    let mut live = totp_on();
    live["EmailMfaConfiguration"] = json!({});
    sandbox.set_pool(POOL, &live);
    assert!(!import(&live).stderr.contains("older AWS CLI"));
    let old = import(&totp_on());
    assert!(old.stderr.contains("older AWS CLI") && old.stderr.contains("export --user-pool-id"), "{old:#?}");
    let held = sandbox.run_with_input(&["diff", "-"], &old.stdout);
    assert!(held.stdout.contains("AdoptionHeld") && held.stderr.contains("older AWS CLI"), "{held:#?}");
    let same = sandbox.run_with_input(&["diff", "-"], &import(&live).stdout);
    assert!(same.code == 0 && !same.stderr.contains("older AWS CLI"), "{same:#?}");
}
