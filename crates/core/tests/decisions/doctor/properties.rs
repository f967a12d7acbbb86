//! The predictions against the emulator, which plays each refusal by rules of its own.

use cognito_emulator::{EmailSender, Facts, Pool, SmsRole, Switches, Tier, set};
use cognito_mfa_core::{
    api::v1alpha1::MfaSettings,
    calls::advice::{Refusal, Sign},
    doctor::{Finding, Grade, Kind, PoolView, Topic, Unseen},
    settings::diff::to_write,
};
use proptest::{option, prelude::*, sample::select};
use serde_json::{Value, json};
use test_support::{
    arbitrary::{declared, observed_settings, switches},
    fixtures::POOL,
    simulated_pool::in_aws_names,
};

use super::{failure, findings, findings_of, pool, view};

fn names(choices: &'static [&'static [&'static str]]) -> impl Strategy<Value = Vec<String>> {
    select(choices).prop_map(|names| names.iter().map(|name| (*name).to_owned()).collect())
}

fn facts() -> impl Strategy<Value = Facts> {
    let account = select(&["123456789012", "123456789012", "999999999999"][..]);
    let tier = select(&[Tier::Lite, Tier::Essentials, Tier::Plus][..]);
    let sender = select(&[EmailSender::CognitoDefault, EmailSender::Developer][..]);
    let verified = names(&[&[], &["email"], &["email", "phone_number"]]);
    let recovery = names(&[
        &[],
        &["admin_only"],
        &["verified_email"],
        &["verified_phone_number"],
        &["verified_email", "verified_phone_number"],
    ]);
    let first = names(&[
        &[],
        &["PASSWORD"],
        &["PASSWORD", "WEB_AUTHN"],
        &["PASSWORD", "EMAIL_OTP"],
        &["PASSWORD", "SMS_OTP", "WEB_AUTHN"],
    ]);
    let role = select(&[SmsRole::Usable, SmsRole::Usable, SmsRole::NotTrusted, SmsRole::NotPermitted][..]);
    (account, tier, sender, verified, recovery, first, role, any::<bool>()).prop_map(
        |(
            account,
            tier,
            email_sender,
            auto_verified_attributes,
            recovery,
            first_factors,
            sms_role,
            sms_sandbox,
        )| {
            let account = account.to_owned();
            Facts {
                account,
                tier,
                email_sender,
                auto_verified_attributes,
                recovery,
                first_factors,
                sms_role,
                sms_sandbox,
                estimated_users: 7,
            }
        },
    )
}

/// A pool in any state. Half of them accept every section, because few of the others accept anything.
fn pools() -> impl Strategy<Value = Pool> {
    let sender =
        json!({"LambdaVersion": "V1_0", "LambdaArn": "arn:aws:lambda:eu-west-1:123456789012:function:f"});
    let lambda = option::of(Just(json!({"CustomSMSSender": sender, "CustomEmailSender": sender})));
    let facts = prop_oneof![facts(), Just(Facts::ready())];
    (facts, observed_settings(), lambda).prop_map(|(facts, live, lambda)| {
        let mut pool = pool(facts, &live);
        pool.other.extend(lambda.map(|lambda| ("LambdaConfig".to_owned(), lambda)));
        pool
    })
}

/// What a write sends, including relying parties and SMS configurations that Cognito refuses.
fn writes() -> impl Strategy<Value = MfaSettings> {
    let party = option::of(select(&["https://a.example.com", "a.example.com/x", "com", "123456789"][..]));
    (declared(), party, any::<u8>()).prop_map(|(mut declared, party, without_id)| {
        if let (Some(passkeys), Some(party)) = (&mut declared.web_authn_configuration, party) {
            passkeys.relying_party_id = Some(party.to_owned());
        }
        let sms = declared.sms_mfa_configuration.as_mut().and_then(|sms| sms.sms_configuration.as_mut());
        if let Some(sms) = sms.filter(|_| without_id < 32) {
            sms.external_id = None;
        }
        to_write(&declared)
    })
}

/// Whether a refusal is named among the findings: as one, as what some pools answer, or as what nobody looked at.
fn names_it(findings: &[Finding], refusal: Option<Refusal>) -> bool {
    let has = |topic| findings.iter().any(|finding| finding.topic == topic);
    let Some(refusal) = refusal else { return has(Topic::NotLookedAt(Unseen::PublicSuffix)) };
    let (Sign::Code(words) | Sign::Words(words)) = refusal.sign();
    let is_about_the_role = matches!(refusal, Refusal::RoleNotTrusted | Refusal::RoleNotPermitted);
    findings.iter().any(|finding| finding.aws_says == Some(words))
        || is_about_the_role && has(Topic::NotLookedAt(Unseen::SmsRole))
}

fn write(pool: &Pool, sent: &MfaSettings, switches: &Switches) -> Result<Value, Option<Refusal>> {
    let mut request = in_aws_names(sent);
    request["UserPoolId"] = json!(POOL);
    set(&mut pool.clone(), &request, switches).map_err(|error| Refusal::of(&failure(&error)))
}

fn refused(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.kind == Kind::Refused)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn every_refusal_is_predicted_and_no_accepted_write_is_predicted_to_be_refused(
        pool in pools(), sent in writes(),
    ) {
        let findings = findings(&pool, &sent);
        match write(&pool, &sent, &Switches::default()) {
            Ok(_) => prop_assert_eq!(refused(&findings).next(), None),
            Err(refusal) => prop_assert!(names_it(&findings, refusal), "{:?} is not in {:#?}", refusal, findings),
        }
    }

    #[test]
    fn what_is_measured_holds_wherever_aws_may_turn_out_to_differ(
        pool in pools(), sent in writes(), switches in switches(),
    ) {
        let findings = findings(&pool, &sent);
        match write(&pool, &sent, &switches) {
            Ok(_) => {
                let known = refused(&findings).find(|finding| finding.grade >= Some(Grade::Documented));
                prop_assert_eq!(known, None);
            }
            Err(refusal) => prop_assert!(names_it(&findings, refusal), "{:?} is not in {:#?}", refusal, findings),
        }
    }

    #[test]
    fn without_the_right_to_describe_the_pool_less_is_predicted_and_the_right_is_named(
        pool in pools(), sent in writes(),
    ) {
        let known = findings_of(&pool, &view(&pool), &sent);
        let denied = findings_of(&pool, &PoolView::Denied, &sent);
        for finding in refused(&denied) {
            prop_assert!(known.iter().any(|known| known.topic == finding.topic), "{:?}", finding);
        }
        prop_assert!(denied.iter().any(|finding| finding.topic == Topic::NotLookedAt(Unseen::Pool)));
        prop_assert!(!known.iter().any(|finding| finding.topic == Topic::NotLookedAt(Unseen::Pool)));
    }
}
