//! What else is being deleted together with an object.

use cognito_mfa_core::api::v1alpha1::UserPoolMfaConfig;
use k8s_openapi::{
    api::core::v1::Namespace, apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
};
use kube::{Api, Client, CustomResourceExt};

use super::Error;
use crate::controller::client::found_or_none;

/// The namespace or the CustomResourceDefinition, if one of them is being deleted.
///
/// # Errors
/// [`Error::ReadParents`]: whether MFA may be turned off is then unknown.
pub(super) async fn parent_being_deleted(
    client: &Client,
    namespace: &str,
) -> Result<Option<&'static str>, Error> {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let namespace = found_or_none(namespaces.get_metadata(namespace).await).map_err(Error::ReadParents)?;
    if namespace.is_none_or(|namespace| namespace.metadata.deletion_timestamp.is_some()) {
        return Ok(Some("namespace"));
    }
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    let crd =
        found_or_none(crds.get_metadata(UserPoolMfaConfig::crd_name()).await).map_err(Error::ReadParents)?;
    let is_deleted = crd.is_none_or(|crd| crd.metadata.deletion_timestamp.is_some());
    Ok(is_deleted.then_some("CustomResourceDefinition"))
}
