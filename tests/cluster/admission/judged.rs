//! `validate` judges without a server: here beside the real one, on objects made at random.

use std::hash::{BuildHasher, RandomState};

use cognito_mfa_operator::cli::validation::Validator;
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
    generated::{sound, specs, spoilt},
    long,
};

const CASES: usize = 400;

#[tokio::test]
async fn validate_takes_and_refuses_what_the_server_does() {
    let rig = TestNamespace::without_operator().await;
    let (judge, seed) = (Validator::new().expect("the rules can be used"), seed());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed.to_le_bytes(); 4].concat());
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let mut taken = 0;
    for _ in 0..CASES {
        let object = objects().new_tree(&mut runner).expect("an object is made").current();
        let (server, command) = (asked(&rig, &object).await, judge.accepts(&object));
        assert_eq!(server.is_ok(), command, "{object}\nthe server: {server:?}\nSEED={seed}");
        taken += usize::from(command);
    }
    assert!((CASES / 10..CASES * 9 / 10).contains(&taken), "{taken} of {CASES} were taken: it shows little");
}

/// What the server says of an object, and of every field in it.
async fn asked(rig: &TestNamespace, object: &Value) -> Result<(), String> {
    let url =
        format!("/apis/cognito.mfaoperator.dev/v1alpha1/namespaces/{}/userpoolmfaconfigs", rig.namespace);
    let body = serde_json::to_vec(object).expect("an object is JSON");
    let mut request = Request::new(url).create(&kube::api::PostParams::default(), body).expect("a request");
    let strictly = format!("{}&dryRun=All&fieldValidation=Strict", request.uri());
    *request.uri_mut() = strictly.parse().expect("a URI");
    match rig.client.request::<Value>(request).await {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(refusal)) if [400, 422].contains(&refusal.code) => Err(refusal.message),
        Err(error) => panic!("{object}: {error}"),
    }
}

/// The one of SEED, or a new one.
fn seed() -> u64 {
    let named = std::env::var("SEED").ok().map(|seed| seed.parse().expect("SEED is a whole number"));
    named.unwrap_or_else(|| RandomState::new().hash_one(()))
}

fn objects() -> impl Strategy<Value = Value> {
    let specs = prop_oneof![specs(), spoilt(), bent(), misspelt()];
    let meta = prop_oneof![
        12 => Just(json!({"name": "asked"})),
        1 => select(vec![
            json!({}), json!({"name": "Asked"}), json!({"name": "a.b"}), json!({"name": "a_b"}), json!({"name": 1}),
            json!({"generateName": "a-"}), json!({"name": "asked", "labels": {"a": "b"}}),
            json!({"name": "asked", "labels": {"a": 1}}), json!({"name": "asked", "anotations": {}}),
            json!({"name": "asked", "annotations": {"a/b": true}}), json!({"name": "-a"}),
            json!({"generateName": "a.-"}), json!({"generateName": "A-"}), json!({"name": "", "generateName": "a"}),
        ]),
        4 => marked(),
    ];
    (specs, meta).prop_map(|(spec, metadata)| {
        json!({
            "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
            "metadata": metadata, "spec": spec,
        })
    })
}

/// Labels and annotations with values that are not always text.
fn marked() -> impl Strategy<Value = Value> {
    let values =
        vec![json!(""), json!("v1.2_3-4"), json!(1), json!(1.5), json!(true), json!({}), Value::Null];
    (select(vec!["labels", "annotations"]), select(values))
        .prop_map(|(field, value)| json!({"name": "asked", field: {"example.com/a": value}}))
}

/// Sound specs with one text that is nearly right.
fn bent() -> impl Strategy<Value = Value> {
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
    let of = |path: &'static str, texts: Vec<String>| select(texts).prop_map(move |text| (path, text));
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let place = prop_oneof![
        of(
            "/driftCheckInterval",
            owned(&[
                "1m", "59s", "60s", "24h", "24h1s", "1h1h1h1h", "1d", "", "m", "090m", "999999s", "1m\n"
            ])
        ),
        of(
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
        of("/smsMfaConfiguration/smsConfiguration/snsCallerArn", arns().to_vec()),
        of(
            "/smsMfaConfiguration/smsConfiguration/snsRegion",
            owned(&["us-1", "eu-west-1", &long(32), &long(33)])
        ),
        of("/mfaConfiguration", owned(&["ON", "OFF", "OPTIONAL", "on", ""])),
        of("/managementPolicy", owned(&["Enforce", "Observe", "observe"])),
    ];
    (sound(), place).prop_map(|(mut spec, (path, text))| {
        if let Some(value) = spec.pointer_mut(path) {
            *value = text.into();
        }
        spec
    })
}

/// Sound specs with a field more.
fn misspelt() -> impl Strategy<Value = Value> {
    let places =
        ["", "/emailMfaConfiguration", "/smsMfaConfiguration/smsConfiguration", "/webAuthnConfiguration"];
    (sound(), select(places.to_vec())).prop_map(|(mut spec, place)| {
        if let Some(fields) = spec.pointer_mut(place).and_then(Value::as_object_mut) {
            fields.insert("subjct".into(), json!("x"));
        }
        spec
    })
}
