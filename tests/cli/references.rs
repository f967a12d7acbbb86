//! Objects with a reference to their pool.

use serde_json::json;

use crate::sandbox::{POOL, Sandbox, TOTP_ON, totp_on};

/// A manifest with a reference.
fn referring(name: &str, source: &str) -> String {
    let indented = format!("{source}\n{TOTP_ON}").replace('\n', "\n  ");
    format!(
        "apiVersion: cognito.mfaoperator.dev/v1alpha1\nkind: UserPoolMfaConfig\nmetadata:\n  name: {name}\nspec:\n  {indented}\n"
    )
}

const ACK: &str = "userPoolRef: {group: cognitoidentityprovider.services.k8s.aws, name: customers}";
const CONFIG_MAP: &str = "userPoolIdFrom: {configMapKeyRef: {name: outputs, key: pool}}";

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_of_a_reference_are_validated() {
    let sandbox = Sandbox::new().await;
    for source in [ACK, CONFIG_MAP, "userPoolIdFrom: {secretKeyRef: {name: outputs, key: pool}}"] {
        let output = sandbox.run_with_input(&["validate", "-"], &referring("a", source));
        assert_eq!(output.code, 0, "{source}: {output:#?}");
    }
    for (source, words) in [
        (&*format!("userPoolId: {POOL}\n{ACK}"), "give one of userPoolId, userPoolRef"),
        ("suspend: false", "give one of userPoolId, userPoolRef"),
        ("userPoolRef: {group: cognito.example.com, name: a}", "cognitoidp.aws.m.upbound.io"),
        ("userPoolIdFrom: {}", "one of the two"),
        ("userPoolIdFrom: {configMapKeyRef: {name: outputs}}", "key"),
    ] {
        let output = sandbox.run_with_input(&["validate", "-"], &referring("a", source));
        assert!(output.code != 0 && output.stdout.contains(words), "{source}: {output:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_documents_with_the_same_reference_are_reported_as_mistakes() {
    let sandbox = Sandbox::new().await;
    let both = format!("{}---\n{}", referring("a", ACK), referring("b", ACK));
    let output = sandbox.run_with_input(&["validate", "-"], &both);
    assert!(output.code != 0 && output.stdout.contains("declares the same pool"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn diff_and_apply_ask_for_the_pool_of_a_reference() {
    let sandbox = Sandbox::new().await;
    sandbox.set_pool(POOL, &json!({}));
    let output = sandbox.run_with_input(&["diff", "-"], &referring("a", ACK));
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("--pool NAME=ID"), "{output:#?}");
    let pool = format!("a={POOL}");
    let output = sandbox.run_with_input(&["diff", "-", "--pool", &pool], &referring("a", ACK));
    assert!(output.code == 1 && output.stdout.contains(&format!("a ({POOL}): would be set")), "{output:#?}");
    sandbox.set_pool(POOL, &totp_on());
    let output = sandbox.run_with_input(&["apply", "-", "--pool", &pool], &referring("a", CONFIG_MAP));
    assert_eq!(output.code, 0, "{output:#?}");
    let other = format!("b={POOL}");
    let output = sandbox.run_with_input(&["apply", "-", "--pool", &other], &referring("a", ACK));
    assert!(output.stderr.contains("no object of this name has a reference"), "{output:#?}");
    let output = sandbox.run_with_input(&["diff", "-", "--pool", "a"], &referring("a", ACK));
    assert!(output.stderr.contains("customers=eu-west-1_AbCdEf123"), "{output:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clis_json_needs_the_id() {
    let sandbox = Sandbox::new().await;
    let output = sandbox.run_with_input(&["import", "--to", "aws-cli", "-"], &referring("a", ACK));
    assert!(output.code != 0 && output.stderr.contains("write userPoolId in a copy"), "{output:#?}");
}
