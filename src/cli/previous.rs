//! What earlier passes left: the status of the same object, from a file or from a cluster.

use std::{collections::HashMap, path::Path};

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use kube::{Api, Client};

use super::{
    args::Memory,
    input,
    kube_access::{self, Cluster},
    validate::Declared,
    validation::wrong_kind,
};
use crate::controller::client::found_or_none;

/// The objects as they were, by namespace and name.
type Known = HashMap<(String, String), UserPoolMfaConfig>;

/// Where the past is.
pub enum Previous {
    /// Nobody says: each object meets its pool for the first time.
    None,
    /// In a file.
    File(Known),
    /// In a cluster.
    Cluster {
        /// The way to it.
        client: Client,
        /// Its address.
        server: String,
        /// The namespace of its context.
        namespace: String,
    },
}

impl Previous {
    /// Opens what the flags name.
    ///
    /// # Errors
    /// A sentence with the file or the cluster that cannot be read.
    pub async fn open(memory: &Memory) -> Result<Self, String> {
        if let Some(file) = &memory.previous {
            return Ok(Self::File(known(file)?));
        }
        if !memory.cluster && memory.context.is_none() {
            return Ok(Self::None);
        }
        let cluster = Cluster { context: memory.context.clone(), ..Cluster::default() };
        let config = kube_access::config(&cluster).await?;
        let namespace = config.default_namespace.clone();
        let (client, server) = kube_access::client(config)?;
        Ok(Self::Cluster { client, server, namespace })
    }

    /// Whether nobody said where it is.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The object with the status that it has.
    ///
    /// # Errors
    /// A sentence: what the past says cannot be read, or is of another pool.
    pub async fn with_status(&self, declared: &Declared) -> Result<UserPoolMfaConfig, String> {
        let object = &declared.object;
        let before = match self {
            Self::None => None,
            Self::File(_) => self.entry(declared).cloned(),
            Self::Cluster { client, server, namespace } => {
                let (namespace, name) = key(object, namespace);
                let api: Api<UserPoolMfaConfig> = Api::namespaced(client.clone(), &namespace);
                let this = format!("the UserPoolMfaConfig {namespace}/{name}");
                let found = found_or_none(api.get(&name).await);
                found.map_err(|error| kube_access::told(server, &this, "ask for the verb get", &error))?
            }
        };
        continued(object, before.as_ref())
    }

    /// What the file says of this object.
    #[must_use]
    pub fn entry(&self, declared: &Declared) -> Option<&UserPoolMfaConfig> {
        let Self::File(known) = self else { return None };
        known.get(&key(&declared.object, "default"))
    }
}

fn known(file: &Path) -> Result<Known, String> {
    if file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0) {
        return Ok(Known::new());
    }
    let mut known = Known::new();
    for document in input::read_printed(&[file.to_owned()]) {
        let document = document.map_err(|problem| problem.to_string())?;
        let (place, object) = (document.place.clone(), earlier(document)?);
        if known.insert(key(&object, "default"), object).is_some() {
            return Err(format!("{place}: this object is in it twice: keep the newer one"));
        }
    }
    Ok(known)
}

fn earlier(document: input::Document) -> Result<UserPoolMfaConfig, String> {
    if let Some(problem) = wrong_kind(&document) {
        return Err(problem.to_string());
    }
    let place = document.place;
    let read = serde_json::from_value::<UserPoolMfaConfig>(document.value);
    let object = read.map_err(|error| format!("{place}: this is no earlier object: {error}"))?;
    match object.metadata.name {
        Some(_) => Ok(object),
        None => Err(format!("{place}: this is no earlier object: it has no name")),
    }
}

fn key(object: &UserPoolMfaConfig, namespace: &str) -> (String, String) {
    let meta = &object.metadata;
    (meta.namespace.clone().unwrap_or_else(|| namespace.to_owned()), meta.name.clone().unwrap_or_default())
}

/// Whether both say who they are, and are not the same: an object that was deleted and made again.
fn is_another(declared: &UserPoolMfaConfig, before: &UserPoolMfaConfig) -> bool {
    let (one, other) = (&declared.metadata.uid, &before.metadata.uid);
    one.is_some() && other.is_some() && one != other
}

/// The object as the API server would have it after this declaration: what it was, with the new spec. Its generation
/// grows when the spec changes. A status that the declaration itself has is nobody's memory.
///
/// # Errors
/// A sentence, for another pool than before and for an object that is going.
pub fn continued(
    declared: &UserPoolMfaConfig,
    before: Option<&UserPoolMfaConfig>,
) -> Result<UserPoolMfaConfig, String> {
    let mut object = UserPoolMfaConfig::new("", declared.spec.clone());
    object.metadata.name.clone_from(&declared.metadata.name);
    object.metadata.namespace.clone_from(&declared.metadata.namespace);
    object.metadata.annotations.clone_from(&declared.metadata.annotations);
    object.metadata.generation = Some(1);
    let Some(before) = before.filter(|before| !is_another(declared, before)) else { return Ok(object) };
    if before.metadata.deletion_timestamp.is_some() {
        return Err("the object of this name is being deleted: wait until it is gone".into());
    }
    if before.spec.user_pool_id != declared.spec.user_pool_id {
        return Err(format!(
            "userPoolId is immutable, and the object of this name is for {}: give this one another name",
            before.spec.user_pool_id
        ));
    }
    let generation = before.metadata.generation.unwrap_or(1);
    let changed = before.spec != declared.spec;
    object.metadata.generation = Some(generation.saturating_add(i64::from(changed)));
    object.metadata.uid.clone_from(&before.metadata.uid);
    object.metadata.creation_timestamp.clone_from(&before.metadata.creation_timestamp);
    object.status.clone_from(&before.status);
    Ok(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(pool: &str, mode: &str) -> UserPoolMfaConfig {
        serde_json::from_value(json!({
            "apiVersion": "cognito.mfaoperator.dev/v1alpha1", "kind": "UserPoolMfaConfig",
            "metadata": {"name": "a", "generation": 7, "uid": "one"},
            "spec": {"userPoolId": pool, "mfaConfiguration": mode},
            "status": {"appliedHash": "sha256:x"},
        }))
        .unwrap()
    }

    fn going() -> UserPoolMfaConfig {
        let mut object = object("eu-west-1_A", "OFF");
        object.metadata.deletion_timestamp = serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
        object
    }

    #[test]
    fn a_changed_spec_is_a_new_generation_with_the_old_memory() {
        let (one, two) = (object("eu-west-1_A", "OFF"), object("eu-west-1_A", "ON"));
        assert_eq!(continued(&one, Some(&one)).unwrap().metadata.generation, Some(7));
        let changed = continued(&two, Some(&one)).unwrap();
        assert_eq!((changed.metadata.generation, changed.status), (Some(8), one.status));
    }

    #[test]
    fn a_declaration_is_no_memory_of_its_own() {
        let object = continued(&going(), None).unwrap();
        assert_eq!((object.status, object.metadata.deletion_timestamp), (None, None));
    }

    #[test]
    fn an_object_that_was_made_again_has_no_memory_of_the_first() {
        let mut again = object("eu-west-1_A", "OFF");
        let status = |declared: &UserPoolMfaConfig| {
            continued(declared, Some(&object("eu-west-1_A", "OFF"))).unwrap().status
        };
        assert!(status(&again).is_some());
        again.metadata.uid = Some("two".into());
        assert_eq!(status(&again), None);
        again.metadata.uid = None;
        assert!(status(&again).is_some());
    }

    #[test]
    fn an_object_that_is_being_deleted_is_not_continued() {
        let refused = continued(&object("eu-west-1_A", "OFF"), Some(&going()));
        assert!(refused.unwrap_err().contains("is being deleted"));
    }

    #[test]
    fn another_pool_under_the_same_name_is_refused() {
        let refused = continued(&object("eu-west-1_A", "OFF"), Some(&object("eu-west-1_B", "OFF")));
        assert!(refused.unwrap_err().contains("is for eu-west-1_B"));
    }
}
