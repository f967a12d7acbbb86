//! The custom resource `UserPoolMfaConfig` (`cognito.mfaoperator.dev/v1alpha1`).
#![allow(clippy::duplicated_attributes, reason = "kube's derive repeats `type_` for each printer column")]

mod null_section;
mod pool_source;
mod reason;
mod schema;
mod settings;
mod status;

use kube::{CustomResource, KubeSchema};
pub use null_section::null_remedy;
pub use pool_source::{KeyRef, PoolSource, Resolved, UserPoolGroup, UserPoolIdFrom, UserPoolRef};
pub use reason::{ConditionType, EventReason, Reason};
pub use schema::{crd, crd_yaml};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
pub use settings::*;
pub use status::*;

/// Setting this annotation to any new value, such as a time, requests a check now.
pub const RECONCILE_REQUESTED_AT: &str = "cognito.mfaoperator.dev/reconcile-requested-at";

/// Setting this annotation to the object's metadata.generation, or to the hash of its settings that `diff` prints,
/// approves one weakening write, which the hourly limit would otherwise delay.
pub const ALLOW_LOWERING: &str = "cognito.mfaoperator.dev/allow-lowering";

/// The finalizer of objects with `deletionPolicy: Disable`. It is removed when MFA is off, or when it is known that MFA
/// stays unchanged.
pub const FINALIZER: &str = "cognito.mfaoperator.dev/disable-mfa";

/// The label with which the owner of a Secret lets objects of its namespace read the id of a pool from it: its value is
/// "true".
pub const POOL_ID_LABEL: &str = "cognito.mfaoperator.dev/pool-id";

/// What a user declares for one user pool. The spec is the whole truth: a section that is not declared is not wanted, a field left out of a declared section is Cognito's to choose.
#[derive(CustomResource, Clone, Debug, PartialEq, Serialize, Deserialize, KubeSchema)]
#[kube(
    group = "cognito.mfaoperator.dev",
    version = "v1alpha1",
    kind = "UserPoolMfaConfig",
    plural = "userpoolmfaconfigs",
    shortname = "upmfa",
    category = "aws",
    category = "cognito",
    namespaced,
    status = "UserPoolMfaConfigStatus",
    derive = "PartialEq",
    doc = "The MFA and passkey settings of an Amazon Cognito user pool. The operator keeps Cognito equal to the spec and writes what Cognito has into the status.",
    selectable = ".spec.userPoolId",
    selectable = ".status.userPoolId",
    printcolumn(
        name = "Pool",
        type_ = "string",
        json_path = ".status.userPoolId",
        description = "The user pool"
    ),
    printcolumn(
        name = "Mode",
        type_ = "string",
        json_path = ".status.mode",
        description = "The MFA mode that Cognito has"
    ),
    printcolumn(
        name = "Factors",
        type_ = "string",
        json_path = ".status.factors",
        description = "The factors that Cognito has"
    ),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].status",
        description = "Whether Cognito was equal to the spec at the last check"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].reason",
        description = "Why"
    ),
    printcolumn(name = "Age", type_ = "date", json_path = ".metadata.creationTimestamp"),
    printcolumn(
        name = "Drift",
        type_ = "string",
        json_path = ".status.driftSummary",
        priority = 1,
        description = "The fields in which Cognito differs"
    ),
    printcolumn(
        name = "Region",
        type_ = "string",
        json_path = ".status.region",
        priority = 1,
        description = "The AWS region of the pool"
    )
)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = (
    "self.mfaConfiguration == 'OFF' || has(self.smsMfaConfiguration) || has(self.emailMfaConfiguration) || (has(self.softwareTokenMfaConfiguration) && self.softwareTokenMfaConfiguration.enabled)",
    "mfaConfiguration ON and OPTIONAL need a factor: declare smsMfaConfiguration, emailMfaConfiguration (write {} for the defaults) or softwareTokenMfaConfiguration with enabled: true; passkeys are not a factor of MFA"
))]
#[x_kube(validation = (
    "!has(self.userPoolId) || self.?smsMfaConfiguration.?smsConfiguration.?eumsSms.?region.orValue(self.userPoolId.split('_')[0]) == self.userPoolId.split('_')[0]",
    "smsMfaConfiguration.smsConfiguration.eumsSms.region must be the region of the pool (the part of userPoolId before the underscore)"
))]
#[x_kube(validation = (
    "(has(self.userPoolId) ? 1 : 0) + (has(self.userPoolRef) ? 1 : 0) + (has(self.userPoolIdFrom) ? 1 : 0) == 1",
    "give one of userPoolId, userPoolRef (a UserPool of ACK or Crossplane) and userPoolIdFrom (a key of a ConfigMap or Secret)"
))]
#[x_kube(validation = (
    "has(self.userPoolId) == has(oldSelf.userPoolId) && has(self.userPoolRef) == has(oldSelf.userPoolRef) && has(self.userPoolIdFrom) == has(oldSelf.userPoolIdFrom)",
    "which of userPoolId, userPoolRef and userPoolIdFrom is given is immutable: delete this object and create another"
))]
pub struct UserPoolMfaConfigSpec {
    /// The id of the user pool, such as eu-west-1_AbCdEf123, up to 55 characters. Immutable. The part before the underscore is the AWS region. Give one of userPoolId, userPoolRef and userPoolIdFrom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 55), regex(pattern = r"^[a-z]{2,}(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+$"))]
    #[x_kube(validation = (
        "self.matches('^[a-z]{2,}(-[a-z]+)+-[0-9]+_[0-9A-Za-z]+$')",
        "write the pool's id, such as eu-west-1_AbCdEf123: its region, an underscore, letters and digits"
    ))]
    #[x_kube(validation = ("self == oldSelf", "userPoolId is immutable: delete this object and create another for the other pool"))]
    pub user_pool_id: Option<String>,
    /// The UserPool of another tool, such as ACK or Crossplane, whose pool this object is about. Immutable. Its id is in status.userPoolId once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = ("self == oldSelf", "userPoolRef is immutable: delete this object and create another for the other pool"))]
    pub user_pool_ref: Option<UserPoolRef>,
    /// The key of a ConfigMap or Secret that holds the id of the user pool, such as an output of Terraform. Immutable. The id is in status.userPoolId once it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[x_kube(validation = ("self == oldSelf", "userPoolIdFrom is immutable: delete this object and create another for the other pool"))]
    pub user_pool_id_from: Option<UserPoolIdFrom>,
    /// The settings, with the field names of the Cognito API.
    #[serde(flatten)]
    pub settings: MfaSettings,
    /// What the operator does about a difference: "Enforce" sets the pool to the spec, "Observe" only reports. Default "Enforce".
    #[serde(default)]
    pub management_policy: ManagementPolicy,
    /// What happens when the object adopts its pool and the spec would take protection away: "Hold" shows the differences and waits until the spec declares them, "Overwrite" takes them away. Default "Hold".
    #[serde(default)]
    pub adoption_policy: AdoptionPolicy,
    /// What happens to a strength that somebody raised outside the spec: the mode, TOTP, the passkeys' factor and their user verification. "KeepStronger" leaves it and reports it, "Exact" corrects it, within the hourly limit on weakening writes. Every other difference is corrected under both. Default "KeepStronger".
    #[serde(default)]
    pub drift_policy: DriftPolicy,
    /// true: the operator makes no AWS call for this object at all. Default false.
    #[serde(default)]
    pub suspend: bool,
    /// What happens to the pool when the object is deleted: "Retain" leaves it as it is, "Disable" turns MFA OFF first (declared passkeys stay), where the operator runs with --allow-disable-on-delete. Default "Retain".
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// How often the pool is checked for drift, such as 10m or 1h30m, from 1m to 24h. The operator's own default (--drift-check-interval) when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16), regex(pattern = r"^([0-9]{1,6}(h|m|s)){1,3}$"))]
    #[x_kube(validation = (
        "self.matches('^([0-9]{1,6}(h|m|s)){1,3}$') && duration(self) >= duration('1m') && duration(self) <= duration('24h')",
        "write a duration from 1m to 24h in whole hours, minutes and seconds, such as 10m or 1h30m"
    ))]
    pub drift_check_interval: Option<String>,
    /// Rejects fields of a newer version of this resource. A write replaces all settings, so leaving such a field out
    /// could turn a factor off. An object with unknown fields is reported, and its pool is left alone.
    #[serde(flatten, deserialize_with = "no_unknown_fields")]
    #[schemars(skip)]
    pub unknown: (),
}

/// What the operator does when Cognito differs from the spec.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ManagementPolicy {
    /// The operator writes the spec to the pool.
    #[default]
    Enforce,
    /// The operator only reads and reports. The object never owns the pool.
    Observe,
}

/// What happens at the adoption of a pool when the spec would take protection away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AdoptionPolicy {
    /// The operator writes nothing and reports `AdoptionHeld`.
    #[default]
    Hold,
    /// The operator writes the spec, within the hourly limit on weakening writes.
    Overwrite,
}

/// What happens where somebody strengthened the pool outside the spec. It concerns the four strengths alone: the mode, TOTP,
/// the passkeys' factor and their user verification. Every other difference is corrected under both policies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DriftPolicy {
    /// The stronger value stays and is reported, unless an edit of the spec lowered that strength.
    #[default]
    KeepStronger,
    /// The operator writes the spec, within the hourly limit on weakening writes.
    Exact,
}

/// What happens to the pool when the object is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// The pool is left unchanged, and the object has no finalizer.
    #[default]
    Retain,
    /// A finalizer keeps the object until MFA is OFF. Declared passkeys stay.
    Disable,
}

fn no_unknown_fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    let unknown = std::collections::BTreeMap::<String, serde_json::Value>::deserialize(deserializer)?;
    match unknown.keys().next() {
        None => Ok(()),
        Some(field) => Err(serde::de::Error::custom(format!(
            "spec.{field} is unknown to this version of the operator: upgrade the operator, or remove the field"
        ))),
    }
}
