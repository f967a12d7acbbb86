//! Limits on the length of texts. They count characters, not bytes.

use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, with};

use super::{
    POOL, ROLE, accepts, arn, email, eums, in_region, long, message, passkeys, refuses, sms, sns, spec,
};

#[tokio::test]
async fn every_field_is_accepted_up_to_its_length_limits() {
    let rig = TestNamespace::without_operator().await;
    let everything = json!({
        "userPoolId": POOL, "mfaConfiguration": "ON",
        "smsMfaConfiguration": {
            "smsAuthenticationMessage": "Code:\n{####}",
            "smsConfiguration": {"snsCallerArn": ROLE, "externalId": "id", "snsRegion": "eu-central-1"},
        },
        "softwareTokenMfaConfiguration": {"enabled": true},
        "emailMfaConfiguration": {"message": "<b>{####}</b>\r\n\tÉtat 🔐", "subject": "Code — 鍵"},
        "webAuthnConfiguration": {
            "relyingPartyId": "auth.example.com", "userVerification": "required",
            "factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION",
        },
        "managementPolicy": "Observe", "adoptionPolicy": "Overwrite", "driftPolicy": "Exact",
        "suspend": true, "deletionPolicy": "Disable", "driftCheckInterval": "1h30m",
    });
    accepts(&rig, everything).await;
    let every_eums = json!({
        "callerArn": arn(2048), "externalId": long(1224), "originationIdentity": long(512),
        "configurationSetName": long(512), "inEntityId": long(512), "inTemplateId": long(512),
        "region": "eu-west-1",
    });
    accepts(&rig, sns(json!({"eumsSms": every_eums}))).await;
    accepts(&rig, sns(json!({"snsCallerArn": arn(2048), "externalId": long(1224)}))).await;
    for region in [5, 32] {
        accepts(&rig, sns(json!({"snsCallerArn": ROLE, "externalId": "id", "snsRegion": long(region)})))
            .await;
    }
    for characters in [6, 140] {
        accepts(&rig, sms(json!({"smsAuthenticationMessage": message(characters)}))).await;
    }
    for characters in [6, 20_000] {
        accepts(&rig, email(json!({"message": message(characters)}))).await;
    }
    for characters in [1, 141, 998] {
        accepts(&rig, email(json!({"subject": long(characters)}))).await;
    }
    for characters in [1, 127] {
        accepts(&rig, passkeys(json!({"relyingPartyId": long(characters)}))).await;
    }
}

#[tokio::test]
async fn a_text_outside_its_length_limits_is_refused() {
    let rig = TestNamespace::without_operator().await;
    let sms_message = "spec.smsMfaConfiguration.smsAuthenticationMessage";
    let sns_at = "spec.smsMfaConfiguration.smsConfiguration";
    let eums_at = "spec.smsMfaConfiguration.smsConfiguration.eumsSms";
    let email_at = "spec.emailMfaConfiguration";
    let passkey_at = "spec.webAuthnConfiguration.relyingPartyId";
    let pool = format!("eu-west-1_{}", "a".repeat(46));
    for (spec, field, words) in [
        (in_region(&pool), "spec.userPoolId", "may not be more than 55 bytes"),
        (in_region(""), "spec.userPoolId", "at least 1 char"),
        (sms(json!({"smsAuthenticationMessage": "{####"})), sms_message, "at least 6 char"),
        (
            sms(json!({"smsAuthenticationMessage": message(141)})),
            sms_message,
            "may not be more than 140 bytes",
        ),
        (
            sns(json!({"snsCallerArn": arn(2049), "externalId": "id"})),
            &format!("{sns_at}.snsCallerArn"),
            "may not be more than 2048 bytes",
        ),
        (
            sns(json!({"snsCallerArn": ROLE, "externalId": long(1225)})),
            &format!("{sns_at}.externalId"),
            "may not be more than 1224 bytes",
        ),
        (
            sns(json!({"snsCallerArn": ROLE, "externalId": "id", "snsRegion": "eu-1"})),
            &format!("{sns_at}.snsRegion"),
            "at least 5 char",
        ),
        (
            sns(json!({"snsCallerArn": ROLE, "externalId": "id", "snsRegion": long(33)})),
            &format!("{sns_at}.snsRegion"),
            "may not be more than 32 bytes",
        ),
        (eums("callerArn", json!("arn:a:b::1:role")), &format!("{eums_at}.callerArn"), "at least 20 char"),
        (
            eums("callerArn", json!(arn(2049))),
            &format!("{eums_at}.callerArn"),
            "may not be more than 2048 bytes",
        ),
        (
            eums("externalId", json!(long(1225))),
            &format!("{eums_at}.externalId"),
            "may not be more than 1224 bytes",
        ),
        (eums("region", json!("eu-1")), &format!("{eums_at}.region"), "at least 5 char"),
        (eums("region", json!(long(33))), &format!("{eums_at}.region"), "may not be more than 32 bytes"),
        (email(json!({"message": "{###}"})), &format!("{email_at}.message"), "at least 6 char"),
        (
            email(json!({"message": message(20_001)})),
            &format!("{email_at}.message"),
            "may not be more than 20000 bytes",
        ),
        (email(json!({"subject": ""})), &format!("{email_at}.subject"), "at least 1 char"),
        (
            email(json!({"subject": long(999)})),
            &format!("{email_at}.subject"),
            "may not be more than 998 bytes",
        ),
        (passkeys(json!({"relyingPartyId": ""})), passkey_at, "at least 1 char"),
        (passkeys(json!({"relyingPartyId": long(128)})), passkey_at, "may not be more than 127 bytes"),
        (
            with(spec(), "driftCheckInterval", json!("00000000000000060m")),
            "spec.driftCheckInterval",
            "may not be more than 16 bytes",
        ),
    ] {
        refuses(&rig, spec, field, words).await;
    }
    for field in ["originationIdentity", "configurationSetName", "inEntityId", "inTemplateId"] {
        refuses(
            &rig,
            eums(field, json!(long(513))),
            &format!("{eums_at}.{field}"),
            "may not be more than 512 bytes",
        )
        .await;
    }
}
