//! `import`.

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
