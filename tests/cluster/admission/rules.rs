//! Rules about several fields of a spec.

use serde_json::{Value, json};
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

const ACK: &str = "cognitoidentityprovider.services.k8s.aws";

/// The spec without its pool, and with this field in its place.
fn of_pool(field: &str, value: Value) -> Value {
    let mut spec = with(off(), field, value);
    spec.as_object_mut().unwrap().remove("userPoolId");
    spec
}

#[tokio::test]
async fn an_object_names_its_pool_in_one_way() {
    let rig = TestNamespace::without_operator().await;
    let (user_pool, key) = (json!({"group": ACK, "name": "a"}), json!({"name": "a", "key": "b"}));
    let config_map = json!({"configMapKeyRef": key});
    let words = "give one of userPoolId, userPoolRef";
    refuses(&rig, of_pool("suspend", json!(false)), "spec", words).await;
    refuses(&rig, with(off(), "userPoolRef", user_pool.clone()), "spec", words).await;
    let both = with(of_pool("userPoolRef", user_pool.clone()), "userPoolIdFrom", config_map.clone());
    refuses(&rig, both, "spec", words).await;
    for from in [json!({}), json!({"configMapKeyRef": key, "secretKeyRef": key})] {
        refuses(&rig, of_pool("userPoolIdFrom", from), "spec.userPoolIdFrom", "one of the two").await;
    }
    let unknown = json!({"group": "cognito.example.com", "name": "a"});
    refuses(&rig, of_pool("userPoolRef", unknown), "spec.userPoolRef.group", "supported values").await;
    accepts(&rig, of_pool("userPoolRef", user_pool)).await;
    accepts(&rig, of_pool("userPoolIdFrom", config_map)).await;
    accepts(&rig, of_pool("userPoolIdFrom", json!({"secretKeyRef": key}))).await;
}

#[tokio::test]
async fn what_names_the_pool_is_immutable() {
    let rig = TestNamespace::without_operator().await;
    let user_pool = |name: &str| of_pool("userPoolRef", json!({"group": ACK, "name": name}));
    let config_map =
        |key: &str| of_pool("userPoolIdFrom", json!({"configMapKeyRef": {"name": "a", "key": key}}));
    rig.apply("user-pool", user_pool("a")).await;
    rig.apply("config-map", config_map("a")).await;
    for (name, spec, words) in [
        ("user-pool", user_pool("b"), "userPoolRef is immutable"),
        ("user-pool", off(), "is given is immutable"),
        ("user-pool", config_map("a"), "is given is immutable"),
        ("config-map", config_map("b"), "userPoolIdFrom is immutable"),
    ] {
        let refused = rig.try_apply(name, spec).await.unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }
    rig.apply("user-pool", with(user_pool("a"), "suspend", json!(true))).await;
}
