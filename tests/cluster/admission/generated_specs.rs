//! Random specs: the API server and the emulator, which has AWS's constraints and rules, must agree on them.

use cognito_emulator::{Facts, OtherSnsRegion, Pool, Switches, TotpDisabledAlone};
use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use proptest::{option, prelude::*, sample::select, strategy::ValueTree, test_runner::TestRunner};
use serde_json::{Map, Value, json};
use test_support::{cluster::namespace::TestNamespace, invariants};

use super::{POOL, ROLE, arn, dry_run, long, message};

const CASES: usize = 300;

#[tokio::test]
async fn the_api_server_accepts_and_refuses_the_same_specs_as_aws() {
    let rig = TestNamespace::without_operator().await;
    let mut runner = TestRunner::default();
    let mut accepted = 0;
    for _ in 0..CASES {
        let spec = specs().new_tree(&mut runner).expect("a spec is made").current();
        let (server, aws) = (dry_run(&rig, &spec).await, write(&spec));
        match (&server, &aws) {
            (Ok(_), Ok(())) => accepted += 1,
            (Err(_), Err(_)) => {}
            // Whether the SMS configuration that the pool already has would suffice is not measured.
            (Ok(_), Err(message))
                if message.contains("external id and a valid caller arn")
                    && spec.pointer("/smsMfaConfiguration/smsConfiguration").is_none() => {}
            _ => panic!("{spec}\nthe server: {server:?}\nAWS: {aws:?}"),
        }
    }
    assert!(
        (CASES / 20..CASES).contains(&accepted),
        "{accepted} of {CASES} were accepted, which proves little"
    );
}

#[tokio::test]
async fn every_corrupted_spec_that_is_accepted_can_be_parsed_or_reported() {
    let rig = TestNamespace::without_operator().await;
    let mut runner = TestRunner::default();
    let (mut accepted, mut invalid) = (0, 0);
    for _ in 0..CASES {
        let spec = corrupted().new_tree(&mut runner).expect("a spec is made").current();
        let Ok(object) = dry_run(&rig, &spec).await else { continue };
        accepted += 1;
        // This asserts that an object that cannot be parsed can be reported.
        invariants::check_object(&serde_json::to_vec(&object).expect("an object is JSON"));
        invalid += usize::from(object.try_parse::<UserPoolMfaConfig>().is_err());
    }
    let counts =
        format!("{accepted} of {CASES} were accepted, {invalid} of them invalid, which proves little");
    assert!((CASES / 20..CASES).contains(&accepted) && (1..accepted).contains(&invalid), "{counts}");
}

/// Valid specs in which one or two members, at any depth, have another value.
pub fn corrupted() -> impl Strategy<Value = Value> {
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
    // Half of the values are null, because the API server accepts null most often.
    let value = prop_oneof![Just(Value::Null), select(other.to_vec())];
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), value), 1..3);
    (valid(), changes).prop_map(|(mut spec, changes)| {
        for (index, value) in changes {
            let mut paths = Vec::new();
            collect_paths(&spec, "", &mut paths);
            if let Some(member) = spec.pointer_mut(&paths[index.index(paths.len())]) {
                *member = value;
            }
        }
        spec
    })
}

/// Valid specs with some sections, which have all of their members.
pub fn valid() -> impl Strategy<Value = Value> {
    let sections = json!({
        "smsMfaConfiguration": {"smsAuthenticationMessage": "{####}",
            "smsConfiguration": {"snsCallerArn": ROLE, "externalId": "id", "snsRegion": "eu-west-1"}},
        "softwareTokenMfaConfiguration": {"enabled": true},
        "emailMfaConfiguration": {"message": "{####}", "subject": "s"},
        "webAuthnConfiguration": {"relyingPartyId": "example.com", "userVerification": "required"},
        "managementPolicy": "Observe", "adoptionPolicy": "Overwrite", "driftPolicy": "Exact", "suspend": true,
        "deletionPolicy": "Disable", "driftCheckInterval": "10m",
    });
    let members = sections.as_object().cloned().unwrap_or_default().into_iter().collect::<Vec<_>>();
    proptest::sample::subsequence(members, 1..=10).prop_map(|members| {
        let mut spec: Map<_, _> = members.into_iter().collect();
        spec.insert("userPoolId".into(), json!(POOL));
        spec.insert("mfaConfiguration".into(), json!("OFF"));
        spec.into()
    })
}

/// Collects the JSON pointers of all members below a value.
fn collect_paths(value: &Value, prefix: &str, paths: &mut Vec<String>) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let path = format!("{prefix}/{name}");
        collect_paths(value, &path, paths);
        paths.push(path);
    }
}

/// Writes the spec to a pool in the emulator. Two rules differ from the API server's on purpose: a spec with disabled TOTP
/// alone has no factor, although AWS accepts it, and only AWS knows which SNS regions a pool's region allows.
fn write(spec: &Value) -> Result<(), String> {
    let mut pool = Pool::new(POOL, Facts::ready());
    let switches = Switches {
        totp_disabled_alone: TotpDisabledAlone::Refused,
        other_sns_region: OtherSnsRegion::Accepted,
        ..Switches::default()
    };
    let answer = cognito_emulator::set(&mut pool, &with_aws_names(spec), &switches);
    answer.map(drop).map_err(|error| format!("{error:?}"))
}

fn with_aws_names(value: &Value) -> Value {
    let Value::Object(members) = value else { return value.clone() };
    let capitalized = |name: &String| name[..1].to_uppercase() + &name[1..];
    members
        .iter()
        .map(|(name, value)| (capitalized(name), with_aws_names(value)))
        .collect::<Map<_, _>>()
        .into()
}

/// Settings at, within and beyond AWS's limits. With OFF there are no factors, because the operator would not send
/// them.
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
        maybe(text(["id".into(), String::new()])),
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
    let subject = text([String::new(), "s".into(), long(141), long(998)]);
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

/// A JSON object of the members that are present.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect::<Map<_, _>>()
        .into()
}
