//! No settings make the core panic or make the status too large to write.

use cognito_mfa_core::{
    api::v1alpha1::MfaSettings,
    plan::weakening::weakening,
    settings::{
        diff::{factors, hash, is_same},
        observed::Observed,
    },
    status::event::for_outcome,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use test_support::{
    arbitrary::object_of,
    fixtures::{after, at, reconciled},
};

const MEMBERS: [&str; 24] = [
    "mfaConfiguration",
    "smsMfaConfiguration",
    "softwareTokenMfaConfiguration",
    "emailMfaConfiguration",
    "webAuthnConfiguration",
    "smsAuthenticationMessage",
    "smsConfiguration",
    "snsCallerArn",
    "externalId",
    "snsRegion",
    "eumsSms",
    "callerArn",
    "originationIdentity",
    "configurationSetName",
    "inEntityId",
    "inTemplateId",
    "region",
    "enabled",
    "message",
    "subject",
    "relyingPartyId",
    "userVerification",
    "factorConfiguration",
    "other",
];

/// Any JSON, often with the members of settings.
fn arbitrary_json() -> impl Strategy<Value = Value> {
    let words = ["ON", "OFF", "OPTIONAL", "required", "SINGLE_FACTOR", ""].map(Value::from).to_vec();
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        proptest::sample::select(words),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let name = prop_oneof![9 => proptest::sample::select(&MEMBERS[..]).prop_map(str::to_owned), 1 => ".{0,10}"];
        prop_oneof![
            9 => proptest::collection::vec((name, inner.clone()), 0..8).prop_map(|all| Value::Object(Map::from_iter(all))),
            1 => proptest::collection::vec(inner, 0..4).prop_map(Value::from),
        ]
    })
}

/// Settings with any text of any length in every text field.
fn hostile_settings() -> impl Strategy<Value = MfaSettings> {
    let text = (".{0,30}", 0usize..1_000).prop_map(|(text, times)| text.repeat(times));
    proptest::collection::vec(text, 14).prop_map(|text| {
        test_support::fixtures::settings(&json!({"mfaConfiguration": "ON",
            "smsMfaConfiguration": {"smsAuthenticationMessage": text[0], "smsConfiguration": {
                "snsCallerArn": text[1], "externalId": text[2], "snsRegion": text[3], "eumsSms": {
                    "callerArn": text[4], "externalId": text[5], "originationIdentity": text[6],
                    "configurationSetName": text[7], "inEntityId": text[8], "inTemplateId": text[9], "region": text[10]}}},
            "emailMfaConfiguration": {"message": text[11], "subject": text[12]},
            "webAuthnConfiguration": {"relyingPartyId": text[13]}}))
    })
}

/// Runs every decision on these settings. Returns the size of the status in bytes.
fn status_size(declared: &MfaSettings, observed: &MfaSettings) -> usize {
    let object = object_of(declared, true, false);
    let observed = Observed { settings: observed.clone(), unknown: Vec::new() };
    let _ = (
        hash(declared),
        is_same(declared, &observed.settings),
        factors(&observed.settings),
        weakening(&observed.settings, declared),
    );
    let outcome = reconciled(&object, &observed, &observed);
    let _ = for_outcome(&object, &outcome, true);
    serde_json::to_vec(&after(&object, &outcome, at(0)).status).map_or(0, |status| status.len())
}

proptest! {
    #[test]
    fn any_json_decodes_as_settings_or_gives_an_error(one in arbitrary_json(), other in arbitrary_json()) {
        let decode = |value| serde_json::from_value::<MfaSettings>(value).ok();
        if let (Some(one), Some(other)) = (decode(one), decode(other)) {
            status_size(&one, &other);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// etcd accepts 1.5 MiB for a whole object.
    #[test]
    fn a_status_stays_small_enough_to_write(declared in hostile_settings(), observed in hostile_settings()) {
        let size = status_size(&declared, &observed);
        prop_assert!(size < 600_000, "{} bytes", size);
    }
}
