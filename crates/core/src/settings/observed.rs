//! What Cognito answered.

use crate::api::v1alpha1::MfaSettings;

/// The settings a pool has, as read by a Get or as returned by a Set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The five sections.
    pub settings: MfaSettings,
    /// The members and values of the answer that this build does not know, such as
    /// `SmsMfaConfiguration.Fallback` or `WebAuthnConfiguration.UserVerification=discouraged`.
    pub unknown: Vec<String>,
}
