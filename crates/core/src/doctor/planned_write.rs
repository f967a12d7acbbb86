//! A write that is not sent yet, and the pool that it is for.

use super::pool_description::{PoolDescription, account_of};
use crate::{
    api::v1alpha1::{FactorConfiguration, MfaMode, MfaSettings, SmsConfiguration},
    plan::weakening::relying_party,
    settings::section::Section,
};

/// What is known of a pool beside its MFA settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PoolView {
    /// AWS described the pool.
    Known(Box<PoolDescription>),
    /// AWS denied `cognito-idp:DescribeUserPool`.
    Denied,
}

/// A write that is not sent yet, and the pool that it is for.
#[derive(Clone, Copy, Debug)]
pub struct PlannedWrite<'a> {
    /// The pool's id.
    pub pool_id: &'a str,
    /// The settings that the write sends.
    pub sent: &'a MfaSettings,
    /// The settings that the pool has.
    pub observed: &'a MfaSettings,
    /// What else is known of the pool.
    pub pool: &'a PoolView,
}

impl<'a> PlannedWrite<'a> {
    /// The description of the pool, if AWS gave it.
    pub(super) fn described(&self) -> Option<&'a PoolDescription> {
        match self.pool {
            PoolView::Known(pool) => Some(pool),
            PoolView::Denied => None,
        }
    }

    /// Whether the pool is known to be so.
    pub(super) fn pool_is(&self, is_so: impl FnOnce(&PoolDescription) -> bool) -> bool {
        self.described().is_some_and(is_so)
    }

    /// The part of the id before the underscore.
    pub(super) fn region(&self) -> &'a str {
        self.pool_id.split_once('_').map_or(self.pool_id, |(region, _)| region)
    }

    pub(super) fn mode(&self) -> MfaMode {
        self.sent.mfa_configuration
    }

    /// Whether the write has the section, which counts even where it says `enabled: false` [measured].
    pub(super) fn sends(&self, section: Section) -> bool {
        section.is_declared(self.sent)
    }

    /// Whether the write has a factor of MFA.
    pub(super) fn sends_a_factor(&self) -> bool {
        Section::all().any(|section| section.is_mfa_factor() && self.sends(section))
    }

    /// Whether the pool has the factor now and the write takes it away.
    pub(super) fn drops(&self, section: Section) -> bool {
        let stays_on = self.observed.mfa_configuration != MfaMode::Off && self.mode() != MfaMode::Off;
        stays_on && section.is_on(self.observed) && !section.is_wanted(self.sent)
    }

    pub(super) fn sms(&self) -> Option<&'a SmsConfiguration> {
        self.sent.sms_mfa_configuration.as_ref()?.sms_configuration.as_ref()
    }

    /// Whether Amazon SNS, and not AWS End User Messaging, would send the messages.
    pub(super) fn sends_by_sns(&self) -> bool {
        self.sms().is_some_and(|sms| sms.eums_sms.is_none())
    }

    /// The role with which Cognito would send SMS messages.
    pub(super) fn sms_role(&self) -> Option<&'a str> {
        let sms = self.sms()?;
        let sns = sms.sns_caller_arn.as_deref().filter(|arn| !arn.is_empty());
        sns.or_else(|| sms.eums_sms.as_ref().map(|eums| eums.caller_arn.as_str()))
    }

    /// Whether the role is of another account than the pool.
    pub(super) fn has_foreign_role(&self) -> bool {
        let role = self.sms_role().and_then(account_of);
        let pool = self.described().and_then(PoolDescription::account);
        role.zip(pool).is_some_and(|(role, pool)| role != pool)
    }

    /// Whether the write has the role that the pool has already.
    pub(super) fn has_the_role_of_the_pool(&self) -> bool {
        let pool = self.described().and_then(|pool| pool.sms_configuration.as_ref());
        self.sms_role().zip(pool).is_some_and(|(role, pool)| role == pool.sns_caller_arn)
    }

    pub(super) fn sends_multi_factor_passkeys(&self) -> bool {
        factor(self.sent) == Some(FactorConfiguration::MultiFactorWithUserVerification)
    }

    /// The relying party of the write, if it has one.
    pub(super) fn relying_party(&self) -> Option<&'a str> {
        relying_party(self.sent)
    }
}

/// The passkeys' factor in these settings.
pub(super) fn factor(settings: &MfaSettings) -> Option<FactorConfiguration> {
    settings.web_authn_configuration.as_ref()?.factor_configuration
}
