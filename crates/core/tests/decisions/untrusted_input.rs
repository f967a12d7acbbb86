//! What the fuzz targets (`crates/core/fuzz`) enter with, in so many cases as a test run has time for: bytes, bodies
//! that were whole once, deep nesting, long and strange texts.

use proptest::{
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Value, json};
use test_support::{
    fixtures::{POOL, ROLE, settled},
    invariants,
};

/// An answer with every member.
fn whole_answer() -> Value {
    json!({
        "MfaConfiguration": "ON",
        "SmsMfaConfiguration": {"SmsAuthenticationMessage": "{####}", "SmsConfiguration": {
            "SnsCallerArn": ROLE, "ExternalId": "id", "SnsRegion": "eu-west-1",
            "EumsSms": {"CallerArn": ROLE, "Region": "eu-west-1"}}},
        "SoftwareTokenMfaConfiguration": {"Enabled": true},
        "EmailMfaConfiguration": {"Message": "{####}", "Subject": "s"},
        "WebAuthnConfiguration": {"RelyingPartyId": "a.example.com", "UserVerification": "required",
            "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"}
    })
}

/// An object with every member, a status included.
fn whole_object() -> Value {
    let object = settled(&json!({
        "mfaConfiguration": "ON", "managementPolicy": "Enforce", "adoptionPolicy": "Overwrite", "suspend": false,
        "deletionPolicy": "Retain", "driftCheckInterval": "10m",
        "smsMfaConfiguration": {"smsAuthenticationMessage": "{####}",
            "smsConfiguration": {"snsCallerArn": ROLE, "externalId": "id", "snsRegion": "eu-west-1"}},
        "softwareTokenMfaConfiguration": {"enabled": true},
        "emailMfaConfiguration": {"message": "{####}", "subject": "s"},
        "webAuthnConfiguration": {"relyingPartyId": "a.example.com", "userVerification": "required"},
    }));
    let mut object = serde_json::to_value(object).expect("an object is JSON");
    object["metadata"]["annotations"] = json!({"cognito.mfaoperator.dev/reconcile-requested-at": "now"});
    object["spec"]["userPoolId"] = json!(POOL);
    object
}

const STRANGE: [&str; 13] = [
    "",
    " ",
    "\u{0}",
    "\u{1b}[2J",
    "\u{202e}gnp.exe",
    "\u{feff}",
    "🏳️‍🌈",
    "ﷺ",
    "{####}",
    "ON",
    "OFF",
    "24h",
    "\\u0000",
];

/// Texts that are long, empty, of many bytes a character, or made to mislead a terminal.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![select(&STRANGE[..]).prop_map(str::to_owned), ".{0,40}"];
    (piece, prop_oneof![4 => Just(1_usize), 1 => 0..3_000_usize])
        .prop_map(|(piece, times)| piece.repeat(times))
}

/// What a place may be replaced with.
fn value() -> impl Strategy<Value = Value> {
    let deep = (1..300_usize).prop_map(|depth| (0..depth).fold(json!(1), |inner, _| json!({"a": [inner]})));
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
        Just(json!({})),
        Just(json!([{}])),
        deep,
    ]
}

/// How a body is spoilt: some places replaced, a member added to some, and at last bytes changed or the end cut off.
#[derive(Clone, Debug)]
struct Spoilt {
    replaced: Vec<(Index, Value)>,
    added: Vec<(Index, String, Value)>,
    bytes: Vec<(Index, u8)>,
    cut: Option<Index>,
}

fn spoilt() -> impl Strategy<Value = Spoilt> {
    let some = |most| proptest::collection::vec(any::<Index>(), 0..most);
    let replaced = proptest::collection::vec((any::<Index>(), value()), 0..3);
    let added = proptest::collection::vec((any::<Index>(), text(), value()), 0..3);
    let bytes = prop_oneof![3 => Just(Vec::new()), 1 => some(4)];
    let cut = prop_oneof![9 => Just(None), 1 => any::<Index>().prop_map(Some)];
    (replaced, added, bytes, any::<u8>(), cut).prop_map(|(replaced, added, bytes, byte, cut)| Spoilt {
        replaced,
        added,
        bytes: bytes.into_iter().map(|at| (at, byte)).collect(),
        cut,
    })
}

impl Spoilt {
    fn body(&self, mut whole: Value) -> Vec<u8> {
        for (at, name, value) in &self.added {
            if let Some(Value::Object(members)) = place(&mut whole, *at) {
                members.insert(name.clone(), value.clone());
            }
        }
        for (at, value) in &self.replaced {
            if let Some(place) = place(&mut whole, *at) {
                *place = value.clone();
            }
        }
        let mut body = whole.to_string().into_bytes();
        for (at, byte) in &self.bytes {
            let at = at.index(body.len());
            body[at] = *byte;
        }
        body.truncate(self.cut.map_or(body.len(), |cut| cut.index(body.len())));
        body
    }
}

/// One of the places in a value, itself included.
fn place(whole: &mut Value, at: Index) -> Option<&mut Value> {
    let mut paths = Vec::new();
    collect(whole, String::new(), &mut paths);
    whole.pointer_mut(&paths[at.index(paths.len())])
}

fn collect(value: &Value, path: String, paths: &mut Vec<String>) {
    if let Value::Object(members) = value {
        for (name, child) in members {
            let name = name.replace('~', "~0").replace('/', "~1");
            collect(child, format!("{path}/{name}"), paths);
        }
    }
    paths.push(path);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_bytes_are_too_strange(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        invariants::answer(&body);
        invariants::object(&body);
        invariants::accounts(&body);
    }

    #[test]
    fn no_answer_that_was_whole_once_is_too_strange(spoilt in spoilt()) {
        invariants::answer(&spoilt.body(whole_answer()));
    }

    #[test]
    fn no_object_that_was_whole_once_is_too_strange(spoilt in spoilt()) {
        invariants::object(&spoilt.body(whole_object()));
    }

    #[test]
    fn no_accounts_file_that_was_whole_once_is_too_strange(spoilt in spoilt()) {
        let file = json!({"accounts": [{"namespaces": ["shop-*"], "roleArn": ROLE, "externalId": "any-id",
            "userPools": ["eu-west-1_*"], "smsCallerRoles": ["*"]}]});
        invariants::accounts(&spoilt.body(file));
    }

    #[test]
    fn no_depth_is_too_deep(depth in 0..20_000_usize, open in select(&["[", "{\"a\":", "{\"spec\":"][..])) {
        let body = format!("{}1", open.repeat(depth));
        invariants::answer(body.as_bytes());
        invariants::object(body.as_bytes());
        invariants::accounts(body.as_bytes());
        let member = format!(r#"{{"MfaConfiguration":"ON","X":{body}}}"#);
        invariants::answer(member.as_bytes());
    }
}

#[test]
fn what_is_spoilt_is_read_when_it_is_not() {
    let untouched = Spoilt { replaced: vec![], added: vec![], bytes: vec![], cut: None };
    let answer = cognito_mfa_core::calls::decode::decode(
        cognito_mfa_core::calls::failure::Operation::Get,
        &untouched.body(whole_answer()),
    );
    assert!(answer.is_ok_and(|live| live.unknown.is_empty()));
    let object = serde_json::from_slice::<cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig>(
        &untouched.body(whole_object()),
    );
    assert!(object.is_ok());
}
