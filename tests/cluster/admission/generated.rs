//! Specs made at random: what the emulator, by AWS's own constraints and rules, takes, the API server must not refuse.

use cognito_emulator::{Facts, Pool, Switches};
use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use proptest::{option, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Map, Value, json};
use test_support::{cluster::namespace::TestNamespace, invariants};

use super::{POOL, ROLE, arn, asked, long, message};
const CASES: usize = 300;

#[tokio::test]
async fn what_aws_takes_is_not_refused_and_what_is_taken_breaks_no_constraint_of_aws() {
    let rig = TestNamespace::without_operator().await;
    let mut runner = TestRunner::default();
    let mut taken = 0;
    for _ in 0..CASES {
        let spec = specs().new_tree(&mut runner).expect("a spec is made").current();
        let (server, aws) = (asked(&rig, &spec).await, set(&spec));
        match (&server, &aws) {
            (Ok(_), Ok(())) => taken += 1,
            (Err(_), Err(_)) => {}
            // Of SMS the rules know less than the API: what a pool already has may do.
            (Ok(_), Err(message)) if message.contains("external id and a valid caller arn") => {}
            _ => panic!("{spec}\nthe server: {server:?}\nAWS: {aws:?}"),
        }
    }
    assert!((CASES / 20..CASES).contains(&taken), "{taken} of {CASES} were taken: it shows little");
}

#[tokio::test]
async fn what_the_server_takes_of_spoilt_specs_is_read_or_reported() {
    let rig = TestNamespace::without_operator().await;
    let mut runner = TestRunner::default();
    let (mut taken, mut unreadable) = (0, 0);
    for _ in 0..CASES {
        let spec = spoilt().new_tree(&mut runner).expect("a spec is made").current();
        let Ok(object) = asked(&rig, &spec).await else { continue };
        taken += 1;
        // It asserts that what cannot be read can be reported.
        invariants::check_object(&serde_json::to_vec(&object).expect("an object is JSON"));
        unreadable += usize::from(object.try_parse::<UserPoolMfaConfig>().is_err());
    }
    let shown = format!("{taken} of {CASES} were taken, {unreadable} of them unreadable: it shows little");
    assert!((CASES / 20..CASES).contains(&taken) && (1..taken).contains(&unreadable), "{shown}");
}

/// Sound specs with some of their members, at any depth, made something else.
pub fn spoilt() -> impl Strategy<Value = Value> {
    let other = [
        json!({}),
        json!([]),
        json!(""),
        json!(0),
        json!(true),
        json!("ON"),
        json!({"unknown": 1}),
        json!("\u{202e}{####}"),
    ];
    // Null is what the server takes most, and what the operator must see through.
    let value = prop_oneof![Just(Value::Null), select(other.to_vec())];
    let spoilt = proptest::collection::vec((any::<prop::sample::Index>(), value), 1..3);
    (sound(), spoilt).prop_map(|(mut spec, spoilt)| {
        for (at, value) in spoilt {
            let mut all = Vec::new();
            paths(&spec, "", &mut all);
            if let Some(place) = spec.pointer_mut(&all[at.index(all.len())]) {
                *place = value;
            }
        }
        spec
    })
}

/// Some sections, with all of their members.
pub fn sound() -> impl Strategy<Value = Value> {
    let sections = json!({
        "smsMfaConfiguration": {"smsAuthenticationMessage": "{####}",
            "smsConfiguration": {"snsCallerArn": ROLE, "externalId": "id", "snsRegion": "eu-west-1"}},
        "softwareTokenMfaConfiguration": {"enabled": true},
        "emailMfaConfiguration": {"message": "{####}", "subject": "s"},
        "webAuthnConfiguration": {"relyingPartyId": "example.com", "userVerification": "required"},
        "managementPolicy": "Observe", "adoptionPolicy": "Overwrite", "suspend": true, "deletionPolicy": "Disable",
        "driftCheckInterval": "10m",
    });
    let members = sections.as_object().cloned().unwrap_or_default().into_iter().collect::<Vec<_>>();
    proptest::sample::subsequence(members, 1..=9).prop_map(|members| {
        let mut spec: Map<_, _> = members.into_iter().collect();
        spec.insert("userPoolId".into(), json!(POOL));
        spec.insert("mfaConfiguration".into(), json!("OFF"));
        spec.into()
    })
}

/// The places below a value.
fn paths(value: &Value, at: &str, all: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = format!("{at}/{name}");
        paths(value, &path, all);
        all.push(path);
    }
}

/// What a Set of these settings answers.
fn set(spec: &Value) -> Result<(), String> {
    let mut pool = Pool::new(POOL, Facts::ready());
    let answer = cognito_emulator::set(&mut pool, &in_the_names_of_the_api(spec), &Switches::default());
    answer.map(drop).map_err(|error| format!("{error:?}"))
}

fn in_the_names_of_the_api(value: &Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let capital = |name: &String| name[..1].to_uppercase() + &name[1..];
    members
        .iter()
        .map(|(name, value)| (capital(name), in_the_names_of_the_api(value)))
        .collect::<Map<_, _>>()
        .into()
}

/// Settings at, within and beyond AWS's bounds. Under OFF the factors stay away: resting, they would not be sent.
pub fn specs() -> impl Strategy<Value = Value> {
    let totp = any::<bool>().prop_map(|enabled| json!({"enabled": enabled}));
    let factors = (maybe(sms()), maybe(totp), maybe(email())).prop_map(|(sms, totp, email)| {
        object([
            ("smsMfaConfiguration", sms),
            ("softwareTokenMfaConfiguration", totp),
            ("emailMfaConfiguration", email),
        ])
    });
    (select(vec!["OFF", "OPTIONAL", "ON"]), factors, maybe(passkeys())).prop_map(
        |(mode, factors, passkeys)| {
            let mut spec = if mode == "OFF" { json!({}) } else { factors };
            spec["userPoolId"] = json!(POOL);
            spec["mfaConfiguration"] = json!(mode);
            if let Some(passkeys) = passkeys {
                spec["webAuthnConfiguration"] = passkeys;
            }
            spec
        },
    )
}

fn sms() -> impl Strategy<Value = Value> {
    let eums =
        (text([ROLE.into(), arn(2048), arn(2049)]), maybe(text(["eu-west-1".into(), "us-east-1".into()])))
            .prop_map(|(caller, region)| object([("callerArn", Some(caller)), ("region", region)]));
    let region = text(["us-1".into(), "eu-central-1".into(), long(32), long(33)]);
    let sns = (
        maybe(text([ROLE.into(), arn(2048), arn(2049), String::new()])),
        maybe(text(["id".into()])),
        maybe(region),
    );
    let sender = (sns, maybe(eums)).prop_map(|((caller, id, region), eums)| {
        object([("snsCallerArn", caller), ("externalId", id), ("snsRegion", region), ("eumsSms", eums)])
    });
    let message = text([message(6), message(140), message(141), "no code".into(), "{####\n}".into()]);
    (maybe(message), maybe(sender)).prop_map(|(message, sender)| {
        object([("smsAuthenticationMessage", message), ("smsConfiguration", sender)])
    })
}

fn email() -> impl Strategy<Value = Value> {
    let message =
        text([message(6), message(20_000), message(20_001), "a\n{####}\tb".into(), "{ #### }".into()]);
    let subject = text([String::new(), "s".into(), long(140)]);
    (maybe(message), maybe(subject))
        .prop_map(|(message, subject)| object([("message", message), ("subject", subject)]))
}

fn passkeys() -> impl Strategy<Value = Value> {
    let id = text([String::new(), "example.com".into(), "x".repeat(127), "x".repeat(128)]);
    let verification = text(["required".into(), "preferred".into(), "none".into()]);
    let factor = text(["SINGLE_FACTOR".into(), "MULTI_FACTOR_WITH_USER_VERIFICATION".into()]);
    (maybe(id), maybe(verification), maybe(factor)).prop_map(|(id, verification, factor)| {
        object([("relyingPartyId", id), ("userVerification", verification), ("factorConfiguration", factor)])
    })
}

fn text<const N: usize>(choices: [String; N]) -> impl Strategy<Value = Value> {
    select(choices.to_vec()).prop_map(Value::from)
}

fn maybe(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Option<Value>> {
    option::of(value)
}

/// An object of the members that are there.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect::<Map<_, _>>()
        .into()
}
