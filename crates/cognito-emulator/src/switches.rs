//! Switches for the behaviour that nobody has measured at AWS.

use serde::{Deserialize, Serialize};

/// The behaviour where no measurement decides. The default is the most likely behaviour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Switches {
    /// A write with mode OFF and an SMS section.
    pub sms_under_off: SmsUnderOff,
    /// The SMS section in a read of a pool whose MFA is OFF.
    pub sms_read_under_off: SmsReadUnderOff,
    /// A write that omits the SMS section of a pool that has one, and keeps another factor.
    pub sms_removal: SmsRemoval,
    /// A write without an SMS section to a pool that verifies phone numbers and has an `SmsConfiguration`.
    pub phone_verification: PhoneVerification,
    /// A write with an SMS section to a pool that recovers accounts by phone number.
    pub sms_with_phone_recovery: SmsWithPhoneRecovery,
    /// A write with an `SnsRegion` that the pool's Region does not allow.
    pub other_sns_region: OtherSnsRegion,
    /// A write with an SMS role of another account than the pool's.
    pub cross_account_role: CrossAccountRole,
    /// The relying party and user verification after a write without a WebAuthn section.
    pub relying_party_on_omission: RelyingPartyOnOmission,
    /// `SnsRegion` that a write omits.
    pub sns_region_default: SnsRegionDefault,
    /// Messages, subjects, EUMS Regions and user verification that a write omits from a section.
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

/// The SMS section in the answer to GetUserPoolMfaConfig while MFA is OFF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsReadUnderOff {
    /// It is returned when an earlier write set it. [inferred: the pool keeps `SmsConfiguration`, which is measured]
    #[default]
    Kept,
    /// It is never returned.
    Hidden,
    /// It is returned whenever the pool has an `SmsConfiguration`, even if no write ever set it.
    WhenConfigured,
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

/// The answer to a write without an SMS section to a pool that verifies phone numbers and has an `SmsConfiguration`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PhoneVerification {
    /// The write is refused in any mode, OFF too. [reported]
    #[default]
    Refused,
    /// Only a write with OFF is accepted.
    AcceptedUnderOff,
    /// The write is accepted, because the pool's own `SmsConfiguration` suffices.
    Accepted,
}

/// The answer to a write with SMS when `verified_phone_number` is a recovery mechanism.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SmsWithPhoneRecovery {
    /// The write is refused. [reported]
    #[default]
    Refused,
    /// The write is accepted.
    Accepted,
}

/// The answer to a write with an `SnsRegion` that the pool's Region does not allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OtherSnsRegion {
    /// The write is refused, as CreateUserPool is. [inferred]
    #[default]
    Refused,
    /// The write is accepted, and any Region is stored.
    Accepted,
}

/// The answer to an SMS role of another account than the pool's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum CrossAccountRole {
    /// The call is refused, as other services refuse it. [inferred]
    #[default]
    Refused,
    /// The call is accepted.
    Accepted,
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

/// `SnsRegion` after a write that omits it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SnsRegionDefault {
    /// Reads do not return it. [inferred]
    #[default]
    NotFilled,
    /// The usual Region for the pool's Region is stored, and reads return it. [reported]
    Filled,
}

/// Messages, subjects, EUMS Regions and user verification that a write omits from a section.
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

/// The answer to ON or OPTIONAL with no factor but `SoftwareTokenMfaConfiguration: {Enabled: false}`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TotpDisabledAlone {
    /// The write is accepted, and reads return the disabled factor. [measured once]
    #[default]
    Accepted,
    /// The write is refused. [reported]
    Refused,
}

impl Switches {
    /// All switch settings with one deviation from the default, each with a name for a test's failure message.
    #[must_use]
    pub fn each_alone() -> Vec<(&'static str, Self)> {
        let base = Self::default;
        let sms_read = |sms_read_under_off| Self { sms_read_under_off, ..base() };
        let removal = |sms_removal| Self { sms_removal, ..base() };
        let phone = |phone_verification| Self { phone_verification, ..base() };
        let relying_party_on_omission = RelyingPartyOnOmission::Kept;
        vec![
            ("sms under OFF accepted", Self { sms_under_off: SmsUnderOff::Accepted, ..base() }),
            ("sms hidden under OFF", sms_read(SmsReadUnderOff::Hidden)),
            ("sms shown under OFF when configured", sms_read(SmsReadUnderOff::WhenConfigured)),
            ("sms removal shown on", removal(SmsRemoval::ShownOn)),
            ("sms removal refused", removal(SmsRemoval::Refused)),
            ("no sms section accepted under OFF", phone(PhoneVerification::AcceptedUnderOff)),
            ("no sms section accepted", phone(PhoneVerification::Accepted)),
            (
                "sms with phone recovery accepted",
                Self { sms_with_phone_recovery: SmsWithPhoneRecovery::Accepted, ..base() },
            ),
            ("other sns region accepted", Self { other_sns_region: OtherSnsRegion::Accepted, ..base() }),
            (
                "cross-account role accepted",
                Self { cross_account_role: CrossAccountRole::Accepted, ..base() },
            ),
            ("relying party kept", Self { relying_party_on_omission, ..base() }),
            ("sns region filled", Self { sns_region_default: SnsRegionDefault::Filled, ..base() }),
            ("server defaults filled", Self { server_defaults: ServerDefaults::Filled, ..base() }),
            ("single factor shown", Self { single_factor: SingleFactor::Shown, ..base() }),
            ("set answer echoes", Self { set_answer: SetAnswer::EchoesRequest, ..base() }),
            (
                "disabled totp alone refused",
                Self { totp_disabled_alone: TotpDisabledAlone::Refused, ..base() },
            ),
        ]
    }
}
