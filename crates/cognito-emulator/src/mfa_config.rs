//! GetUserPoolMfaConfig and SetUserPoolMfaConfig on one pool.

use serde_json::{Map, Value, json};

use crate::{
    error::ApiError,
    model,
    pool::Pool,
    rules::{self, MfaRequest},
    switches::{RelyingPartyOnOmission, ServerDefaults, SetAnswer, SingleFactor, SmsRemoval, Switches},
    validate,
};

const SMS: &str = "SmsMfaConfiguration";
const EMAIL: &str = "EmailMfaConfiguration";
const WEB_AUTHN: &str = "WebAuthnConfiguration";

/// The answer of GetUserPoolMfaConfig. Sections that are not configured are absent. [measured]
#[must_use]
pub fn get(pool: &Pool, switches: &Switches) -> Value {
    let mut answer = pool.live.clone();
    if switches.single_factor == SingleFactor::Shown {
        let section = answer.entry(WEB_AUTHN).or_insert_with(|| json!({}));
        if section.get("FactorConfiguration").is_none() {
            section["FactorConfiguration"] = json!("SINGLE_FACTOR");
        }
    }
    Value::Object(answer)
}

/// Executes SetUserPoolMfaConfig, which replaces every section [measured], and returns its answer.
///
/// `request` is the JSON body of the operation, under AWS's own names.
///
/// # Errors
/// The AWS error of the first constraint or rule that refuses. The pool is then unchanged.
pub fn set(pool: &mut Pool, request: &Value, switches: &Switches) -> Result<Value, ApiError> {
    let mut request = validate::read(request, model::SET)?;
    request.remove("UserPoolId");
    rules::check(pool, &MfaRequest::new(&request), switches)?;
    let next = settings_after(pool, &request, switches);
    if let Some(sms) = next.get(SMS).and_then(|sms| sms.get("SmsConfiguration")) {
        pool.sms_configuration = Some(sms.clone());
    }
    pool.live = next;
    Ok(match switches.set_answer {
        SetAnswer::StoredState => get(pool, switches),
        SetAnswer::EchoesRequest => echo(&request),
    })
}

fn echo(request: &Map<String, Value>) -> Value {
    let mut answer = request.clone();
    answer.entry("MfaConfiguration").or_insert_with(|| json!("OFF"));
    Value::Object(answer)
}

fn settings_after(pool: &Pool, request: &Map<String, Value>, switches: &Switches) -> Map<String, Value> {
    let mut next = request.clone();
    let mode = MfaRequest::new(request).mode;
    next.insert("MfaConfiguration".into(), json!(mode));
    drop_empty_caller(&mut next);
    if retains_sms(mode, switches) {
        retain_sms(pool, &mut next);
    }
    if switches.relying_party_on_omission == RelyingPartyOnOmission::Kept && !next.contains_key(WEB_AUTHN) {
        retain_relying_party(pool, &mut next);
    }
    if switches.server_defaults == ServerDefaults::Filled {
        fill_defaults(pool.region(), &mut next);
    }
    next
}

/// SDKs send an empty `SnsCallerArn` with `EumsSms` to mean that there is none. [inferred]
fn drop_empty_caller(next: &mut Map<String, Value>) {
    let sms =
        next.get_mut(SMS).and_then(|sms| sms.get_mut("SmsConfiguration")).and_then(Value::as_object_mut);
    if let Some(sms) = sms.filter(|sms| sms.get("SnsCallerArn").is_some_and(|arn| arn == "")) {
        sms.remove("SnsCallerArn");
    }
}

/// Reads return the SMS section after OFF. [measured] When another factor remains, [`SmsRemoval`] decides.
fn retains_sms(mode: &str, switches: &Switches) -> bool {
    mode == "OFF" || switches.sms_removal == SmsRemoval::ShownOn
}

fn retain_sms(pool: &Pool, next: &mut Map<String, Value>) {
    if let Some(sms) = pool.live.get(SMS) {
        next.entry(SMS).or_insert_with(|| sms.clone());
    }
}

/// `FactorConfiguration` is not among what is retained. [measured]
fn retain_relying_party(pool: &Pool, next: &mut Map<String, Value>) {
    let Some(Value::Object(live)) = pool.live.get(WEB_AUTHN) else { return };
    let mut retained = live.clone();
    retained.retain(|name, _| name == "RelyingPartyId" || name == "UserVerification");
    if !retained.is_empty() {
        next.insert(WEB_AUTHN.into(), Value::Object(retained));
    }
}

/// The texts are the emulator's own, because AWS's are not recorded word for word.
fn fill_defaults(region: &str, next: &mut Map<String, Value>) {
    fill(next.get_mut(SMS), "SmsAuthenticationMessage", "Your authentication code is {####}.");
    fill(next.get_mut(EMAIL), "Message", "Your authentication code is {####}.");
    fill(next.get_mut(EMAIL), "Subject", "Your authentication code");
    if let Some(sms) = next.get_mut(SMS).and_then(|sms| sms.get_mut("SmsConfiguration")) {
        match sms.get_mut("EumsSms") {
            Some(eums) => fill(Some(eums), "Region", region),
            None => fill(Some(sms), "SnsRegion", region),
        }
    }
    if let Some(passkeys) = next.get_mut(WEB_AUTHN).filter(|section| section.get("RelyingPartyId").is_some())
    {
        fill(Some(passkeys), "UserVerification", "preferred");
    }
}

fn fill(section: Option<&mut Value>, member: &str, text: &str) {
    if let Some(section) = section.and_then(Value::as_object_mut) {
        section.entry(member).or_insert_with(|| json!(text));
    }
}
