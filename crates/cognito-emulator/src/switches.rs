//! Switches for the behaviour that nobody has measured at AWS.

use serde::{Deserialize, Serialize};

/// The behaviour where no measurement decides. The default is the most likely behaviour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {
    /// A write with mode OFF and an SMS section.
    pub sms_under_off: SmsUnderOff,
    /// A write that omits the SMS section of a pool that has one, and keeps another factor.
    pub sms_removal: SmsRemoval,
    /// The relying party and user verification after a write without a WebAuthn section.
    pub relying_party_on_omission: RelyingPartyOnOmission,
    /// Messages, subjects and Regions that a write omits from a section.
    pub server_defaults: ServerDefaults,
    /// `FactorConfiguration` of a pool for which it was never set.
    pub single_factor: SingleFactor,
    /// The answer to a write.
    pub set_answer: SetAnswer,
    /// A write with ON or OPTIONAL and no factor but `SoftwareTokenMfaConfiguration: {Enabled: false}`.
    pub totp_disabled_alone: TotpDisabledAlone,
}

/// The answer to SetUserPoolMfaConfig with mode OFF and an SMS section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsUnderOff {
    /// The write is refused, as it is with TOTP or email. [inferred]
    #[default]
    Refused,
    /// The write is accepted and the section is stored. Terraform sends such writes.
    Accepted,
}

/// The SMS section after a write that omits it and keeps another factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsRemoval {
    /// SMS MFA is removed. The pool keeps `SmsConfiguration` for phone verification. [inferred]
    #[default]
    Dropped,
    /// The write is accepted, and reads still return the section, as they do under OFF.
    ShownOn,
    /// The write is refused: "Can't turn off SMS_MFA when SMS configuration is set for the user pool". [reported]
    Refused,
}

/// The relying party and user verification after a write without a WebAuthn section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelyingPartyOnOmission {
    /// They are removed, like every other omitted section. [inferred]
    #[default]
    Cleared,
    /// They are kept, and `FactorConfiguration` returns to SINGLE_FACTOR.
    Kept,
}

/// Messages, subjects and Regions that a write omits from a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerDefaults {
    /// Cognito uses its defaults when it sends a message, and reads do not return them. [inferred]
    #[default]
    NotFilled,
    /// The defaults are stored, and reads return them.
    Filled,
}

/// `FactorConfiguration` of a pool for which it was never set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SingleFactor {
    /// Reads do not return it. [measured]
    #[default]
    Hidden,
    /// Reads return SINGLE_FACTOR, even as the only member of the section. [reported]
    Shown,
}

/// The answer to a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetAnswer {
    /// All settings now in force, with those that the write left in place. [inferred from the model]
    #[default]
    StoredState,
    /// The sections of the request only.
    EchoesRequest,
}

/// The answer to ON or OPTIONAL with no factor but `SoftwareTokenMfaConfiguration: {Enabled: false}`. Sources conflict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TotpDisabledAlone {
    /// The write is refused. [reported]
    #[default]
    Refused,
    /// The write is accepted. [reported]
    Accepted,
}

impl Switches {
    /// All switch settings with one deviation from the default, each with a name for a test's failure message.
    #[must_use]
    pub fn each_alone() -> Vec<(&'static str, Self)> {
        let base = Self::default;
        vec![
            ("sms under OFF accepted", Self { sms_under_off: SmsUnderOff::Accepted, ..base() }),
            ("sms removal shown on", Self { sms_removal: SmsRemoval::ShownOn, ..base() }),
            ("sms removal refused", Self { sms_removal: SmsRemoval::Refused, ..base() }),
            (
                "relying party kept",
                Self { relying_party_on_omission: RelyingPartyOnOmission::Kept, ..base() },
            ),
            ("server defaults filled", Self { server_defaults: ServerDefaults::Filled, ..base() }),
            ("single factor shown", Self { single_factor: SingleFactor::Shown, ..base() }),
            ("set answer echoes", Self { set_answer: SetAnswer::EchoesRequest, ..base() }),
            (
                "disabled totp alone accepted",
                Self { totp_disabled_alone: TotpDisabledAlone::Accepted, ..base() },
            ),
        ]
    }
}
