use serde_json::json;

use super::*;
use crate::cli::input::parse;

const HEAD: &str = "apiVersion: cognito.mfaoperator.dev/v1alpha1\nkind: UserPoolMfaConfig\nmetadata:\n  name: customers\nspec:\n  userPoolId: eu-west-1_AbCdEf123\n";

/// The problems of a manifest whose spec ends with these lines.
fn problems(rest: &str) -> Vec<String> {
    let document = parse("f", &format!("{HEAD}{rest}")).remove(0).unwrap();
    let result = Validator::new().unwrap().object(&document);
    result.err().into_iter().flatten().map(|problem| problem.to_string()).collect()
}

#[test]
fn a_valid_manifest_has_no_problems() {
    assert_eq!(problems("  mfaConfiguration: \"ON\"\n  emailMfaConfiguration: {}\n"), Vec::<String>::new());
}

#[test]
fn each_problem_has_its_line_and_says_what_to_write() {
    for (rest, problem) in [
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
            "f:8: spec.emailMfaConfiguration: nothing stands after this key: write {} after it to declare the section empty, or remove the key",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  softwareTokenMfaConfiguration:\n",
            "f:8: spec.softwareTokenMfaConfiguration: nothing stands after this key: write enabled: true below it, or remove the key",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  smsMfaConfiguration:\n    smsConfiguration:\n",
            "f:9: spec.smsMfaConfiguration.smsConfiguration: nothing stands after this key: write snsCallerArn and externalId, or eumsSms, below it, or remove the key",
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
            "  mfaConfiguration: \"OFF\"\n  smsMfaConfiguration:\n    smsConfiguration:\n      externalId: id\n      snsCallerArn: role\n",
            "f:11: spec.smsMfaConfiguration.smsConfiguration.snsCallerArn: write the ARN of an IAM role, such as arn:aws:iam::123456789012:role/cognito-sms",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  smsMfaConfiguration:\n    smsConfiguration:\n      eumsSms:\n        callerArn: arn:aws:iam::123456789012:role/x\n        region: us-east-1\n",
            "f:5: spec: smsMfaConfiguration.smsConfiguration.eumsSms.region must be the region of the pool (the part of userPoolId before the underscore)",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  smsMfaConfiguration:\n    smsConfiguration:\n      snsCallerArn: arn:aws:iam::123456789012:role/x\n",
            "f:9: spec.smsMfaConfiguration.smsConfiguration: write externalId beside snsCallerArn, with the external id of the role's trust policy: Cognito refuses snsCallerArn without one",
        ),
        (
            "  mfaConfiguration: \"OFF\"\n  webAuthnConfiguration: {relyingPartyId: 'https://example.com'}\n",
            "f:8: spec.webAuthnConfiguration.relyingPartyId: write the domain alone, such as auth.example.com: Cognito refuses a scheme (https://) and a path",
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
            "f:8: spec.emailMfaConfiguration.subject: it has 0 characters, and at least 1 are required",
        ),
    ] {
        assert_eq!(problems(rest), [problem], "{rest}");
    }
}

#[test]
fn a_null_where_the_field_has_a_default_stands_for_the_default() {
    let fields = [
        "managementPolicy",
        "adoptionPolicy",
        "driftPolicy",
        "deletionPolicy",
        "suspend",
        "driftCheckInterval",
    ];
    for field in fields {
        assert_eq!(problems(&format!("  mfaConfiguration: \"OFF\"\n  {field}:\n")), [""; 0], "{field}");
    }
}

#[test]
fn a_null_enumeration_is_a_problem_that_lists_the_values() {
    let problems = problems("  mfaConfiguration: \"OFF\"\n  webAuthnConfiguration:\n    userVerification:\n");
    let message = "nothing stands after this key: write \"preferred\" or \"required\", or remove the key";
    assert_eq!(problems, [format!("f:9: spec.webAuthnConfiguration.userVerification: {message}")]);
}

#[test]
fn a_violated_rule_is_a_problem_with_the_message_of_the_rule() {
    let problems = problems("  mfaConfiguration: \"ON\"\n");
    assert!(
        problems.len() == 1
            && problems[0].starts_with("f:5: spec: mfaConfiguration ON and OPTIONAL need a factor"),
        "{problems:?}"
    );
}

#[test]
fn a_document_of_another_kind_is_a_problem_that_names_it() {
    for (text, message) in [
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
        assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [message]);
    }
}

#[test]
fn a_label_or_annotation_that_is_no_text_is_a_problem_with_its_line() {
    let metadata =
        "  labels:\n    revision: 7\n  annotations:\n    cognito.mfaoperator.dev/allow-lowering: 3\nspec:";
    let text = format!("{HEAD}  mfaConfiguration: \"OFF\"\n").replace("spec:", metadata);
    let document = parse("f", &text).remove(0).unwrap();
    let problems = Validator::new().unwrap().object(&document).unwrap_err();
    let message = "this must be text: put quotes around it";
    assert_eq!(
        problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            format!("f:6: metadata.labels.revision: {message}"),
            format!("f:8: metadata.annotations.cognito.mfaoperator.dev/allow-lowering: {message}"),
        ]
    );
}

#[test]
fn metadata_is_accepted_as_by_the_api_server() {
    let validator = Validator::new().unwrap();
    let accepts = |metadata: Value| {
        let spec = json!({"userPoolId": "eu-west-1_AbCdEf123", "mfaConfiguration": "OFF"});
        validator.accepts(&json!({"metadata": metadata, "spec": spec}))
    };
    for good in [
        json!({"name": "a.b-c.1"}),
        json!({"generateName": "a-"}),
        json!({"name": "a", "labels": {"x": "y", "app.kubernetes.io/name": ""}}),
        json!({"name": "a", "annotations": {"Example.com/Why": "any text: é"}, "finalizers": ["example.com/a"]}),
        // The API server takes null for an empty text.
        json!({"name": "a", "labels": {"x": null}}),
    ] {
        assert!(accepts(good.clone()), "{good}");
    }
    for bad in [
        json!({}),
        json!({"name": "A"}),
        json!({"name": 1}),
        json!({"name": "a_b"}),
        json!({"name": "a..b"}),
        json!({"name": "a", "namespace": "x.y"}),
        json!({"name": "a", "labels": {"x": 1}}),
        json!({"name": "a", "annotations": {"x": true}}),
        json!({"name": "a", "lables": {}}),
        json!({"generateName": "A-"}),
        json!({"generateName": "a.-"}),
    ] {
        assert!(!accepts(bad.clone()), "{bad}");
    }
}

#[test]
fn an_arn_or_another_id_is_one_problem_that_says_what_it_is() {
    let problems = |id: &str| {
        let head = HEAD.replace("eu-west-1_AbCdEf123", id);
        let document = parse("f", &format!("{head}  mfaConfiguration: \"OFF\"\n")).remove(0).unwrap();
        let problems = Validator::new().unwrap().object(&document).unwrap_err();
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let id = "f:6: spec.userPoolId: write the id alone, which is eu-west-1_AbCdEf123";
    assert_eq!(problems("arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEf123"), [id]);
    assert_eq!(problems("EU-WEST-1_AbCdEf123"), [id]);
    let name =
        "write the pool's id, such as eu-west-1_AbCdEf123: its region, an underscore, letters and digits";
    assert_eq!(problems("customers"), [format!("f:6: spec.userPoolId: {name}")]);
}

/// Another keyword would need a check in `schema`.
#[test]
fn the_definition_uses_only_keywords_that_are_checked() {
    const CHECKED: [&str; 13] = [
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
    assert!(found.iter().all(|keyword| CHECKED.contains(&keyword.as_str())), "{found:?}");
}

#[test]
fn a_status_in_a_manifest_is_ignored() {
    let text = format!("{HEAD}  mfaConfiguration: \"OFF\"\nstatus:\n  appliedHash: forged\n");
    let document = parse("f", &text).remove(0).unwrap();
    assert_eq!(Validator::new().unwrap().object(&document).unwrap().status, None);
}
