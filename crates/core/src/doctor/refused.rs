//! The refusals of AWS that follow from a write and its pool.

use super::{
    finding::{Finding, Grade, Topic},
    planned_write::PlannedWrite,
    pool_description::PoolDescription,
    remedies,
};
use crate::{api::v1alpha1::MfaMode, calls::advice::Refusal, settings::section::Section};

/// The finding that AWS will refuse the write in this way, if it will.
pub(super) fn predict(refusal: Refusal, write: &PlannedWrite) -> Option<Finding> {
    let topic = Topic::Refused(refusal);
    applies(refusal, write).then(|| Finding {
        grade: grade(refusal),
        ..topic.finding(field(refusal, write), why(refusal), remedies::of(refusal, write))
    })
}

/// Whether AWS refuses the write in this way. The last row has what no look at a pool can predict: the removal of SMS is
/// [accepted, but](super::accepted_but), for Cognito does it in several ways.
fn applies(refusal: Refusal, write: &PlannedWrite) -> bool {
    let (sms, email) = (write.sends(Section::Sms), write.sends(Section::Email));
    match refusal {
        Refusal::IncompleteSms => sms && lacks_role(write),
        Refusal::PhoneVerification => !sms && write.pool_is(PoolDescription::verifies_phone_numbers),
        Refusal::FactorsUnderOff => write.mode() == MfaMode::Off && write.sends_a_factor(),
        Refusal::NoFactor => write.mode() != MfaMode::Off && !write.sends_a_factor(),
        Refusal::SnsRegion => other_sns_region(write).is_some(),
        Refusal::CrossAccountRole => write.has_foreign_role(),
        Refusal::EmailSender => email && write.pool_is(|pool| !pool.sends_by_ses()),
        // Both where no mechanism is set, and where there is only this one.
        Refusal::EmailRecovery => {
            email && write.pool_is(|pool| pool.recovery().all(|name| name == "verified_email"))
        }
        Refusal::SmsRecovery => {
            sms && write.pool_is(|pool| pool.recovery().any(|name| name == "verified_phone_number"))
        }
        Refusal::OneTimePasswords => is_first(write, &["EMAIL_OTP", "SMS_OTP"]),
        // Multi-factor passkeys count only in the write itself, even where the pool has them [measured].
        Refusal::FirstFactorPasskeys => {
            is_first(write, &["WEB_AUTHN"]) && !write.sends_multi_factor_passkeys()
        }
        Refusal::RelyingPartyCharacters => write.relying_party().is_some_and(has_other_characters),
        Refusal::Tier => {
            (email || write.sends_multi_factor_passkeys()) && write.pool_is(PoolDescription::is_lite)
        }
        Refusal::RoleNotPermitted => {
            write.has_the_role_of_the_pool()
                && write.pool_is(|pool| pool.has_sms_failure("InvalidSmsRoleAccessPolicyException"))
        }
        Refusal::SmsRemoval
        | Refusal::RoleNotTrusted
        | Refusal::PassRole
        | Refusal::UpdateInProgress
        | Refusal::OperationNotEnabled
        | Refusal::PoolNotFound => false,
    }
}

/// How well it is known that SetUserPoolMfaConfig refuses this.
fn grade(refusal: Refusal) -> Option<Grade> {
    match refusal {
        Refusal::IncompleteSms
        | Refusal::FactorsUnderOff
        | Refusal::NoFactor
        | Refusal::EmailSender
        | Refusal::EmailRecovery
        | Refusal::OneTimePasswords
        | Refusal::FirstFactorPasskeys
        | Refusal::RelyingPartyCharacters => Some(Grade::Measured),
        Refusal::Tier => Some(Grade::Documented),
        Refusal::PhoneVerification | Refusal::SmsRecovery | Refusal::RoleNotPermitted => {
            Some(Grade::Reported)
        }
        Refusal::SnsRegion | Refusal::CrossAccountRole => Some(Grade::Inferred),
        Refusal::SmsRemoval
        | Refusal::RoleNotTrusted
        | Refusal::PassRole
        | Refusal::UpdateInProgress
        | Refusal::OperationNotEnabled
        | Refusal::PoolNotFound => None,
    }
}

fn field(refusal: Refusal, write: &PlannedWrite) -> &'static str {
    match refusal {
        Refusal::IncompleteSms => "smsMfaConfiguration.smsConfiguration",
        Refusal::SnsRegion => "smsMfaConfiguration.smsConfiguration.snsRegion",
        Refusal::CrossAccountRole
        | Refusal::RoleNotTrusted
        | Refusal::RoleNotPermitted
        | Refusal::PassRole => role_field(write),
        Refusal::PhoneVerification | Refusal::SmsRemoval | Refusal::SmsRecovery => Section::Sms.path(),
        Refusal::EmailSender | Refusal::EmailRecovery => Section::Email.path(),
        Refusal::Tier if write.sends(Section::Email) => Section::Email.path(),
        Refusal::FirstFactorPasskeys | Refusal::Tier => "webAuthnConfiguration.factorConfiguration",
        Refusal::RelyingPartyCharacters => "webAuthnConfiguration.relyingPartyId",
        Refusal::FactorsUnderOff | Refusal::NoFactor | Refusal::OneTimePasswords => "mfaConfiguration",
        Refusal::UpdateInProgress | Refusal::OperationNotEnabled | Refusal::PoolNotFound => "userPoolId",
    }
}

/// The field with the role that sends SMS messages.
pub(super) fn role_field(write: &PlannedWrite) -> &'static str {
    if write.sends_by_sns() {
        "smsMfaConfiguration.smsConfiguration.snsCallerArn"
    } else {
        "smsMfaConfiguration.smsConfiguration.eumsSms.callerArn"
    }
}

/// The reason, as a sentence.
fn why(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::IncompleteSms => "Amazon SNS needs both the ARN of a role and an external id.",
        Refusal::PhoneVerification => {
            "The pool verifies phone numbers by itself (AutoVerifiedAttributes), and the write has no SMS section."
        }
        Refusal::NoFactor => "MFA needs a factor, and passkeys do not count as one.",
        Refusal::SnsRegion => "Cognito does not use Amazon SNS of this region for a pool of this region.",
        Refusal::CrossAccountRole => "The role is of another account than the pool.",
        Refusal::EmailSender => {
            "Cognito itself sends the pool's email (EmailSendingAccount is not DEVELOPER), and it sends no MFA codes."
        }
        Refusal::EmailRecovery => {
            "Email is the pool's only way to recover an account, or none is set (AccountRecoverySetting)."
        }
        Refusal::SmsRecovery => {
            "The phone number is a way to recover an account (AccountRecoverySetting), and so it cannot be a factor."
        }
        Refusal::OneTimePasswords => {
            "MFA is required, and the pool lets users sign in with a one-time password first (AllowedFirstAuthFactors)."
        }
        Refusal::FirstFactorPasskeys => {
            "MFA is required, and the pool lets users sign in with a passkey first (AllowedFirstAuthFactors), which must then be multi-factor."
        }
        Refusal::RelyingPartyCharacters => {
            "A relying party is a host name, without a scheme, a port or a path."
        }
        Refusal::Tier => "The pool's tier is LITE, which lacks email MFA and multi-factor passkeys.",
        Refusal::RoleNotPermitted => {
            "AWS says that the pool's role may not send (SmsConfigurationFailure). It may have been fixed since."
        }
        Refusal::FactorsUnderOff
        | Refusal::SmsRemoval
        | Refusal::RoleNotTrusted
        | Refusal::PassRole
        | Refusal::UpdateInProgress
        | Refusal::OperationNotEnabled
        | Refusal::PoolNotFound => refusal.advice(),
    }
}

fn lacks_role(write: &PlannedWrite) -> bool {
    let is_set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    write.sms().is_none_or(|sms| {
        sms.eums_sms.is_none() && !(is_set(&sms.sns_caller_arn) && is_set(&sms.external_id))
    })
}

/// Whether MFA is required and the pool lets users sign in with one of these factors first.
fn is_first(write: &PlannedWrite, factors: &[&str]) -> bool {
    write.mode() == MfaMode::On
        && write.pool_is(|pool| pool.first_factors().any(|name| factors.contains(&name)))
}

pub(super) fn has_other_characters(relying_party: &str) -> bool {
    relying_party.chars().any(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '.' | '_'))
}

/// The region that Cognito uses by itself, where the write has one that it does not allow.
pub(super) fn other_sns_region<'a>(write: &PlannedWrite<'a>) -> Option<&'a str> {
    let declared = write.sms()?.sns_region.as_deref()?;
    let (usual, earlier) = sns_regions(write.region());
    (declared != usual && Some(declared) != earlier).then_some(usual)
}

/// The region of Amazon SNS for a pool's region: the pool's own, and Tokyo for Seoul [measured]. Some regions may also use
/// the one that Cognito used for them in earlier years [docs].
fn sns_regions(region: &str) -> (&str, Option<&'static str>) {
    match region {
        "ap-northeast-2" => ("ap-northeast-1", None),
        "us-east-2" | "ca-central-1" => (region, Some("us-east-1")),
        "ap-south-1" => (region, Some("ap-southeast-1")),
        "eu-central-1" | "eu-west-2" => (region, Some("eu-west-1")),
        other => (other, None),
    }
}
