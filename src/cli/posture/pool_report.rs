//! What a report says of one object and its pool.

use cognito_mfa_core::api::v1alpha1::{self, Difference, MfaMode, UserPoolMfaConfigStatus};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    exceptions::{Exception, exceptions},
    factors::Factor,
    listed_object::ListedObject,
    proof::{ProofCriteria, why_not_proven},
    rules::{Rule, RuleResult},
    state::{ObjectState, ReadyCondition},
    text::one_line,
};

/// What a report says of one object and its pool. Its texts are safe to show; an absent value is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PoolReport {
    /// The namespace of the object.
    pub namespace: String,
    /// The name of the object.
    pub name: String,
    #[serde(skip)]
    pub(super) uid: String,
    #[serde(skip)]
    pub(super) generation: Option<i64>,
    #[serde(skip)]
    pub(super) created: Option<Timestamp>,
    /// `spec.userPoolId`.
    pub user_pool_id: String,
    /// The pool's own name. Only of a pool that no object declares: an object does not know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_name: Option<String>,
    /// The state that follows from the condition Ready.
    pub state: ObjectState,
    /// The status of the condition Ready: True, False or Unknown.
    pub ready: String,
    /// The reason of the condition Ready.
    pub reason: String,
    /// The message of the condition Ready.
    pub message: String,
    /// The mode that Cognito had when it was last read.
    pub mode: Option<MfaMode>,
    /// The mode that the spec declares.
    pub declared_mode: Option<MfaMode>,
    /// The factors that Cognito had enabled, the strongest first.
    pub factors: Vec<Factor>,
    /// When Cognito was last read.
    pub verified: Option<Timestamp>,
    /// Why the status proves nothing; absent if it proves what it shows.
    pub not_proven: Option<String>,
    /// Whether the totals count this object for its pool. Of several objects for a pool, the latest proven one counts.
    pub counts_for_pool: bool,
    /// The result of [`Rule::MfaEnabled`].
    pub mfa_enabled: RuleResult,
    /// The result of [`Rule::NoSms`].
    pub no_sms: RuleResult,
    /// The differences between Cognito and the spec at the last read.
    pub drift: Vec<Difference>,
    /// The last corrections of drift, the newest first.
    pub corrections: Vec<Correction>,
    /// What an auditor asks about.
    pub exceptions: Vec<Exception>,
}

/// One correction of drift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// When Cognito accepted it.
    pub time: Timestamp,
    /// The paths of the fields.
    pub fields: Vec<String>,
    /// Whether it weakened protection that the drift had strengthened.
    pub lowered: bool,
}

impl PoolReport {
    /// The report on an object at the time of the criteria.
    #[must_use]
    pub fn new(listed: &ListedObject, criteria: &ProofCriteria) -> Self {
        let ready = ReadyCondition::new(listed);
        let object = listed.object.as_deref().ok();
        let status = object.and_then(|object| object.status.as_ref());
        let observed = status.and_then(|status| status.observed.as_ref());
        let mode = observed.map(|settings| settings.mfa_configuration);
        let factors = observed.map(Factor::enabled_in).unwrap_or_default();
        let not_proven = why_not_proven(listed, criteria);
        let result = |rule: Rule| match (mode, &not_proven) {
            (Some(mode), None) => rule.evaluate(mode, &factors),
            _ => RuleResult::NotProven,
        };
        Self {
            namespace: one_line(&listed.namespace),
            name: one_line(&listed.name),
            uid: listed.uid.clone(),
            generation: listed.generation,
            created: object.and_then(|object| Some(object.metadata.creation_timestamp.as_ref()?.0)),
            user_pool_id: one_line(&listed.user_pool_id),
            pool_name: None,
            mode,
            declared_mode: object.map(|object| object.spec.settings.mfa_configuration),
            verified: status.and_then(|status| status.last_verified_time),
            counts_for_pool: true,
            mfa_enabled: result(Rule::MfaEnabled),
            no_sms: result(Rule::NoSms),
            drift: status.map(drift).unwrap_or_default(),
            corrections: status.map(corrections).unwrap_or_default(),
            exceptions: exceptions(listed, &ready),
            state: ready.state,
            ready: ready.status,
            reason: ready.reason,
            message: ready.message,
            factors,
            not_proven,
        }
    }

    /// The report after the object was deleted: it proves nothing any longer.
    #[must_use]
    pub fn into_deleted(mut self) -> Self {
        self.state = ObjectState::Waiting;
        self.ready = "Unknown".into();
        self.reason = "Deleted".into();
        self.message = "The object was deleted.".into();
        self.not_proven = Some("the object was deleted".into());
        self.mfa_enabled = RuleResult::NotProven;
        self.no_sms = RuleResult::NotProven;
        self
    }

    /// Whether the status of a fresh read shows what Cognito has.
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
    let value = |value: &Option<String>| value.as_deref().map(one_line);
    let difference = |difference: &Difference| Difference {
        field: one_line(&difference.field),
        declared: value(&difference.declared),
        found: value(&difference.found),
    };
    status.drift.iter().map(difference).collect()
}

fn corrections(status: &UserPoolMfaConfigStatus) -> Vec<Correction> {
    let correction = |correction: &v1alpha1::Correction| Correction {
        time: correction.time,
        fields: correction.fields.iter().map(|field| one_line(field)).collect(),
        lowered: correction.lowered,
    };
    status.corrections.iter().rev().map(correction).collect()
}
