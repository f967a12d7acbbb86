//! What `doctor` looks at: objects of manifests, objects of a cluster, or pools.

use cognito_mfa_core::{api::v1alpha1::UserPoolMfaConfig, text};
use kube::core::DynamicObject;

use super::Doctor;
use crate::cli::{
    declared::{Declared, Inputs},
    input::Place,
    kube_access::{Cluster, KubeAccess},
    output::say,
    previous::Previous,
    sync::read_valid,
};

/// One pool, and the object for it.
pub struct Subject {
    /// Where the object is declared, if it is in a manifest.
    pub place: Option<Place>,
    pub namespace: Option<String>,
    /// The name of the object; None where there is only a pool.
    pub name: Option<String>,
    pub user_pool_id: String,
    source: Source,
}

enum Source {
    Manifest(Box<Declared>),
    Cluster(Box<UserPoolMfaConfig>),
    /// The object of the cluster cannot be decoded.
    Invalid(String),
    Pool,
}

/// The subjects that the flags name, and whether all documents are valid.
///
/// # Errors
/// A sentence, when the cluster cannot be asked, or the validator cannot be built.
pub async fn read(flags: &Doctor) -> Result<(Vec<Subject>, bool), String> {
    if !flags.user_pool_id.is_empty() {
        return Ok((flags.user_pool_id.iter().map(|id| Subject::of_pool(id)).collect(), true));
    }
    if !flags.files.is_empty() {
        let (objects, all_valid) = read_valid(&Inputs { files: flags.files.clone() })?;
        return Ok((objects.into_iter().map(Subject::of_manifest).collect(), all_valid));
    }
    let (context, namespace) = (flags.previous.context.clone(), flags.namespace.clone());
    let cluster = Cluster { context, namespace, ..Cluster::default() };
    let access = KubeAccess::open(&cluster)?;
    let objects: Vec<_> = access.list().await?.iter().map(Subject::of_cluster).collect();
    if objects.is_empty() {
        say(&format!("There are no UserPoolMfaConfig objects in {}.", access.source()));
    }
    Ok((objects, true))
}

impl Subject {
    fn of_pool(id: &str) -> Self {
        let user_pool_id = id.to_owned();
        Self { place: None, namespace: None, name: None, user_pool_id, source: Source::Pool }
    }

    fn of_manifest(declared: Declared) -> Self {
        let meta = &declared.object.metadata;
        Self {
            place: Some(declared.place.clone()),
            namespace: meta.namespace.clone(),
            name: meta.name.clone(),
            user_pool_id: declared.object.shown_pool(),
            source: Source::Manifest(Box::new(declared)),
        }
    }

    fn of_cluster(object: &DynamicObject) -> Self {
        let (user_pool_id, source) = match object.clone().try_parse::<UserPoolMfaConfig>() {
            Ok(object) => (object.shown_pool(), Source::Cluster(Box::new(object))),
            Err(error) => {
                let pool = object.data["spec"]["userPoolId"].as_str().unwrap_or_default();
                let pool = text::safe(pool, text::MAX_VALUE);
                (pool, Source::Invalid(format!("the object cannot be read: {error}")))
            }
        };
        Self {
            place: None,
            namespace: object.metadata.namespace.clone(),
            name: object.metadata.name.clone(),
            user_pool_id,
            source,
        }
    }

    /// The object with its earlier status; None where there is only a pool.
    ///
    /// # Errors
    /// A sentence, when the object or its earlier status cannot be read.
    pub async fn object(&self, previous: &Previous) -> Result<Option<UserPoolMfaConfig>, String> {
        match &self.source {
            Source::Manifest(declared) => previous.with_status(declared).await.map(Some),
            Source::Cluster(object) => Ok(Some(object.as_ref().clone())),
            Source::Invalid(why) => Err(why.clone()),
            Source::Pool => Ok(None),
        }
    }
}
