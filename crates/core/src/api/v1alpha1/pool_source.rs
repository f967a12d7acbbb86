//! Where an object has the id of its pool from: its spec, a UserPool of another tool, or a ConfigMap or Secret.

use std::fmt::{self, Display, Formatter};

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{UserPoolMfaConfig, UserPoolMfaConfigSpec};

/// A UserPool that another tool manages: in the namespace of the object, or cluster-scoped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UserPoolRef {
    /// The API group of the UserPool, which says what manages it: "cognitoidentityprovider.services.k8s.aws" (ACK), "cognitoidp.aws.m.upbound.io" (Crossplane, namespaced), "cognitoidp.aws.upbound.io" (Crossplane, cluster-scoped) or "cognitoidentityprovider.aws.crossplane.io" (classic Crossplane). Required.
    pub group: UserPoolGroup,
    /// The name of the UserPool. Required.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// The API groups that have a kind UserPool.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
pub enum UserPoolGroup {
    /// AWS Controllers for Kubernetes. Namespaced.
    #[serde(rename = "cognitoidentityprovider.services.k8s.aws")]
    #[strum(serialize = "cognitoidentityprovider.services.k8s.aws")]
    Ack,
    /// Crossplane's provider-upjet-aws, whose resources are namespaced since its version 2.
    #[serde(rename = "cognitoidp.aws.m.upbound.io")]
    #[strum(serialize = "cognitoidp.aws.m.upbound.io")]
    Upjet,
    /// The same provider's cluster-scoped resources.
    #[serde(rename = "cognitoidp.aws.upbound.io")]
    #[strum(serialize = "cognitoidp.aws.upbound.io")]
    UpjetCluster,
    /// Crossplane's classic provider-aws. Cluster-scoped.
    #[serde(rename = "cognitoidentityprovider.aws.crossplane.io")]
    #[strum(serialize = "cognitoidentityprovider.aws.crossplane.io")]
    Crossplane,
}

impl UserPoolGroup {
    /// The name of the API group.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether its UserPools are in namespaces.
    #[must_use]
    pub fn is_namespaced(self) -> bool {
        match self {
            Self::Ack | Self::Upjet => true,
            Self::UpjetCluster | Self::Crossplane => false,
        }
    }
}

/// A key of a ConfigMap or of a Secret, one of the two, that holds the id of the pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[x_kube(validation = (
    "has(self.configMapKeyRef) != has(self.secretKeyRef)",
    "give configMapKeyRef or secretKeyRef, one of the two"
))]
pub struct UserPoolIdFrom {
    /// A key of a ConfigMap in the namespace of the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config_map_key_ref: Option<KeyRef>,
    /// A key of a Secret in the namespace of the object. The Secret must have the label cognito.mfaoperator.dev/pool-id: "true".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_key_ref: Option<KeyRef>,
}

/// A key of a ConfigMap or Secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyRef {
    /// The name of the ConfigMap or Secret. Required.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The key whose value is the id of the pool. Required.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
}

/// Where an object has the id of its pool from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolSource<'a> {
    /// The spec has the id itself.
    Id(&'a str),
    /// A UserPool of another tool.
    UserPool(&'a UserPoolRef),
    /// A key of a ConfigMap.
    ConfigMap(&'a KeyRef),
    /// A key of a Secret.
    Secret(&'a KeyRef),
    /// Nowhere. The resource definition refuses such a spec.
    Missing,
}

impl Display for PoolSource<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(id),
            Self::UserPool(UserPoolRef { group, name }) => write!(f, "UserPool {name} of {}", group.as_str()),
            Self::ConfigMap(KeyRef { name, key }) => write!(f, "key {key} of ConfigMap {name}"),
            Self::Secret(KeyRef { name, key }) => write!(f, "key {key} of Secret {name}"),
            Self::Missing => f.write_str("no pool"),
        }
    }
}

/// An object whose pool is known.
#[derive(Clone, Copy, Debug)]
pub struct Resolved<'a> {
    /// The object.
    pub object: &'a UserPoolMfaConfig,
    /// The id of its pool.
    pub pool: &'a str,
}

impl UserPoolMfaConfigSpec {
    /// Where the object has the id of its pool from.
    #[must_use]
    pub fn pool_source(&self) -> PoolSource<'_> {
        let from = self.user_pool_id_from.as_ref();
        if let Some(id) = &self.user_pool_id {
            PoolSource::Id(id)
        } else if let Some(user_pool) = &self.user_pool_ref {
            PoolSource::UserPool(user_pool)
        } else if let Some(config_map) = from.and_then(|from| from.config_map_key_ref.as_ref()) {
            PoolSource::ConfigMap(config_map)
        } else if let Some(secret) = from.and_then(|from| from.secret_key_ref.as_ref()) {
            PoolSource::Secret(secret)
        } else {
            PoolSource::Missing
        }
    }
}

impl UserPoolMfaConfig {
    /// The id of the pool: that of the spec; or the last one that was found through the reference, which the status has.
    /// None while none was found.
    #[must_use]
    pub fn pool_id(&self) -> Option<&str> {
        match self.spec.pool_source() {
            PoolSource::Id(id) => Some(id),
            PoolSource::UserPool(_) | PoolSource::ConfigMap(_) | PoolSource::Secret(_) => {
                self.status.as_ref()?.user_pool_id.as_deref()
            }
            PoolSource::Missing => None,
        }
    }

    /// The object with its pool; None while that is not known.
    #[must_use]
    pub fn resolved(&self) -> Option<Resolved<'_>> {
        Some(Resolved { object: self, pool: self.pool_id()? })
    }

    /// The pool as messages name it: by its id, or by the reference that has led to none yet.
    #[must_use]
    pub fn shown_pool(&self) -> String {
        self.pool_id().map_or_else(|| self.spec.pool_source().to_string(), str::to_owned)
    }

    /// Whether the id of the pool comes from another object.
    #[must_use]
    pub fn has_reference(&self) -> bool {
        match self.spec.pool_source() {
            PoolSource::UserPool(_) | PoolSource::ConfigMap(_) | PoolSource::Secret(_) => true,
            PoolSource::Id(_) | PoolSource::Missing => false,
        }
    }

    /// The AWS region of the pool: the part of its id before the underscore.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        Some(self.pool_id()?.split_once('_')?.0)
    }
}
