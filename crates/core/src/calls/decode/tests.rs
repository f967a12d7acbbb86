use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::api::v1alpha1::{FactorConfiguration, UserVerification};

fn decode_json(body: &Value) -> Result<Observed, Failure> {
    decode(Operation::Get, body.to_string().as_bytes())
}

fn unknown(body: &Value) -> Vec<String> {
    decode_json(body).unwrap().unknown
}

/// The class, the code and the message of the failure that a response gives.
fn decode_failure(body: &[u8]) -> (FailureClass, String, String) {
    let failure = decode(Operation::Get, body).unwrap_err();
    (failure.class, failure.code, failure.message)
}

#[test]
fn every_member_of_the_api_is_decoded() {
    let observed = decode_json(&json!({
        "MfaConfiguration": "OPTIONAL",
        "SmsMfaConfiguration": {
            "SmsAuthenticationMessage": "code {####}",
            "SmsConfiguration": {
                "SnsCallerArn": "arn:sns", "ExternalId": "id", "SnsRegion": "eu-west-1",
                "EumsSms": {
                    "CallerArn": "arn:eums", "ExternalId": "e", "OriginationIdentity": "o",
                    "ConfigurationSetName": "c", "InEntityId": "ie", "InTemplateId": "it", "Region": "ap-south-1"
                }
            }
        },
        "SoftwareTokenMfaConfiguration": { "Enabled": true },
        "EmailMfaConfiguration": { "Message": "m {####}", "Subject": "s" },
        "WebAuthnConfiguration": {
            "RelyingPartyId": "auth.example.com", "UserVerification": "required",
            "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"
        }
    }))
    .unwrap();
    let some = |text: &str| Some(text.to_owned());
    let eums = EumsSms {
        caller_arn: "arn:eums".to_owned(),
        external_id: some("e"),
        origination_identity: some("o"),
        configuration_set_name: some("c"),
        in_entity_id: some("ie"),
        in_template_id: some("it"),
        region: some("ap-south-1"),
    };
    let sms = SmsConfiguration {
        sns_caller_arn: some("arn:sns"),
        external_id: some("id"),
        sns_region: some("eu-west-1"),
        eums_sms: Some(eums),
    };
    let settings = MfaSettings {
        mfa_configuration: MfaMode::Optional,
        sms_mfa_configuration: Some(SmsMfaConfiguration {
            sms_authentication_message: some("code {####}"),
            sms_configuration: Some(sms),
        }),
        software_token_mfa_configuration: Some(SoftwareTokenMfaConfiguration { enabled: true }),
        email_mfa_configuration: Some(EmailMfaConfiguration {
            message: some("m {####}"),
            subject: some("s"),
        }),
        web_authn_configuration: Some(WebAuthnConfiguration {
            relying_party_id: some("auth.example.com"),
            user_verification: Some(UserVerification::Required),
            factor_configuration: Some(FactorConfiguration::MultiFactorWithUserVerification),
        }),
    };
    assert_eq!(observed, Observed { settings, unknown: vec![] });
}

#[test]
fn a_response_without_a_mode_is_unreadable_and_never_off() {
    for body in [json!({}), json!({"MfaConfiguration": null}), json!({"SmsMfaConfiguration": {}})] {
        let (class, code, message) = decode_failure(body.to_string().as_bytes());
        assert_eq!((class, code.as_str()), (FailureClass::Transient, "UnreadableAnswer"), "{body}");
        assert!(message.contains("no MfaConfiguration"), "{message}");
    }
}

#[test]
fn an_unknown_mode_fails_with_its_name() {
    for mode in ["ADAPTIVE", "off", ""] {
        let (class, code, message) =
            decode_failure(json!({ "MfaConfiguration": mode }).to_string().as_bytes());
        assert_eq!((class, code.as_str()), (FailureClass::UnknownSetting, "UnknownSetting"));
        assert!(message.contains(&format!("{mode:?}")), "{message}");
    }
}

#[test]
fn unknown_members_and_values_are_listed_by_path() {
    let body = json!({
        "MfaConfiguration": "ON",
        "PushMfaConfiguration": {},
        "SmsMfaConfiguration": { "Fallback": "VOICE", "SmsConfiguration": { "EumsSms": { "Pool": 1 } } },
        "WebAuthnConfiguration": { "UserVerification": "discouraged", "FactorConfiguration": "TRIPLE" }
    });
    let expected = [
        "PushMfaConfiguration",
        "SmsMfaConfiguration.Fallback",
        "SmsMfaConfiguration.SmsConfiguration.EumsSms.Pool",
        "WebAuthnConfiguration.FactorConfiguration=TRIPLE",
        "WebAuthnConfiguration.UserVerification=discouraged",
    ];
    assert_eq!(unknown(&body), expected);
    assert_eq!(
        decode_json(&body).unwrap().settings.web_authn_configuration.unwrap(),
        WebAuthnConfiguration::default()
    );
}

#[test]
fn unknown_names_are_bounded_and_safe_to_show() {
    let mut body = json!({ "MfaConfiguration": "ON" });
    for index in 0..30 {
        body[format!("{index:02}\u{1b}{}", "x".repeat(500))] = json!(1);
    }
    let unknown = unknown(&body);
    assert_eq!((unknown.len(), unknown[20].as_str()), (21, "and 10 more, not named here"));
    assert!(unknown.iter().all(|name| name.chars().count() <= 128 && !name.contains('\u{1b}')));
}

#[test]
fn a_null_counts_as_an_absent_member() {
    let observed = decode_json(&json!({
        "MfaConfiguration": "OFF", "SmsMfaConfiguration": null, "New": null,
        "EmailMfaConfiguration": { "Message": null }, "SoftwareTokenMfaConfiguration": { "Enabled": null }
    }))
    .unwrap();
    assert_eq!((observed.settings.sms_mfa_configuration, observed.unknown), (None, vec![]));
    assert_eq!(observed.settings.email_mfa_configuration, Some(EmailMfaConfiguration::default()));
    assert!(!observed.settings.software_token_mfa_configuration.unwrap().enabled);
}

#[test]
fn an_empty_section_stays_and_an_empty_sns_caller_is_absent() {
    let body = json!({
        "MfaConfiguration": "ON", "EmailMfaConfiguration": {},
        "SmsMfaConfiguration": { "SmsConfiguration": { "SnsCallerArn": "", "ExternalId": "" } }
    });
    let settings = decode_json(&body).unwrap().settings;
    assert_eq!(settings.email_mfa_configuration, Some(EmailMfaConfiguration::default()));
    let sms = settings.sms_mfa_configuration.unwrap().sms_configuration.unwrap();
    assert_eq!((sms.sns_caller_arn, sms.external_id), (None, Some(String::new())));
}

#[test]
fn malformed_bodies_are_unreadable() {
    let deep = format!(r#"{{"MfaConfiguration":"ON","X":{}}}"#, "[".repeat(100_000));
    let giant = format!(r#"{{"MfaConfiguration":"ON","X":"{}"}}"#, "x".repeat(json::MAX_BODY));
    let bodies: [&[u8]; 13] = [
        b"",
        b"null",
        b"[]",
        b"\"ON\"",
        b"<html>502 Bad Gateway</html>",
        br#"{"MfaConfiguration":"ON""#,
        br#"{"MfaConfiguration":"ON"}}"#,
        br#"{"MfaConfiguration":["ON"]}"#,
        br#"{"MfaConfiguration":"ON","MfaConfiguration":"OFF"}"#,
        br#"{"MfaConfiguration":"ON","SoftwareTokenMfaConfiguration":{"Enabled":"true"}}"#,
        b"{\"MfaConfiguration\":\"ON\",\"X\":\"\xff\"}",
        deep.as_bytes(),
        giant.as_bytes(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(80)]);
        let (class, code, message) = decode_failure(body);
        assert_eq!((class, code.as_str()), (FailureClass::Transient, "UnreadableAnswer"), "{shown}");
        assert!(message.starts_with("Cognito's answer cannot be read: "), "{message}");
    }
}

#[test]
fn a_wrong_type_is_reported_by_its_path() {
    let body =
        json!({ "MfaConfiguration": "ON", "SmsMfaConfiguration": { "SmsConfiguration": { "EumsSms": [] } } });
    let (_, _, message) = decode_failure(body.to_string().as_bytes());
    assert!(message.ends_with("SmsMfaConfiguration.SmsConfiguration.EumsSms is not an object"), "{message}");
}

fn any_json() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "MfaConfiguration",
        "SmsMfaConfiguration",
        "SmsConfiguration",
        "EumsSms",
        "Enabled",
        "UserVerification",
    ];
    let name = prop_oneof![prop::sample::select(NAMES).prop_map(str::to_owned), ".{0,8}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(&["ON", "OFF", "required"][..]).prop_map(Value::from),
        ".{0,300}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..8)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_bytes_do_not_panic(body in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = decode(Operation::Get, &body);
    }

    #[test]
    fn arbitrary_json_gives_a_bounded_result(mut body in any_json(), mode in prop::bool::ANY) {
        if let (true, Some(members)) = (mode, body.as_object_mut()) {
            members.insert("MfaConfiguration".to_owned(), Value::from("ON"));
        }
        match decode_json(&body) {
            Ok(observed) => {
                prop_assert!(body["MfaConfiguration"].is_string());
                prop_assert!(observed.unknown.len() <= MAX_UNKNOWN + 1);
            }
            Err(failure) => prop_assert!(failure.message.chars().count() <= text::MAX_MESSAGE),
        }
    }
}
