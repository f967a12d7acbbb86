//! What is not measured at AWS, and so can be turned the other way.

use serde::{Deserialize, Serialize};

/// How the emulator behaves where no measurement settles it. The default is the most likely behaviour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {
    /// A Set with OFF and an SMS section.
    pub sms_under_off: SmsUnderOff,
    /// A Set that omits a live SMS section while another factor stays.
    pub sms_removal: SmsRemoval,
    /// The relying party and user verification after a Set without a WebAuthn section.
    pub relying_party_on_omission: RelyingPartyOnOmission,
    /// Messages, subject and regions that the Set leaves out of a section.
    pub server_defaults: ServerDefaults,
    /// FactorConfiguration of a pool that was never given one.
    pub single_factor: SingleFactor,
    /// What a Set answers.
    pub set_answer: SetAnswer,
    /// ON or OPTIONAL with nothing but `SoftwareTokenMfaConfiguration: {Enabled: false}`.
    pub totp_disabled_alone: TotpDisabledAlone,
}

/// A Set with OFF and an SMS section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsUnderOff {
    /// Refused, as TOTP and email are. [inferred]
    #[default]
    Refused,
    /// Taken and stored: Terraform sends it. Opposite of `Refused`.
    Accepted,
}

/// A Set that omits a live SMS section while another factor stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsRemoval {
    /// SMS leaves the MFA settings; the pool keeps its SmsConfiguration for phone verification. [inferred]
    #[default]
    Dropped,
    /// Accepted, but Get goes on showing it, as it does under OFF. Opposite of `Dropped`.
    ShownOn,
    /// "Can't turn off SMS_MFA when SMS configuration is set for the user pool". [reported] Opposite of `Dropped`.
    Refused,
}

/// The relying party and user verification after a Set without a WebAuthn section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelyingPartyOnOmission {
    /// Gone, like every other omitted section. [inferred]
    #[default]
    Cleared,
    /// Kept; only FactorConfiguration falls back to SINGLE_FACTOR. Opposite of `Cleared`.
    Kept,
}

/// Messages, subject and regions that the Set leaves out of a section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerDefaults {
    /// Used when a message is sent, but not shown. [inferred]
    #[default]
    NotFilled,
    /// Stored and shown by Get. Opposite of `NotFilled`.
    Filled,
}

/// FactorConfiguration of a pool that was never given one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SingleFactor {
    /// Not shown. [measured]
    #[default]
    Hidden,
    /// Shown as SINGLE_FACTOR, even where that makes up the whole section. [reported] Opposite of `Hidden`.
    Shown,
}

/// What a Set answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetAnswer {
    /// The settings now in force, leftovers included. [inferred from the model]
    #[default]
    StoredState,
    /// The sections of the request. Opposite of `StoredState`.
    EchoesRequest,
}

/// ON or OPTIONAL with nothing but `SoftwareTokenMfaConfiguration: {Enabled: false}`; sources conflict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TotpDisabledAlone {
    /// Refused. [reported]
    #[default]
    Refused,
    /// Accepted. [reported] Opposite of `Refused`.
    Accepted,
}

impl Switches {
    /// Every deviation from the default, one at a time, with a name for the test's message.
    #[must_use]
    pub fn each_alone() -> Vec<(&'static str, Self)> {
        let base = Self::default;
        vec![
            ("sms under OFF taken", Self { sms_under_off: SmsUnderOff::Accepted, ..base() }),
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
