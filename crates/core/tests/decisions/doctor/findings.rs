//! What AWS accepts without doing it, what users notice, and what nobody looked at.

use cognito_emulator::{EmailSender, Facts, Pool};
use cognito_mfa_core::{
    api::v1alpha1::MfaSettings,
    doctor::{Acceptance, Finding, Notice, Place, PoolView, Topic, Unseen},
};
use serde_json::{Value, json};
use test_support::fixtures::ROLE;

use super::{findings, findings_of, pool, sent};

fn totp(mode: &str) -> MfaSettings {
    sent(&json!({"mfaConfiguration": mode, "softwareTokenMfaConfiguration": {"enabled": true}}))
}

fn with(mode: &str, section: &str, value: Value) -> MfaSettings {
    let mut settings = json!({"mfaConfiguration": mode, "softwareTokenMfaConfiguration": {"enabled": true}});
    settings[section] = value;
    sent(&settings)
}

fn sms() -> Value {
    json!({"smsConfiguration": {"snsCallerArn": ROLE, "externalId": "id"}})
}

fn ready(live: &MfaSettings) -> Pool {
    pool(Facts::ready(), live)
}

fn topics(findings: &[Finding]) -> Vec<Topic> {
    findings.iter().map(|finding| finding.topic).collect()
}

#[track_caller]
fn finding(findings: &[Finding], topic: Topic) -> &Finding {
    findings
        .iter()
        .find(|finding| finding.topic == topic)
        .unwrap_or_else(|| panic!("{topic:?}: {findings:#?}"))
}

#[test]
fn a_pool_as_declared_leads_to_no_finding() {
    for settings in [totp("ON"), totp("OPTIONAL"), sent(&json!({"mfaConfiguration": "OFF"}))] {
        assert_eq!(findings(&ready(&settings), &settings), []);
    }
}

#[test]
fn required_mfa_names_the_number_of_users() {
    let pool = pool(Facts { estimated_users: 4711, ..Facts::ready() }, &totp("OPTIONAL"));
    let found = findings(&pool, &totp("ON"));
    assert_eq!(topics(&found), [Topic::UsersWillNotice(Notice::MfaRequired)]);
    assert!(found[0].message.contains("4711 users"), "{found:#?}");
    assert_eq!(found[0].remedies[0].text, "mfaConfiguration: \"OPTIONAL\"");
}

#[test]
fn users_notice_a_weaker_mode() {
    let off = sent(&json!({"mfaConfiguration": "OFF"}));
    let cases =
        [(totp("ON"), totp("OPTIONAL"), Notice::MfaOptional), (totp("OPTIONAL"), off, Notice::MfaOff)];
    for (live, sent, notice) in cases {
        assert_eq!(topics(&findings(&ready(&live), &sent)), [Topic::UsersWillNotice(notice)]);
    }
}

#[test]
fn users_notice_a_factor_that_goes_and_the_remedy_declares_it_as_it_was() {
    let live = with("ON", "emailMfaConfiguration", json!({"subject": "ON"}));
    let found = findings(&ready(&live), &totp("ON"));
    let finding = finding(&found, Topic::UsersWillNotice(Notice::EmailGoes));
    assert_eq!((finding.field, found.len()), ("emailMfaConfiguration", 1));
    assert_eq!(finding.remedies[0].text, "emailMfaConfiguration: {subject: \"ON\"}");
}

#[test]
fn sms_that_goes_may_stay_and_the_words_of_a_refusal_are_named() {
    let found = findings(&ready(&with("ON", "smsMfaConfiguration", sms())), &totp("ON"));
    let stays = finding(&found, Topic::AcceptedBut(Acceptance::SmsMayStay));
    assert_eq!((stays.aws_says, stays.grade), (Some("Can't turn off SMS_MFA"), None));
    assert!(stays.remedies[0].text.contains(ROLE), "{stays:#?}");
    finding(&found, Topic::UsersWillNotice(Notice::SmsGoes));
}

#[test]
fn users_notice_what_happens_to_their_passkeys() {
    let party = |party, verification, factor: &str| {
        let passkeys =
            json!({"relyingPartyId": party, "userVerification": verification, "factorConfiguration": factor});
        with("OPTIONAL", "webAuthnConfiguration", passkeys)
    };
    let live = party("a.example.com", "preferred", "MULTI_FACTOR_WITH_USER_VERIFICATION");
    let found = findings(&ready(&live), &party("b.example.com", "required", "SINGLE_FACTOR"));
    for notice in [Notice::RelyingPartyMoves, Notice::PasskeysSingleFactor, Notice::VerificationRequired] {
        finding(&found, Topic::UsersWillNotice(notice));
    }
    let found = findings(&ready(&live), &totp("OPTIONAL"));
    let moves = finding(&found, Topic::UsersWillNotice(Notice::RelyingPartyMoves));
    assert_eq!(moves.remedies[0].text, "webAuthnConfiguration: {relyingPartyId: a.example.com}");
}

#[test]
fn a_pool_in_the_sms_sandbox_is_accepted_and_sends_to_verified_numbers_alone() {
    let settings = with("ON", "smsMfaConfiguration", sms());
    let pool = pool(Facts { sms_sandbox: true, ..Facts::ready() }, &settings);
    let found = findings(&pool, &settings);
    finding(&found, Topic::AcceptedBut(Acceptance::SmsSandbox));
    assert!(!topics(&found).contains(&Topic::NotLookedAt(Unseen::SmsSandbox)));
}

#[test]
fn totp_that_is_disabled_and_alone_is_no_usable_factor() {
    let settings =
        sent(&json!({"mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": false}}));
    let found = findings(&ready(&settings), &settings);
    assert_eq!(topics(&found), [Topic::AcceptedBut(Acceptance::NoUsableFactor)]);
}

#[test]
fn what_nobody_looked_at_comes_with_the_command_that_looks() {
    let settings = with("ON", "smsMfaConfiguration", sms());
    let found = findings(&ready(&settings), &settings);
    let command = |unseen| finding(&found, Topic::NotLookedAt(unseen)).remedies[0].text.as_str();
    assert_eq!(command(Unseen::SmsRole), "aws iam get-role --role-name sms");
    assert_eq!(command(Unseen::SmsSandbox), "aws sns get-sms-sandbox-account-status --region eu-west-1");
}

#[test]
fn the_identity_of_the_sender_is_asked_for_in_its_own_region() {
    let settings = with("ON", "emailMfaConfiguration", json!({}));
    let mut pool = ready(&settings);
    let arn = "arn:aws:ses:us-east-1:123456789012:identity/example.com";
    pool.other.insert("EmailConfiguration".into(), json!({"SourceArn": arn}));
    let found = findings(&pool, &settings);
    let command = &finding(&found, Topic::NotLookedAt(Unseen::SesIdentity)).remedies[0].text;
    assert_eq!(command, "aws sesv2 get-email-identity --email-identity example.com --region us-east-1");
}

#[test]
fn a_lambda_function_that_sends_stands_in_for_sns_and_ses() {
    let mut settings = with("ON", "emailMfaConfiguration", json!({}));
    settings.sms_mfa_configuration = with("ON", "smsMfaConfiguration", sms()).sms_mfa_configuration;
    let mut pool = pool(Facts { sms_sandbox: true, ..Facts::ready() }, &settings);
    let sender = json!({"LambdaArn": "arn:aws:lambda:eu-west-1:123456789012:function:f"});
    pool.other.insert("LambdaConfig".into(), json!({"CustomSMSSender": sender, "CustomEmailSender": sender}));
    let topics = topics(&findings(&pool, &settings));
    let unseen = [Unseen::SmsRole, Unseen::PassRole, Unseen::SmsSender, Unseen::EmailSender];
    assert_eq!(topics, unseen.map(Topic::NotLookedAt));
}

#[test]
fn a_denied_description_is_answered_with_the_policy_statement_to_add() {
    let found = findings_of(&ready(&totp("ON")), &PoolView::Denied, &totp("ON"));
    let remedy = &finding(&found, Topic::NotLookedAt(Unseen::Pool)).remedies[0];
    let statement: Value = serde_json::from_str(&remedy.text).expect("JSON");
    let resource = "arn:aws:cognito-idp:eu-west-1:*:userpool/eu-west-1_AbCdEf123";
    assert_eq!((remedy.place, &statement["Resource"]), (Place::Policy, &json!(resource)));
}

#[test]
fn names_from_outside_are_single_words_of_a_command() {
    let role = "arn:aws:iam::123456789012:role/a'; rm -rf $HOME #";
    let sms = json!({"smsConfiguration": {"snsCallerArn": role, "externalId": "id"}});
    let settings = with("ON", "smsMfaConfiguration", sms);
    let found = findings(&ready(&settings), &settings);
    let command = &finding(&found, Topic::NotLookedAt(Unseen::SmsRole)).remedies[0].text;
    assert_eq!(command, r"aws iam get-role --role-name 'a'\''; rm -rf $HOME #'");
}

#[test]
fn a_sender_that_aws_does_not_name_is_the_default_one() {
    let settings = with("ON", "emailMfaConfiguration", json!({}));
    let pool = pool(Facts { email_sender: EmailSender::CognitoDefault, ..Facts::ready() }, &settings);
    let found = findings(&pool, &settings);
    assert!(found[0].message.contains("EmailSendingAccount"), "{found:#?}");
}
