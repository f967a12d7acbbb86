//! Each switch in all its positions.

use cognito_emulator::{
    CrossAccountRole, Facts, OtherSnsRegion, PhoneVerification, Pool, RelyingPartyOnOmission, ServerDefaults,
    SetAnswer, SingleFactor, SmsReadUnderOff, SmsRemoval, SmsUnderOff, SmsWithPhoneRecovery,
    SnsRegionDefault, Switches, TotpDisabledAlone, get, set,
};
use serde_json::{Value, json};

const ID: &str = "us-east-1_Abcdef123";

fn pool() -> Pool {
    Pool::new(ID, Facts::ready())
}

fn sms() -> Value {
    json!({"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "x"}})
}

fn totp() -> Value {
    json!({"UserPoolId": ID, "MfaConfiguration": "ON", "SoftwareTokenMfaConfiguration": {"Enabled": true}})
}

fn totp_and(section: &str, value: Value) -> Value {
    let mut request = totp();
    request[section] = value;
    request
}

fn sms_with(member: &str, value: &str) -> Value {
    let mut sms = sms();
    sms["SmsConfiguration"][member] = json!(value);
    sms
}

/// What a read returns after the writes, or the message that refused the last write.
fn after(switches: &Switches, writes: &[Value]) -> Result<Value, String> {
    after_on(pool(), switches, writes)
}

fn after_on(mut pool: Pool, switches: &Switches, writes: &[Value]) -> Result<Value, String> {
    let (last, earlier) = writes.split_last().expect("at least one write");
    for request in earlier {
        set(&mut pool, request, switches).expect("only the last write may be refused");
    }
    set(&mut pool, last, switches).map_err(|error| error.message)?;
    Ok(get(&pool, switches))
}

#[test]
fn sms_under_off_is_refused_or_accepted() {
    let off = json!({"UserPoolId": ID, "MfaConfiguration": "OFF", "SmsMfaConfiguration": sms()});
    let refused = after(&Switches::default(), std::slice::from_ref(&off));
    assert!(
        refused.is_err_and(|message| message.contains("can't turn off MFA and configure an MFA together"))
    );
    let accepted = Switches { sms_under_off: SmsUnderOff::Accepted, ..Switches::default() };
    assert_eq!(
        after(&accepted, &[off]),
        Ok(json!({"MfaConfiguration": "OFF", "SmsMfaConfiguration": sms()}))
    );
}

#[test]
fn removed_sms_is_dropped_still_returned_or_refused() {
    let writes = [totp_and("SmsMfaConfiguration", sms()), totp()];
    let removal = |sms_removal| after(&Switches { sms_removal, ..Switches::default() }, &writes);
    let sms_section = |read: Result<Value, String>| read.map(|read| read.get("SmsMfaConfiguration").cloned());
    assert_eq!(sms_section(removal(SmsRemoval::Dropped)), Ok(None));
    assert_eq!(sms_section(removal(SmsRemoval::ShownOn)), Ok(Some(sms())));
    assert!(removal(SmsRemoval::Refused).is_err_and(|message| message.contains("Can't turn off SMS_MFA")));
}

#[test]
fn refusing_sms_removal_accepts_other_writes() {
    let refused = Switches { sms_removal: SmsRemoval::Refused, ..Switches::default() };
    assert!(after(&refused, &[totp()]).is_ok(), "there is no SMS to remove");
    let off = json!({"UserPoolId": ID, "MfaConfiguration": "OFF"});
    assert!(
        after(&refused, &[totp_and("SmsMfaConfiguration", sms()), off]).is_ok(),
        "OFF does not count as removal"
    );
}

#[test]
fn an_omitted_relying_party_is_cleared_or_kept_but_never_its_factor() {
    let passkeys = json!({"RelyingPartyId": "a.example.com", "UserVerification": "required",
        "FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    let writes = [totp_and("WebAuthnConfiguration", passkeys), totp()];
    let cleared = after(&Switches::default(), &writes).expect("accepted");
    assert_eq!(cleared.get("WebAuthnConfiguration"), None);
    let relying_party_on_omission = RelyingPartyOnOmission::Kept;
    let kept =
        after(&Switches { relying_party_on_omission, ..Switches::default() }, &writes).expect("accepted");
    let without_factor = json!({"RelyingPartyId": "a.example.com", "UserVerification": "required"});
    assert_eq!(kept["WebAuthnConfiguration"], without_factor);
}

#[test]
fn server_defaults_are_returned_or_not_and_never_replace_settings() {
    let mut request = totp_and("SmsMfaConfiguration", sms());
    request["EmailMfaConfiguration"] = json!({"Subject": "mine"});
    let not_filled = after(&Switches::default(), std::slice::from_ref(&request)).expect("accepted");
    assert_eq!(not_filled["EmailMfaConfiguration"], json!({"Subject": "mine"}));
    assert_eq!(not_filled["SmsMfaConfiguration"], sms());
    let filled = Switches { server_defaults: ServerDefaults::Filled, ..Switches::default() };
    let filled = after(&filled, &[request]).expect("accepted");
    assert_eq!(filled["EmailMfaConfiguration"]["Subject"], "mine");
    assert!(filled["EmailMfaConfiguration"]["Message"].as_str().is_some_and(|text| text.contains("{####}")));
    assert!(filled["SmsMfaConfiguration"]["SmsAuthenticationMessage"].is_string());
}

#[test]
fn an_omitted_sns_region_is_filled_in_or_not_and_never_replaced() {
    let region = |switches: &Switches, sms| {
        let read = after(switches, &[totp_and("SmsMfaConfiguration", sms)]).expect("accepted");
        read["SmsMfaConfiguration"]["SmsConfiguration"].get("SnsRegion").cloned()
    };
    assert_eq!(region(&Switches::default(), sms()), None);
    let filled = Switches { sns_region_default: SnsRegionDefault::Filled, ..Switches::default() };
    assert_eq!(region(&filled, sms()), Some(json!("us-east-1")));
    let other = Switches { other_sns_region: OtherSnsRegion::Accepted, ..filled };
    assert_eq!(region(&other, sms_with("SnsRegion", "eu-west-1")), Some(json!("eu-west-1")));
}

#[test]
fn an_sns_region_that_is_not_allowed_is_refused_or_accepted() {
    let write = totp_and("SmsMfaConfiguration", sms_with("SnsRegion", "eu-west-1"));
    let refused = after(&Switches::default(), std::slice::from_ref(&write));
    assert!(refused.is_err_and(|message| message.contains("Invalid snsRegion")));
    let accepted = Switches { other_sns_region: OtherSnsRegion::Accepted, ..Switches::default() };
    assert!(after(&accepted, &[write]).is_ok());
}

#[test]
fn a_role_of_another_account_is_refused_or_accepted() {
    let foreign = sms_with("SnsCallerArn", "arn:aws:iam::999999999999:role/sms");
    let write = totp_and("SmsMfaConfiguration", foreign);
    let refused = after(&Switches::default(), std::slice::from_ref(&write));
    assert!(refused.is_err_and(|message| message.contains("Cross-account pass role")));
    let accepted = Switches { cross_account_role: CrossAccountRole::Accepted, ..Switches::default() };
    assert!(after(&accepted, &[write]).is_ok());
}

#[test]
fn sms_with_recovery_by_phone_is_refused_or_accepted() {
    let facts = Facts { recovery: vec!["verified_phone_number".into()], ..Facts::ready() };
    let write = [totp_and("SmsMfaConfiguration", sms())];
    let result = |switches: &Switches| after_on(Pool::new(ID, facts.clone()), switches, &write);
    assert!(result(&Switches::default()).is_err_and(|message| message.contains("account recovery setting")));
    let sms_with_phone_recovery = SmsWithPhoneRecovery::Accepted;
    assert!(result(&Switches { sms_with_phone_recovery, ..Switches::default() }).is_ok());
}

/// The answers to a write with ON and to one with OFF, both without SMS, to a pool that verifies phone numbers.
fn without_sms(phone_verification: PhoneVerification, configured: bool) -> [bool; 2] {
    let switches = Switches { phone_verification, ..Switches::default() };
    let facts = Facts { auto_verified_attributes: vec!["phone_number".into()], ..Facts::ready() };
    [totp(), json!({"UserPoolId": ID, "MfaConfiguration": "OFF"})].map(|write| {
        let mut pool = Pool::new(ID, facts.clone());
        pool.sms_configuration = configured.then(|| sms()["SmsConfiguration"].clone());
        set(&mut pool, &write, &switches).is_ok()
    })
}

#[test]
fn phone_verification_refuses_all_writes_without_sms_or_accepts_off_or_all() {
    assert_eq!(without_sms(PhoneVerification::Refused, true), [false, false]);
    assert_eq!(without_sms(PhoneVerification::AcceptedUnderOff, true), [false, true]);
    assert_eq!(without_sms(PhoneVerification::Accepted, true), [true, true]);
}

#[test]
fn phone_verification_without_any_sms_configuration_is_always_refused() {
    assert_eq!(without_sms(PhoneVerification::AcceptedUnderOff, false), [false, false]);
    assert_eq!(without_sms(PhoneVerification::Accepted, false), [false, false]);
}

#[test]
fn under_off_sms_is_read_after_a_write_never_or_whenever_configured() {
    let section = |sms_read_under_off, writes: &[Value]| {
        let mut pool = pool();
        pool.sms_configuration = Some(sms()["SmsConfiguration"].clone());
        let switches = Switches { sms_read_under_off, ..Switches::default() };
        after_on(pool, &switches, writes).expect("accepted").get("SmsMfaConfiguration").cloned()
    };
    let off = json!({"UserPoolId": ID, "MfaConfiguration": "OFF"});
    let (untouched, written) = ([off.clone()], [totp_and("SmsMfaConfiguration", sms()), off]);
    assert_eq!(section(SmsReadUnderOff::Kept, &untouched), None);
    assert_eq!(section(SmsReadUnderOff::Kept, &written), Some(sms()));
    assert_eq!(section(SmsReadUnderOff::Hidden, &written), None);
    assert_eq!(section(SmsReadUnderOff::WhenConfigured, &untouched), Some(sms()));
}

#[test]
fn single_factor_is_returned_or_not_and_never_replaces_multi_factor() {
    let shown = Switches { single_factor: SingleFactor::Shown, ..Switches::default() };
    let section = |switches: &Switches, request| {
        after(switches, &[request]).expect("accepted").get("WebAuthnConfiguration").cloned()
    };
    assert_eq!(section(&Switches::default(), totp()), None);
    assert_eq!(section(&shown, totp()), Some(json!({"FactorConfiguration": "SINGLE_FACTOR"})));
    let multi = json!({"FactorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    assert_eq!(section(&shown, totp_and("WebAuthnConfiguration", multi.clone())), Some(multi));
}

#[test]
fn a_write_answers_the_stored_state_or_echoes_the_request() {
    let answer = |set_answer| {
        let switches = Switches { set_answer, ..Switches::default() };
        let mut pool = pool();
        set(&mut pool, &totp_and("SmsMfaConfiguration", sms()), &switches).expect("accepted");
        set(&mut pool, &json!({"UserPoolId": ID}), &switches).expect("accepted")
    };
    let stored = json!({"MfaConfiguration": "OFF", "SmsMfaConfiguration": sms()});
    assert_eq!(answer(SetAnswer::StoredState), stored);
    assert_eq!(answer(SetAnswer::EchoesRequest), json!({"MfaConfiguration": "OFF"}));
}

#[test]
fn disabled_totp_alone_is_accepted_or_refused() {
    let request = totp_and("SoftwareTokenMfaConfiguration", json!({"Enabled": false}));
    assert!(after(&Switches::default(), std::slice::from_ref(&request)).is_ok());
    let refused = Switches { totp_disabled_alone: TotpDisabledAlone::Refused, ..Switches::default() };
    assert!(after(&refused, &[request]).is_err_and(|message| message.contains("can't disable all MFAs")));
}

#[test]
fn disabled_totp_with_another_factor_is_accepted() {
    let mut request = totp_and("SoftwareTokenMfaConfiguration", json!({"Enabled": false}));
    request["EmailMfaConfiguration"] = json!({});
    let refused = Switches { totp_disabled_alone: TotpDisabledAlone::Refused, ..Switches::default() };
    assert!(after(&refused, &[request]).is_ok());
}

#[test]
fn each_alone_lists_every_deviation_once() {
    let all = Switches::each_alone();
    for (index, (name, switches)) in all.iter().enumerate() {
        assert_ne!(*switches, Switches::default(), "{name}");
        assert!(all[index + 1..].iter().all(|(_, other)| other != switches), "{name} is listed twice");
    }
    assert_eq!(all.len(), 16, "thirteen switches, three of them with three positions");
}

#[test]
fn the_readme_lists_every_switch_with_its_default() {
    let readme = include_str!("../../README.md");
    let Value::Object(switches) = json!(Switches::default()) else { panic!("switches are an object") };
    for (name, default) in switches {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{name}`:")));
        let default = format!("| `{}` |", default.as_str().expect("a name"));
        assert!(row.is_some_and(|row| row.contains(&default)), "{name}: {default}");
    }
}
