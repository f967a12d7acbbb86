//! An object as the store keeps it. A fleet at rest is kept for hours between two passes: its objects are packed, and a
//! pass unpacks the one it is over.

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
use crate::controller::pools::cancellation::version;

/// A packed object, without what no pass reads.
#[derive(Debug)]
pub struct CachedObject {
    key: String,
    version: u64,
    changed: bool,
    body: Body,
    /// The name and the namespace for the controller's own types, of the objects that it asks for them: there are fields
    /// for a dozen things more in it.
    meta: OnceLock<Box<ObjectMeta>>,
}

#[derive(Clone, Debug)]
enum Body {
    /// JSON under LZ4.
    Packed(Box<[u8]>),
    Invalid(Box<InvalidObject>),
}

impl CachedObject {
    /// Packs an object; `before` is what the store has of it.
    pub fn of(mut object: Object, before: Option<&Self>) -> Self {
        strip(object.meta_mut());
        let version = version(&object);
        Self {
            key: object_key(&object),
            meta: OnceLock::new(),
            version,
            changed: before.is_none_or(|before| before.version != version),
            body: object.0.map_or_else(|invalid| Body::Invalid(invalid.into()), |object| pack(&object)),
        }
    }

    /// The object that was packed.
    pub fn object(&self) -> Object {
        DeserializeGuard(match &self.body {
            Body::Packed(packed) => unpack(packed).map_err(|error| self.invalid(error)),
            Body::Invalid(invalid) => Err((**invalid).clone()),
        })
    }

    /// Its `namespace/name`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What the controller calls it by.
    pub fn reference(&self) -> ObjectRef<Self> {
        reference(&self.key)
    }

    /// Its [`version`].
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether it has changed in what wakes it.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    fn invalid(&self, error: String) -> InvalidObject {
        InvalidObject { error, metadata: self.meta().clone() }
    }
}

/// What goes into the store leaves behind what the controller has asked for on the way.
impl Clone for CachedObject {
    fn clone(&self) -> Self {
        let Self { key, version, changed: news, body, .. } = self;
        Self {
            key: key.clone(),
            version: *version,
            changed: *news,
            body: body.clone(),
            meta: OnceLock::new(),
        }
    }
}

/// The controller asks for it, and would read its objects itself if they did not come as a stream.
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

/// What the controller calls an object, `namespace/name`, by.
pub fn reference(key: &str) -> ObjectRef<CachedObject> {
    let (namespace, name) = split_key(key);
    ObjectRef::new(name).within(namespace)
}

/// Drops what no pass reads: managed fields alone outweigh the spec.
fn strip(meta: &mut ObjectMeta) {
    (meta.managed_fields, meta.labels, meta.owner_references) = (None, None, None);
    if let Some(annotations) = &mut meta.annotations {
        annotations.retain(|key, _| key == RECONCILE_REQUESTED_AT || key == ALLOW_LOWERING);
    }
}

/// Objects are alike: what is in this one, too, takes no room in any of them. A field that it lacks only costs room.
const DICTIONARY: &[u8] = include_bytes!("alike.json");

fn pack(object: &UserPoolMfaConfig) -> Body {
    let json = serde_json::to_vec(object).expect("what was read from JSON can be written as JSON");
    Body::Packed(compress_prepend_size_with_dict(&json, DICTIONARY).into())
}

fn unpack(packed: &[u8]) -> Result<UserPoolMfaConfig, String> {
    let json = decompress_size_prepended_with_dict(packed, DICTIONARY).map_err(|error| error.to_string())?;
    serde_json::from_slice(&json).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn alike() -> Value {
        serde_json::from_slice(DICTIONARY).unwrap()
    }

    fn object(json: Value) -> Object {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_is_packed_is_unpacked_the_same_but_for_what_no_pass_reads() {
        let mut whole = alike();
        whole["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        let expected = object(whole.clone()).0.unwrap();
        whole["metadata"]["labels"] = json!({"team": "shop"});
        whole["metadata"]["annotations"]["example.com/owner"] = json!("shop");
        whole["metadata"]["managedFields"] = json!([{"manager": "kubectl"}]);
        let kept = CachedObject::of(object(whole), None);
        assert_eq!(kept.object().0.unwrap(), expected);
        assert_eq!((kept.key(), kept.meta().name.as_deref()), ("shop/customers", Some("customers")));
    }

    #[test]
    fn a_status_is_no_news_and_a_spec_an_annotation_and_another_object_of_the_name_are() {
        let first = CachedObject::of(object(alike()), None);
        assert!(first.is_changed());
        for (path, value, news) in [
            ("/status/mode", json!("OFF"), false),
            ("/metadata/resourceVersion", json!("1001"), false),
            ("/metadata/generation", json!(2), true),
            ("/metadata/annotations/cognito.mfaoperator.dev~1reconcile-requested-at", json!("now"), true),
            ("/metadata/uid", json!("another"), true),
        ] {
            let mut changed = alike();
            *changed.pointer_mut(path).unwrap() = value;
            assert_eq!(CachedObject::of(object(changed), Some(&first)).is_changed(), news, "{path}");
        }
    }

    #[test]
    fn an_object_that_cannot_be_read_stays_so_and_keeps_its_metadata() {
        let mut unreadable = alike();
        unreadable["spec"]["mfaConfiguration"] = json!("SOMETIMES");
        let invalid = CachedObject::of(object(unreadable), None).object().0.unwrap_err();
        assert!(invalid.error.contains("SOMETIMES"), "{}", invalid.error);
        assert_eq!(
            (invalid.metadata.name.as_deref(), invalid.metadata.generation),
            (Some("customers"), Some(1))
        );
    }

    #[test]
    fn a_settled_object_takes_a_quarter_of_its_room() {
        let mut other = alike();
        other["metadata"]["name"] = json!("partners");
        other["spec"]["emailMfaConfiguration"]["message"] =
            json!("Use {####} to sign in at partners.example.com.");
        let whole = serde_json::to_vec(&other).unwrap().len();
        let Body::Packed(packed) = CachedObject::of(object(other), None).body else {
            panic!("it can be read")
        };
        assert!(packed.len() * 4 < whole, "{} of {whole}", packed.len());
    }
}
