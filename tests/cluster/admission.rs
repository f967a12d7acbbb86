//! What the API server takes and what it refuses, with the words that tell what to write instead.

use cognito_mfa_operator::api::UserPoolMfaConfig;
use kube::{api::PostParams, core::DynamicObject};
use serde_json::{Value, json};

use crate::rig::{Rig, totp, with};

const ROLE: &str = "arn:aws:iam::123456789012:role/cognito-sms";
const POOL: &str = "eu-west-1_AbCdEf123";

/// What a refusal says, or the object with the defaults filled in.
async fn asked(rig: &Rig, spec: &Value) -> Result<DynamicObject, String> {
    let object = json!({
        "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
        "metadata": {"name": "asked"}, "spec": spec,
    });
    let dry = PostParams { dry_run: true, ..PostParams::default() };
    match rig.dynamic().create(&dry, &serde_json::from_value(object).unwrap()).await {
        Ok(object) => Ok(object),
        Err(kube::Error::Api(refusal)) if refusal.code == 422 => Err(refusal.message),
        Err(error) => panic!("{spec}: {error}"),
    }
}

/// The server takes it, and the operator can read what the server takes.
async fn accepts(rig: &Rig, spec: Value) {
    let object = asked(rig, &spec).await.unwrap_or_else(|message| panic!("refused: {spec}\n{message}"));
    let read: Result<UserPoolMfaConfig, _> = object.clone().try_parse();
    read.unwrap_or_else(|error| panic!("accepted and unreadable: {spec}\n{error}"));
}

/// The server refuses it, and says so at the field in these words. (It counts characters and says bytes.)
async fn refuses(rig: &Rig, spec: Value, field: &str, words: &str) {
    let Err(message) = asked(rig, &spec).await else { panic!("accepted: {spec}") };
    // One refusal stands after the name of the object, several stand in a list.
    let flat = message.replace("[<nil>", ", <nil>").replace("is invalid: [", "is invalid: , ");
    let told = flat.contains(&format!(" {field}: ")) && message.contains(words);
    assert!(told, "{spec}\nneither {field:?} nor {words:?} in:\n{message}");
}

fn spec() -> Value {
    totp(POOL)
}

fn off() -> Value {
    json!({"userPoolId": POOL, "mfaConfiguration": "OFF"})
}

fn in_region(pool: &str) -> Value {
    with(spec(), "userPoolId", json!(pool))
}

fn sms(sms: Value) -> Value {
    with(spec(), "smsMfaConfiguration", sms)
}

fn sns(sns: Value) -> Value {
    sms(json!({"smsConfiguration": sns}))
}

fn eums(field: &str, value: Value) -> Value {
    sns(json!({"eumsSms": with(json!({"callerArn": ROLE}), field, value)}))
}

fn email(email: Value) -> Value {
    with(spec(), "emailMfaConfiguration", email)
}

fn passkeys(passkeys: Value) -> Value {
    with(spec(), "webAuthnConfiguration", passkeys)
}

/// A text of that many characters, each of several bytes.
fn long(characters: usize) -> String {
    "é".repeat(characters)
}

fn message(characters: usize) -> String {
    format!("{{####}}{}", long(characters - 6))
}

/// An ARN of that many characters.
fn arn(characters: usize) -> String {
    format!("{ROLE}{}", "x".repeat(characters - ROLE.len()))
}

#[tokio::test]
async fn every_field_is_taken_up_to_its_bounds() {
    let rig = Rig::idle().await;
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
        "managementPolicy": "Observe", "adoptionPolicy": "Overwrite", "suspend": true,
        "deletionPolicy": "Disable", "driftCheckInterval": "1h30m",
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
        accepts(&rig, sns(json!({"snsCallerArn": ROLE, "snsRegion": long(region)}))).await;
    }
    for characters in [6, 140] {
        accepts(&rig, sms(json!({"smsAuthenticationMessage": message(characters)}))).await;
    }
    for characters in [6, 20_000] {
        accepts(&rig, email(json!({"message": message(characters)}))).await;
    }
    for characters in [1, 140] {
        accepts(&rig, email(json!({"subject": long(characters)}))).await;
    }
    for characters in [1, 127] {
        accepts(&rig, passkeys(json!({"relyingPartyId": long(characters)}))).await;
    }
}

#[tokio::test]
async fn a_text_out_of_its_bounds_is_refused() {
    let rig = Rig::idle().await;
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
            sns(json!({"snsCallerArn": arn(2049)})),
            &format!("{sns_at}.snsCallerArn"),
            "may not be more than 2048 bytes",
        ),
        (
            sns(json!({"snsCallerArn": ROLE, "externalId": long(1225)})),
            &format!("{sns_at}.externalId"),
            "may not be more than 1224 bytes",
        ),
        (
            sns(json!({"snsCallerArn": ROLE, "snsRegion": "eu-1"})),
            &format!("{sns_at}.snsRegion"),
            "at least 5 char",
        ),
        (
            sns(json!({"snsCallerArn": ROLE, "snsRegion": long(33)})),
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
            email(json!({"subject": long(141)})),
            &format!("{email_at}.subject"),
            "may not be more than 140 bytes",
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

#[tokio::test]
async fn pools_of_every_partition_are_taken() {
    let rig = Rig::idle().await;
    for region in [
        "us-east-1",
        "ap-southeast-7",
        "ca-west-1",
        "il-central-1",
        "mx-central-1",
        "us-gov-west-1",
        "cn-north-1",
        "cn-northwest-1",
        "us-iso-east-1",
        "us-isob-east-1",
        "eu-isoe-west-1",
        "us-isof-south-1",
        "eusc-de-east-1",
    ] {
        accepts(&rig, in_region(&format!("{region}_a"))).await;
    }
    accepts(&rig, in_region(&format!("eu-west-1_{}", "Z".repeat(45)))).await;
}

#[tokio::test]
async fn a_pool_id_with_anything_before_or_behind_it_is_refused() {
    let rig = Rig::idle().await;
    for pool in [
        " eu-west-1_Ab1",
        "eu-west-1_Ab1 ",
        "eu-west-1_Ab1\n",
        "\neu-west-1_Ab1",
        "x\neu-west-1_Ab1",
        "eu-west-1_Ab1/x",
        "eu-west-1_Ab-1",
        "eu-west-1_",
        "_Ab1",
        "eu-west-1",
        "EU-WEST-1_Ab1",
        "eu-west_Ab1",
        "eu-west-1_Ab1_2",
        "evil.example.com/eu-west-1_Ab1",
        "eu-west-1.evil_Ab1",
        "eu-west-1_é",
        "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab1",
    ] {
        let words =
            if pool.len() > 55 { "may not be more than 55 bytes" } else { "such as eu-west-1_AbCdEf123" };
        refuses(&rig, in_region(pool), "spec.userPoolId", words).await;
    }
}

#[tokio::test]
async fn an_arn_with_anything_before_or_behind_it_is_refused() {
    let rig = Rig::idle().await;
    let words = "such as arn:aws:iam::123456789012:role/cognito-sms";
    let at = "spec.smsMfaConfiguration.smsConfiguration";
    for bad in [
        format!(" {ROLE}"),
        format!("{ROLE} "),
        format!("{ROLE}\n"),
        format!("x{ROLE}"),
        "cognito-sms-the-role".into(),
        "arn:aws:iam::the-account-id:role/r".into(),
        format!("{ROLE}:a:b:c"),
    ] {
        refuses(&rig, sns(json!({"snsCallerArn": bad})), &format!("{at}.snsCallerArn"), words).await;
        refuses(&rig, eums("callerArn", json!(bad)), &format!("{at}.eumsSms.callerArn"), words).await;
    }
    for good in
        ["arn:aws-cn:iam::123456789012:role/a/path/r", "arn:aws-us-gov:iam::123456789012:role/r+=,.@-_"]
    {
        accepts(&rig, sns(json!({"snsCallerArn": good}))).await;
        accepts(&rig, eums("callerArn", json!(good))).await;
    }
}

#[tokio::test]
async fn a_message_without_a_place_for_the_code_is_refused() {
    let rig = Rig::idle().await;
    for text in ["Your code", "Your code is ####", "{###} {#####}"] {
        let (words, sms_at) = ("write {####} where", "spec.smsMfaConfiguration.smsAuthenticationMessage");
        refuses(&rig, sms(json!({"smsAuthenticationMessage": text})), sms_at, words).await;
        refuses(&rig, email(json!({"message": text})), "spec.emailMfaConfiguration.message", words).await;
    }
    for text in ["{####}", "line\n{####}\nline", "{####} or {####}"] {
        accepts(&rig, sms(json!({"smsAuthenticationMessage": text}))).await;
        accepts(&rig, email(json!({"message": text}))).await;
    }
}

#[tokio::test]
async fn sms_goes_by_sns_or_by_end_user_messaging_and_not_by_both() {
    let rig = Rig::idle().await;
    let at = "spec.smsMfaConfiguration.smsConfiguration";
    let eums = json!({"callerArn": ROLE});
    let neither = "give snsCallerArn (the role Amazon SNS is called with) or eumsSms";
    refuses(&rig, sns(json!({"snsCallerArn": ROLE, "eumsSms": eums})), at, "not both").await;
    refuses(&rig, sns(json!({})), at, neither).await;
    refuses(&rig, sns(json!({"snsCallerArn": ""})), at, neither).await;
    refuses(&rig, sns(json!({"externalId": "x", "eumsSms": null})), at, neither).await;
    refuses(&rig, sns(json!({"eumsSms": {}})), &format!("{at}.eumsSms.callerArn"), "Required value").await;
    accepts(&rig, sns(json!({"snsCallerArn": "", "eumsSms": eums}))).await;
    accepts(&rig, sms(json!({}))).await;
}

#[tokio::test]
async fn end_user_messaging_is_in_the_region_of_the_pool() {
    let rig = Rig::idle().await;
    let words = "eumsSms.region must be the region of the pool";
    refuses(&rig, eums("region", json!("us-east-1")), "spec", words).await;
    refuses(&rig, eums("region", json!("eu-west-1_")), "spec", words).await;
    accepts(&rig, eums("region", json!("eu-west-1"))).await;
    accepts(&rig, sns(json!({"snsCallerArn": ROLE, "snsRegion": "us-east-1"}))).await;
}

#[tokio::test]
async fn on_and_optional_need_a_factor() {
    let rig = Rig::idle().await;
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
            ("smsMfaConfiguration", json!({"smsConfiguration": {"snsCallerArn": ROLE}})),
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
async fn off_may_keep_sections_that_rest() {
    let rig = Rig::idle().await;
    accepts(&rig, off()).await;
    let mut resting = with(sns(json!({"snsCallerArn": ROLE})), "mfaConfiguration", json!("OFF"));
    accepts(&rig, resting.clone()).await;
    resting["emailMfaConfiguration"] = json!({"subject": "s"});
    resting["webAuthnConfiguration"] = json!({"userVerification": "preferred"});
    accepts(&rig, resting).await;
    accepts(&rig, with(off(), "softwareTokenMfaConfiguration", json!({"enabled": false}))).await;
}

#[tokio::test]
async fn the_drift_check_interval_goes_from_a_minute_to_a_day() {
    let rig = Rig::idle().await;
    for good in ["1m", "60s", "90s", "1h30m", "24h", "1440m", "86400s", "23h59m60s", "000060s", "1m1m"] {
        accepts(&rig, with(spec(), "driftCheckInterval", json!(good))).await;
    }
    for bad in [
        "59s",
        "0s",
        "24h1s",
        "25h",
        "86401s",
        "999999h999999h1h",
        "1.5h",
        "1d",
        "",
        "10",
        "m",
        "10 m",
        " 10m",
        "10m ",
        "10m\n",
        "-10m",
        "+10m",
        "10M",
        "1ms",
        "1h1h1h1h",
        "1e3s",
        "１m",
    ] {
        let words = "write a duration from 1m to 24h";
        refuses(&rig, with(spec(), "driftCheckInterval", json!(bad)), "spec.driftCheckInterval", words).await;
    }
}

#[tokio::test]
async fn a_word_that_is_not_among_the_choices_is_refused_with_the_choices() {
    let rig = Rig::idle().await;
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
        (with(spec(), "deletionPolicy", json!("Delete")), "spec.deletionPolicy", r#""Retain", "Disable""#),
        (
            passkey("userVerification"),
            "spec.webAuthnConfiguration.userVerification",
            r#""required", "preferred""#,
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
async fn a_value_of_another_type_is_refused() {
    let rig = Rig::idle().await;
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
async fn what_is_required_is_asked_for() {
    let rig = Rig::idle().await;
    let totp_at = "spec.softwareTokenMfaConfiguration.enabled";
    for (spec, field) in [
        (json!({"mfaConfiguration": "OFF"}), "spec.userPoolId"),
        (json!({"userPoolId": POOL}), "spec.mfaConfiguration"),
        (json!({"userPoolId": POOL, "mfaConfiguration": null}), "spec.mfaConfiguration"),
        (with(spec(), "softwareTokenMfaConfiguration", json!({})), totp_at),
        (with(spec(), "softwareTokenMfaConfiguration", json!({"enabled": null})), totp_at),
    ] {
        refuses(&rig, spec, field, "Required value").await;
    }
}

#[tokio::test]
async fn what_is_left_out_gets_its_default() {
    let rig = Rig::idle().await;
    let taken = asked(&rig, &spec()).await.unwrap();
    let defaults = json!({
        "managementPolicy": "Enforce", "adoptionPolicy": "Hold", "suspend": false, "deletionPolicy": "Retain",
    });
    let mut expected = spec();
    expected.as_object_mut().unwrap().extend(defaults.as_object().unwrap().clone());
    assert_eq!(taken.data["spec"], expected);
}

/// Dropped, the section would read as "not wanted", and the factor would be turned off.
#[tokio::test]
async fn a_section_left_empty_is_kept_as_null_for_the_operator_to_refuse() {
    let rig = Rig::idle().await;
    for section in ["smsMfaConfiguration", "emailMfaConfiguration", "webAuthnConfiguration"] {
        let taken = asked(&rig, &with(spec(), section, json!(null))).await.unwrap();
        assert_eq!(taken.data["spec"].get(section), Some(&json!(null)));
        let read: Result<UserPoolMfaConfig, _> = taken.try_parse();
        assert!(read.unwrap_err().to_string().contains("write {}"));
    }
    let resting = with(off(), "softwareTokenMfaConfiguration", json!(null));
    assert_eq!(
        asked(&rig, &resting).await.unwrap().data["spec"]["softwareTokenMfaConfiguration"],
        json!(null)
    );
    for spec in [sms(json!({"smsConfiguration": null})), sns(json!({"snsCallerArn": ROLE, "eumsSms": null}))]
    {
        let read: Result<UserPoolMfaConfig, _> = asked(&rig, &spec).await.unwrap().try_parse();
        assert!(read.unwrap_err().to_string().contains("write {}"));
    }
}

#[tokio::test]
async fn a_text_left_empty_is_as_good_as_left_out() {
    let rig = Rig::idle().await;
    accepts(&rig, email(json!({"message": null, "subject": null}))).await;
    accepts(&rig, with(spec(), "driftCheckInterval", json!(null))).await;
    accepts(&rig, sns(json!({"snsCallerArn": ROLE, "externalId": null, "snsRegion": null}))).await;
}

#[tokio::test]
async fn the_pool_of_an_object_cannot_be_changed() {
    let rig = Rig::idle().await;
    rig.apply("kept", totp("eu-west-1_First")).await;
    let other = rig.try_apply("kept", totp("eu-west-1_Second")).await;
    let Err(kube::Error::Api(refusal)) = other else { panic!("accepted") };
    assert!(refusal.message.contains("spec.userPoolId"), "{}", refusal.message);
    assert!(refusal.message.contains("delete this object and create another"), "{}", refusal.message);
    rig.apply("kept", with(totp("eu-west-1_First"), "suspend", json!(true))).await;
}
