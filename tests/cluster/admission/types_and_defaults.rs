//! Enum values, types, defaults, and fields that are omitted or null.

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, with};

use super::{POOL, ROLE, accepts, dry_run, email, eums, off, passkeys, refuses, sms, sns, spec};

#[tokio::test]
async fn an_unknown_enum_value_is_refused_with_the_allowed_values() {
    let rig = TestNamespace::without_operator().await;
    let passkey = |field: &str| passkeys(json!({field: "none"}));
    for (spec, field, choices) in [
        (
            with(spec(), "mfaConfiguration", json!("on")),
            "spec.mfaConfiguration",
            r#""OFF", "OPTIONAL", "ON""#,
        ),
        (with(spec(), "mfaConfiguration", json!("")), "spec.mfaConfiguration", r#""OFF", "OPTIONAL", "ON""#),
        (with(spec(), "managementPolicy", json!("Off")), "spec.managementPolicy", r#""Enforce", "Observe""#),
        (with(spec(), "adoptionPolicy", json!("hold")), "spec.adoptionPolicy", r#""Hold", "Overwrite""#),
        (with(spec(), "driftPolicy", json!("exact")), "spec.driftPolicy", r#""KeepStronger", "Exact""#),
        (with(spec(), "deletionPolicy", json!("Delete")), "spec.deletionPolicy", r#""Retain", "Disable""#),
        (
            passkey("userVerification"),
            "spec.webAuthnConfiguration.userVerification",
            r#""preferred", "required""#,
        ),
        (
            passkey("factorConfiguration"),
            "spec.webAuthnConfiguration.factorConfiguration",
            r#""SINGLE_FACTOR", "MULTI_FACTOR_WITH_USER_VERIFICATION""#,
        ),
    ] {
        refuses(&rig, spec, field, choices).await;
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused() {
    let rig = TestNamespace::without_operator().await;
    let wrong = [
        (with(spec(), "mfaConfiguration", json!(true)), "spec.mfaConfiguration", "must be of type string"),
        (with(spec(), "userPoolId", json!(1)), "spec.userPoolId", "must be of type string"),
        (with(spec(), "driftCheckInterval", json!(10)), "spec.driftCheckInterval", "must be of type string"),
        (with(spec(), "suspend", json!("yes")), "spec.suspend", "must be of type boolean"),
        (sms(json!("{####}")), "spec.smsMfaConfiguration", "must be of type object"),
        (email(json!(true)), "spec.emailMfaConfiguration", "must be of type object"),
        (email(json!([])), "spec.emailMfaConfiguration", "must be of type object"),
        (
            with(spec(), "softwareTokenMfaConfiguration", json!({"enabled": "true"})),
            "spec.softwareTokenMfaConfiguration.enabled",
            "must be of type boolean",
        ),
    ];
    for (spec, field, words) in wrong {
        refuses(&rig, spec, field, words).await;
    }
}

#[tokio::test]
async fn a_missing_required_field_is_refused() {
    let rig = TestNamespace::without_operator().await;
    let totp_at = "spec.softwareTokenMfaConfiguration.enabled";
    for (spec, field) in [
        (json!({"userPoolId": POOL}), "spec.mfaConfiguration"),
        (json!({"userPoolId": POOL, "mfaConfiguration": null}), "spec.mfaConfiguration"),
        (with(spec(), "softwareTokenMfaConfiguration", json!({})), totp_at),
        (with(spec(), "softwareTokenMfaConfiguration", json!({"enabled": null})), totp_at),
    ] {
        refuses(&rig, spec, field, "Required value").await;
    }
}

#[tokio::test]
async fn a_field_that_is_omitted_or_null_gets_its_default() {
    let rig = TestNamespace::without_operator().await;
    let object = dry_run(&rig, &spec()).await.unwrap();
    let defaults = json!({
        "managementPolicy": "Enforce", "adoptionPolicy": "Hold", "driftPolicy": "KeepStronger", "suspend": false,
        "deletionPolicy": "Retain",
    });
    let mut expected = spec();
    expected.as_object_mut().unwrap().extend(defaults.as_object().unwrap().clone());
    assert_eq!(object.data["spec"], expected);
    for field in defaults.as_object().unwrap().keys() {
        let object = dry_run(&rig, &with(spec(), field, json!(null))).await.unwrap();
        assert_eq!(object.data["spec"], expected, "a null {field}");
    }
}

/// If the API server dropped the null, the section would count as omitted, and the factor would be turned off.
#[tokio::test]
async fn an_empty_section_is_stored_as_null_for_the_operator_to_refuse() {
    let rig = TestNamespace::without_operator().await;
    for section in ["smsMfaConfiguration", "emailMfaConfiguration", "webAuthnConfiguration"] {
        let object = dry_run(&rig, &with(spec(), section, json!(null))).await.unwrap();
        assert_eq!(object.data["spec"].get(section), Some(&json!(null)));
        let parsed: Result<UserPoolMfaConfig, _> = object.try_parse();
        assert!(parsed.unwrap_err().to_string().contains("write {}"));
    }
    let ignored = with(off(), "softwareTokenMfaConfiguration", json!(null));
    assert_eq!(
        dry_run(&rig, &ignored).await.unwrap().data["spec"]["softwareTokenMfaConfiguration"],
        json!(null)
    );
    for (spec, words) in [
        (sms(json!({"smsConfiguration": null})), "write snsCallerArn and externalId"),
        (sns(json!({"snsCallerArn": ROLE, "externalId": "id", "eumsSms": null})), "write callerArn below it"),
    ] {
        let parsed: Result<UserPoolMfaConfig, _> = dry_run(&rig, &spec).await.unwrap().try_parse();
        assert!(parsed.unwrap_err().to_string().contains(words));
    }
}

#[tokio::test]
async fn a_null_text_counts_as_omitted() {
    let rig = TestNamespace::without_operator().await;
    accepts(&rig, email(json!({"message": null, "subject": null}))).await;
    accepts(&rig, with(spec(), "driftCheckInterval", json!(null))).await;
    accepts(&rig, sns(json!({"snsCallerArn": ROLE, "externalId": "id", "snsRegion": null}))).await;
    accepts(&rig, eums("externalId", json!(null))).await;
}
