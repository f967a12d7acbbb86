//! What AWS accepts and does not do.

use strum::{IntoStaticStr, VariantArray};

use super::{
    finding::{Finding, Topic},
    planned_write::PlannedWrite,
    remedies::{command, sms_of_the_pool, spec, word},
};
use crate::{api::v1alpha1::MfaMode, calls::advice::Refusal, settings::section::Section};

/// What AWS accepts and does not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
pub enum Acceptance {
    /// The pool may keep SMS MFA that the write leaves out, or refuse to lose it.
    SmsMayStay,
    /// The account's SMS messages reach verified numbers alone.
    SmsSandbox,
    /// The only factor of the write is disabled.
    NoUsableFactor,
}

impl Acceptance {
    /// The refusal with which AWS answers some pools instead.
    pub(super) fn refusal_of_others(self) -> Option<Refusal> {
        match self {
            Self::SmsMayStay => Some(Refusal::SmsRemoval),
            Self::SmsSandbox | Self::NoUsableFactor => None,
        }
    }
}

/// The finding that this will happen, if it will.
pub(super) fn predict(topic: Acceptance, write: &PlannedWrite) -> Option<Finding> {
    let finding = |field, message, remedy| Topic::AcceptedBut(topic).finding(field, message, vec![remedy]);
    match topic {
        // A pool keeps its SMS configuration under "OFF", too.
        Acceptance::SmsMayStay => (write.mode() != MfaMode::Off
            && Section::Sms.is_on(write.observed)
            && !write.sends(Section::Sms))
        .then(|| {
            finding(
                Section::Sms.path(),
                "The pool keeps its SMS configuration, which it shares with phone verification. Cognito may go on showing SMS MFA (NotTaken), or refuse to turn it off.",
                spec(format!("smsMfaConfiguration: {}", sms_of_the_pool(write))),
            )
        }),
        Acceptance::SmsSandbox => {
            let is_in_sandbox = write.pool_is(|pool| pool.has_sms_failure("SNSSandbox") && pool.sms_sender().is_none());
            (write.sends_by_sns() && is_in_sandbox).then(|| {
                finding(
                    Section::Sms.path(),
                    "The account is in the SMS sandbox of Amazon SNS (SmsConfigurationFailure): only numbers that are verified there get codes. Ask AWS Support for production access, or verify a number.",
                    command(format!(
                        "aws sns create-sms-sandbox-phone-number --phone-number NUMBER --region {}",
                        word(sns_region(write))
                    )),
                )
            })
        }
        Acceptance::NoUsableFactor => (write.mode() != MfaMode::Off
            && write.sends_a_factor()
            && !Section::all().any(|section| section.is_mfa_factor() && section.is_wanted(write.sent)))
        .then(|| {
            finding(
                Section::Totp.path(),
                "TOTP is disabled and the only factor, so nobody can sign in with a second one.",
                spec("softwareTokenMfaConfiguration: {enabled: true}"),
            )
        }),
    }
}

/// The region in which Amazon SNS sends.
pub(super) fn sns_region<'a>(write: &PlannedWrite<'a>) -> &'a str {
    write.sms().and_then(|sms| sms.sns_region.as_deref()).unwrap_or(write.region())
}
