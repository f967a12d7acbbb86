//! `validate` works without an API server, and must agree with a real one on random objects, and with the operator on
//! what of them it can read.

use std::hash::{BuildHasher, RandomState};

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use cognito_mfa_operator::cli::{input, validation::Validator};
use kube::core::Request;
use proptest::{
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use test_support::cluster::namespace::TestNamespace;

use super::{
    POOL, arn,
    generated_specs::{corrupted, specs, valid},
    long,
};

const CASES: usize = 400;

#[tokio::test]
async fn validate_accepts_and_refuses_the_same_objects_as_the_api_server() {
    let rig = TestNamespace::without_operator().await;
    let (validator, seed) = (Validator::new().expect("the rules can be used"), seed());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat());
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let mut accepted = 0;
    for _ in 0..CASES {
        let object = objects().new_tree(&mut runner).expect("an object is made").current();
        let (server, is_accepted) = (dry_run(&rig, &object).await, validator.accepts(&object));
        assert_eq!(server.is_ok(), is_accepted, "{object}\nthe server: {server:?}\nSEED={seed}");
        let is_readable =
            server.is_ok_and(|stored| serde_json::from_value::<UserPoolMfaConfig>(stored).is_ok());
        let problems = validate(&validator, &object);
        assert_eq!(is_readable, problems.is_empty(), "{object}\nvalidate: {problems:?}\nSEED={seed}");
        accepted += usize::from(is_accepted);
    }
    assert!(
        (CASES / 10..CASES * 9 / 10).contains(&accepted),
        "{accepted} of {CASES} were accepted, which proves little"
    );
}

/// The problems that `validate` prints.
fn validate(validator: &Validator, object: &Value) -> Vec<String> {
    let document = input::parse("f", &object.to_string()).remove(0).expect("JSON is YAML");
    let problems = validator.object(&document).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

/// Creates an object in a dry run with strict validation of its fields, and returns it as it would be stored.
async fn dry_run(rig: &TestNamespace, object: &Value) -> Result<Value, String> {
    let url =
        format!("/apis/cognito.mfaoperator.dev/v1alpha1/namespaces/{}/userpoolmfaconfigs", rig.namespace);
    let body = serde_json::to_vec(object).expect("an object is JSON");
    let mut request = Request::new(url).create(&kube::api::PostParams::default(), body).expect("a request");
    let strict_uri = format!("{}&dryRun=All&fieldValidation=Strict", request.uri());
    *request.uri_mut() = strict_uri.parse().expect("a URI");
    match rig.client.request::<Value>(request).await {
        Ok(stored) => Ok(stored),
        Err(kube::Error::Api(refusal)) if [400, 422].contains(&refusal.code) => Err(refusal.message),
        Err(error) => panic!("{object}: {error}"),
    }
}

/// The seed of the variable SEED, or a random one.
fn seed() -> u64 {
    let given = std::env::var("SEED").ok().map(|seed| seed.parse().expect("SEED is a whole number"));
    given.unwrap_or_else(|| RandomState::new().hash_one(()))
}

fn objects() -> impl Strategy<Value = Value> {
    let specs = prop_oneof![specs(), corrupted(), with_malformed_text(), with_unknown_field()];
    let metadata = prop_oneof![
        12 => Just(json!({"name": "any"})),
        1 => select(vec![
            json!({}), json!({"name": "Any"}), json!({"name": "a.b"}), json!({"name": "a_b"}), json!({"name": 1}),
            json!({"generateName": "a-"}), json!({"name": "any", "labels": {"a": "b"}}),
            json!({"name": "any", "labels": {"a": 1}}), json!({"name": "any", "anotations": {}}),
            json!({"name": "any", "annotations": {"a/b": true}}), json!({"name": "-a"}),
            json!({"generateName": "a.-"}), json!({"generateName": "A-"}), json!({"name": "", "generateName": "a"}),
        ]),
        4 => unusual_metadata(),
    ];
    (specs, metadata).prop_map(|(spec, metadata)| {
        json!({
            "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
            "metadata": metadata, "spec": spec,
        })
    })
}

/// Labels and annotations with values that are not always text.
fn unusual_metadata() -> impl Strategy<Value = Value> {
    let values =
        vec![json!(""), json!("v1.2_3-4"), json!(1), json!(1.5), json!(true), json!({}), Value::Null];
    (select(vec!["labels", "annotations"]), select(values))
        .prop_map(|(field, value)| json!({"name": "any", field: {"example.com/a": value}}))
}

/// Valid specs with one text at the edge of what is valid.
fn with_malformed_text() -> impl Strategy<Value = Value> {
    let arns = || {
        [
            arn(60),
            arn(2048),
            arn(2049),
            "arn:aws:iam::1:rolé/x".into(),
            "arn:aws:iam::x:role/x".into(),
            String::new(),
        ]
    };
    let at = |path: &'static str, texts: Vec<String>| select(texts).prop_map(move |text| (path, text));
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let change = prop_oneof![
        at(
            "/driftCheckInterval",
            owned(&[
                "1m", "59s", "60s", "24h", "24h1s", "1h1h1h1h", "1d", "", "m", "090m", "999999s", "1m\n"
            ])
        ),
        at(
            "/userPoolId",
            owned(&[
                POOL,
                "eu-west-1_",
                "EU-west-1_A",
                "eu-west-1_A-B",
                "a-b-1_A",
                "us-gov-west-1_A",
                "eu-west-1_A\n"
            ])
        ),
        at("/smsMfaConfiguration/smsConfiguration/snsCallerArn", arns().to_vec()),
        at(
            "/smsMfaConfiguration/smsConfiguration/snsRegion",
            owned(&["us-1", "eu-west-1", &long(32), &long(33)])
        ),
        at("/smsMfaConfiguration/smsConfiguration/externalId", owned(&["id", "", &long(1224), &long(1225)])),
        at(
            "/webAuthnConfiguration/relyingPartyId",
            owned(&[
                "123456789",
                "example.com/",
                "https://example.com",
                "a/b",
                "a.b:1",
                &long(127),
                &long(128)
            ])
        ),
        at("/emailMfaConfiguration/subject", owned(&["", "s\n", &long(998), &long(999)])),
        at("/mfaConfiguration", owned(&["ON", "OFF", "OPTIONAL", "on", ""])),
        at("/managementPolicy", owned(&["Enforce", "Observe", "observe"])),
    ];
    (valid(), change).prop_map(|(mut spec, (path, text))| {
        if let Some(value) = spec.pointer_mut(path) {
            *value = text.into();
        }
        spec
    })
}

/// Valid specs with an unknown field.
fn with_unknown_field() -> impl Strategy<Value = Value> {
    let paths =
        ["", "/emailMfaConfiguration", "/smsMfaConfiguration/smsConfiguration", "/webAuthnConfiguration"];
    (valid(), select(paths.to_vec())).prop_map(|(mut spec, path)| {
        if let Some(fields) = spec.pointer_mut(path).and_then(Value::as_object_mut) {
            fields.insert("subjct".into(), json!("x"));
        }
        spec
    })
}
