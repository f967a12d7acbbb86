//! The API of objects: as this build reads them, and as plain JSON where it cannot.

use cognito_mfa_core::{access::ownership::object_key, api::v1alpha1::UserPoolMfaConfig};
use kube::{
    Api, Client, Resource,
    core::{ApiResource, DynamicObject, ObjectMeta},
};

use super::Error;
use crate::controller::{
    client::found_or_none,
    context::Context,
    watch::{Object, RelistReason},
};

/// The objects of the namespace of `object`.
pub(super) fn typed(client: &Client, object: &UserPoolMfaConfig) -> Api<UserPoolMfaConfig> {
    Api::namespaced(client.clone(), object.metadata.namespace.as_deref().unwrap_or_default())
}

/// The same objects as JSON: an object that this build cannot read would lose fields if it were written typed.
pub(super) fn dynamic(client: &Client, meta: &ObjectMeta) -> Api<DynamicObject> {
    let kind = ApiResource::erase::<UserPoolMfaConfig>(&());
    Api::namespaced_with(client.clone(), meta.namespace.as_deref().unwrap_or_default(), &kind)
}

/// The object as the API server has it now, whether this build can read it or not; None when it is gone. An answer that is
/// older than what this process has seen, or that has no object which the watch shows again and again, has all objects
/// listed again.
///
/// # Errors
/// [`Error::ReadObject`].
pub(super) async fn read(context: &Context, object: &UserPoolMfaConfig) -> Result<Option<Object>, Error> {
    let namespace = object.metadata.namespace.as_deref().unwrap_or_default();
    let api: Api<Object> = Api::namespaced(context.client.clone(), namespace);
    let name = object.metadata.name.as_deref().unwrap_or_default();
    let key = object_key(object);
    let seen = context.table.seen_version(&key);
    let current = found_or_none(api.get(name).await).map_err(Error::ReadObject)?;
    if context.table.record_answer(&key, current.as_ref().map(Resource::meta), seen) {
        tracing::debug!(object = %key, "an answer of the API server does not fit what the object's watch has shown");
        context.watches.relists.request(RelistReason::WatchMisses);
    }
    Ok(current)
}
