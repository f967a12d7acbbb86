//! The report on a pool that no object declares.

use cognito_mfa_core::api::v1alpha1::{MfaMode, MfaSettings};
use jiff::Timestamp;

use super::{
    factors::Factor,
    pool_report::PoolReport,
    rules::{Rule, RuleResult},
    state::ObjectState,
    text::one_line,
};

impl PoolReport {
    /// The report on a pool that no object declares: what the command has read at this time, or why it could not.
    #[must_use]
    pub fn undeclared(pool: &str, name: &str, read: Result<&MfaSettings, &String>, at: Timestamp) -> Self {
        let settings = read.ok();
        let mode = settings.map(|settings| settings.mfa_configuration);
        let factors = settings.map(Factor::enabled_in).unwrap_or_default();
        let result = |rule: Rule| mode.map_or(RuleResult::NotProven, |mode| rule.evaluate(mode, &factors));
        Self {
            namespace: String::new(),
            name: String::new(),
            uid: String::new(),
            generation: None,
            created: None,
            user_pool_id: one_line(pool),
            pool_name: Some(one_line(name)),
            state: ObjectState::Undeclared,
            ready: String::new(),
            reason: ObjectState::Undeclared.label().to_owned(),
            message: "No object declares this pool.".to_owned(),
            mode,
            declared_mode: None,
            verified: mode.map(|_| at),
            not_proven: read.err().map(|why| one_line(why)),
            counts_for_pool: true,
            mfa_enabled: result(Rule::MfaEnabled),
            no_sms: result(Rule::NoSms),
            drift: Vec::new(),
            corrections: Vec::new(),
            exceptions: Vec::new(),
            factors,
        }
    }

    /// Whether no object declares the pool.
    #[must_use]
    pub fn is_undeclared(&self) -> bool {
        self.state == ObjectState::Undeclared
    }

    /// Whether no object declares the pool, and its users may sign in without MFA.
    #[must_use]
    pub fn is_undeclared_without_mfa(&self) -> bool {
        self.is_undeclared() && self.mode.is_some_and(|mode| mode != MfaMode::On)
    }
}
