//! CreateUserPool, DescribeUserPool, UpdateUserPool, DeleteUserPool and ListUserPools, with the fields that matter to
//! MFA.

mod describe;
mod list;
mod update;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub use self::{describe::describe, list::list, update::update};
use crate::{
    error::ApiError,
    model,
    pool::{Facts, Pool, Pools},
    rules::sms,
    switches::Switches,
    validate,
};

/// The members that are stored and described, and that no rule depends on.
const OTHER: &[&str] = &[
    "Policies",
    "EmailConfiguration",
    "UserPoolTags",
    "DeletionProtection",
    "LambdaConfig",
    "UserPoolAddOns",
    "VerificationMessageTemplate",
    "DeviceConfiguration",
    "AdminCreateUserConfig",
    "UsernameAttributes",
    "AliasAttributes",
    "UsernameConfiguration",
    "UserAttributeUpdateSettings",
    "SmsAuthenticationMessage",
];

/// Where and by whom a call is made: the Region of its signature and the account of its access key.
pub struct Caller<'a> {
    /// The Region, such as `us-east-1`.
    pub region: &'a str,
    /// The account id.
    pub account: &'a str,
}

/// CreateUserPool: the pool gets a new id in the Region.
///
/// # Errors
/// InvalidParameterException when the name is missing, or when SMS is needed and not configured.
pub fn create(
    pools: &mut Pools,
    body: &Value,
    caller: &Caller,
    switches: &Switches,
) -> Result<Value, ApiError> {
    let request = validate::read(body, model::POOL_FIELDS)?;
    let name = request.get("PoolName").and_then(Value::as_str);
    let name = name.ok_or_else(|| validate::missing("poolName"))?;
    let facts = with_fields(Facts { account: caller.account.into(), ..Facts::default() }, body)?;
    let mut pool = Pool { name: name.into(), ..Pool::new(&pools.next_id(caller.region), facts) };
    pool.sms_configuration = request.get("SmsConfiguration").cloned();
    check_sms(&pool, &request, switches)?;
    turn_on(&mut pool, &request)?;
    pool.other = members(body, OTHER);
    Ok(describe(pools.insert(pool)))
}

/// ON and OPTIONAL need SMS and phone verification, because CreateUserPool knows no other factor. [measured]
fn turn_on(pool: &mut Pool, request: &Map<String, Value>) -> Result<(), ApiError> {
    let Some(mode) = request.get("MfaConfiguration").filter(|mode| *mode != "OFF") else { return Ok(()) };
    if !sms::verifies_phone_numbers(pool) || pool.sms_configuration.is_none() {
        return Err(ApiError::invalid(
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
        ));
    }
    let section = ["SmsConfiguration", "SmsAuthenticationMessage"];
    let section: Map<_, _> =
        section.iter().filter_map(|name| Some(((*name).to_owned(), request.get(*name)?.clone()))).collect();
    pool.live.insert("MfaConfiguration".into(), mode.clone());
    pool.live.insert("SmsMfaConfiguration".into(), Value::Object(section));
    Ok(())
}

/// The rules for the SMS configuration that a request brings, and for a pool that has none.
fn check_sms(next: &Pool, request: &Map<String, Value>, switches: &Switches) -> Result<(), ApiError> {
    if sms::verifies_phone_numbers(next) && next.sms_configuration.is_none() {
        return Err(sms::sms_configuration_is_required());
    }
    let Some(configuration) = request.get("SmsConfiguration") else { return Ok(()) };
    sms::sns_region(next, configuration)?;
    sms::caller_account(next, configuration, switches)?;
    sms::usable(next)
}

/// DeleteUserPool, which deletion protection refuses. [docs]
///
/// # Errors
/// ResourceNotFoundException for an unknown pool, InvalidParameterException for a protected one.
pub fn delete(pools: &mut Pools, id: &str) -> Result<Value, ApiError> {
    let pool = pools.get(id).ok_or_else(|| ApiError::no_such_pool(id))?;
    if pool.other.get("DeletionProtection").is_some_and(|protection| protection == "ACTIVE") {
        return Err(ApiError::invalid(
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be \
             inactivated first.",
        ));
    }
    pools.remove(id);
    Ok(json!({}))
}

/// The facts with the fields of the request. Omitted fields keep their value.
fn with_fields(facts: Facts, body: &Value) -> Result<Facts, ApiError> {
    Ok(Facts {
        tier: field(body, "/UserPoolTier", facts.tier)?,
        email_sender: field(body, "/EmailConfiguration/EmailSendingAccount", facts.email_sender)?,
        auto_verified_attributes: field(body, "/AutoVerifiedAttributes", facts.auto_verified_attributes)?,
        recovery: recovery(body).unwrap_or(facts.recovery),
        first_factors: field(body, "/Policies/SignInPolicy/AllowedFirstAuthFactors", facts.first_factors)?,
        ..facts
    })
}

/// The recovery mechanisms of a request. An empty `AccountRecoverySetting` means that none is set. [reported]
fn recovery(body: &Value) -> Option<Vec<String>> {
    let setting = body.get("AccountRecoverySetting")?.as_object()?;
    let mut mechanisms =
        setting.get("RecoveryMechanisms").and_then(Value::as_array).cloned().unwrap_or_default();
    mechanisms.sort_by_key(|mechanism| mechanism["Priority"].as_i64());
    Some(mechanisms.iter().filter_map(|mechanism| mechanism["Name"].as_str()).map(Into::into).collect())
}

/// The members of a request that it has.
fn members(body: &Value, names: &[&str]) -> Map<String, Value> {
    let present = names.iter().filter_map(|name| Some(((*name).to_owned(), body.get(*name)?.clone())));
    present.filter(|(_, value)| !value.is_null()).collect()
}

fn field<T: DeserializeOwned>(body: &Value, pointer: &str, default: T) -> Result<T, ApiError> {
    match body.pointer(pointer).filter(|value| !value.is_null()) {
        None => Ok(default),
        Some(value) => serde_json::from_value(value.clone())
            .map_err(|error| ApiError::invalid(format!("{} is not valid: {error}", &pointer[1..]))),
    }
}
