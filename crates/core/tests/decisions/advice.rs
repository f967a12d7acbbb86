//! What to do about the refusals of AWS that are known.

use std::collections::BTreeSet;

use cognito_emulator::{EmailSender, Facts, Pool, SmsRemoval, SmsRole, Switches, Tier, set};
use cognito_mfa_core::{
    api::v1alpha1::ConditionType,
    calls::{
        advice::{Refusal, Sign, with_advice},
        failure::{Failure, FailureClass, Operation},
    },
    status::outcome::Outcome,
};
use serde_json::{Value, json};
use test_support::fixtures::{POOL, ROLE, after, at, object, on_totp};

const TROUBLESHOOTING: &str = include_str!("../../../../docs/troubleshooting.md");

fn refused(code: &str, message: &str) -> Failure {
    Failure::new(FailureClass::InvalidParameter, Operation::Set, code, message)
}

/// The failure of a write that the emulator, which has AWS's words, refuses.
fn failure_of(mut pool: Pool, mut request: Value, switches: &Switches) -> Failure {
    request["UserPoolId"] = json!(POOL);
    let error = set(&mut pool, &request, switches).expect_err("the emulator refuses it");
    refused(&error.code, &error.message)
}

fn pool(facts: Facts) -> Pool {
    Pool::new(POOL, facts)
}

fn ready() -> Pool {
    pool(Facts::ready())
}

fn on(section: &str, value: Value) -> Value {
    let mut request = json!({"MfaConfiguration": "ON"});
    request[section] = value;
    request
}

fn totp() -> Value {
    on("SoftwareTokenMfaConfiguration", json!({"Enabled": true}))
}

fn sms(member: &str, value: &str) -> Value {
    let mut sms = json!({"SnsCallerArn": ROLE, "ExternalId": "x"});
    sms[member] = json!(value);
    on("SmsMfaConfiguration", json!({"SmsConfiguration": sms}))
}

fn email() -> Value {
    on("EmailMfaConfiguration", json!({}))
}

fn first_factor(name: &str) -> Pool {
    pool(Facts { first_factors: vec![name.into()], ..Facts::ready() })
}

fn with_role(sms_role: SmsRole) -> Pool {
    pool(Facts { sms_role, ..Facts::ready() })
}

fn with_sms() -> Pool {
    let mut pool = ready();
    set(
        &mut pool,
        &{
            let mut request = sms("ExternalId", "x");
            request["UserPoolId"] = json!(POOL);
            request
        },
        &Switches::default(),
    )
    .expect("accepted");
    pool
}

/// Every refusal that the emulator has, with a write that it refuses so.
fn emulated() -> Vec<(Refusal, Failure)> {
    let by_default = |pool, request| failure_of(pool, request, &Switches::default());
    let removal = Switches { sms_removal: SmsRemoval::Refused, ..Switches::default() };
    let foreign = "arn:aws:iam::999999999999:role/sms";
    let passkeys = json!({"WebAuthnConfiguration": {"RelyingPartyId": "https://example.com"}});
    let phone = Facts { auto_verified_attributes: vec!["phone_number".into()], ..Facts::ready() };
    let recovery = Facts { recovery: vec!["verified_phone_number".into()], ..Facts::ready() };
    let sender = Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() };
    let mut off = totp();
    off["MfaConfiguration"] = json!("OFF");
    vec![
        (Refusal::IncompleteSms, by_default(ready(), sms("ExternalId", ""))),
        (Refusal::PhoneVerification, by_default(pool(phone), totp())),
        (Refusal::FactorsUnderOff, by_default(ready(), off)),
        (Refusal::NoFactor, by_default(ready(), json!({"MfaConfiguration": "ON"}))),
        (Refusal::SmsRemoval, failure_of(with_sms(), totp(), &removal)),
        (Refusal::SnsRegion, by_default(ready(), sms("SnsRegion", "us-east-1"))),
        (Refusal::CrossAccountRole, by_default(ready(), sms("SnsCallerArn", foreign))),
        (Refusal::EmailSender, by_default(pool(sender), email())),
        (Refusal::EmailRecovery, by_default(pool(Facts { recovery: vec![], ..Facts::ready() }), email())),
        (Refusal::SmsRecovery, by_default(pool(recovery), sms("ExternalId", "x"))),
        (Refusal::OneTimePasswords, by_default(first_factor("EMAIL_OTP"), totp())),
        (Refusal::FirstFactorPasskeys, by_default(first_factor("WEB_AUTHN"), totp())),
        (Refusal::RelyingPartyCharacters, by_default(ready(), passkeys)),
        (Refusal::Tier, by_default(pool(Facts { tier: Tier::Lite, ..Facts::ready() }), email())),
        (Refusal::RoleNotTrusted, by_default(with_role(SmsRole::NotTrusted), sms("ExternalId", "x"))),
        (Refusal::RoleNotPermitted, by_default(with_role(SmsRole::NotPermitted), sms("ExternalId", "x"))),
    ]
}

/// The refusals that no rule of the emulator's writes has, with AWS's words.
fn quoted() -> Vec<(Refusal, Failure)> {
    let pass_role = "User: arn:aws:sts::123456789012:assumed-role/op/s is not authorized to perform: iam:PassRole on \
                     resource: arn:aws:iam::123456789012:role/sms";
    let busy = "Only one request to update this UserPool can be processed at a time";
    vec![
        (Refusal::PassRole, refused("AccessDeniedException", pass_role)),
        (Refusal::UpdateInProgress, refused("InvalidParameterException", busy)),
        (Refusal::OperationNotEnabled, refused("OperationNotEnabledException", "no")),
        (Refusal::PoolNotFound, refused("ResourceNotFoundException", "User pool x does not exist.")),
    ]
}

#[test]
fn each_known_refusal_is_recognized_by_the_words_of_aws() {
    let known: Vec<_> = emulated().into_iter().chain(quoted()).collect();
    for (refusal, failure) in &known {
        assert_eq!(Refusal::of(failure), Some(*refusal), "{failure}");
    }
    let all: BTreeSet<_> = Refusal::all().map(Refusal::heading).collect();
    assert_eq!(known.iter().map(|(refusal, _)| refusal.heading()).collect::<BTreeSet<_>>(), all);
}

#[test]
fn each_known_refusal_has_a_section_of_troubleshooting_with_its_sign() {
    for refusal in Refusal::all() {
        let section = section(refusal.heading());
        let section = section.split_whitespace().collect::<Vec<_>>().join(" ");
        let (Sign::Code(sign) | Sign::Words(sign)) = refusal.sign();
        assert!(section.contains(sign), "{}: {sign} is not in {section:?}", refusal.heading());
    }
}

/// The text below a heading of docs/troubleshooting.md, up to the next heading.
fn section(heading: &str) -> String {
    let mut lines =
        TROUBLESHOOTING.lines().skip_while(|line| line.trim_start_matches('#') != format!(" {heading}"));
    assert!(lines.next().is_some(), "troubleshooting.md has no heading {heading}");
    lines.take_while(|line| !line.starts_with('#')).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_unknown_refusal_is_shown_without_advice() {
    let failure = refused("InvalidParameterException", "Something new.");
    assert_eq!((Refusal::of(&failure), with_advice("Words.", &failure)), (None, "Words.".into()));
}

#[test]
fn advice_follows_the_words_of_aws_as_a_sentence_of_its_own() {
    let advice = Refusal::SmsRemoval.advice();
    for words in ["Can't turn off SMS_MFA", "Can't turn off SMS_MFA."] {
        let failure = refused("InvalidParameterException", words);
        assert_eq!(with_advice(words, &failure), format!("Can't turn off SMS_MFA. {advice}"));
    }
}

#[test]
fn a_condition_has_the_advice_and_last_error_the_words_of_aws_alone() {
    let words = "Can't turn off SMS_MFA when SMS configuration is set for the user pool";
    let failure = refused("InvalidParameterException", words);
    let object = after(&object(&on_totp()), &Outcome::Failed(failure, None), at(0));
    let status = object.status.expect("a status");
    let ready = status.condition(ConditionType::Ready).expect("it is there");
    let expected = format!(
        "SetUserPoolMfaConfig failed: InvalidParameterException: {words}. {}",
        Refusal::SmsRemoval.advice()
    );
    assert_eq!(ready.message, expected);
    assert_eq!(status.last_error.expect("an error").message, words);
}
