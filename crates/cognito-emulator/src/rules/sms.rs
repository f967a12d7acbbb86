//! The rules for SMS MFA and for the SMS configuration that it shares with the pool.

use serde_json::Value;

use super::MfaRequest;
use crate::{
    error::ApiError,
    model::{account_of, contains_arn},
    pool::{Pool, SmsRole},
    switches::{
        CrossAccountRole, OtherSnsRegion, PhoneVerification, SmsRemoval, SmsWithPhoneRecovery, Switches,
    },
};

/// Cognito checks external id and caller ARN first, in any mode. [measured] It accepts SNS or EUMS, not both, and EUMS
/// only in the pool's Region. An empty `SnsCallerArn` counts as none, because SDKs send it with EUMS. [docs]
pub fn section(pool: &Pool, request: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    let Some(sms) = request.members.get("SmsMfaConfiguration") else { return Ok(()) };
    let sms = &sms["SmsConfiguration"];
    let sns = sms["SnsCallerArn"].as_str().filter(|arn| !arn.is_empty());
    match (sns, sms.get("EumsSms")) {
        // The words are not AWS's.
        (Some(_), Some(_)) => Err(ApiError::invalid(
            "Invalid SmsConfiguration: provide either SnsCallerArn or EumsSms, but not both.",
        )),
        (None, Some(eums)) => eums_region(pool, eums),
        (sns, None) => sns_caller(sns, sms["ExternalId"].as_str()),
    }?;
    if switches.other_sns_region == OtherSnsRegion::Refused {
        sns_region(pool, sms)?;
    }
    caller_account(pool, sms, switches)
}

fn sns_caller(arn: Option<&str>, external_id: Option<&str>) -> Result<(), ApiError> {
    let complete = arn.is_some_and(contains_arn) && external_id.is_some_and(|id| !id.is_empty());
    complete.then_some(()).ok_or_else(|| {
        ApiError::invalid(
            "Invalid SMS MFA configuration given, external id and a valid caller arn are required",
        )
    })
}

/// The words are not AWS's.
fn eums_region(pool: &Pool, eums: &Value) -> Result<(), ApiError> {
    match eums["Region"].as_str() {
        Some(region) if region != pool.region() => Err(ApiError::invalid(format!(
            "Invalid SmsConfiguration: EumsSms Region {region} must be the user pool's Region {}.",
            pool.region()
        ))),
        _ => Ok(()),
    }
}

/// The SNS Regions that a pool of this Region may use, the usual one first: its own, but Tokyo's for Seoul [measured],
/// and for some Regions the one that Cognito used in earlier years. [docs]
pub fn allowed_sns_regions(pool_region: &str) -> Vec<&str> {
    match pool_region {
        "ap-northeast-2" => vec!["ap-northeast-1"],
        "us-east-2" | "ca-central-1" => vec![pool_region, "us-east-1"],
        "ap-south-1" => vec![pool_region, "ap-southeast-1"],
        "eu-central-1" | "eu-west-2" => vec![pool_region, "eu-west-1"],
        _ => vec![pool_region],
    }
}

/// `SnsRegion` must be one that the pool's Region allows. [measured for CreateUserPool, inferred for others]
pub fn sns_region(pool: &Pool, sms: &Value) -> Result<(), ApiError> {
    let allowed = allowed_sns_regions(pool.region());
    match sms["SnsRegion"].as_str() {
        Some(region) if !allowed.contains(&region) => Err(ApiError::invalid(format!(
            "Invalid snsRegion. Allowed SNS region for {} is {}",
            pool.region(),
            allowed.join(", ")
        ))),
        _ => Ok(()),
    }
}

/// The caller's role must be of the pool's account. The words are measured; that SetUserPoolMfaConfig says them, and
/// their error code, which is that of other services, are inferred. [`CrossAccountRole`] has the opposite.
pub fn caller_account(pool: &Pool, sms: &Value, switches: &Switches) -> Result<(), ApiError> {
    let eums = sms.get("EumsSms").and_then(|eums| eums.get("CallerArn"));
    let arns = [sms.get("SnsCallerArn"), eums].into_iter().flatten().filter_map(Value::as_str);
    let foreign = arns.filter_map(account_of).any(|account| account != pool.facts.account);
    if !foreign || switches.cross_account_role == CrossAccountRole::Accepted {
        return Ok(());
    }
    Err(ApiError::new("AccessDeniedException", "Cross-account pass role is not allowed."))
}

/// When SMS is removed and another factor remains, [`SmsRemoval`] decides.
pub fn removal(pool: &Pool, request: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    let removed = request.mode != "OFF"
        && pool.live.contains_key("SmsMfaConfiguration")
        && !request.has("SmsMfaConfiguration");
    if !removed || switches.sms_removal != SmsRemoval::Refused {
        return Ok(());
    }
    Err(ApiError::invalid("Can't turn off SMS_MFA when SMS configuration is set for the user pool"))
}

/// SMS cannot be a factor while the phone number is a way to recover an account. [reported]
/// [`SmsWithPhoneRecovery`] has the opposite.
pub fn recovery(pool: &Pool, request: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    let phone = pool.facts.recovery.iter().any(|name| name == "verified_phone_number");
    if !phone
        || !request.has("SmsMfaConfiguration")
        || switches.sms_with_phone_recovery == SmsWithPhoneRecovery::Accepted
    {
        return Ok(());
    }
    Err(ApiError::invalid(
        "Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_phone_number as a \
         recovery mechanism when SMS MFA is configured.",
    ))
}

/// A pool that verifies phone numbers automatically needs an SMS section in every write, although it has an
/// `SmsConfiguration`. [reported] [`PhoneVerification`] has the opposite.
pub fn phone_verification(pool: &Pool, request: &MfaRequest, switches: &Switches) -> Result<(), ApiError> {
    if !verifies_phone_numbers(pool) || request.has("SmsMfaConfiguration") {
        return Ok(());
    }
    let configuration_suffices = match switches.phone_verification {
        PhoneVerification::Refused => false,
        PhoneVerification::AcceptedUnderOff => request.mode == "OFF",
        PhoneVerification::Accepted => true,
    };
    if configuration_suffices && pool.sms_configuration.is_some() {
        return Ok(());
    }
    Err(sms_configuration_is_required())
}

/// Whether `AutoVerifiedAttributes` has phone_number.
pub fn verifies_phone_numbers(pool: &Pool) -> bool {
    pool.facts.auto_verified_attributes.iter().any(|name| name == "phone_number")
}

/// The refusal of a pool that verifies phone numbers and cannot send SMS. The words are measured for CreateUserPool.
pub fn sms_configuration_is_required() -> ApiError {
    ApiError::invalid("SMS configuration is required when phone_number is selected for auto verification")
}

/// Cognito tries to use the role whenever a write has an SMS section. A role that is gone, or that wants another external
/// id, counts as not trusted. [reported]
pub fn role(pool: &Pool, request: &MfaRequest) -> Result<(), ApiError> {
    if request.has("SmsMfaConfiguration") { usable(pool) } else { Ok(()) }
}

/// Whether Cognito can use the role of the SMS configuration.
pub fn usable(pool: &Pool) -> Result<(), ApiError> {
    match pool.facts.sms_role {
        SmsRole::Usable => Ok(()),
        SmsRole::NotTrusted => Err(ApiError::new(
            "InvalidSmsRoleTrustRelationshipException",
            "Role does not have a trust relationship allowing Cognito to assume the role",
        )),
        SmsRole::NotPermitted => Err(ApiError::new(
            "InvalidSmsRoleAccessPolicyException",
            "Role does not have permission to publish with SNS",
        )),
    }
}
