//! Decoding of objects: what is refused with a message, and what is tolerated.

use cognito_mfa_core::api::v1alpha1::{
    AdoptionPolicy, DeletionPolicy, DriftPolicy, ManagementPolicy, UserPoolMfaConfig, UserPoolMfaConfigSpec,
    UserPoolMfaConfigStatus,
};
use serde_json::{Value, json};
use test_support::fixtures::{POOL, object, on_totp, spec, with};

/// The error for a valid spec with these fields added.
fn error_with(more: &Value) -> String {
    let value = with(&with(&on_totp(), &json!({"userPoolId": POOL})), more);
    let decoded = serde_json::from_value::<UserPoolMfaConfigSpec>(value);
    decoded.expect_err("a spec that must be refused").to_string()
}

#[test]
fn a_null_section_is_refused_with_a_message_that_says_what_to_write() {
    for (section, words) in [
        (json!({"smsMfaConfiguration": null}), "smsMfaConfiguration is null: write {}"),
        (json!({"emailMfaConfiguration": null}), "emailMfaConfiguration is null: write {}"),
        (json!({"webAuthnConfiguration": null}), "webAuthnConfiguration is null: write {}"),
        (json!({"softwareTokenMfaConfiguration": null}), "is null: write enabled: true below it"),
        (
            json!({"smsMfaConfiguration": {"smsConfiguration": null}}),
            "is null: write snsCallerArn and externalId",
        ),
        (
            json!({"smsMfaConfiguration": {"smsConfiguration": {"eumsSms": null}}}),
            "is null: write callerArn below",
        ),
    ] {
        let error = error_with(&section);
        assert!(error.contains(words), "{section}: {error}");
    }
}

#[test]
fn an_unknown_field_anywhere_in_the_spec_is_refused_by_name() {
    for (more, name) in [
        (json!({"pushMfaConfiguration": {}}), "pushMfaConfiguration"),
        (json!({"smsMfaConfiguration": {"fallback": true}}), "fallback"),
        (json!({"smsMfaConfiguration": {"smsConfiguration": {"senderId": "x"}}}), "senderId"),
        (json!({"softwareTokenMfaConfiguration": {"enabled": true, "digits": 8}}), "digits"),
        (json!({"emailMfaConfiguration": {"html": true}}), "html"),
        (json!({"webAuthnConfiguration": {"attestation": "direct"}}), "attestation"),
    ] {
        let error = error_with(&more);
        assert!(error.contains(name), "{more}: {error}");
    }
    let error = error_with(&json!({"pushMfaConfiguration": {}}));
    assert!(error.contains("upgrade the operator, or remove the field"), "{error}");
}

#[test]
fn an_unknown_value_of_an_enum_is_refused() {
    for more in [
        json!({"mfaConfiguration": "RISK_BASED"}),
        json!({"managementPolicy": "Adopt"}),
        json!({"webAuthnConfiguration": {"userVerification": "discouraged"}}),
    ] {
        assert!(error_with(&more).contains("unknown variant"), "{more}");
    }
}

#[test]
fn a_totp_section_without_enabled_is_refused() {
    assert!(error_with(&json!({"softwareTokenMfaConfiguration": {}})).contains("enabled"));
}

#[test]
fn policies_default_to_enforce_hold_keep_stronger_and_retain() {
    let spec = spec(&on_totp());
    assert_eq!(spec.management_policy, ManagementPolicy::Enforce);
    assert_eq!(spec.adoption_policy, AdoptionPolicy::Hold);
    assert_eq!(spec.drift_policy, DriftPolicy::KeepStronger);
    assert_eq!(spec.deletion_policy, DeletionPolicy::Retain);
    assert!(!spec.suspend);
    assert_eq!(spec.drift_check_interval, None);
}

#[test]
fn the_region_is_the_prefix_of_the_pool_id() {
    for (pool, region) in [
        (POOL, Some("eu-west-1")),
        ("us-gov-west-1_a", Some("us-gov-west-1")),
        ("nowhere", None),
        ("a_b_c", Some("a")),
    ] {
        let mut object = object(&on_totp());
        object.spec.user_pool_id = Some(pool.into());
        assert_eq!(object.region(), region, "{pool}");
    }
}

#[test]
fn a_spec_is_serialized_as_it_was_decoded() {
    let declared = json!({"userPoolId": POOL, "mfaConfiguration": "OPTIONAL", "managementPolicy": "Observe",
        "adoptionPolicy": "Overwrite", "driftPolicy": "Exact", "suspend": true, "deletionPolicy": "Disable",
        "driftCheckInterval": "10m",
        "emailMfaConfiguration": {}, "webAuthnConfiguration": {"userVerification": "preferred"}});
    assert_eq!(serde_json::to_value(spec(&declared)).unwrap(), declared);
}

#[test]
fn a_status_of_a_newer_version_is_decoded_without_its_observed_settings() {
    for observed in [
        json!({"mfaConfiguration": "RISK_BASED"}),
        json!({"mfaConfiguration": "ON", "webAuthnConfiguration": {"attestation": "direct"}}),
        json!({"mfaConfiguration": "ON", "emailMfaConfiguration": null}),
        json!(7),
        json!(null),
    ] {
        let status =
            json!({"observedGeneration": 3, "appliedHash": "h", "newField": 1, "observed": observed});
        let status: UserPoolMfaConfigStatus = serde_json::from_value(status).unwrap();
        assert_eq!(status.observed, None, "{observed}");
        assert_eq!((status.observed_generation, status.applied_hash.as_deref()), (Some(3), Some("h")));
    }
}

#[test]
fn an_object_is_unchanged_after_serializing_and_decoding() {
    let before = test_support::fixtures::settled(&on_totp());
    let text = serde_json::to_string(&before).unwrap();
    assert!(serde_json::from_str::<UserPoolMfaConfig>(&text).unwrap() == before);
    let fresh = object(&on_totp());
    let text = serde_json::to_string(&fresh).unwrap();
    assert!(text.contains(r#""status":{"observedGeneration":-1}"#), "{text}");
}
