//! The form of an object in the table.

use cognito_mfa_core::{
    access::ownership::split_key,
    api::v1alpha1::{ALLOW_LOWERING, RECONCILE_REQUESTED_AT},
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    Resource,
    core::{DeserializeGuard, error_boundary::InvalidObject},
};

use crate::controller::watch::Object;

/// An object without the fields that no reconciliation reads. It is kept for hours between two reconciliations, and as JSON
/// it takes less than half of the memory that its type takes.
#[derive(Debug)]
pub(super) enum StoredObject {
    Json(Box<[u8]>),
    Invalid(Box<InvalidObject>),
}

impl StoredObject {
    /// The form of an object that a watch shows.
    pub fn of(mut object: Object) -> Self {
        strip(object.meta_mut());
        match object.0 {
            Ok(object) => {
                let json =
                    serde_json::to_vec(&object).expect("what was read from JSON can be written as JSON");
                Self::Json(json.into())
            }
            Err(invalid) => Self::Invalid(invalid.into()),
        }
    }

    /// The object, with this key.
    pub fn object(&self, key: &str) -> Object {
        DeserializeGuard(match self {
            Self::Json(json) => serde_json::from_slice(json).map_err(|error| {
                let (namespace, name) = split_key(key);
                let (namespace, name) = (Some(namespace.into()), Some(name.into()));
                let metadata = ObjectMeta { namespace, name, ..ObjectMeta::default() };
                InvalidObject { error: error.to_string(), metadata }
            }),
            Self::Invalid(invalid) => Err((**invalid).clone()),
        })
    }
}

/// Drops metadata that no reconciliation reads: the managed fields alone are larger than the spec.
fn strip(meta: &mut ObjectMeta) {
    (meta.managed_fields, meta.labels, meta.owner_references) = (None, None, None);
    if let Some(annotations) = &mut meta.annotations {
        annotations.retain(|key, _| key == RECONCILE_REQUESTED_AT || key == ALLOW_LOWERING);
    }
}
