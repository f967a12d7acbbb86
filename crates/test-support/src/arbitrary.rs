//! Specs as the CRD lets them through, pools as anybody may have left them, and statuses. Values come from small sets,
//! so that equal ones meet often.

use cognito_emulator::{SetAnswer, Switches};
use cognito_mfa_core::{
    access::accounts::Forbidden,
    api::v1alpha1::{
        EmailMfaConfiguration, EumsSms, FactorConfiguration, MfaMode, MfaSettings, SmsConfiguration,
        SmsMfaConfiguration, SoftwareTokenMfaConfiguration, UserPoolMfaConfig, UserVerification,
        WebAuthnConfiguration,
    },
    calls::failure::{FailureClass, Operation},
    plan::{memory::memory, step::Step, table::plan},
    settings::{
        diff::{differences, hash},
        observed::Observed,
    },
    status::outcome::Outcome,
};
use proptest::{option::of, prelude::*, sample::select};
use serde_json::json;

use crate::fixtures::{ROLE, after, at, denied, edited, failure, object, off};

fn text(choices: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    of(select(choices).prop_map(str::to_owned))
}

pub fn mode() -> impl Strategy<Value = MfaMode> {
    select(&[MfaMode::Off, MfaMode::Optional, MfaMode::On][..])
}

fn sms() -> impl Strategy<Value = SmsMfaConfiguration> {
    let sns = (select(&["a", "b"][..]), text(&["eu-west-1", "us-east-1"])).prop_map(|(id, sns_region)| {
        let (sns_caller_arn, external_id) = (Some(ROLE.to_owned()), Some(id.to_owned()));
        SmsConfiguration { sns_caller_arn, external_id, sns_region, eums_sms: None }
    });
    let eums =
        (text(&["a", "b"]), text(&["eu-west-1"]), text(&["+1", "+2"])).prop_map(|(id, region, from)| {
            let eums = EumsSms {
                caller_arn: ROLE.into(),
                external_id: id,
                origination_identity: from,
                region,
                ..EumsSms::default()
            };
            SmsConfiguration { eums_sms: Some(eums), ..SmsConfiguration::default() }
        });
    (text(&["A {####}", "B {####}"]), prop_oneof![sns, eums]).prop_map(|(sms_authentication_message, sms)| {
        SmsMfaConfiguration { sms_authentication_message, sms_configuration: Some(sms) }
    })
}

fn email() -> impl Strategy<Value = EmailMfaConfiguration> {
    (text(&["A {####}", "B {####} "]), text(&["a", "b"]))
        .prop_map(|(message, subject)| EmailMfaConfiguration { message, subject })
}

fn passkeys() -> impl Strategy<Value = WebAuthnConfiguration> {
    let verification = select(&[UserVerification::Required, UserVerification::Preferred][..]);
    let factor = [FactorConfiguration::SingleFactor, FactorConfiguration::MultiFactorWithUserVerification];
    (text(&["a.example.com", "b.example.com"]), of(verification), of(select(factor.to_vec()))).prop_map(
        |(relying_party_id, user_verification, factor_configuration)| WebAuthnConfiguration {
            relying_party_id,
            user_verification,
            factor_configuration,
        },
    )
}

/// Settings of any kind, those that Cognito would refuse included.
pub fn settings() -> impl Strategy<Value = MfaSettings> {
    let totp = of(any::<bool>().prop_map(|enabled| SoftwareTokenMfaConfiguration { enabled }));
    (mode(), of(sms()), totp, of(email()), of(passkeys())).prop_map(|(mode, sms, totp, email, passkeys)| {
        MfaSettings {
            mfa_configuration: mode,
            sms_mfa_configuration: sms,
            software_token_mfa_configuration: totp,
            email_mfa_configuration: email,
            web_authn_configuration: passkeys,
        }
    })
}

/// Settings that a spec may declare: with a factor, unless MFA is OFF.
pub fn declared() -> impl Strategy<Value = MfaSettings> {
    settings().prop_map(|mut declared| {
        let totp = declared.software_token_mfa_configuration.as_ref().is_some_and(|totp| totp.enabled);
        if declared.sms_mfa_configuration.is_none() && declared.email_mfa_configuration.is_none() && !totp {
            declared.software_token_mfa_configuration = Some(SoftwareTokenMfaConfiguration { enabled: true });
        }
        declared
    })
}

/// A pool that a hand may have left so: with MFA OFF it shows no TOTP and no email.
pub fn found() -> impl Strategy<Value = MfaSettings> {
    declared().prop_map(|mut found| {
        if found.mfa_configuration == MfaMode::Off {
            found.software_token_mfa_configuration = None;
            found.email_mfa_configuration = None;
        }
        found
    })
}

/// The same pool in two forms that Cognito may show it in.
pub fn two_forms() -> impl Strategy<Value = (MfaSettings, MfaSettings)> {
    (settings(), any::<[bool; 3]>()).prop_map(|(one, [totp, passkeys, space])| {
        let mut other = one.clone();
        if totp && other.software_token_mfa_configuration.as_ref().is_none_or(|totp| !totp.enabled) {
            let disabled = SoftwareTokenMfaConfiguration { enabled: false };
            other.software_token_mfa_configuration =
                other.software_token_mfa_configuration.map_or(Some(disabled), |_| None);
        }
        if passkeys {
            let shown = other.web_authn_configuration.get_or_insert_default();
            shown.factor_configuration.get_or_insert(FactorConfiguration::SingleFactor);
        }
        if let Some(subject) = other.email_mfa_configuration.as_mut().and_then(|email| email.subject.as_mut())
        {
            subject.push_str(if space { " " } else { "" });
        }
        (one, other)
    })
}

/// A declaration, and the same pool with more in its sections.
pub fn declared_and_filled() -> impl Strategy<Value = (MfaSettings, MfaSettings)> {
    (declared(), settings()).prop_map(|(wanted, more)| {
        let mut live = wanted.clone();
        if let (Some(email), Some(more)) = (&mut live.email_mfa_configuration, more.email_mfa_configuration) {
            email.subject = email.subject.take().or(more.subject);
        }
        if let (Some(keys), Some(more)) = (&mut live.web_authn_configuration, more.web_authn_configuration) {
            keys.relying_party_id = keys.relying_party_id.take().or(more.relying_party_id);
            keys.user_verification = keys.user_verification.or(more.user_verification);
        }
        (wanted, live)
    })
}

/// The default, each switch alone, and with each the answer that only echoes.
pub fn switches() -> impl Strategy<Value = Switches> {
    let alone = Switches::each_alone().into_iter().map(|(_, switches)| switches);
    let mut all: Vec<_> = alone.chain([Switches::default()]).collect();
    let echoing = all.clone().into_iter();
    all.extend(echoing.map(|switches| Switches { set_answer: SetAnswer::EchoesRequest, ..switches }));
    select(all)
}

/// An object with these settings, under any policy.
pub fn object_of(settings: &MfaSettings, enforce: bool, hold: bool) -> UserPoolMfaConfig {
    let mut object = object(&off());
    object.spec = crate::fixtures::spec(&json!({"mfaConfiguration": "OFF",
        "managementPolicy": if enforce { "Enforce" } else { "Observe" },
        "adoptionPolicy": if hold { "Hold" } else { "Overwrite" }}));
    object.spec.settings = settings.clone();
    object
}

/// An object with the past of some passes over pools that were found in any state, edited in between or not.
pub fn object_with_a_past() -> impl Strategy<Value = UserPoolMfaConfig> {
    let pasts = proptest::collection::vec((ending(), of(declared())), 0..4);
    (declared(), any::<bool>(), any::<bool>(), pasts).prop_map(|(settings, enforce, hold, pasts)| {
        let mut object = object_of(&settings, enforce, hold);
        for (second, (ending, edit)) in (0..).step_by(60).zip(pasts) {
            let outcome = ending.of(&object);
            object = after(&object, &outcome, at(second));
            if let Some(settings) = edit {
                let spec = object.spec.clone();
                object = edited(&object, &off());
                object.spec = spec;
                object.spec.settings = settings;
            }
        }
        object
    })
}

/// How a pass may end, before it is known for which object.
#[derive(Clone, Debug)]
pub enum Ending {
    Suspended,
    NotOwner,
    Denied(bool),
    Found(Box<Observed>),
    Left(Box<Observed>, Box<Observed>),
    GetFailed(FailureClass),
    SetFailed(Box<Observed>, FailureClass),
}

pub fn ending() -> impl Strategy<Value = Ending> {
    let unknown = prop_oneof![4 => Just(Vec::new()), 1 => Just(vec!["New.Member".to_owned()])];
    let live =
        (found(), unknown).prop_map(|(settings, unknown)| Box::new(Observed { settings, unknown })).boxed();
    let class = || select(FailureClass::all().collect::<Vec<_>>());
    prop_oneof![
        1 => Just(Ending::Suspended),
        1 => Just(Ending::NotOwner),
        1 => any::<bool>().prop_map(Ending::Denied),
        4 => live.clone().prop_map(Ending::Found),
        4 => (live.clone(), live.clone()).prop_map(|(found, left)| Ending::Left(found, left)),
        2 => class().prop_map(Ending::GetFailed),
        2 => (live, class()).prop_map(|(live, class)| Ending::SetFailed(live, class)),
    ]
}

impl Ending {
    /// The outcome for this object; a Set is taken whole unless the ending says what it left.
    pub fn of(&self, object: &UserPoolMfaConfig) -> Outcome {
        let whole = Observed { settings: object.spec.settings.clone(), unknown: Vec::new() };
        match self {
            Self::Suspended => Outcome::Suspended,
            Self::NotOwner => Outcome::NotOwner("shop/older".into()),
            Self::Denied(replaced) => denied(Forbidden::Namespace, *replaced),
            Self::Found(found) => crate::fixtures::reconciled(object, found, &whole),
            Self::Left(found, left) => crate::fixtures::reconciled(object, found, left),
            Self::GetFailed(class) => Outcome::Failed(failure(*class, Operation::Get), None),
            Self::SetFailed(found, class) => {
                let plan = plan(&object.spec, found, &memory(object));
                match plan.step {
                    Step::Write(_) => {
                        Outcome::Failed(failure(*class, Operation::Set), Some((*found.clone(), plan)))
                    }
                    _ => Outcome::Checked(*found.clone(), plan),
                }
            }
        }
    }
}

/// Whether Cognito differs from the object's settings.
pub fn differs(object: &UserPoolMfaConfig, live: &Observed) -> bool {
    !differences(&object.spec.settings, &live.settings).is_empty()
}

/// Whether the object's status remembers its present settings as accepted.
pub fn is_applied(object: &UserPoolMfaConfig) -> bool {
    let applied = object.status.as_ref().and_then(|status| status.applied_hash.clone());
    applied == Some(hash(&object.spec.settings))
}
