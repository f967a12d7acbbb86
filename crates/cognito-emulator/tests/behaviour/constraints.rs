//! The service model's constraints on SetUserPoolMfaConfig. [model]

use cognito_emulator::{Facts, Pool, Switches, set};
use serde_json::{Value, json};

const ID: &str = "us-east-1_Abcdef123";
const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

/// The code and message of the error for OPTIONAL with TOTP and the section, if the write is refused.
fn refusal(section: &str, value: &Value) -> Option<(String, String)> {
    let mut request = json!({"UserPoolId": ID, "MfaConfiguration": "OPTIONAL"});
    request["SoftwareTokenMfaConfiguration"] = json!({"Enabled": true});
    request[section] = value.clone();
    let error = set(&mut Pool::new(ID, Facts::ready()), &request, &Switches::default()).err()?;
    Some((error.code, error.message))
}

fn refuses(section: &str, value: &Value, part_of_message: &str) {
    let (code, message) = refusal(section, value).unwrap_or_else(|| panic!("{section} {value} was accepted"));
    assert_eq!(code, "InvalidParameterException", "{message}");
    assert!(message.contains(part_of_message), "{message}");
}

fn accepts(section: &str, value: &Value) {
    assert_eq!(refusal(section, value), None, "{section} {value}");
}

fn sms(message: &str) -> Value {
    json!({"SmsAuthenticationMessage": message, "SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x"}})
}

fn eums(member: &str, value: &str) -> Value {
    let mut eums = json!({"CallerArn": ROLE});
    eums[member] = json!(value);
    json!({"SmsConfiguration": {"EumsSms": eums}})
}

#[test]
fn an_unknown_mode_is_refused_and_the_modes_are_listed() {
    refuses(
        "MfaConfiguration",
        &json!("on"),
        "'mfaConfiguration' failed to satisfy constraint: Member must satisfy enum value set: [OFF, ON, OPTIONAL]",
    );
}

#[test]
fn messages_must_contain_the_code_and_respect_their_lengths() {
    accepts("SmsMfaConfiguration", &sms("{####}"));
    accepts("SmsMfaConfiguration", &sms(&format!("{}{{####}}", "é".repeat(134))));
    refuses(
        "SmsMfaConfiguration",
        &sms(&format!("{}{{####}}", "é".repeat(135))),
        "less than or equal to 140",
    );
    refuses("SmsMfaConfiguration", &sms("#####"), "greater than or equal to 6");
    refuses("SmsMfaConfiguration", &sms("no code in here"), "smsMfaConfiguration.smsAuthenticationMessage");
    accepts("EmailMfaConfiguration", &json!({"Message": format!("{}{{####}}", "x".repeat(19_994))}));
    refuses("EmailMfaConfiguration", &json!({"Message": format!("{}{{####}}", "x".repeat(19_995))}), "20000");
    refuses("EmailMfaConfiguration", &json!({"Message": "no code in here"}), "regular expression pattern");
}

#[test]
fn patterns_are_not_anchored() {
    accepts("EmailMfaConfiguration", &json!({"Message": "\u{0} {####}"}));
    accepts("EmailMfaConfiguration", &json!({"Subject": "\u{1} code"}));
    refuses("EmailMfaConfiguration", &json!({"Subject": "\u{1}"}), "regular expression pattern");
    refuses("EmailMfaConfiguration", &json!({"Subject": ""}), "regular expression pattern");
    accepts("SmsMfaConfiguration", &eums("CallerArn", &format!("see {ROLE}!")));
}

#[test]
fn eums_requires_a_caller_arn() {
    refuses("SmsMfaConfiguration", &json!({"SmsConfiguration": {"EumsSms": {}}}), "eumsSms.callerArn");
    refuses("SmsMfaConfiguration", &eums("CallerArn", "arn:aws:iam::1:r"), "greater than or equal to 20");
    refuses(
        "SmsMfaConfiguration",
        &eums("CallerArn", "arn:aws:iam::account:role/x"),
        "regular expression pattern",
    );
    accepts("SmsMfaConfiguration", &eums("CallerArn", "arn:aws-cn:iam::123456789012:role/a/b@c"));
}

#[test]
fn regions_and_identifiers_respect_their_lengths() {
    refuses("SmsMfaConfiguration", &eums("Region", "us"), "greater than or equal to 5");
    for member in ["ExternalId", "OriginationIdentity", "ConfigurationSetName", "InEntityId", "InTemplateId"]
    {
        accepts("SmsMfaConfiguration", &eums(member, &"x".repeat(131_072)));
        refuses("SmsMfaConfiguration", &eums(member, &"x".repeat(131_073)), "131072");
    }
    let mut sns = sms("{####}");
    sns["SmsConfiguration"]["SnsRegion"] = json!("x".repeat(33));
    refuses("SmsMfaConfiguration", &sns, "snsRegion");
    sns["SmsConfiguration"] = json!({"SnsCallerArn": "x".repeat(2049), "ExternalId": "x"});
    refuses("SmsMfaConfiguration", &sns, "less than or equal to 2048");
}

#[test]
fn passkey_members_respect_their_lengths_and_enums() {
    refuses("WebAuthnConfiguration", &json!({"RelyingPartyId": ""}), "greater than or equal to 1");
    refuses(
        "WebAuthnConfiguration",
        &json!({"RelyingPartyId": "x".repeat(128)}),
        "less than or equal to 127",
    );
    refuses("WebAuthnConfiguration", &json!({"UserVerification": "discouraged"}), "[required, preferred]");
    refuses("WebAuthnConfiguration", &json!({"FactorConfiguration": "MULTI"}), "[SINGLE_FACTOR, ");
}

#[test]
fn a_pool_id_is_required_and_matches_its_pattern() {
    let refusal = |id: Value| {
        let request = json!({"UserPoolId": id});
        set(&mut Pool::new(ID, Facts::ready()), &request, &Switches::default())
            .err()
            .map(|error| error.message)
    };
    assert_eq!(refusal(json!(ID)), None);
    for id in [
        json!(null),
        json!(""),
        json!("nounderscore"),
        json!("us-east-1_"),
        json!(format!("a_{}", "b".repeat(54))),
    ] {
        assert!(refusal(id.clone()).is_some_and(|message| message.contains("userPoolId")), "{id}");
    }
}

#[test]
fn a_wrong_type_is_a_serialization_error() {
    let cases = [
        ("MfaConfiguration", json!(true)),
        ("SmsMfaConfiguration", json!("x")),
        ("SoftwareTokenMfaConfiguration", json!({"Enabled": "true"})),
    ];
    for (section, value) in cases {
        let code = refusal(section, &value).map(|(code, _)| code);
        assert_eq!(code.as_deref(), Some("SerializationException"), "{section} {value}");
    }
}

#[test]
fn null_counts_as_absent() {
    accepts("EmailMfaConfiguration", &json!(null));
    accepts("WebAuthnConfiguration", &json!({"RelyingPartyId": null}));
}
