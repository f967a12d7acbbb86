//! CreateUserPool, DescribeUserPool, UpdateUserPool and ListUserPools, as far as MFA and its rules reach.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::{
    iam::DEFAULT_ACCOUNT_ID,
    error::ApiError,
    pool::{Facts, Pool, Pools, region_of},
    validate,
};

/// CreateUserPool.
///
/// # Errors
/// InvalidParameterException without a name, or with SMS needed and not configured.
pub fn create(pools: &mut Pools, body: &Value, region: &str) -> Result<Value, ApiError> {
    let name = body["PoolName"].as_str().filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| ApiError::invalid("PoolName is required"))?;
    let request = validate::read(body, validate::POOL_FIELDS)?;
    let facts = with_fields(Facts::default(), body)?;
    let mut pool = Pool { name: name.into(), ..Pool::new(&pools.next_id(region), facts) };
    apply(&mut pool, &request)?;
    Ok(describe(pools.insert(pool)))
}

/// UpdateUserPool: an omitted mode stays, omitted AutoVerifiedAttributes are reset. [measured]
///
/// # Errors
/// InvalidParameterException for a mode that needs what the pool lacks; the pool is then as it was.
pub fn update(pool: &mut Pool, body: &Value) -> Result<Value, ApiError> {
    let request = validate::read(body, validate::POOL_FIELDS)?;
    let facts = Facts { auto_verified_attributes: Vec::new(), ..pool.facts.clone() };
    let mut next = Pool { facts: with_fields(facts, body)?, ..pool.clone() };
    apply(&mut next, &request)?;
    *pool = next;
    Ok(json!({}))
}

/// ON and OPTIONAL through these operations need SMS and phone verification, whatever the other factors.
/// [reported]
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

/// The pool's SmsConfiguration is the one that Get shows, also under OFF. [measured]
fn show_sms(pool: &mut Pool, request: &Map<String, Value>) {
    for name in ["SmsConfiguration", "SmsAuthenticationMessage"] {
        let Some(value) = request.get(name) else { continue };
        if name == "SmsConfiguration" || pool.live.contains_key("SmsMfaConfiguration") {
            pool.live.entry("SmsMfaConfiguration").or_insert_with(|| json!({}))[name] = value.clone();
        }
    }
}

/// The facts after AWS's fields in the request; what it leaves out stays.
fn with_fields(facts: Facts, body: &Value) -> Result<Facts, ApiError> {
    let mechanisms = body.pointer("/AccountRecoverySetting/RecoveryMechanisms").and_then(Value::as_array);
    let names =
        mechanisms.map(|all| all.iter().filter_map(|one| one["Name"].as_str()).map(Into::into).collect());
    Ok(Facts {
        tier: field(body, "/UserPoolTier", facts.tier)?,
        email_sender: field(body, "/EmailConfiguration/EmailSendingAccount", facts.email_sender)?,
        auto_verified_attributes: field(body, "/AutoVerifiedAttributes", facts.auto_verified_attributes)?,
        recovery: names.unwrap_or(facts.recovery),
        first_factors: field(body, "/Policies/SignInPolicy/AllowedFirstAuthFactors", facts.first_factors)?,
        sms_role: facts.sms_role,
    })
}

fn field<T: DeserializeOwned>(body: &Value, pointer: &str, otherwise: T) -> Result<T, ApiError> {
    match body.pointer(pointer).filter(|value| !value.is_null()) {
        None => Ok(otherwise),
        Some(value) => serde_json::from_value(value.clone())
            .map_err(|error| ApiError::invalid(format!("{} is not valid: {error}", &pointer[1..]))),
    }
}

/// DescribeUserPool's answer.
pub fn describe(pool: &Pool) -> Value {
    let facts = &pool.facts;
    let mechanisms = facts.recovery.iter().enumerate();
    let mechanisms: Vec<_> = mechanisms.map(|(at, name)| json!({"Name": name, "Priority": at + 1})).collect();
    let mut shown = json!({
        "Id": pool.id,
        "Name": pool.name,
        "Arn": format!("arn:aws:cognito-idp:{}:{DEFAULT_ACCOUNT_ID}:userpool/{}", pool.region(), pool.id),
        "MfaConfiguration": pool.live.get("MfaConfiguration"),
        "UserPoolTier": facts.tier,
        "EmailConfiguration": {"EmailSendingAccount": facts.email_sender},
        "AutoVerifiedAttributes": facts.auto_verified_attributes,
    });
    if !mechanisms.is_empty() {
        shown["AccountRecoverySetting"] = json!({"RecoveryMechanisms": mechanisms});
    }
    if !facts.first_factors.is_empty() {
        shown["Policies"] = json!({"SignInPolicy": {"AllowedFirstAuthFactors": facts.first_factors}});
    }
    if let Some(sms) = &pool.sms_configuration {
        shown["SmsConfiguration"] = sms.clone();
    }
    json!({"UserPool": shown})
}

/// ListUserPools' answer: a page of at most `MaxResults` pools, and the token of the next one where there is more.
///
/// # Errors
/// InvalidParameterException for a token that no page ended with.
pub fn list(pools: &Pools, body: &Value, region: &str) -> Result<Value, ApiError> {
    let request = validate::read(body, validate::LIST)?;
    let most = request["MaxResults"].as_u64().and_then(|most| usize::try_from(most).ok()).unwrap_or(1);
    let here: Vec<_> = pools.iter().filter(|pool| region_of(&pool.id) == region).collect();
    let begin = match request.get("NextToken").and_then(Value::as_str) {
        None => 0,
        Some(token) => {
            let last = here.iter().position(|pool| token_after(pool) == token);
            last.ok_or_else(|| ApiError::invalid("Invalid pagination token given"))? + 1
        }
    };
    let page = &here[begin..here.len().min(begin + most)];
    let shown: Vec<_> = page.iter().map(|pool| json!({"Id": pool.id, "Name": pool.name})).collect();
    let mut answer = json!({"UserPools": shown});
    if let Some(last) = page.last().filter(|_| begin + most < here.len()) {
        answer["NextToken"] = json!(token_after(last));
    }
    Ok(answer)
}

/// Opaque to clients.
fn token_after(pool: &Pool) -> String {
    pool.id.chars().rev().collect()
}
