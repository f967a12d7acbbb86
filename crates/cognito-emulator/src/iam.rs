//! The part of IAM that matters here: which access keys may call, whom they act for, and which roles can be assumed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// The account of every access key that AssumeRole did not issue.
pub const DEFAULT_ACCOUNT_ID: &str = "123456789012";

/// The credential scope of a signed request. The emulator drops the signature, because it cannot verify it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialScope {
    /// The access key id that signed the request.
    pub access_key_id: String,
    /// The Region that the request was signed for.
    pub region: String,
    /// The service that the request was signed for, such as `cognito-idp`.
    pub service: String,
}

/// How a call with an access key is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyStatus {
    /// The key may call every operation.
    #[default]
    Allowed,
    /// Every call is answered with AccessDeniedException.
    Denied,
    /// Every call is answered with ExpiredTokenException.
    Expired,
}

/// Access keys and roles. A key that was never mentioned is allowed, and belongs to a user of the default account.
#[derive(Debug, Default)]
pub struct Iam {
    key_statuses: BTreeMap<String, KeyStatus>,
    session_arns: BTreeMap<String, String>,
    external_ids: BTreeMap<String, String>,
}

impl Iam {
    /// Sets how calls with an access key are answered from now on.
    pub fn set_key_status(&mut self, access_key_id: &str, status: KeyStatus) {
        self.key_statuses.insert(access_key_id.into(), status);
    }

    /// Makes a role's trust policy require this external id. Other roles can be assumed with any external id.
    pub fn require_external_id(&mut self, role_arn: &str, external_id: &str) {
        self.external_ids.insert(role_arn.into(), external_id.into());
    }

    pub(crate) fn accepts_external_id(&self, role_arn: &str, external_id: Option<&str>) -> bool {
        self.external_ids.get(role_arn).is_none_or(|required| Some(required.as_str()) == external_id)
    }

    /// Issues an access key for an assumed role. Keys are numbered, so that every run issues the same ones.
    pub(crate) fn open_session(&mut self, arn: &str) -> String {
        let key = format!("ASIAEMULATOR{:08}", self.session_arns.len() + 1);
        self.session_arns.insert(key.clone(), arn.into());
        key
    }

    /// The ARN of the user or of the assumed role that an access key belongs to.
    #[must_use]
    pub fn arn(&self, access_key_id: &str) -> String {
        let user = || format!("arn:aws:iam::{DEFAULT_ACCOUNT_ID}:user/{access_key_id}");
        self.session_arns.get(access_key_id).cloned().unwrap_or_else(user)
    }

    /// The id of the account that an access key belongs to.
    #[must_use]
    pub fn account_id(&self, access_key_id: &str) -> String {
        self.arn(access_key_id).split(':').nth(4).unwrap_or(DEFAULT_ACCOUNT_ID).to_owned()
    }

    /// Refuses calls with a key that is denied or expired.
    ///
    /// # Errors
    /// AccessDeniedException or ExpiredTokenException.
    pub fn authorize(
        &self,
        scope: &CredentialScope,
        operation: &str,
        pool: Option<&str>,
    ) -> Result<(), ApiError> {
        match self.key_statuses.get(&scope.access_key_id).copied().unwrap_or_default() {
            KeyStatus::Allowed => Ok(()),
            KeyStatus::Denied => Err(self.access_denied(scope, operation, pool)),
            KeyStatus::Expired => Err(ApiError::new(
                "ExpiredTokenException",
                "The security token included in the request is expired",
            )),
        }
    }

    fn access_denied(&self, scope: &CredentialScope, operation: &str, pool: Option<&str>) -> ApiError {
        let CredentialScope { access_key_id, region, service } = scope;
        let resource = match pool {
            Some(pool) => {
                format!("arn:aws:{service}:{region}:{}:userpool/{pool}", self.account_id(access_key_id))
            }
            None => "*".to_owned(),
        };
        let user = self.arn(access_key_id);
        let denial = format!(
            "User: {user} is not authorized to perform: {service}:{operation} on resource: {resource}"
        );
        let reason = format!("because no identity-based policy allows the {service}:{operation} action");
        ApiError::new("AccessDeniedException", format!("{denial} {reason}"))
    }
}

/// Refuses a request without a signature, and one signed for another service or for another Region than the pool's.
///
/// # Errors
/// MissingAuthenticationTokenException or InvalidSignatureException.
pub fn check_signature<'a>(
    scope: Option<&'a CredentialScope>,
    service: &str,
    pool_region: Option<&str>,
) -> Result<&'a CredentialScope, ApiError> {
    let scope = scope.ok_or_else(|| {
        ApiError::new("MissingAuthenticationTokenException", "Missing Authentication Token")
    })?;
    if scope.service != service {
        let message = format!("Credential should be scoped to correct service: '{service}'.");
        return Err(ApiError::new("InvalidSignatureException", message));
    }
    match pool_region.filter(|region| !region.is_empty() && *region != scope.region) {
        None => Ok(scope),
        Some(region) => Err(ApiError::new(
            "InvalidSignatureException",
            format!(
                "Credential should be scoped to a valid region, not '{}': the pool is in {region}.",
                scope.region
            ),
        )),
    }
}
