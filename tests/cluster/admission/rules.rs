//! Rules about several fields of a spec.

use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, totp, with};

use super::{ROLE, accepts, eums, off, refuses, sms, sns};

#[tokio::test]
async fn sms_uses_either_sns_or_end_user_messaging_and_not_both() {
    let rig = TestNamespace::without_operator().await;
    let at = "spec.smsMfaConfiguration.smsConfiguration";
    let eums = json!({"callerArn": ROLE});
    let neither = "give snsCallerArn (the role Amazon SNS is called with) or eumsSms";
    refuses(&rig, sns(json!({"snsCallerArn": ROLE, "externalId": "x", "eumsSms": eums})), at, "not both")
        .await;
    refuses(&rig, sns(json!({})), at, neither).await;
    refuses(&rig, sns(json!({"snsCallerArn": ""})), at, neither).await;
    refuses(&rig, sns(json!({"externalId": "x", "eumsSms": null})), at, neither).await;
    refuses(&rig, sns(json!({"eumsSms": {}})), &format!("{at}.eumsSms.callerArn"), "Required value").await;
    accepts(&rig, sns(json!({"snsCallerArn": "", "eumsSms": eums}))).await;
    accepts(&rig, sms(json!({}))).await;
}

/// Cognito checks this first, in any mode.
#[tokio::test]
async fn the_role_of_sns_needs_an_external_id() {
    let rig = TestNamespace::without_operator().await;
    let (at, words) = ("spec.smsMfaConfiguration.smsConfiguration", "write externalId beside snsCallerArn");
    for id in
        [json!({}), json!({"externalId": ""}), json!({"externalId": null}), json!({"snsRegion": "eu-west-1"})]
    {
        let bare = sns(with(id, "snsCallerArn", json!(ROLE)));
        refuses(&rig, with(bare.clone(), "mfaConfiguration", json!("OFF")), at, words).await;
        refuses(&rig, bare, at, words).await;
    }
    accepts(&rig, sns(json!({"snsCallerArn": ROLE, "externalId": "x"}))).await;
    accepts(&rig, sns(json!({"eumsSms": {"callerArn": ROLE}}))).await;
}

#[tokio::test]
async fn end_user_messaging_must_be_in_the_region_of_the_pool() {
    let rig = TestNamespace::without_operator().await;
    let words = "eumsSms.region must be the region of the pool";
    refuses(&rig, eums("region", json!("us-east-1")), "spec", words).await;
    refuses(&rig, eums("region", json!("eu-west-1_")), "spec", words).await;
    accepts(&rig, eums("region", json!("eu-west-1"))).await;
    accepts(&rig, sns(json!({"snsCallerArn": ROLE, "externalId": "x", "snsRegion": "us-east-1"}))).await;
}

#[tokio::test]
async fn on_and_optional_need_a_factor() {
    let rig = TestNamespace::without_operator().await;
    let words = "ON and OPTIONAL need a factor";
    for mode in ["ON", "OPTIONAL"] {
        let bare = with(off(), "mfaConfiguration", json!(mode));
        refuses(&rig, bare.clone(), "spec", words).await;
        for (section, value) in [
            ("webAuthnConfiguration", json!({"relyingPartyId": "example.com"})),
            ("softwareTokenMfaConfiguration", json!({"enabled": false})),
            ("emailMfaConfiguration", json!(null)),
            ("smsMfaConfiguration", json!(null)),
            ("softwareTokenMfaConfiguration", json!(null)),
        ] {
            refuses(&rig, with(bare.clone(), section, value), "spec", words).await;
        }
        for (section, value) in [
            ("softwareTokenMfaConfiguration", json!({"enabled": true})),
            ("emailMfaConfiguration", json!({})),
            ("smsMfaConfiguration", json!({"smsConfiguration": {"snsCallerArn": ROLE, "externalId": "x"}})),
        ] {
            let one = with(bare.clone(), section, value);
            accepts(&rig, one.clone()).await;
            if section != "softwareTokenMfaConfiguration" {
                accepts(&rig, with(one, "softwareTokenMfaConfiguration", json!({"enabled": false}))).await;
            }
        }
    }
}

#[tokio::test]
async fn off_may_keep_sections_that_are_ignored() {
    let rig = TestNamespace::without_operator().await;
    accepts(&rig, off()).await;
    let mut with_sections =
        with(sns(json!({"snsCallerArn": ROLE, "externalId": "x"})), "mfaConfiguration", json!("OFF"));
    accepts(&rig, with_sections.clone()).await;
    with_sections["emailMfaConfiguration"] = json!({"subject": "s"});
    with_sections["webAuthnConfiguration"] = json!({"userVerification": "preferred"});
    accepts(&rig, with_sections).await;
    accepts(&rig, with(off(), "softwareTokenMfaConfiguration", json!({"enabled": false}))).await;
}

#[tokio::test]
async fn the_pool_of_an_object_cannot_be_changed() {
    let rig = TestNamespace::without_operator().await;
    rig.apply("any", totp("eu-west-1_First")).await;
    let other = rig.try_apply("any", totp("eu-west-1_Second")).await;
    let Err(kube::Error::Api(refusal)) = other else { panic!("accepted") };
    assert!(refusal.message.contains("spec.userPoolId"), "{}", refusal.message);
    assert!(refusal.message.contains("delete this object and create another"), "{}", refusal.message);
    rig.apply("any", with(totp("eu-west-1_First"), "suspend", json!(true))).await;
}
