//! An object as the cluster or a file lists it.

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use kube::{Resource, core::DynamicObject};

/// An object of the cluster or of a file. A report shows it even if this version cannot read its spec or status.
#[derive(Clone, Debug)]
pub struct ListedObject {
    /// Empty in a manifest without a namespace.
    pub namespace: String,
    /// Empty in a manifest without a name.
    pub name: String,
    /// The UID that the API server assigned; empty in a manifest.
    pub uid: String,
    /// The generation of its spec; absent in a manifest.
    pub generation: Option<i64>,
    /// The id of its pool; empty when it is not known.
    pub user_pool_id: String,
    /// The object, or why this version cannot read it.
    pub object: Result<Box<UserPoolMfaConfig>, String>,
}

impl From<DynamicObject> for ListedObject {
    fn from(listed: DynamicObject) -> Self {
        let meta = &listed.metadata;
        Self {
            namespace: meta.namespace.clone().unwrap_or_default(),
            name: meta.name.clone().unwrap_or_default(),
            uid: meta.uid.clone().unwrap_or_default(),
            generation: meta.generation,
            user_pool_id: pool_id(&listed),
            object: decode(listed),
        }
    }
}

impl From<UserPoolMfaConfig> for ListedObject {
    fn from(object: UserPoolMfaConfig) -> Self {
        let meta = object.meta();
        Self {
            namespace: meta.namespace.clone().unwrap_or_default(),
            name: meta.name.clone().unwrap_or_default(),
            uid: meta.uid.clone().unwrap_or_default(),
            generation: meta.generation,
            user_pool_id: object.pool_id().unwrap_or_default().to_owned(),
            object: Ok(Box::new(object)),
        }
    }
}

/// A literal id does not change, whatever somebody wrote into the status.
fn pool_id(listed: &DynamicObject) -> String {
    let of = |part: &str| listed.data[part]["userPoolId"].as_str();
    of("spec").or_else(|| of("status")).unwrap_or_default().to_owned()
}

fn decode(listed: DynamicObject) -> Result<Box<UserPoolMfaConfig>, String> {
    let value = serde_json::to_value(listed).map_err(|error| error.to_string())?;
    serde_json::from_value(value).map(Box::new).map_err(|error| error.to_string())
}
