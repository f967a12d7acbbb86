//! Strategies for specs that the CRD accepts, for pools in any state, and for statuses. Values come from small sets, so
//! that equal ones occur often.

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
    reference::Unresolved,
    settings::{
        diff::{differences, hash},
        observed::Observed,
    },
    status::outcome::Outcome,
};
use proptest::{option::of, prelude::*, sample::select};
use serde_json::json;

use crate::fixtures::{
    ROLE, after, at, denied, edited, failure, object, off, reconciled, reconciled_fully, spec,
};

fn text(choices: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    of(select(choices).prop_map(str::to_owned))
}

pub fn mode() -> impl Strategy<Value = MfaMode> {
    select(&[MfaMode::Off, MfaMode::Optional, MfaMode::On][..])
}

fn sms() -> impl Strategy<Value = SmsMfaConfiguration> {
    // Cognito refuses the second SNS region for the tests' pool, so most of them are without it.
    let region = text(&["eu-west-1", "eu-west-1", "eu-west-1", "us-east-1"]);
    let sns = (select(&["a", "b"][..]), region).prop_map(|(id, sns_region)| {
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

/// Any settings, including those that Cognito refuses.
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

/// Settings that a spec may declare: there is always a factor.
pub fn declared() -> impl Strategy<Value = MfaSettings> {
    settings().prop_map(|mut declared| {
        let totp = declared.software_token_mfa_configuration.as_ref().is_some_and(|totp| totp.enabled);
        if declared.sms_mfa_configuration.is_none() && declared.email_mfa_configuration.is_none() && !totp {
            declared.software_token_mfa_configuration = Some(SoftwareTokenMfaConfiguration { enabled: true });
        }
        declared
    })
}

/// Settings that a pool may have. Cognito shows neither TOTP nor email while MFA is OFF.
pub fn observed_settings() -> impl Strategy<Value = MfaSettings> {
    declared().prop_map(|mut observed| {
        if observed.mfa_configuration == MfaMode::Off {
            observed.software_token_mfa_configuration = None;
            observed.email_mfa_configuration = None;
        }
        observed
    })
}

/// Two forms in which Cognito may show the same pool.
pub fn equivalent_settings() -> impl Strategy<Value = (MfaSettings, MfaSettings)> {
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

/// Declared settings, and the same pool with fields that Cognito added to the declared sections.
pub fn declared_and_filled() -> impl Strategy<Value = (MfaSettings, MfaSettings)> {
    (declared(), settings()).prop_map(|(declared, more)| {
        let mut filled = declared.clone();
        if let (Some(email), Some(more)) = (&mut filled.email_mfa_configuration, more.email_mfa_configuration)
        {
            email.subject = email.subject.take().or(more.subject);
        }
        if let (Some(keys), Some(more)) = (&mut filled.web_authn_configuration, more.web_authn_configuration)
        {
            keys.relying_party_id = keys.relying_party_id.take().or(more.relying_party_id);
            keys.user_verification = keys.user_verification.or(more.user_verification);
        }
        (declared, filled)
    })
}

/// The emulator's default and each switch alone; each of these also with responses that only echo the request.
pub fn switches() -> impl Strategy<Value = Switches> {
    let alone = Switches::each_alone().into_iter().map(|(_, switches)| switches);
    let mut all: Vec<_> = alone.chain([Switches::default()]).collect();
    let echoing = all.clone().into_iter();
    all.extend(echoing.map(|switches| Switches { set_answer: SetAnswer::EchoesRequest, ..switches }));
    select(all)
}

/// An object with these settings. `enforce` chooses Enforce or Observe, `hold` chooses Hold or Overwrite.
pub fn object_of(settings: &MfaSettings, enforce: bool, hold: bool) -> UserPoolMfaConfig {
    let mut object = object(&off());
    object.spec = spec(&json!({"mfaConfiguration": "OFF",
        "managementPolicy": if enforce { "Enforce" } else { "Observe" },
        "adoptionPolicy": if hold { "Hold" } else { "Overwrite" }}));
    object.spec.settings = settings.clone();
    object
}

/// An object after up to three reconciliations with any outcome, with or without an edit after each.
pub fn object_with_history() -> impl Strategy<Value = UserPoolMfaConfig> {
    let history = proptest::collection::vec((outcome_template(), of(declared())), 0..4);
    (declared(), any::<bool>(), any::<bool>(), history).prop_map(|(settings, enforce, hold, history)| {
        let mut object = object_of(&settings, enforce, hold);
        for (second, (template, edit)) in (0..).step_by(60).zip(history) {
            let outcome = template.outcome_for(&object);
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

/// An outcome of a reconciliation without the object: a plan depends on the object's spec and status.
#[derive(Clone, Debug)]
pub enum OutcomeTemplate {
    Suspended,
    /// Whether a person must act.
    Unresolved(bool),
    NotOwner,
    /// Whether another object owns the pool by now.
    Denied(bool),
    /// The pool's settings. Cognito applies a planned write in full.
    ReconciledFully(Box<Observed>),
    /// The pool's settings before and after a planned write.
    Reconciled(Box<Observed>, Box<Observed>),
    ReadFailed(FailureClass),
    /// The pool's settings, and why a planned write failed.
    WriteFailed(Box<Observed>, FailureClass),
}

pub fn outcome_template() -> impl Strategy<Value = OutcomeTemplate> {
    let unknown = prop_oneof![4 => Just(Vec::new()), 1 => Just(vec!["New.Member".to_owned()])];
    let observed = (observed_settings(), unknown)
        .prop_map(|(settings, unknown)| Box::new(Observed { settings, unknown }))
        .boxed();
    let class = || select(FailureClass::all().collect::<Vec<_>>());
    let before_and_after = (observed.clone(), observed.clone());
    prop_oneof![
        1 => Just(OutcomeTemplate::Suspended),
        1 => any::<bool>().prop_map(OutcomeTemplate::Unresolved),
        1 => Just(OutcomeTemplate::NotOwner),
        1 => any::<bool>().prop_map(OutcomeTemplate::Denied),
        4 => observed.clone().prop_map(OutcomeTemplate::ReconciledFully),
        4 => before_and_after.prop_map(|(before, after)| OutcomeTemplate::Reconciled(before, after)),
        2 => class().prop_map(OutcomeTemplate::ReadFailed),
        2 => (observed, class()).prop_map(|(observed, class)| OutcomeTemplate::WriteFailed(observed, class)),
    ]
}

impl OutcomeTemplate {
    pub fn outcome_for(&self, object: &UserPoolMfaConfig) -> Outcome {
        match self {
            Self::Suspended => Outcome::Suspended,
            Self::Unresolved(needs_a_person) => unresolved(*needs_a_person),
            Self::NotOwner => Outcome::NotOwner("shop/older".into()),
            Self::Denied(replaced) => denied(Forbidden::Namespace, *replaced),
            Self::ReconciledFully(observed) => reconciled_fully(object, observed),
            Self::Reconciled(before, after) => reconciled(object, before, after),
            Self::ReadFailed(class) => Outcome::Failed(failure(*class, Operation::Get), None),
            Self::WriteFailed(observed, class) => {
                let plan = plan(&object.spec, observed, &memory(object));
                match plan.step {
                    Step::Write(_) => {
                        Outcome::Failed(failure(*class, Operation::Set), Some((*observed.clone(), plan)))
                    }
                    _ => Outcome::Checked(*observed.clone(), plan),
                }
            }
        }
    }
}

/// Whether the pool differs from the object's settings.
pub fn differs(object: &UserPoolMfaConfig, observed: &Observed) -> bool {
    !differences(&object.spec.settings, &observed.settings).is_empty()
}

/// Whether the object's status has the hash of its current settings: Cognito accepted them.
pub fn is_applied(object: &UserPoolMfaConfig) -> bool {
    let applied = object.status.as_ref().and_then(|status| status.applied_hash.clone());
    applied == Some(hash(&object.spec.settings))
}

fn unresolved(needs_a_person: bool) -> Outcome {
    let message = "The reference leads nowhere.".into();
    Outcome::Unresolved(if needs_a_person {
        Unresolved::Forbidden(message)
    } else {
        Unresolved::NotFound(message)
    })
}
