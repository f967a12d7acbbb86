//! `import`.

use crate::ran::{Desk, POOL, TOTP_ON, manifest, totp_on};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_becomes_a_manifest() {
    let desk = Desk::new().await;
    desk.pool(POOL, &totp_on());
    let ran =
        desk.fed(&["import", "--user-pool-id", POOL, "--name", "customers", "-"], &totp_on().to_string());
    assert_eq!(ran.code, 0, "{ran:#?}");
    assert!(
        ran.out.contains("name: customers\n") && ran.out.contains("mfaConfiguration: \"ON\"\n"),
        "{ran:#?}"
    );
    assert_eq!(desk.fed(&["diff", "-"], &ran.out).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_becomes_an_input_and_the_input_the_manifest() {
    let desk = Desk::new().await;
    let input =
        desk.fed(&["import", "--to", "aws-cli", "-"], &manifest("us-east-1-customers", POOL, TOTP_ON));
    let mut wanted = totp_on();
    wanted["UserPoolId"] = POOL.into();
    assert_eq!(input.json(), wanted);
    let back = desk.fed(&["import", "-"], &input.out);
    assert!(back.out.contains(&format!("userPoolId: {POOL}\n")), "{back:#?}");
    assert_eq!(desk.fed(&["import", "--to", "aws-cli", "-"], &back.out).json(), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_turned_whole_is_refused_with_what_to_do() {
    let desk = Desk::new().await;
    let import = |input: &str| desk.fed(&["import", "-"], input);
    import(&totp_on().to_string()).refused("give --user-pool-id");
    import("{}").refused(
        "(standard input):1: this is no JSON of get- or set-user-pool-mfa-config: it has no MfaConfiguration",
    );
    import("{\"MfaConfiguration\": \"ON\",\n\"SoftwareTokenMfaConfiguration\": {\n\"Enabled\": \"yes\"}}")
        .refused("(standard input):3: this is no JSON of get- or set-user-pool-mfa-config: SoftwareTokenMfaConfiguration.Enabled is not a boolean");
    import("{\"MfaConfiguration\": \"ON\",\n\"SoftwareTokenMfaConfig\": {}}").refused(
        "(standard input):2: it has settings that this version does not know and would lose: SoftwareTokenMfaConfig (did you mean SoftwareTokenMfaConfiguration?). Upgrade",
    );
    import(&manifest("a", POOL, TOTP_ON))
        .refused("(standard input):1: this is a manifest already: --to aws-cli");
    desk.fed(&["import", "--to", "aws-cli", "-"], &totp_on().to_string())
        .refused("(standard input):1: this is the AWS CLI's JSON already: without --to aws-cli");
    import("{\"MfaConfiguration\": \"ON\", \"Push\": {}}").refused("would lose: Push");
    import("{\"MfaConfiguration\": \"SOMETIMES\"}").refused("SOMETIMES");
    import("{\"MfaConfiguration\": \"ON\", \"UserPoolId\": \"us-east-1_A\"}").refused("need a factor");
    import("{\"MfaConfiguration\": \"OFF\", \"UserPoolId\": 7}").refused("UserPoolId is no text: 7");
    import("not: [json").refused("cannot be read as YAML");
    let two = desk.fed(
        &["import", "--user-pool-id", "us-east-1_B", "-"],
        "{\"UserPoolId\": \"us-east-1_A\", \"MfaConfiguration\": \"OFF\"}",
    );
    two.refused("it is about the pool us-east-1_A, and --user-pool-id says us-east-1_B");
}
