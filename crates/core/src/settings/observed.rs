//! The observed settings of a pool.

use crate::api::v1alpha1::MfaSettings;

/// The settings of a pool, as a read or a write returned them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The settings that this build knows.
    pub settings: MfaSettings,
    /// The members and values of the response that this build does not know, such as
    /// `SmsMfaConfiguration.Fallback` or `WebAuthnConfiguration.UserVerification=discouraged`.
    pub unknown: Vec<String>,
}
