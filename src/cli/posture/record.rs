//! An object as it was found.

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use kube::{Resource, core::DynamicObject};

/// An object of the cluster or of a file, readable or not: one that cannot be read must show, not be missing.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The UID that the API server gave it; empty in a manifest.
    pub uid: String,
    /// How often its spec changed; absent in a manifest.
    pub generation: Option<i64>,
    /// The pool it speaks of.
    pub pool: String,
    /// What it says, or why this version cannot read it.
    pub object: Result<Box<UserPoolMfaConfig>, String>,
}

impl From<DynamicObject> for Record {
    fn from(found: DynamicObject) -> Self {
        let meta = &found.metadata;
        Self {
            namespace: meta.namespace.clone().unwrap_or_default(),
            name: meta.name.clone().unwrap_or_default(),
            uid: meta.uid.clone().unwrap_or_default(),
            generation: meta.generation,
            pool: found.data["spec"]["userPoolId"].as_str().unwrap_or_default().to_owned(),
            object: read(found),
        }
    }
}

impl From<UserPoolMfaConfig> for Record {
    fn from(object: UserPoolMfaConfig) -> Self {
        let meta = object.meta();
        Self {
            namespace: meta.namespace.clone().unwrap_or_default(),
            name: meta.name.clone().unwrap_or_default(),
            uid: meta.uid.clone().unwrap_or_default(),
            generation: meta.generation,
            pool: object.spec.user_pool_id.clone(),
            object: Ok(Box::new(object)),
        }
    }
}

fn read(found: DynamicObject) -> Result<Box<UserPoolMfaConfig>, String> {
    let value = serde_json::to_value(found).map_err(|error| error.to_string())?;
    serde_json::from_value(value).map(Box::new).map_err(|error| error.to_string())
}
