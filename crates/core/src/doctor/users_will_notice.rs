//! What users notice of a write that AWS accepts.

use strum::{IntoStaticStr, VariantArray};

use super::{
    finding::{Finding, Topic},
    planned_write::{PlannedWrite, factor},
    remedies::{flow, optional, spec},
};
use crate::{
    api::v1alpha1::{FactorConfiguration, MfaMode, MfaSettings, UserVerification},
    plan::weakening::relying_party,
    settings::section::Section,
};

/// What users notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
pub enum Notice {
    /// Every user must have a second factor.
    MfaRequired,
    /// Nobody must have a second factor any more.
    MfaOptional,
    /// Nobody is asked for a second factor any more.
    MfaOff,
    /// SMS is no factor any more.
    SmsGoes,
    /// Authenticator apps are no factor any more.
    TotpGoes,
    /// Email is no factor any more.
    EmailGoes,
    /// Passkeys belong to another relying party, or to none.
    RelyingPartyMoves,
    /// A passkey alone counts as one factor.
    PasskeysSingleFactor,
    /// Devices must verify their user.
    VerificationRequired,
}

/// The finding that users will notice this, if they will.
pub(super) fn predict(topic: Notice, write: &PlannedWrite) -> Option<Finding> {
    let (before, after) = (write.observed.mfa_configuration, write.mode());
    let mode = |message: &str, remedy| {
        Some(Topic::UsersWillNotice(topic).finding("mfaConfiguration", message, vec![remedy]))
    };
    match topic {
        Notice::MfaRequired if before != MfaMode::On && after == MfaMode::On => mode(
            &format!(
                "Each user without a second factor must set one up at the next sign-in. {}",
                users(write)
            ),
            optional(),
        ),
        Notice::MfaOptional if before == MfaMode::On && after == MfaMode::Optional => mode(
            "Users without a second factor sign in by their first one alone.",
            spec("mfaConfiguration: \"ON\""),
        ),
        Notice::MfaOff if before != MfaMode::Off && after == MfaMode::Off => {
            mode("Nobody is asked for a second factor any more, whether enrolled or not.", optional())
        }
        Notice::MfaRequired | Notice::MfaOptional | Notice::MfaOff => None,
        Notice::SmsGoes => factor_goes(topic, Section::Sms, write),
        Notice::TotpGoes => factor_goes(topic, Section::Totp, write),
        Notice::EmailGoes => factor_goes(topic, Section::Email, write),
        Notice::RelyingPartyMoves | Notice::PasskeysSingleFactor | Notice::VerificationRequired => {
            passkeys(topic, write)
        }
    }
}

fn users(write: &PlannedWrite) -> String {
    match write.described().map(|pool| pool.estimated_number_of_users) {
        Some(users) => format!("AWS estimates that the pool has {users} users (EstimatedNumberOfUsers)."),
        None => "The number of users is not known.".into(),
    }
}

/// What who has only that factor meets follows from the mode [inferred].
fn factor_goes(topic: Notice, section: Section, write: &PlannedWrite) -> Option<Finding> {
    if !write.drops(section) {
        return None;
    }
    let name = section.factor_name();
    let then = if write.mode() == MfaMode::On {
        "must set up another one at the next sign-in, and so may whoever knows the password"
    } else {
        "sign in without a second one"
    };
    let message = format!("Users who enrolled {name} alone {then}.");
    let observed = serde_json::to_value(write.observed).ok()?;
    let line = format!("{}: {}", section.path(), flow(observed.get(section.path())?));
    Some(Topic::UsersWillNotice(topic).finding(section.path(), &message, vec![spec(line)]))
}

fn passkeys(topic: Notice, write: &PlannedWrite) -> Option<Finding> {
    let multi = Some(FactorConfiguration::MultiFactorWithUserVerification);
    let (before, after) = (relying_party(write.observed), relying_party(write.sent));
    let (field, message, line) = match topic {
        Notice::RelyingPartyMoves => {
            let before = before.filter(|before| Some(*before) != after)?;
            let message = format!("Passkeys that users registered for {before} stop working.");
            ("webAuthnConfiguration.relyingPartyId", message, format!("relyingPartyId: {}", flow(before)))
        }
        Notice::PasskeysSingleFactor if factor(write.observed) == multi && factor(write.sent) != multi => {
            let message = "A passkey counts as one factor again, and no longer as MFA.".to_owned();
            let line = "factorConfiguration: MULTI_FACTOR_WITH_USER_VERIFICATION".to_owned();
            ("webAuthnConfiguration.factorConfiguration", message, line)
        }
        Notice::VerificationRequired
            if before.is_some() && requires(write.sent) && !requires(write.observed) =>
        {
            let message =
                "Devices that cannot verify their user (PIN, fingerprint) can no longer sign in.".to_owned();
            ("webAuthnConfiguration.userVerification", message, "userVerification: preferred".to_owned())
        }
        _ => return None,
    };
    let line = spec(format!("webAuthnConfiguration: {{{line}}}"));
    Some(Topic::UsersWillNotice(topic).finding(field, &message, vec![line]))
}

fn requires(settings: &MfaSettings) -> bool {
    let verification =
        settings.web_authn_configuration.as_ref().and_then(|passkeys| passkeys.user_verification);
    verification == Some(UserVerification::Required)
}
