//! GetUserPoolMfaConfig and SetUserPoolMfaConfig on one pool.

use serde_json::{Map, Value, json};

use crate::{
    error::ApiError,
    model,
    pool::Pool,
    rules::{self, MfaRequest, sms::allowed_sns_regions},
    switches::{
        RelyingPartyOnOmission, ServerDefaults, SetAnswer, SingleFactor, SmsReadUnderOff, SmsRemoval,
        SnsRegionDefault, Switches,
    },
    validate,
};

const SMS: &str = "SmsMfaConfiguration";
const EMAIL: &str = "EmailMfaConfiguration";
const WEB_AUTHN: &str = "WebAuthnConfiguration";

/// The answer of GetUserPoolMfaConfig. Sections that are not configured are absent, and a pool that no write ever
/// touched has only its mode. [measured]
#[must_use]
pub fn get(pool: &Pool, switches: &Switches) -> Value {
    let mut answer = pool.live.clone();
    if answer.get("MfaConfiguration").is_some_and(|mode| mode == "OFF") {
        show_sms_under_off(pool, &mut answer, switches);
    }
    if switches.single_factor == SingleFactor::Shown {
        let section = answer.entry(WEB_AUTHN).or_insert_with(|| json!({}));
        if section.get("FactorConfiguration").is_none() {
            section["FactorConfiguration"] = json!("SINGLE_FACTOR");
        }
    }
    Value::Object(answer)
}

/// Under OFF, [`SmsReadUnderOff`] decides about the SMS section.
fn show_sms_under_off(pool: &Pool, answer: &mut Map<String, Value>, switches: &Switches) {
    match (switches.sms_read_under_off, &pool.sms_configuration) {
        (SmsReadUnderOff::Kept, _) | (SmsReadUnderOff::WhenConfigured, None) => {}
        (SmsReadUnderOff::Hidden, _) => drop(answer.remove(SMS)),
        (SmsReadUnderOff::WhenConfigured, Some(sms)) => {
            answer.entry(SMS).or_insert_with(|| json!({"SmsConfiguration": sms}));
        }
    }
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
    fill_factor(request, &mut next);
    if switches.sns_region_default == SnsRegionDefault::Filled {
        fill_sns_region(pool.region(), &mut next);
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

/// The section stays after OFF: the pool keeps its configuration [measured], and [`SmsReadUnderOff`] decides whether
/// reads return it. When another factor remains, [`SmsRemoval`] decides.
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

/// A section that is sent without `FactorConfiguration` gets the default, and reads return it. [measured]
fn fill_factor(request: &Map<String, Value>, next: &mut Map<String, Value>) {
    if request.contains_key(WEB_AUTHN) {
        fill(next.get_mut(WEB_AUTHN), "FactorConfiguration", "SINGLE_FACTOR");
    }
}

fn fill_sns_region(region: &str, next: &mut Map<String, Value>) {
    let sms = next.get_mut(SMS).and_then(|sms| sms.get_mut("SmsConfiguration"));
    if let (Some(usual), Some(sms)) = (allowed_sns_regions(region).first(), sms)
        && sms.get("EumsSms").is_none()
    {
        fill(Some(sms), "SnsRegion", usual);
    }
}

/// The texts are the emulator's own, because AWS's are not recorded word for word.
fn fill_defaults(region: &str, next: &mut Map<String, Value>) {
    fill(next.get_mut(SMS), "SmsAuthenticationMessage", "Your authentication code is {####}.");
    fill(next.get_mut(EMAIL), "Message", "Your authentication code is {####}.");
    fill(next.get_mut(EMAIL), "Subject", "Your authentication code");
    let sms = next.get_mut(SMS).and_then(|sms| sms.get_mut("SmsConfiguration"));
    fill(sms.and_then(|sms| sms.get_mut("EumsSms")), "Region", region);
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
