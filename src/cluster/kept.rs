//! An object as the store keeps it. A fleet at rest is kept for hours between two passes: its objects are packed, and a
//! pass unpacks the one it is over.

use std::{borrow::Cow, sync::OnceLock};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::{
    Resource,
    core::{DeserializeGuard, error_boundary::InvalidObject},
    runtime::reflector::ObjectRef,
};
use lz4_flex::block::{compress_prepend_size_with_dict, decompress_size_prepended_with_dict};
use serde::{Deserialize, Deserializer};

use super::{scopes::Object, waits::version};
use crate::{
    api::{ALLOW_LOWERING, RECONCILE_REQUESTED_AT, UserPoolMfaConfig},
    core::ownership::key,
};

/// A packed object, without what no pass reads.
#[derive(Debug)]
pub struct Kept {
    key: String,
    version: u64,
    news: bool,
    body: Body,
    /// The name and the namespace for the controller's own types, of the objects that it asks for them: there are fields
    /// for a dozen things more in it.
    meta: OnceLock<Box<ObjectMeta>>,
}

#[derive(Clone, Debug)]
enum Body {
    /// JSON under LZ4.
    Packed(Box<[u8]>),
    Unreadable(Box<InvalidObject>),
}

impl Kept {
    /// Packs an object that the store has had so `before`.
    pub fn of(mut object: Object, before: Option<&Self>) -> Self {
        strip(object.meta_mut());
        let version = version(&object);
        Self {
            key: key(&object),
            meta: OnceLock::new(),
            version,
            news: before.is_none_or(|before| before.version != version),
            body: object.0.map_or_else(|invalid| Body::Unreadable(invalid.into()), |object| pack(&object)),
        }
    }

    /// The object that was packed.
    pub fn object(&self) -> Object {
        DeserializeGuard(match &self.body {
            Body::Packed(packed) => unpack(packed).map_err(|error| self.unreadable(error)),
            Body::Unreadable(invalid) => Err((**invalid).clone()),
        })
    }

    /// Its `namespace/name`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What the controller calls it by.
    pub fn reference(&self) -> ObjectRef<Self> {
        let (namespace, name) = self.key.split_once('/').unwrap_or_default();
        ObjectRef::new(name).within(namespace)
    }

    /// Its [`version`].
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Whether it has changed in what wakes it.
    pub fn is_news(&self) -> bool {
        self.news
    }

    fn unreadable(&self, error: String) -> InvalidObject {
        InvalidObject { error, metadata: self.meta().clone() }
    }
}

/// What goes into the store leaves behind what the controller has asked for on the way.
impl Clone for Kept {
    fn clone(&self) -> Self {
        let Self { key, version, news, body, .. } = self;
        Self { key: key.clone(), version: *version, news: *news, body: body.clone(), meta: OnceLock::new() }
    }
}

/// The controller asks for it, and would read its objects itself if they did not come as a stream.
impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        Object::deserialize(object).map(|object| Self::of(object, None))
    }
}

impl Resource for Kept {
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

/// Drops what no pass reads: managed fields alone outweigh the spec.
fn strip(meta: &mut ObjectMeta) {
    (meta.managed_fields, meta.labels, meta.owner_references) = (None, None, None);
    if let Some(annotations) = &mut meta.annotations {
        annotations.retain(|key, _| key == RECONCILE_REQUESTED_AT || key == ALLOW_LOWERING);
    }
}

/// The first object that is packed. The objects of a fleet are alike: LZ4 finds in it what is in the others, too.
static FIRST: OnceLock<Vec<u8>> = OnceLock::new();

fn pack(object: &UserPoolMfaConfig) -> Body {
    let json = serde_json::to_vec(object).expect("what was read from JSON can be written as JSON");
    Body::Packed(compress_prepend_size_with_dict(&json, FIRST.get_or_init(|| json.clone())).into())
}

fn unpack(packed: &[u8]) -> Result<UserPoolMfaConfig, String> {
    let first = FIRST.get().map_or(&[][..], Vec::as_slice);
    let json = decompress_size_prepended_with_dict(packed, first).map_err(|error| error.to_string())?;
    serde_json::from_slice(&json).map_err(|error| error.to_string())
}
