//! Each remedy ends the refusal that it is for.

use cognito_emulator::{
    CredentialScope, EmailSender, EmulatorState, Facts, Pool, Reply, Request, SmsRole, Switches, Tier, set,
};
use cognito_mfa_core::{
    api::v1alpha1::MfaSettings,
    calls::advice::Refusal,
    doctor::{Place, Remedy, Topic},
};
use serde_json::{Value, json};
use std::time::Duration;
use test_support::{
    fixtures::{POOL, ROLE},
    simulated_pool::in_aws_names,
};

use super::{failure, findings, pool, sent};

/// A write for each refusal, which the emulator answers with it.
fn refused() -> Vec<(Refusal, Facts, Value)> {
    let totp = json!({"mfaConfiguration": "ON", "softwareTokenMfaConfiguration": {"enabled": true}});
    let with = |section: &str, value: Value| {
        let mut settings = totp.clone();
        settings[section] = value;
        settings
    };
    let sms = |sms: Value| with("smsMfaConfiguration", json!({"smsConfiguration": sms}));
    let complete = || sms(json!({"snsCallerArn": ROLE, "externalId": "id"}));
    let email = || with("emailMfaConfiguration", json!({}));
    let multi = json!({"factorConfiguration": "MULTI_FACTOR_WITH_USER_VERIFICATION"});
    let facts = |change: fn(&mut Facts)| {
        let mut facts = Facts::ready();
        change(&mut facts);
        facts
    };
    vec![
        (Refusal::IncompleteSms, facts(|_| ()), sms(json!({"snsCallerArn": ROLE}))),
        (
            Refusal::PhoneVerification,
            facts(|it| it.auto_verified_attributes = vec!["phone_number".into()]),
            totp.clone(),
        ),
        (Refusal::NoFactor, facts(|_| ()), json!({"mfaConfiguration": "ON"})),
        (
            Refusal::SnsRegion,
            facts(|_| ()),
            sms(json!({"snsCallerArn": ROLE, "externalId": "id", "snsRegion": "us-east-2"})),
        ),
        (Refusal::CrossAccountRole, facts(|it| it.account = "999999999999".into()), complete()),
        (Refusal::EmailSender, facts(|it| it.email_sender = EmailSender::CognitoDefault), email()),
        (Refusal::EmailRecovery, facts(|it| it.recovery = vec!["verified_email".into()]), email()),
        (Refusal::SmsRecovery, facts(|it| it.recovery = vec!["verified_phone_number".into()]), complete()),
        (
            Refusal::OneTimePasswords,
            facts(|it| it.first_factors = vec!["PASSWORD".into(), "EMAIL_OTP".into()]),
            totp.clone(),
        ),
        (
            Refusal::FirstFactorPasskeys,
            facts(|it| it.first_factors = vec!["PASSWORD".into(), "WEB_AUTHN".into()]),
            totp.clone(),
        ),
        (
            Refusal::RelyingPartyCharacters,
            facts(|_| ()),
            with("webAuthnConfiguration", json!({"relyingPartyId": "https://a.example.com/x"})),
        ),
        (Refusal::Tier, facts(|it| it.tier = Tier::Lite), email()),
        (Refusal::Tier, facts(|it| it.tier = Tier::Lite), with("webAuthnConfiguration", multi)),
    ]
}

fn write(pool: &Pool, sent: &MfaSettings) -> Option<Refusal> {
    let mut request = in_aws_names(sent);
    request["UserPoolId"] = json!(POOL);
    let refused = set(&mut pool.clone(), &request, &Switches::default()).err()?;
    Some(Refusal::of(&failure(&refused)).expect("a known refusal"))
}

/// The pool and the settings after a person did what the remedy says.
fn apply(remedy: &Remedy, pool: &Pool, declared: &Value) -> (Pool, MfaSettings) {
    let (mut pool, mut declared) = (pool.clone(), declared.clone());
    match remedy.place {
        Place::Spec => merge(&mut declared, &yaml(&remedy.text)),
        Place::RemoveFromSpec => drop(declared.as_object_mut().expect("an object").remove(&remedy.text)),
        Place::Pool => pool = updated(pool, &yaml(&remedy.text)),
        Place::Command | Place::Policy => panic!("{remedy:?} changes neither spec nor pool"),
    }
    (pool, sent(&declared))
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn merge(target: &mut Value, patch: &Value) {
    let Some(members) = patch.as_object() else { return target.clone_from(patch) };
    for (name, value) in members {
        merge(&mut target[name], value);
    }
}

fn updated(pool: Pool, members: &Value) -> Pool {
    let mut state = EmulatorState::default();
    state.pools.insert(pool);
    let mut body = members.clone();
    body["UserPoolId"] = json!(POOL);
    let scope = CredentialScope {
        access_key_id: "any".into(),
        region: "eu-west-1".into(),
        service: "cognito-idp".into(),
    };
    let request = Request { operation: "UpdateUserPool".into(), body, scope: Some(scope) };
    let call = state.receive(&request, Duration::ZERO);
    let reply = state.answer(&request, &call, Duration::ZERO);
    assert!(matches!(reply, Reply::Answer(Ok(_))), "{members}: {reply:?}");
    state.pools.get(POOL).expect("the pool").clone()
}

#[test]
fn each_remedy_ends_the_refusal_in_the_prediction_and_in_the_emulator() {
    for (refusal, facts, declared) in refused() {
        let (pool, settings) = (pool(facts, &sent(&json!({"mfaConfiguration": "OFF"}))), sent(&declared));
        assert_eq!(write(&pool, &settings), Some(refusal));
        let found = findings(&pool, &settings);
        let finding =
            found.iter().find(|finding| finding.topic == Topic::Refused(refusal)).expect("it is predicted");
        assert!(!finding.remedies.is_empty(), "{finding:?}");
        for remedy in &finding.remedies {
            let (pool, settings) = apply(remedy, &pool, &declared);
            assert_ne!(write(&pool, &settings), Some(refusal), "{remedy:?}");
            let left = findings(&pool, &settings);
            assert!(
                left.iter().all(|finding| finding.topic != Topic::Refused(refusal)),
                "{remedy:?} {left:#?}"
            );
        }
    }
}

#[test]
fn a_role_that_may_not_send_is_predicted_for_the_role_of_the_pool_alone() {
    let sms = |role: &str| {
        let sms = json!({"smsConfiguration": {"snsCallerArn": role, "externalId": "id"}});
        sent(&json!({"mfaConfiguration": "ON", "smsMfaConfiguration": sms}))
    };
    let pool = pool(Facts { sms_role: SmsRole::NotPermitted, ..Facts::ready() }, &sms(ROLE));
    let predicted = |role| {
        let findings = findings(&pool, &sms(role));
        findings.iter().find(|finding| finding.topic == Topic::Refused(Refusal::RoleNotPermitted)).cloned()
    };
    let command = &predicted(ROLE).expect("it is predicted").remedies[0].text;
    assert!(command.starts_with("aws iam put-role-policy --role-name sms "), "{command}");
    assert_eq!(predicted("arn:aws:iam::123456789012:role/another"), None);
}
