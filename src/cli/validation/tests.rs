use serde_json::json;

use super::*;
use crate::cli::input::parse;

const HEAD: &str = "apiVersion: cognito.mfaoperator.dev/v1alpha1\nkind: UserPoolMfaConfig\nmetadata:\n  name: customers\nspec:\n  userPoolId: eu-west-1_AbCdEf123\n";

/// What is wrong with a manifest whose spec goes on so.
fn wrong(rest: &str) -> Vec<String> {
    let document = parse("f", &format!("{HEAD}{rest}")).remove(0).unwrap();
    let judged = Validator::new().unwrap().object(&document);
    judged.err().into_iter().flatten().map(|problem| problem.to_string()).collect()
}

#[test]
fn a_good_manifest_is_the_object_that_it_declares() {
    assert_eq!(wrong("  mfaConfiguration: \"ON\"\n  emailMfaConfiguration: {}\n"), Vec::<String>::new());
}

#[test]
fn each_mistake_is_told_with_its_line_and_what_to_write() {
    for (rest, told) in [
        (
            "  mfaConfiguration: ON\n",
            "f:7: spec.mfaConfiguration: YAML reads a bare ON as true: write \"ON\", with the quotes",
        ),
        (
            "  mfaConfiguration: off\n",
            "f:7: spec.mfaConfiguration: YAML reads a bare OFF as false: write \"OFF\", with the quotes",
        ),
        (
            "  mfaConfiguration: Optional\n",
            "f:7: spec.mfaConfiguration: \"Optional\" is none of \"OFF\", \"OPTIONAL\", \"ON\"; did you mean \"OPTIONAL\"?",
        ),
        ("  suspend: false\n", "f:5: spec.mfaConfiguration: this field is missing"),
        (
            "  mfaConfiguration: \"OFF\"\n  softwareTokenMfa: {enabled: true}\n",
            "f:8: spec.softwareTokenMfa: there is no such field; did you mean softwareTokenMfaConfiguration?",
        ),
        ("  mfaConfiguration: \"OFF\"\n  zebra: 1\n", "f:8: spec.zebra: there is no such field"),
        (
            "  mfaConfiguration: \"OFF\"\n  emailMfaConfiguration:\n",
            "f:8: spec.emailMfaConfiguration: nothing stands after this key: write {} to declare the section empty, or remove the key",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  suspend: \"no\"\n",
            "f:8: spec.suspend: this is the text \"no\": write true or false without quotes",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  driftCheckInterval: 48h\n",
            "f:8: spec.driftCheckInterval: write a duration from 1m to 24h in whole hours, minutes and seconds, such as 10m or 1h30m",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  smsMfaConfiguration:\n    smsConfiguration:\n      snsCallerArn: role\n",
            "f:10: spec.smsMfaConfiguration.smsConfiguration.snsCallerArn: write the ARN of an IAM role, such as arn:aws:iam::123456789012:role/cognito-sms",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  smsMfaConfiguration:\n    smsConfiguration:\n      eumsSms:\n        callerArn: arn:aws:iam::123456789012:role/x\n        region: us-east-1\n",
            "f:5: spec: smsMfaConfiguration.smsConfiguration.eumsSms.region must be the region of the pool (the part of userPoolId before the underscore)",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  webAuthnConfiguration: {relyingPartyId: 12}\n",
            "f:8: spec.webAuthnConfiguration.relyingPartyId: this is the number 12: write it in quotes",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  webAuthnConfiguration: true\n",
            "f:8: spec.webAuthnConfiguration: this is true: write a section, {} for an empty one",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  emailMfaConfiguration: {subject: \"\"}\n",
            "f:8: spec.emailMfaConfiguration.subject: it has 0 characters, and at least 1 are wanted",
        ),
    ] {
        assert_eq!(wrong(rest), [told], "{rest}");
    }
}

#[test]
fn a_choice_without_a_value_is_told_with_the_values() {
    let told = wrong("  mfaConfiguration: \"OFF\"\n  webAuthnConfiguration:\n    userVerification:\n");
    let message = "nothing stands after this key: write \"required\" or \"preferred\", or remove the key";
    assert_eq!(told, [format!("f:9: spec.webAuthnConfiguration.userVerification: {message}")]);
}

#[test]
fn a_mode_without_a_factor_is_told_in_the_words_of_the_rule() {
    let told = wrong("  mfaConfiguration: \"ON\"\n");
    assert!(
        told.len() == 1 && told[0].starts_with("f:5: spec: mfaConfiguration ON and OPTIONAL need a factor"),
        "{told:?}"
    );
}

#[test]
fn other_kinds_are_named() {
    for (text, told) in [
        (
            "apiVersion: apps/v1\nkind: Deployment\n",
            "f:2: kind: this is a Deployment of apps/v1, and only a UserPoolMfaConfig of cognito.mfaoperator.dev/v1alpha1 is known here",
        ),
        ("apiVersion: v1\n", "f:1: kind: kind is missing: write kind: UserPoolMfaConfig"),
        (
            "- a\n",
            "f:1: this is no object of Kubernetes: write a UserPoolMfaConfig of cognito.mfaoperator.dev/v1alpha1",
        ),
    ] {
        let document = parse("f", text).remove(0).unwrap();
        let problems = Validator::new().unwrap().object(&document).unwrap_err();
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
    }
}

#[test]
fn a_label_that_kubernetes_refuses_is_told_with_its_line() {
    let text =
        format!("{HEAD}  mfaConfiguration: \"OFF\"\n").replace("spec:", "  labels:\n    team: a b\nspec:");
    let document = parse("f", &text).remove(0).unwrap();
    let problems = Validator::new().unwrap().object(&document).unwrap_err();
    assert!(
        problems[0].to_string().starts_with("f:6: metadata.labels.team: a label's value has"),
        "{problems:?}"
    );
}

#[test]
fn names_and_labels_are_judged_as_kubernetes_does() {
    let judge = Validator::new().unwrap();
    let with = |meta: Value| {
        let spec = json!({"userPoolId": "eu-west-1_AbCdEf123", "mfaConfiguration": "OFF"});
        judge.accepts(&json!({"metadata": meta, "spec": spec}))
    };
    for good in [
        json!({"name": "a.b-c.1"}),
        json!({"generateName": "a-"}),
        json!({"name": "a", "labels": {"x": "y", "app.kubernetes.io/name": ""}}),
        json!({"name": "a", "annotations": {"Example.com/Why": "any text: é"}, "finalizers": ["example.com/a"]}),
        // As the API server, which takes it for an empty text.
        json!({"name": "a", "labels": {"x": null}}),
    ] {
        assert!(with(good.clone()), "{good}");
    }
    for bad in [
        json!({}),
        json!({"name": "A"}),
        json!({"name": 1}),
        json!({"name": "a_b"}),
        json!({"name": "a..b"}),
        json!({"name": "a", "namespace": "x.y"}),
        json!({"name": "a", "labels": {"x": 1}}),
        json!({"name": "a", "lables": {}}),
        json!({"name": "a", "labels": {"x y": "z"}}),
        json!({"name": "a", "labels": {"x": "y z"}}),
        json!({"name": "a", "labels": {"Example.com/x": "y"}}),
        json!({"name": "a", "annotations": {"x y": "z"}}),
        json!({"name": "a", "annotations": {"x": "y".repeat(256 << 10)}}),
        json!({"name": "a", "finalizers": ["example.com/a/b"]}),
        json!({"name": "a", "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "b"}]}),
        json!({"generateName": "A-"}),
        json!({"generateName": "a.-"}),
    ] {
        assert!(!with(bad.clone()), "{bad}");
    }
}

/// Every keyword that the definition has below spec is one that is judged here.
#[test]
fn the_definition_uses_only_what_is_judged() {
    const JUDGED: [&str; 13] = [
        "default",
        "description",
        "enum",
        "format",
        "maxLength",
        "minLength",
        "nullable",
        "pattern",
        "properties",
        "required",
        "type",
        "x-kubernetes-validations",
        "x-kubernetes-map-type",
    ];
    fn keywords(schema: &Value, found: &mut std::collections::BTreeSet<String>) {
        found.extend(schema.as_object().unwrap().keys().cloned());
        schema["properties"].as_object().into_iter().flatten().for_each(|(_, below)| keywords(below, found));
    }
    let definition = serde_json::to_value(crd()).unwrap();
    let mut found = std::collections::BTreeSet::new();
    keywords(
        &definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"],
        &mut found,
    );
    assert!(found.iter().all(|keyword| JUDGED.contains(&keyword.as_str())), "{found:?}");
}

#[test]
fn a_status_in_a_manifest_is_not_the_objects() {
    let text = format!("{HEAD}  mfaConfiguration: \"OFF\"\nstatus:\n  appliedHash: forged\n");
    let document = parse("f", &text).remove(0).unwrap();
    assert_eq!(Validator::new().unwrap().object(&document).unwrap().status, None);
}
