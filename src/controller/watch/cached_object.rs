//! The compressed form of an object in the store. Objects stay there for hours between two reconciliations, and only a
//! reconciliation decompresses one.

use std::{borrow::Cow, sync::OnceLock};

use cognito_mfa_core::{
    access::ownership::{object_key, split_key},
    api::v1alpha1::{ALLOW_LOWERING, RECONCILE_REQUESTED_AT, UserPoolMfaConfig},
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    Resource,
    core::{DeserializeGuard, error_boundary::InvalidObject},
    runtime::reflector::ObjectRef,
};
use lz4_flex::block::{compress_prepend_size_with_dict, decompress_size_prepended_with_dict};
use serde::{Deserialize, Deserializer};

use super::namespaces::Object;
use crate::controller::pools::cancellation::spec_fingerprint;

/// A compressed object, without the fields that no reconciliation reads.
#[derive(Debug)]
pub struct CachedObject {
    key: String,
    version: u64,
    changed: bool,
    body: Body,
    /// The name and the namespace, in the type that the Controller asks for. It is created on demand, because it has
    /// space for a dozen more fields.
    meta: OnceLock<Box<ObjectMeta>>,
}

#[derive(Clone, Debug)]
enum Body {
    /// JSON under LZ4.
    Compressed(Box<[u8]>),
    Invalid(Box<InvalidObject>),
}

impl CachedObject {
    /// Compresses an object. `previous` is its version in the store.
    pub fn of(mut object: Object, previous: Option<&Self>) -> Self {
        strip(object.meta_mut());
        let version = spec_fingerprint(&object);
        Self {
            key: object_key(&object),
            meta: OnceLock::new(),
            version,
            changed: previous.is_none_or(|previous| previous.version != version),
            body: object.0.map_or_else(|invalid| Body::Invalid(invalid.into()), |object| compress(&object)),
        }
    }

    /// Decompresses the object.
    pub fn object(&self) -> Object {
        DeserializeGuard(match &self.body {
            Body::Compressed(compressed) => decompress(compressed).map_err(|error| self.invalid(error)),
            Body::Invalid(invalid) => Err((**invalid).clone()),
        })
    }

    /// Its `namespace/name`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key of the object in the store.
    pub fn reference(&self) -> ObjectRef<Self> {
        reference(&self.key)
    }

    /// Its [`version`].
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether its [`version`] differs from that of the previous object in the store.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    fn invalid(&self, error: String) -> InvalidObject {
        InvalidObject { error, metadata: self.meta().clone() }
    }
}

/// Cloned into the store, which needs no `meta`.
impl Clone for CachedObject {
    fn clone(&self) -> Self {
        let Self { key, version, changed, body, .. } = self;
        Self {
            key: key.clone(),
            version: *version,
            changed: *changed,
            body: body.clone(),
            meta: OnceLock::new(),
        }
    }
}

/// Required by the Controller, which never uses it here: its objects come from a stream.
impl<'de> Deserialize<'de> for CachedObject {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        Object::deserialize(object).map(|object| Self::of(object, None))
    }
}

impl Resource for CachedObject {
    type DynamicType = ();
    type Scope = <UserPoolMfaConfig as Resource>::Scope;

    fn kind((): &()) -> Cow<'_, str> {
        UserPoolMfaConfig::kind(&())
    }

    fn group((): &()) -> Cow<'_, str> {
        UserPoolMfaConfig::group(&())
    }

    fn version((): &()) -> Cow<'_, str> {
        UserPoolMfaConfig::version(&())
    }

    fn plural((): &()) -> Cow<'_, str> {
        UserPoolMfaConfig::plural(&())
    }

    fn meta(&self) -> &ObjectMeta {
        self.meta.get_or_init(|| {
            let ObjectRef { name, namespace, .. } = self.reference();
            Box::new(ObjectMeta { name: Some(name), namespace, ..ObjectMeta::default() })
        })
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        self.meta();
        self.meta.get_mut().expect("it has just been made")
    }
}

/// The key in the store of an object, `namespace/name`.
pub fn reference(key: &str) -> ObjectRef<CachedObject> {
    let (namespace, name) = split_key(key);
    ObjectRef::new(name).within(namespace)
}

/// Drops metadata that no reconciliation reads: the managed fields alone are larger than the spec.
fn strip(meta: &mut ObjectMeta) {
    (meta.managed_fields, meta.labels, meta.owner_references) = (None, None, None);
    if let Some(annotations) = &mut meta.annotations {
        annotations.retain(|key, _| key == RECONCILE_REQUESTED_AT || key == ALLOW_LOWERING);
    }
}

/// A typical object. What an object has in common with it takes no space; a field that is missing here only costs space.
const DICTIONARY: &[u8] = include_bytes!("dictionary.json");

fn compress(object: &UserPoolMfaConfig) -> Body {
    let json = serde_json::to_vec(object).expect("what was read from JSON can be written as JSON");
    Body::Compressed(compress_prepend_size_with_dict(&json, DICTIONARY).into())
}

fn decompress(compressed: &[u8]) -> Result<UserPoolMfaConfig, String> {
    let json =
        decompress_size_prepended_with_dict(compressed, DICTIONARY).map_err(|error| error.to_string())?;
    serde_json::from_slice(&json).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn typical() -> Value {
        serde_json::from_slice(DICTIONARY).unwrap()
    }

    fn object(json: Value) -> Object {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn decompressing_returns_the_object_without_the_metadata_that_is_dropped() {
        let mut full = typical();
        full["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        let expected = object(full.clone()).0.unwrap();
        full["metadata"]["labels"] = json!({"team": "shop"});
        full["metadata"]["annotations"]["example.com/owner"] = json!("shop");
        full["metadata"]["managedFields"] = json!([{"manager": "kubectl"}]);
        let cached = CachedObject::of(object(full), None);
        assert_eq!(cached.object().0.unwrap(), expected);
        assert_eq!((cached.key(), cached.meta().name.as_deref()), ("shop/customers", Some("customers")));
    }

    #[test]
    fn a_new_status_is_no_change_but_a_new_spec_annotation_or_uid_is() {
        let first = CachedObject::of(object(typical()), None);
        assert!(first.is_changed());
        for (path, value, is_changed) in [
            ("/status/mode", json!("OFF"), false),
            ("/metadata/resourceVersion", json!("1001"), false),
            ("/metadata/generation", json!(2), true),
            ("/metadata/annotations/cognito.mfaoperator.dev~1reconcile-requested-at", json!("now"), true),
            ("/metadata/uid", json!("another"), true),
        ] {
            let mut changed = typical();
            *changed.pointer_mut(path).unwrap() = value;
            assert_eq!(CachedObject::of(object(changed), Some(&first)).is_changed(), is_changed, "{path}");
        }
    }

    #[test]
    fn an_invalid_object_keeps_its_error_and_metadata() {
        let mut invalid = typical();
        invalid["spec"]["mfaConfiguration"] = json!("SOMETIMES");
        let invalid = CachedObject::of(object(invalid), None).object().0.unwrap_err();
        assert!(invalid.error.contains("SOMETIMES"), "{}", invalid.error);
        assert_eq!(
            (invalid.metadata.name.as_deref(), invalid.metadata.generation),
            (Some("customers"), Some(1))
        );
    }

    #[test]
    fn a_compressed_object_takes_less_than_a_quarter_of_its_size() {
        let mut other = typical();
        other["metadata"]["name"] = json!("partners");
        other["spec"]["emailMfaConfiguration"]["message"] =
            json!("Use {####} to sign in at partners.example.com.");
        let size = serde_json::to_vec(&other).unwrap().len();
        let Body::Compressed(compressed) = CachedObject::of(object(other), None).body else {
            panic!("the object is valid")
        };
        assert!(compressed.len() * 4 < size, "{} of {size}", compressed.len());
    }
}
