//! Settings survive a round trip through YAML and through the JSON of the AWS CLI.

use cognito_mfa_core::{
    api::v1alpha1::{MfaMode, MfaSettings, UserPoolMfaConfig},
    plan::weakening::weakening,
    settings::diff::differences,
};
use cognito_mfa_operator::cli::{
    import::settings as read_aws,
    input,
    manifest::{Manifest, aws_cli_input},
    output,
    validation::Validator,
};
use proptest::prelude::*;
use test_support::arbitrary::{declared, observed_settings};

const POOL: &str = "eu-west-1_AbCdEf123";

fn object(text: &str) -> MfaSettings {
    let document = input::parse("f", text).remove(0).expect("a document");
    let validator = Validator::new().expect("the rules compile");
    validator.object(&document).unwrap_or_else(|problems| panic!("{problems:?}\n{text}")).spec.settings
}

/// Texts that plain YAML would read as another type or as syntax, and any others.
fn text() -> impl Strategy<Value = String> {
    let traps = [
        "ON",
        "off",
        "Yes",
        "n",
        "null",
        "~",
        "1",
        "0123",
        "0x1F",
        "1e3",
        "1_000",
        "12:30:45",
        ".5",
        "-1",
        ".inf",
        "2026-11-26",
        "# x",
        "a: b",
        "- a",
        "{a}",
        "[a]",
        "*a",
        "&a",
        "!a",
        "| x",
        "> x",
        "% x",
        "@x",
        "`x",
        "'x",
        "\"x",
        " x ",
        "x\ty",
        "x\ny",
        "---",
        "...",
        "<<",
        "=",
        "é😀\u{85}\u{2028}\u{feff}",
    ];
    prop_oneof![
        proptest::sample::select(traps.to_vec()).prop_map(str::to_owned),
        "\\PC{1,40}",
        any::<String>()
    ]
}

fn yaml(settings: &MfaSettings) -> String {
    output::yaml(&Manifest::new("a", Some("b"), POOL, settings)).expect("settings are YAML")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_manifest_of_a_pool_is_valid_and_equal_and_weakens_nothing(observed in observed_settings()) {
        let manifest = object(&yaml(&observed));
        prop_assert!(differences(&manifest, &observed).is_empty());
        prop_assert!(weakening(&observed, &manifest).is_empty());
    }

    #[test]
    fn any_text_survives_a_round_trip_through_yaml(text in text()) {
        let mut settings: MfaSettings = serde_json::from_value(serde_json::json!({"mfaConfiguration": "ON",
            "smsMfaConfiguration": {"smsConfiguration": {"snsCallerArn": "arn:aws:iam::123456789012:role/sms", "externalId": "x"}}})).unwrap();
        let sender = settings.sms_mfa_configuration.as_mut().and_then(|sms| sms.sms_configuration.as_mut()).unwrap();
        sender.external_id = Some(text.clone());
        let document = input::parse("f", &yaml(&settings)).remove(0).unwrap();
        let read: UserPoolMfaConfig = serde_json::from_value(document.value).unwrap();
        let sender = read.spec.settings.sms_mfa_configuration.and_then(|sms| sms.sms_configuration).unwrap();
        prop_assert_eq!(sender.external_id.unwrap_or_default(), text);
    }

    #[test]
    fn declared_settings_survive_a_round_trip_through_the_aws_cli_input(settings in declared()) {
        let input = aws_cli_input(POOL, &settings);
        let (pool, back) = read_aws(&input).unwrap();
        prop_assert_eq!(pool.as_deref(), Some(POOL));
        if settings.mfa_configuration == MfaMode::Off {
            // The mode OFF ignores the sections of the other factors, so they are not sent.
            prop_assert_eq!(&back.web_authn_configuration, &settings.web_authn_configuration);
        } else {
            prop_assert_eq!(&back, &settings);
        }
        prop_assert_eq!(aws_cli_input(POOL, &object(&yaml(&back))), input);
    }
}
