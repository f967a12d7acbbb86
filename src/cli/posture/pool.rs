//! One object and its pool, as a report has it.

use cognito_mfa_core::api::v1alpha1::{self, Difference, MfaMode, UserPoolMfaConfigStatus};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    Exception, Factor, Limits, ObjectState, Record, Rule, Standing, exceptions::exceptions, proof::doubt,
    shown, state::ReadyCondition,
};

/// One object and its pool. Every text is fit to be shown; what is absent is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pool {
    /// The object's namespace.
    pub namespace: String,
    /// The object's name.
    pub name: String,
    #[serde(skip)]
    pub(super) uid: String,
    #[serde(skip)]
    pub(super) generation: Option<i64>,
    #[serde(skip)]
    pub(super) created: Option<Timestamp>,
    /// The pool's id.
    pub user_pool_id: String,
    /// How the object stands.
    pub state: ObjectState,
    /// The condition Ready: True, False or Unknown.
    pub ready: String,
    /// Its reason.
    pub reason: String,
    /// Its message.
    pub message: String,
    /// The mode that Cognito had when it was last read.
    pub mode: Option<MfaMode>,
    /// The mode that the spec declares.
    pub declared_mode: Option<MfaMode>,
    /// The factors that Cognito had on, the strongest first.
    pub factors: Vec<Factor>,
    /// When Cognito was last read.
    pub verified: Option<Timestamp>,
    /// Why this proves nothing; absent where it does.
    pub not_proven: Option<String>,
    /// Whether this object's word is the one for its pool: of several the one that is proven, and then the latest.
    pub speaks_for_pool: bool,
    /// Against AWS Config cognito-user-pool-mfa-enabled and Security Hub Cognito.5.
    pub mfa_enabled: Standing,
    /// Against: MFA for everybody, and none by SMS.
    pub no_sms: Standing,
    /// In what Cognito differed from the spec.
    pub drift: Vec<Difference>,
    /// The last corrections of drift, the newest first.
    pub corrections: Vec<Correction>,
    /// What is not as usual.
    pub exceptions: Vec<Exception>,
}

/// One correction of drift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// When it was accepted.
    pub time: Timestamp,
    /// The paths of the fields.
    pub fields: Vec<String>,
    /// Whether it lowered the protection that the drift had raised.
    pub lowered: bool,
}

impl Pool {
    /// What an object proves at a time.
    #[must_use]
    pub fn of(record: &Record, limits: &Limits) -> Self {
        let ready = ReadyCondition::of(record);
        let object = record.object.as_deref().ok();
        let status = object.and_then(|object| object.status.as_ref());
        let observed = status.and_then(|status| status.observed.as_ref());
        let mode = observed.map(|live| live.mfa_configuration);
        let factors = observed.map(Factor::of).unwrap_or_default();
        let not_proven = doubt(record, limits);
        let stands = |rule: Rule| match (mode, &not_proven) {
            (Some(mode), None) => rule.standing(mode, &factors),
            _ => Standing::NotProven,
        };
        Self {
            namespace: shown(&record.namespace),
            name: shown(&record.name),
            uid: record.uid.clone(),
            generation: record.generation,
            created: object.and_then(|object| Some(object.metadata.creation_timestamp.as_ref()?.0)),
            user_pool_id: shown(&record.pool),
            mode,
            declared_mode: object.map(|object| object.spec.settings.mfa_configuration),
            verified: status.and_then(|status| status.last_verified_time),
            speaks_for_pool: true,
            mfa_enabled: stands(Rule::MfaEnabled),
            no_sms: stands(Rule::NoSms),
            drift: status.map(drift).unwrap_or_default(),
            corrections: status.map(corrections).unwrap_or_default(),
            exceptions: exceptions(record, &ready),
            state: ready.state,
            ready: ready.status,
            reason: ready.reason,
            message: ready.message,
            factors,
            not_proven,
        }
    }

    /// The same when the object is no more: it says nothing of the pool any longer.
    #[must_use]
    pub fn gone(mut self) -> Self {
        self.state = ObjectState::Waiting;
        self.ready = "Unknown".into();
        self.reason = "Deleted".into();
        self.message = "The object was deleted.".into();
        self.not_proven = Some("the object was deleted".into());
        self.mfa_enabled = Standing::NotProven;
        self.no_sms = Standing::NotProven;
        self
    }

    /// Whether a fresh, Ready status says what Cognito has.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.not_proven.is_none()
    }

    /// The AWS region: the part of the pool's id before the underscore.
    #[must_use]
    pub fn region(&self) -> &str {
        self.user_pool_id.split_once('_').map_or("", |(region, _)| region)
    }
}

fn drift(status: &UserPoolMfaConfigStatus) -> Vec<Difference> {
    let fit = |value: &Option<String>| value.as_deref().map(shown);
    let fit = |difference: &Difference| Difference {
        field: shown(&difference.field),
        declared: fit(&difference.declared),
        found: fit(&difference.found),
    };
    status.drift.iter().map(fit).collect()
}

fn corrections(status: &UserPoolMfaConfigStatus) -> Vec<Correction> {
    let fit = |correction: &v1alpha1::Correction| Correction {
        time: correction.time,
        fields: correction.fields.iter().map(|field| shown(field)).collect(),
        lowered: correction.lowered,
    };
    status.corrections.iter().rev().map(fit).collect()
}
