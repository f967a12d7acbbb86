//! How an object is read: what is refused with a sentence, what is borne.

use cognito_mfa_core::api::v1alpha1::{
    AdoptionPolicy, DeletionPolicy, ManagementPolicy, UserPoolMfaConfig, UserPoolMfaConfigSpec,
    UserPoolMfaConfigStatus,
};
use serde_json::{Value, json};
use test_support::fixtures::{POOL, object, on_totp, spec, with};

fn refused(more: &Value) -> String {
    let value = with(&with(&on_totp(), &json!({"userPoolId": POOL})), more);
    let read = serde_json::from_value::<UserPoolMfaConfigSpec>(value);
    read.expect_err("a spec that must be refused").to_string()
}

#[test]
fn a_null_section_is_refused_and_the_message_says_what_to_write() {
    for section in [
        json!({"smsMfaConfiguration": null}),
        json!({"softwareTokenMfaConfiguration": null}),
        json!({"emailMfaConfiguration": null}),
        json!({"webAuthnConfiguration": null}),
        json!({"smsMfaConfiguration": {"smsConfiguration": null}}),
        json!({"smsMfaConfiguration": {"smsConfiguration": {"eumsSms": null}}}),
    ] {
        let why = refused(&section);
        assert!(why.contains("write {}"), "{section}: {why}");
    }
}

#[test]
fn a_field_of_a_newer_version_is_refused_by_name_anywhere_in_the_spec() {
    for (more, name) in [
        (json!({"pushMfaConfiguration": {}}), "pushMfaConfiguration"),
        (json!({"smsMfaConfiguration": {"fallback": true}}), "fallback"),
        (json!({"smsMfaConfiguration": {"smsConfiguration": {"senderId": "x"}}}), "senderId"),
        (json!({"softwareTokenMfaConfiguration": {"enabled": true, "digits": 8}}), "digits"),
        (json!({"emailMfaConfiguration": {"html": true}}), "html"),
        (json!({"webAuthnConfiguration": {"attestation": "direct"}}), "attestation"),
    ] {
        let why = refused(&more);
        assert!(why.contains(name), "{more}: {why}");
    }
    let why = refused(&json!({"pushMfaConfiguration": {}}));
    assert!(why.contains("upgrade the operator, or remove the field"), "{why}");
}

#[test]
fn a_value_of_a_newer_version_is_refused() {
    for more in [
        json!({"mfaConfiguration": "RISK_BASED"}),
        json!({"managementPolicy": "Adopt"}),
        json!({"webAuthnConfiguration": {"userVerification": "discouraged"}}),
    ] {
        assert!(refused(&more).contains("unknown variant"), "{more}");
    }
}

#[test]
fn totp_says_whether_it_is_enabled() {
    assert!(refused(&json!({"softwareTokenMfaConfiguration": {}})).contains("enabled"));
}

#[test]
fn policies_have_the_cautious_defaults() {
    let spec = spec(&on_totp());
    assert_eq!(spec.management_policy, ManagementPolicy::Enforce);
    assert_eq!(spec.adoption_policy, AdoptionPolicy::Hold);
    assert_eq!(spec.deletion_policy, DeletionPolicy::Retain);
    assert!(!spec.suspend);
    assert_eq!(spec.drift_check_interval, None);
}

#[test]
fn the_region_is_the_pool_ids_prefix() {
    for (pool, region) in
        [(POOL, "eu-west-1"), ("us-gov-west-1_a", "us-gov-west-1"), ("nowhere", ""), ("a_b_c", "a")]
    {
        let mut spec = spec(&on_totp());
        spec.user_pool_id = pool.into();
        assert_eq!(spec.region(), region, "{pool}");
    }
}

#[test]
fn a_spec_is_written_as_it_was_read() {
    let declared = json!({"userPoolId": POOL, "mfaConfiguration": "OPTIONAL", "managementPolicy": "Observe",
        "adoptionPolicy": "Overwrite", "suspend": true, "deletionPolicy": "Disable", "driftCheckInterval": "10m",
        "emailMfaConfiguration": {}, "webAuthnConfiguration": {"userVerification": "preferred"}});
    assert_eq!(serde_json::to_value(spec(&declared)).unwrap(), declared);
}

#[test]
fn a_status_of_a_newer_version_is_read_and_only_what_it_observed_is_lost() {
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
fn an_object_survives_the_way_through_the_api_server() {
    let before = test_support::fixtures::settled(&on_totp());
    let text = serde_json::to_string(&before).unwrap();
    assert!(serde_json::from_str::<UserPoolMfaConfig>(&text).unwrap() == before);
    let fresh = object(&on_totp());
    let text = serde_json::to_string(&fresh).unwrap();
    assert!(text.contains(r#""status":{"observedGeneration":-1}"#), "{text}");
}
