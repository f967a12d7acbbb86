//! The status of the custom resource: what Cognito has, what differs and what failed.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

use super::{ConditionType, FactorConfiguration, MfaMode, MfaSettings, Reason, UserVerification};

/// What the operator last observed and did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPoolMfaConfigStatus {
    /// The metadata.generation that this status describes; -1 before the first check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Ready: whether Cognito equals the spec, Unknown when that could not be checked. Synced: the result of the last successful check. PoolResolved: whether the reference leads to a pool; only with a reference. Reconciling and Stalled: only while true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "super::schema::conditions")]
    pub conditions: Vec<Condition>,
    /// The id of the pool that this status is about. Where the spec has a reference, it is the last id that was found through it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_pool_id: Option<String>,
    /// Since when the reference has named this pool. Of the objects that declare a pool, the one that has named it longest owns it. Absent without a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::schema::date_time")]
    pub user_pool_id_since: Option<Timestamp>,
    /// The id that the reference named before; absent while it has named one pool only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_user_pool_id: Option<String>,
    /// The mode and the four sections as Cognito has them.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "if_known")]
    pub observed: Option<MfaSettings>,
    /// The MFA mode that Cognito has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// The factors that Cognito has, joined by commas: SMS, TOTP, EMAIL, PASSKEY.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factors: Option<String>,
    /// The AWS region of the pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The fields in which Cognito differs from the spec, while it does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drift: Vec<Difference>,
    /// The paths of drift in one line, for the printer column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift_summary: Option<String>,
    /// The last five corrections of drift, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
    /// When protection was last taken away from the pool: a change of the spec, a correction, an adoption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::schema::date_time")]
    pub last_lowering_time: Option<Timestamp>,
    /// true when that weakening write was exempt from the hourly limit: it raised the mode, gave a relying party back, or was approved.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last_lowering_exempt: bool,
    /// The last ten approvals (the annotation allow-lowering) that are used up, the newest last. They release no other write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_approvals: Vec<UsedApproval>,
    /// The failure that the last reconciliation ended with; absent when it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastError>,
    /// A hash of the declared settings that Cognito last accepted; absent until the pool is adopted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_hash: Option<String>,
    /// A hash of the declared settings that were last sent without a known result, such as after a time-out; absent once the result is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempted_hash: Option<String>,
    /// The strongest declared value of mode, TOTP and passkeys that was sent since Cognito was last no stronger than declared in it. An edit lowers what is weaker in the spec; what is stronger in Cognito for another reason is kept.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "if_known")]
    pub applied_strengths: Option<Strengths>,
    /// The relying party that Cognito kept through an accepted write that left it out: such a write does not take it away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_relying_party: Option<String>,
    /// The writes that Cognito accepted without taking them, while it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_taken: Option<NotTaken>,
    /// The value of the reconcile-requested-at annotation that was last acted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_handled_reconcile_at: Option<String>,
    /// When Cognito was last read, refreshed with other writes and alone at most once a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "super::schema::date_time")]
    pub last_verified_time: Option<Timestamp>,
    /// The operator that wrote this status: NAMESPACE/LEASE; without leader election NAMESPACE/POD, or outside a cluster MACHINE/PROCESS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The operators that write this status, where they are several; absent an hour after that was last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_conflict: Option<OperatorConflict>,
}

/// The settings that are ordered by the protection that they give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Strengths {
    /// The MFA mode.
    pub mfa_configuration: MfaMode,
    /// Whether TOTP is on.
    pub software_token_mfa: bool,
    /// Whether a passkey alone counts as multi-factor.
    pub factor_configuration: FactorConfiguration,
    /// Whether the device must verify the user of a passkey.
    pub user_verification: UserVerification,
}

/// The writes that Cognito accepted without taking them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotTaken {
    /// The number of writes in a row that left the same difference.
    #[schemars(schema_with = "super::schema::count")]
    pub writes: u32,
    /// When the last one was accepted. The wait before the next one doubles with each write.
    #[schemars(schema_with = "super::schema::date_time")]
    pub last_write_time: Timestamp,
}

/// One field in which Cognito differs from the spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The path of the field below spec.
    pub field: String,
    /// What the spec declares; absent when it declares nothing. Cut at 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<String>,
    /// What Cognito has; absent when it has nothing. Cut at 256 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
}

/// One correction of drift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Correction {
    /// When the correction was accepted.
    #[schemars(schema_with = "super::schema::date_time")]
    pub time: Timestamp,
    /// The paths of the fields that were corrected.
    pub fields: Vec<String>,
    /// Whether the correction lowered the protection that the drift had raised.
    pub lowered: bool,
}

/// An approval of a weakening write that is used up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsedApproval {
    /// The value of the annotation.
    pub value: String,
    /// The hash of the settings that were approved: a restored object may reach the same generation with others.
    pub settings_hash: String,
}

/// A failure, in AWS's own words where there are any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastError {
    /// AWS's error code, such as InvalidParameterException.
    pub code: String,
    /// AWS's message, without request ids.
    pub message: String,
    /// The API operation that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// AWS's reasonCode, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
}

/// Several operators that write the status of one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperatorConflict {
    /// The operators, as status.operator names them.
    pub operators: Vec<String>,
    /// When one of them last found that another one had written the status after it had looked.
    #[schemars(schema_with = "super::schema::date_time")]
    pub time: Timestamp,
}

impl UserPoolMfaConfigStatus {
    /// The condition of this type, if the status has one.
    #[must_use]
    pub fn condition(&self, type_: ConditionType) -> Option<&Condition> {
        self.conditions.iter().find(|condition| condition.type_ == type_.as_str())
    }

    /// The reason of the condition of this type, if the status has one whose reason this build knows.
    #[must_use]
    pub fn reason(&self, type_: ConditionType) -> Option<Reason> {
        self.condition(type_)?.reason.parse().ok()
    }
}

/// A newer operator may have written settings that this build does not know. They are then read as absent, so that
/// Cognito is read again and the object stays usable.
fn if_known<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(serde_json::Value::deserialize(deserializer)?).ok())
}
