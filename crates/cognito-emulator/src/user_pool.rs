//! CreateUserPool, DescribeUserPool, UpdateUserPool and ListUserPools, with the fields that matter to MFA.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    error::ApiError,
    iam::DEFAULT_ACCOUNT_ID,
    model,
    pool::{Facts, Pool, Pools, region_of},
    validate,
};

/// CreateUserPool: the pool gets a new id in the Region.
///
/// # Errors
/// InvalidParameterException when the name is missing, or when SMS is needed and not configured.
pub fn create(pools: &mut Pools, body: &Value, region: &str) -> Result<Value, ApiError> {
    let name = body["PoolName"].as_str().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::invalid("PoolName is required"))?;
    let request = validate::read(body, model::POOL_FIELDS)?;
    let facts = with_fields(Facts::default(), body)?;
    let mut pool = Pool { name: name.into(), ..Pool::new(&pools.next_id(region), facts) };
    apply(&mut pool, &request)?;
    Ok(describe(pools.insert(pool)))
}

/// UpdateUserPool: an omitted mode is kept, omitted `AutoVerifiedAttributes` are reset. [measured]
///
/// # Errors
/// InvalidParameterException for a mode whose requirements the pool does not meet. The pool is then unchanged.
pub fn update(pool: &mut Pool, body: &Value) -> Result<Value, ApiError> {
    let request = validate::read(body, model::POOL_FIELDS)?;
    let facts = Facts { auto_verified_attributes: Vec::new(), ..pool.facts.clone() };
    let mut next = Pool { facts: with_fields(facts, body)?, ..pool.clone() };
    apply(&mut next, &request)?;
    *pool = next;
    Ok(json!({}))
}

/// These operations accept ON and OPTIONAL only with SMS and phone verification, even when the pool has other
/// factors. [reported]
fn apply(pool: &mut Pool, request: &Map<String, Value>) -> Result<(), ApiError> {
    let phone = pool.facts.auto_verified_attributes.iter().any(|name| name == "phone_number");
    let sms = request.get("SmsConfiguration").or(pool.sms_configuration.as_ref()).cloned();
    if phone && sms.is_none() {
        return Err(ApiError::invalid(
            "SMS configuration is required when phone_number is an auto verified attribute.",
        ));
    }
    match request.get("MfaConfiguration").and_then(Value::as_str) {
        Some("ON" | "OPTIONAL") if !phone || sms.is_none() => {
            return Err(ApiError::invalid(
                "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
            ));
        }
        Some("OFF") => {
            pool.live.retain(|name, _| name == "SmsMfaConfiguration" || name == "WebAuthnConfiguration");
        }
        _ => {}
    }
    if let Some(mode) = request.get("MfaConfiguration") {
        pool.live.insert("MfaConfiguration".into(), mode.clone());
    }
    show_sms(pool, request);
    pool.live.entry("MfaConfiguration").or_insert_with(|| json!("OFF"));
    pool.sms_configuration = sms;
    Ok(())
}

/// GetUserPoolMfaConfig returns the pool's `SmsConfiguration`, also under OFF. [measured]
fn show_sms(pool: &mut Pool, request: &Map<String, Value>) {
    for name in ["SmsConfiguration", "SmsAuthenticationMessage"] {
        let Some(value) = request.get(name) else { continue };
        if name == "SmsConfiguration" || pool.live.contains_key("SmsMfaConfiguration") {
            pool.live.entry("SmsMfaConfiguration").or_insert_with(|| json!({}))[name] = value.clone();
        }
    }
}

/// The facts with the fields of the request. Omitted fields keep their value.
fn with_fields(facts: Facts, body: &Value) -> Result<Facts, ApiError> {
    let mechanisms = body.pointer("/AccountRecoverySetting/RecoveryMechanisms").and_then(Value::as_array);
    let names = mechanisms
        .map(|all| all.iter().filter_map(|mechanism| mechanism["Name"].as_str()).map(Into::into).collect());
    Ok(Facts {
        tier: field(body, "/UserPoolTier", facts.tier)?,
        email_sender: field(body, "/EmailConfiguration/EmailSendingAccount", facts.email_sender)?,
        auto_verified_attributes: field(body, "/AutoVerifiedAttributes", facts.auto_verified_attributes)?,
        recovery: names.unwrap_or(facts.recovery),
        first_factors: field(body, "/Policies/SignInPolicy/AllowedFirstAuthFactors", facts.first_factors)?,
        sms_role: facts.sms_role,
    })
}

fn field<T: DeserializeOwned>(body: &Value, pointer: &str, default: T) -> Result<T, ApiError> {
    match body.pointer(pointer).filter(|value| !value.is_null()) {
        None => Ok(default),
        Some(value) => serde_json::from_value(value.clone())
            .map_err(|error| ApiError::invalid(format!("{} is not valid: {error}", &pointer[1..]))),
    }
}

/// The answer of DescribeUserPool, which CreateUserPool shares.
pub fn describe(pool: &Pool) -> Value {
    let facts = &pool.facts;
    let mechanisms = facts.recovery.iter().enumerate();
    let mechanisms: Vec<_> =
        mechanisms.map(|(index, name)| json!({"Name": name, "Priority": index + 1})).collect();
    let mut description = json!({
        "Id": pool.id,
        "Name": pool.name,
        "Arn": format!("arn:aws:cognito-idp:{}:{DEFAULT_ACCOUNT_ID}:userpool/{}", pool.region(), pool.id),
        "MfaConfiguration": pool.live.get("MfaConfiguration"),
        "UserPoolTier": facts.tier,
        "EmailConfiguration": {"EmailSendingAccount": facts.email_sender},
        "AutoVerifiedAttributes": facts.auto_verified_attributes,
    });
    if !mechanisms.is_empty() {
        description["AccountRecoverySetting"] = json!({"RecoveryMechanisms": mechanisms});
    }
    if !facts.first_factors.is_empty() {
        description["Policies"] = json!({"SignInPolicy": {"AllowedFirstAuthFactors": facts.first_factors}});
    }
    if let Some(sms) = &pool.sms_configuration {
        description["SmsConfiguration"] = sms.clone();
    }
    json!({"UserPool": description})
}

/// ListUserPools: a page of at most `MaxResults` pools of the Region, and a token when there are more.
///
/// # Errors
/// InvalidParameterException for a token that the emulator did not issue.
pub fn list(pools: &Pools, body: &Value, region: &str) -> Result<Value, ApiError> {
    let request = validate::read(body, model::LIST)?;
    let max_results = request["MaxResults"].as_u64().and_then(|max| usize::try_from(max).ok()).unwrap_or(1);
    let in_region: Vec<_> = pools.iter().filter(|pool| region_of(&pool.id) == region).collect();
    let begin = match request.get("NextToken").and_then(Value::as_str) {
        None => 0,
        Some(token) => {
            let last = in_region.iter().position(|pool| token_after(pool) == token);
            last.ok_or_else(|| ApiError::invalid("Invalid pagination token given"))? + 1
        }
    };
    let page = &in_region[begin..in_region.len().min(begin + max_results)];
    let summaries: Vec<_> = page.iter().map(|pool| json!({"Id": pool.id, "Name": pool.name})).collect();
    let mut answer = json!({"UserPools": summaries});
    if let Some(last) = page.last().filter(|_| begin + max_results < in_region.len()) {
        answer["NextToken"] = json!(token_after(last));
    }
    Ok(answer)
}

/// The id reversed, so that no client mistakes a token for a pool id.
fn token_after(pool: &Pool) -> String {
    pool.id.chars().rev().collect()
}
