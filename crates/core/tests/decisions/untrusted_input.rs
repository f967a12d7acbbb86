//! The invariants of the fuzz targets (`crates/core/fuzz`) on random input: any bytes, corrupted JSON, deep nesting, and
//! long or strange texts.

use cognito_mfa_core::{
    api::v1alpha1::UserPoolMfaConfig,
    calls::{decode::decode, failure::Operation},
};
use proptest::{
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Value, json};
use test_support::{
    fixtures::{POOL, ROLE, settled},
    invariants,
};

/// A response body with every member.
fn complete_response() -> Value {
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

/// An object with every member and a status.
fn complete_object() -> Value {
    let object = settled(&json!({
        "mfaConfiguration": "ON", "managementPolicy": "Enforce", "adoptionPolicy": "Overwrite", "suspend": false,
        "driftPolicy": "KeepStronger", "deletionPolicy": "Retain", "driftCheckInterval": "10m",
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

/// Texts that are long, empty, of several bytes for each character, or made to mislead a terminal.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![select(&STRANGE[..]).prop_map(str::to_owned), ".{0,40}"];
    (piece, prop_oneof![4 => Just(1_usize), 1 => 0..3_000_usize])
        .prop_map(|(piece, times)| piece.repeat(times))
}

/// A value that replaces another one.
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

/// Changes to a JSON body: added members, replaced values, then changed bytes and a cut at the end.
#[derive(Clone, Debug)]
struct Corruption {
    replaced: Vec<(Index, Value)>,
    added: Vec<(Index, String, Value)>,
    bytes: Vec<(Index, u8)>,
    cut: Option<Index>,
}

fn corruption() -> impl Strategy<Value = Corruption> {
    let some = |most| proptest::collection::vec(any::<Index>(), 0..most);
    let replaced = proptest::collection::vec((any::<Index>(), value()), 0..3);
    let added = proptest::collection::vec((any::<Index>(), text(), value()), 0..3);
    let bytes = prop_oneof![3 => Just(Vec::new()), 1 => some(4)];
    let cut = prop_oneof![9 => Just(None), 1 => any::<Index>().prop_map(Some)];
    (replaced, added, bytes, any::<u8>(), cut).prop_map(|(replaced, added, bytes, byte, cut)| Corruption {
        replaced,
        added,
        bytes: bytes.into_iter().map(|at| (at, byte)).collect(),
        cut,
    })
}

impl Corruption {
    fn apply(&self, mut body: Value) -> Vec<u8> {
        for (at, name, value) in &self.added {
            if let Some(Value::Object(members)) = place(&mut body, *at) {
                members.insert(name.clone(), value.clone());
            }
        }
        for (at, value) in &self.replaced {
            if let Some(place) = place(&mut body, *at) {
                *place = value.clone();
            }
        }
        let mut body = body.to_string().into_bytes();
        for (at, byte) in &self.bytes {
            let at = at.index(body.len());
            body[at] = *byte;
        }
        body.truncate(self.cut.map_or(body.len(), |cut| cut.index(body.len())));
        body
    }
}

/// One of the values in a value, itself included.
fn place(value: &mut Value, at: Index) -> Option<&mut Value> {
    let mut paths = Vec::new();
    collect(value, String::new(), &mut paths);
    value.pointer_mut(&paths[at.index(paths.len())])
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
    fn invariants_hold_for_any_bytes(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        invariants::check_response_body(&body);
        invariants::check_object(&body);
        invariants::check_accounts_file(&body);
    }

    #[test]
    fn invariants_hold_for_corrupted_responses(corruption in corruption()) {
        invariants::check_response_body(&corruption.apply(complete_response()));
    }

    #[test]
    fn invariants_hold_for_corrupted_objects(corruption in corruption()) {
        invariants::check_object(&corruption.apply(complete_object()));
    }

    #[test]
    fn invariants_hold_for_corrupted_accounts_files(corruption in corruption()) {
        let file = json!({"accounts": [{"namespaces": ["shop-*"], "roleArn": ROLE, "externalId": "any-id",
            "userPools": ["eu-west-1_*"], "smsCallerRoles": ["*"]}]});
        invariants::check_accounts_file(&corruption.apply(file));
    }

    #[test]
    fn invariants_hold_at_any_nesting_depth(depth in 0..20_000_usize, open in select(&["[", "{\"a\":", "{\"spec\":"][..])) {
        let body = format!("{}1", open.repeat(depth));
        invariants::check_response_body(body.as_bytes());
        invariants::check_object(body.as_bytes());
        invariants::check_accounts_file(body.as_bytes());
        let member = format!(r#"{{"MfaConfiguration":"ON","X":{body}}}"#);
        invariants::check_response_body(member.as_bytes());
    }
}

#[test]
fn the_bodies_decode_without_a_corruption() {
    let intact = Corruption { replaced: vec![], added: vec![], bytes: vec![], cut: None };
    let response = decode(Operation::Get, &intact.apply(complete_response()));
    assert!(response.is_ok_and(|observed| observed.unknown.is_empty()));
    let object = serde_json::from_slice::<UserPoolMfaConfig>(&intact.apply(complete_object()));
    assert!(object.is_ok());
}
