//! Reads what the references of objects name. Each look is one request: nothing is listed or watched, so the operator needs
//! no right beyond `get`, and what belongs to objects without a reference never waits for a foreign API.

use std::{collections::HashMap, time::Duration};

use clap::ValueEnum;
use cognito_mfa_core::{
    api::v1alpha1::{KeyRef, POOL_ID_LABEL, PoolSource, UserPoolGroup, UserPoolMfaConfig, UserPoolRef},
    reference::{Resolution, Unresolved, id_of_user_pool, id_of_value},
    text::{MAX_VALUE, safe},
};
use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::{
    Api, Client, Error, ResourceExt,
    core::{ApiResource, DynamicObject},
    discovery,
    error::DiscoveryError,
};
use parking_lot::Mutex;
use tokio::time::{Instant, timeout};

use super::client::found_or_none;

/// The longest time for one look. A reconciliation that waits for one holds a place in its account and region.
const LONGEST_LOOK: Duration = Duration::from_secs(2);
/// How long a kind is not asked for that did not answer in time.
const PAUSE: Duration = Duration::from_secs(30);

/// What references may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum ReferenceKind {
    /// UserPools of ACK (cognitoidentityprovider.services.k8s.aws).
    Ack,
    /// Namespaced UserPools of Crossplane (cognitoidp.aws.m.upbound.io).
    Upjet,
    /// Cluster-scoped UserPools of Crossplane (cognitoidp.aws.upbound.io).
    UpjetCluster,
    /// UserPools of Crossplane's classic provider (cognitoidentityprovider.aws.crossplane.io).
    Crossplane,
    /// Keys of ConfigMaps.
    Configmaps,
    /// Keys of Secrets that have the label cognito.mfaoperator.dev/pool-id.
    Secrets,
}

/// Reads what references name.
pub struct References {
    client: Client,
    enabled: Vec<ReferenceKind>,
    /// Until when a kind is not asked for, because the API server did not answer about it in time.
    paused_until: Mutex<HashMap<ReferenceKind, Instant>>,
    /// The kinds that the API server was found to serve, in the version that it prefers.
    served: Mutex<HashMap<UserPoolGroup, ApiResource>>,
}

impl References {
    /// Reads these kinds, and no others.
    pub(super) fn new(client: Client, enabled: Vec<ReferenceKind>) -> Self {
        Self { client, enabled, paused_until: Mutex::default(), served: Mutex::default() }
    }

    /// The pool that the object is about now.
    ///
    /// # Errors
    /// Why its reference leads to none.
    pub async fn look_up(&self, object: &UserPoolMfaConfig) -> Resolution {
        let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
        let (kind, look): (_, BoxFuture<'_, Resolution>) = match object.spec.pool_source() {
            PoolSource::Id(id) => return Ok(id.to_owned()),
            PoolSource::Missing => {
                return Err(Unresolved::NotReady(
                    "The spec names no pool: is the CustomResourceDefinition that of this version?".into(),
                ));
            }
            PoolSource::UserPool(named) => (kind_of(named.group), self.user_pool(namespace, named).boxed()),
            PoolSource::ConfigMap(named) => {
                (ReferenceKind::Configmaps, self.config_map(namespace, named).boxed())
            }
            PoolSource::Secret(named) => (ReferenceKind::Secrets, self.secret(namespace, named).boxed()),
        };
        self.check_enabled(kind)?;
        self.in_time(kind, look).await
    }

    /// A foreign kind may have a conversion webhook that hangs. Then its other looks fail at once for a while, so that they
    /// take no places from objects that do not need them.
    async fn in_time(&self, kind: ReferenceKind, look: BoxFuture<'_, Resolution>) -> Resolution {
        let late =
            "The API server does not answer in time about what the reference names. It is asked again.";
        let is_paused = self.paused_until.lock().get(&kind).is_some_and(|until| Instant::now() < *until);
        if !is_paused && let Ok(resolution) = timeout(LONGEST_LOOK, look).await {
            return resolution;
        }
        if !is_paused {
            self.paused_until.lock().insert(kind, Instant::now() + PAUSE);
        }
        Err(Unresolved::Unreadable(late.into()))
    }

    fn check_enabled(&self, kind: ReferenceKind) -> Result<(), Unresolved> {
        if self.enabled.contains(&kind) {
            return Ok(());
        }
        let flag = kind.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        Err(Unresolved::Forbidden(format!(
            "The operator does not follow such references. Its administrator can allow it: --pool-references {flag}, or references in the chart's values."
        )))
    }

    async fn user_pool(&self, namespace: &str, UserPoolRef { group, name }: &UserPoolRef) -> Resolution {
        let resource = self.served(*group).await?;
        let what = format!("UserPool {name} ({})", group.as_str());
        let api: Api<DynamicObject> = if group.is_namespaced() {
            Api::namespaced_with(self.client.clone(), namespace, &resource)
        } else {
            Api::all_with(self.client.clone(), &resource)
        };
        let found = found_or_none(api.get(name).await).map_err(|error| {
            // Its version may be served no more.
            self.served.lock().remove(group);
            unreadable(&what, &error)
        })?;
        let found = found.ok_or_else(|| Unresolved::NotFound(format!("There is no {what}.")))?;
        let json = serde_json::to_value(&found).unwrap_or_default();
        id_of_user_pool(*group, &json, &format!("The {what}"))
    }

    async fn config_map(&self, namespace: &str, KeyRef { name, key }: &KeyRef) -> Resolution {
        let what = format!("ConfigMap {name}");
        let api: Api<ConfigMap> = Api::namespaced(self.client.clone(), namespace);
        let found = found_or_none(api.get(name).await).map_err(|error| unreadable(&what, &error))?;
        let found = found.ok_or_else(|| Unresolved::NotFound(format!("There is no {what}.")))?;
        id_of_key(found.data.as_ref().and_then(|data| data.get(key)).cloned(), key, &what)
    }

    /// Whoever may create an object must not learn of Secrets that their owners did not mean for it, so one without the
    /// label is as one that is not there.
    async fn secret(&self, namespace: &str, KeyRef { name, key }: &KeyRef) -> Resolution {
        let what = format!("Secret {name}");
        let api: Api<Secret> = Api::namespaced(self.client.clone(), namespace);
        let found = found_or_none(api.get(name).await).map_err(|error| unreadable(&what, &error))?;
        let is_meant =
            |secret: &Secret| secret.labels().get(POOL_ID_LABEL).is_some_and(|value| value == "true");
        let missing =
            || Unresolved::NotFound(format!("There is no {what} with the label {POOL_ID_LABEL}: \"true\"."));
        let found = found.filter(is_meant).ok_or_else(missing)?;
        let value = found.data.as_ref().and_then(|data| data.get(key));
        id_of_key(value.map(|value| String::from_utf8_lossy(&value.0).into_owned()), key, &what)
    }

    /// The resource of a group, in the version that the API server prefers. That of a kind that was not served is asked for
    /// again at each look.
    async fn served(&self, group: UserPoolGroup) -> Result<ApiResource, Unresolved> {
        if let Some(known) = self.served.lock().get(&group) {
            return Ok(known.clone());
        }
        let not_served = || {
            Unresolved::KindNotServed(format!(
                "The API server has no UserPool of {}: is its CustomResourceDefinition installed?",
                group.as_str()
            ))
        };
        let found = match discovery::group(&self.client, group.as_str()).await {
            Ok(found) => found.recommended_kind("UserPool"),
            Err(Error::Discovery(DiscoveryError::MissingApiGroup(_))) => None,
            Err(error) => return Err(unreadable(&format!("API group {}", group.as_str()), &error)),
        };
        let (resource, _) = found.ok_or_else(not_served)?;
        self.served.lock().insert(group, resource.clone());
        Ok(resource)
    }
}

fn kind_of(group: UserPoolGroup) -> ReferenceKind {
    match group {
        UserPoolGroup::Ack => ReferenceKind::Ack,
        UserPoolGroup::Upjet => ReferenceKind::Upjet,
        UserPoolGroup::UpjetCluster => ReferenceKind::UpjetCluster,
        UserPoolGroup::Crossplane => ReferenceKind::Crossplane,
    }
}

/// The id in the value of a key of a ConfigMap or Secret.
fn id_of_key(value: Option<String>, key: &str, what: &str) -> Resolution {
    let value = value.ok_or_else(|| Unresolved::NotFound(format!("The {what} has no key {key}.")))?;
    id_of_value(&value, &format!("The value of the key {key} of the {what}"))
}

fn unreadable(what: &str, error: &Error) -> Unresolved {
    match error {
        Error::Api(status) if status.code == 403 => Unresolved::Forbidden(format!(
            "The operator may not read the {what}: {}. Let it get them, as references in the chart's values does.",
            safe(&status.message, MAX_VALUE)
        )),
        error => {
            // The text of such an error may differ each time, and each new text in the status would be a write.
            tracing::debug!(%error, what, "what a reference names could not be read");
            Unresolved::Unreadable(format!("The {what} could not be read. It is tried again."))
        }
    }
}
