//! The format of pool ids, ARNs, messages and durations.

use serde_json::json;
use test_support::cluster::namespace::{TestNamespace, with};

use super::{ROLE, accepts, email, eums, in_region, passkeys, refuses, sms, sns, spec};

#[tokio::test]
async fn pool_ids_of_every_partition_are_accepted() {
    let rig = TestNamespace::without_operator().await;
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
async fn a_malformed_pool_id_is_refused() {
    let rig = TestNamespace::without_operator().await;
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
async fn a_malformed_arn_is_refused() {
    let rig = TestNamespace::without_operator().await;
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
        refuses(
            &rig,
            sns(json!({"snsCallerArn": bad, "externalId": "x"})),
            &format!("{at}.snsCallerArn"),
            words,
        )
        .await;
        refuses(&rig, eums("callerArn", json!(bad)), &format!("{at}.eumsSms.callerArn"), words).await;
    }
    for good in
        ["arn:aws-cn:iam::123456789012:role/a/path/r", "arn:aws-us-gov:iam::123456789012:role/r+=,.@-_"]
    {
        accepts(&rig, sns(json!({"snsCallerArn": good, "externalId": "x"}))).await;
        accepts(&rig, eums("callerArn", json!(good))).await;
    }
}

#[tokio::test]
async fn a_message_without_a_placeholder_for_the_code_is_refused() {
    let rig = TestNamespace::without_operator().await;
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

/// AWS is measured to accept 123456789 and to refuse a scheme and a path.
#[tokio::test]
async fn a_relying_party_with_a_scheme_or_a_path_is_refused() {
    let rig = TestNamespace::without_operator().await;
    let at = "spec.webAuthnConfiguration.relyingPartyId";
    for bad in ["https://example.com", "example.com/", "example.com/login", "/"] {
        refuses(&rig, passkeys(json!({"relyingPartyId": bad})), at, "write the domain alone").await;
    }
    for good in ["123456789", "localhost", "example.com", "Example.com", "bücher.example", "a_b.example"] {
        accepts(&rig, passkeys(json!({"relyingPartyId": good}))).await;
    }
}

#[tokio::test]
async fn the_drift_check_interval_is_between_a_minute_and_a_day() {
    let rig = TestNamespace::without_operator().await;
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
