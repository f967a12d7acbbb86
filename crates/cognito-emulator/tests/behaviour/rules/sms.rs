//! SMS: the configuration that a write brings, the pool's own, and the role.

use cognito_emulator::{Facts, SmsRole};
use serde_json::json;

use super::*;

const INCOMPLETE: &str =
    "Invalid SMS MFA configuration given, external id and a valid caller arn are required";
const PHONE_RECOVERY: &str = "Invalid account recovery setting parameter. Account Recovery Setting cannot use \
                              verified_phone_number as a recovery mechanism when SMS MFA is configured.";
const PHONE_VERIFICATION: &str =
    "SMS configuration is required when phone_number is selected for auto verification";

fn on_sms() -> Value {
    json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sns()})
}

#[test]
fn external_id_and_caller_are_checked_first_in_any_mode_measured() {
    let incomplete = [
        json!({}),
        json!({"SmsConfiguration": {}}),
        json!({"SmsConfiguration": {"SnsCallerArn": ROLE}}),
        json!({"SmsConfiguration": {"ExternalId": "x"}}),
        json!({"SmsConfiguration": {"SnsCallerArn": "not an arn", "ExternalId": "x"}}),
    ];
    for sms in incomplete {
        for mode in ["OFF", "ON", "OPTIONAL"] {
            let request = json!({"MfaConfiguration": mode, "SmsMfaConfiguration": sms});
            refuses_parameter(&mut ready(), request, INCOMPLETE);
        }
    }
}

#[test]
fn sns_and_eums_together_are_refused_docs() {
    let both = json!({"SmsConfiguration": {"SnsCallerArn": ROLE, "ExternalId": "x", "EumsSms": {"CallerArn": ROLE}}});
    refuses_parameter(
        &mut ready(),
        json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": both}),
        "Invalid SmsConfiguration: provide either SnsCallerArn or EumsSms, but not both.",
    );
}

#[test]
fn eums_with_an_empty_sns_caller_is_accepted_docs() {
    let mut pool = ready();
    accepts(&mut pool, json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": eums()}));
    assert_eq!(
        read_config(&pool)["SmsMfaConfiguration"],
        json!({"SmsConfiguration": {"EumsSms": {"CallerArn": ROLE}}})
    );
}

#[test]
fn eums_in_another_region_than_the_pool_is_refused_docs() {
    let mut sms = eums();
    sms["SmsConfiguration"]["EumsSms"]["Region"] = json!("eu-west-1");
    let request = json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sms});
    refuses_parameter(
        &mut ready(),
        request,
        "Invalid SmsConfiguration: EumsSms Region eu-west-1 must be the user pool's Region us-east-1.",
    );
}

#[test]
fn sms_with_phone_recovery_is_refused_reported() {
    let mut phone = pool(Facts { recovery: vec!["verified_phone_number".into()], ..Facts::ready() });
    let request = json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sns()});
    refuses_parameter(&mut phone, request, PHONE_RECOVERY);
    accepts(&mut phone, totp());
}

fn verifying_phone_numbers() -> Pool {
    let facts = Facts { auto_verified_attributes: vec!["phone_number".into()], ..Facts::ready() };
    let mut pool = pool(facts);
    pool.sms_configuration = Some(sns()["SmsConfiguration"].clone());
    pool
}

#[test]
fn phone_verification_refuses_a_write_without_sms_in_any_mode_reported() {
    let mut pool = verifying_phone_numbers();
    for request in [totp(), json!({"MfaConfiguration": "OFF"}), json!({})] {
        refuses_parameter(&mut pool, request, PHONE_VERIFICATION);
    }
    accepts(&mut pool, with(totp(), "SmsMfaConfiguration", sns()));
}

#[test]
fn no_write_turns_mfa_off_while_phone_numbers_are_verified_reported() {
    let off = with(on_sms(), "MfaConfiguration", json!("OFF"));
    let together = "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.";
    let mut pool = verifying_phone_numbers();
    refuses_parameter(&mut pool, off, together);
    refuses_parameter(&mut pool, json!({"MfaConfiguration": "OFF"}), PHONE_VERIFICATION);
    pool.facts.auto_verified_attributes.clear();
    accepts(&mut pool, json!({"MfaConfiguration": "OFF"}));
}

fn in_sns_region(region: &str) -> Value {
    let mut request = on_sms();
    request["SmsMfaConfiguration"]["SmsConfiguration"]["SnsRegion"] = json!(region);
    request
}

#[test]
fn an_sns_region_that_the_pools_region_does_not_allow_is_refused_inferred() {
    accepts(&mut ready(), in_sns_region("us-east-1"));
    let refused = "Invalid snsRegion. Allowed SNS region for us-east-1 is us-east-1";
    refuses_parameter(&mut ready(), in_sns_region("eu-west-1"), refused);
}

#[test]
fn a_pool_in_seoul_allows_the_sns_region_of_tokyo_alone_measured() {
    let mut seoul = Pool::new("ap-northeast-2_Abcdef123", Facts::ready());
    let refused = "Invalid snsRegion. Allowed SNS region for ap-northeast-2 is ap-northeast-1";
    refuses_parameter(&mut seoul, in_sns_region("ap-northeast-2"), refused);
    accepts(&mut seoul, in_sns_region("ap-northeast-1"));
}

#[test]
fn six_regions_allow_the_sns_region_of_earlier_years_docs() {
    let regions = [
        ("us-east-2", "us-east-1"),
        ("ca-central-1", "us-east-1"),
        ("ap-south-1", "ap-southeast-1"),
        ("eu-central-1", "eu-west-1"),
        ("eu-west-2", "eu-west-1"),
    ];
    for (pool_region, legacy) in regions {
        let mut pool = Pool::new(&format!("{pool_region}_Abcdef123"), Facts::ready());
        accepts(&mut pool, in_sns_region(legacy));
        accepts(&mut pool, in_sns_region(pool_region));
    }
}

#[test]
fn a_role_of_another_account_is_refused_inferred() {
    let foreign = "arn:aws:iam::999999999999:role/sms";
    let sns = json!({"SmsConfiguration": {"SnsCallerArn": foreign, "ExternalId": "x"}});
    let eums = json!({"SmsConfiguration": {"EumsSms": {"CallerArn": foreign}}});
    let mut pool = ready();
    for sms in [sns, eums] {
        let request = json!({"MfaConfiguration": "ON", "SmsMfaConfiguration": sms});
        refuses(&mut pool, request, "AccessDeniedException", "Cross-account pass role is not allowed.");
    }
    accepts(&mut pool, on_sms());
}

#[test]
fn a_message_with_line_breaks_is_accepted_measured() {
    let message = "Your code\nis {####}\n";
    let mut pool = ready();
    let mut request = on_sms();
    request["SmsMfaConfiguration"]["SmsAuthenticationMessage"] = json!(message);
    accepts(&mut pool, request);
    assert_eq!(read_config(&pool)["SmsMfaConfiguration"]["SmsAuthenticationMessage"], message);
}

#[test]
fn a_role_that_cognito_cannot_use_is_refused_reported() {
    let cases = [
        (
            SmsRole::NotTrusted,
            "InvalidSmsRoleTrustRelationshipException",
            "Role does not have a trust relationship allowing Cognito to assume the role",
        ),
        (
            SmsRole::NotPermitted,
            "InvalidSmsRoleAccessPolicyException",
            "Role does not have permission to publish with SNS",
        ),
    ];
    for (sms_role, code, words) in cases {
        let mut pool = pool(Facts { sms_role, ..Facts::ready() });
        refuses(&mut pool, on_sms(), code, words);
        accepts(&mut pool, totp());
        pool.facts.sms_role = SmsRole::Usable;
        accepts(&mut pool, on_sms());
    }
}
