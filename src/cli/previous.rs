//! The status that an earlier reconciliation gave the same object, from a file or from a cluster.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use clap::Args;
use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use kube::{Api, Client};

use super::{
    declared::Declared,
    input,
    kube_access::{self, Cluster},
    validation::wrong_kind,
};
use crate::controller::client::found_or_none;

/// Where the status of an earlier reconciliation is. An object without one adopts its pool.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Memory")]
pub struct PreviousFlags {
    /// The same objects with the status that an earlier reconciliation gave them: what `kubectl get upmfa -o yaml` printed or `apply --save` wrote. An empty file is no memory.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cluster", "context"])]
    pub previous: Option<PathBuf>,
    /// Read the status from the objects of the same name in the cluster of KUBECONFIG.
    #[arg(long)]
    pub cluster: bool,
    /// The same in the cluster of this context.
    #[arg(long, value_name = "NAME")]
    pub context: Option<String>,
}

/// Objects by namespace and name.
type ObjectsByName = HashMap<(String, String), UserPoolMfaConfig>;

/// The source of the earlier status.
pub enum Previous {
    /// No flag names one.
    Unknown,
    File(ObjectsByName),
    Cluster {
        client: Client,
        /// The address, for messages.
        server: String,
        /// The namespace of the kubeconfig's context.
        namespace: String,
    },
}

impl Previous {
    /// Opens the source that the flags name.
    ///
    /// # Errors
    /// A sentence with the file or the kubeconfig that cannot be read.
    pub fn open(flags: &PreviousFlags) -> Result<Self, String> {
        if let Some(file) = &flags.previous {
            return Ok(Self::File(read_objects(file)?));
        }
        if !flags.cluster && flags.context.is_none() {
            return Ok(Self::Unknown);
        }
        let cluster = Cluster { context: flags.context.clone(), ..Cluster::default() };
        let config = kube_access::config(&cluster)?;
        let namespace = config.default_namespace.clone();
        let (client, server) = kube_access::client(config)?;
        Ok(Self::Cluster { client, server, namespace })
    }

    #[must_use]
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// The declared object with its earlier status.
    ///
    /// # Errors
    /// A sentence, when the earlier object cannot be read, or is for another pool.
    pub async fn with_status(&self, declared: &Declared) -> Result<UserPoolMfaConfig, String> {
        let object = &declared.object;
        let previous = match self {
            Self::Unknown => None,
            Self::File(_) => self.entry(declared).cloned(),
            Self::Cluster { client, server, namespace } => {
                let (namespace, name) = key(object, namespace);
                let api: Api<UserPoolMfaConfig> = Api::namespaced(client.clone(), &namespace);
                found_or_none(api.get(&name).await).map_err(|error| {
                    let what = format!("the UserPoolMfaConfig {namespace}/{name}");
                    kube_access::describe_error(server, &what, "ask for the verb get", &error)
                })?
            }
        };
        with_previous_status(object, previous.as_ref())
    }

    /// This object's entry in the file.
    #[must_use]
    pub fn entry(&self, declared: &Declared) -> Option<&UserPoolMfaConfig> {
        let Self::File(objects) = self else { return None };
        objects.get(&key(&declared.object, "default"))
    }
}

fn read_objects(file: &Path) -> Result<ObjectsByName, String> {
    let mut objects = ObjectsByName::new();
    if file.metadata().is_ok_and(|meta| meta.is_file() && meta.len() == 0) {
        return Ok(objects);
    }
    for document in input::read_printed(&[file.to_owned()]) {
        let document = document.map_err(|problem| problem.to_string())?;
        let (place, object) = (document.place.clone(), read_object(document)?);
        if objects.insert(key(&object, "default"), object).is_some() {
            return Err(format!("{place}: this object is in it twice: keep the newer one"));
        }
    }
    Ok(objects)
}

fn read_object(document: input::Document) -> Result<UserPoolMfaConfig, String> {
    if let Some(problem) = wrong_kind(&document) {
        return Err(problem.to_string());
    }
    let place = document.place;
    let object: UserPoolMfaConfig = serde_json::from_value(document.value)
        .map_err(|error| format!("{place}: this is no earlier object: {error}; give what kubectl get upmfa -o yaml printed, or apply --save wrote"))?;
    match object.metadata.name {
        Some(_) => Ok(object),
        None => Err(format!("{place}: this is no earlier object: it has no name")),
    }
}

fn key(object: &UserPoolMfaConfig, namespace: &str) -> (String, String) {
    let meta = &object.metadata;
    (meta.namespace.clone().unwrap_or_else(|| namespace.to_owned()), meta.name.clone().unwrap_or_default())
}

/// Whether the object was deleted and created again: both have a UID, and the UIDs differ.
fn is_another(declared: &UserPoolMfaConfig, previous: &UserPoolMfaConfig) -> bool {
    let (new, old) = (&declared.metadata.uid, &previous.metadata.uid);
    new.is_some() && old.is_some() && new != old
}

/// The object as the API server would store it: the earlier object with the declared spec. The generation grows when
/// the spec changes. A `status` inside the manifest is ignored.
///
/// # Errors
/// A sentence, when the earlier object is for another pool or is being deleted.
fn with_previous_status(
    declared: &UserPoolMfaConfig,
    previous: Option<&UserPoolMfaConfig>,
) -> Result<UserPoolMfaConfig, String> {
    let mut object = UserPoolMfaConfig::new("", declared.spec.clone());
    object.metadata.name.clone_from(&declared.metadata.name);
    object.metadata.namespace.clone_from(&declared.metadata.namespace);
    object.metadata.annotations.clone_from(&declared.metadata.annotations);
    object.metadata.generation = Some(1);
    let Some(previous) = previous.filter(|previous| !is_another(declared, previous)) else {
        return Ok(object);
    };
    if previous.metadata.deletion_timestamp.is_some() {
        return Err("the object of this name is being deleted: wait until it is gone".into());
    }
    let (source, earlier) = (declared.spec.pool_source(), previous.spec.pool_source());
    if source != earlier {
        return Err(format!(
            "the pool of an object is immutable, and the object of this name is for {earlier}: give this one another name"
        ));
    }
    let generation = previous.metadata.generation.unwrap_or(1);
    let changed = previous.spec != declared.spec;
    object.metadata.generation = Some(generation.saturating_add(i64::from(changed)));
    object.metadata.uid.clone_from(&previous.metadata.uid);
    object.metadata.creation_timestamp.clone_from(&previous.metadata.creation_timestamp);
    object.status.clone_from(&previous.status);
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

    fn deleted_object() -> UserPoolMfaConfig {
        let mut object = object("eu-west-1_A", "OFF");
        object.metadata.deletion_timestamp = serde_json::from_value(json!("2026-01-01T00:00:00Z")).unwrap();
        object
    }

    #[test]
    fn a_changed_spec_raises_the_generation_and_keeps_the_status() {
        let (old, new) = (object("eu-west-1_A", "OFF"), object("eu-west-1_A", "ON"));
        assert_eq!(with_previous_status(&old, Some(&old)).unwrap().metadata.generation, Some(7));
        let changed = with_previous_status(&new, Some(&old)).unwrap();
        assert_eq!((changed.metadata.generation, changed.status), (Some(8), old.status));
    }

    #[test]
    fn a_status_inside_the_manifest_is_ignored() {
        let object = with_previous_status(&deleted_object(), None).unwrap();
        assert_eq!((object.status, object.metadata.deletion_timestamp), (None, None));
    }

    #[test]
    fn an_object_with_another_uid_gets_no_earlier_status() {
        let mut recreated = object("eu-west-1_A", "OFF");
        let status = |declared: &UserPoolMfaConfig| {
            with_previous_status(declared, Some(&object("eu-west-1_A", "OFF"))).unwrap().status
        };
        assert!(status(&recreated).is_some());
        recreated.metadata.uid = Some("two".into());
        assert_eq!(status(&recreated), None);
        recreated.metadata.uid = None;
        assert!(status(&recreated).is_some());
    }

    #[test]
    fn an_object_that_is_being_deleted_is_refused() {
        let result = with_previous_status(&object("eu-west-1_A", "OFF"), Some(&deleted_object()));
        assert!(result.unwrap_err().contains("is being deleted"));
    }

    #[test]
    fn another_pool_under_the_same_name_is_refused() {
        let result = with_previous_status(&object("eu-west-1_A", "OFF"), Some(&object("eu-west-1_B", "OFF")));
        assert!(result.unwrap_err().contains("is for eu-west-1_B"));
    }
}
