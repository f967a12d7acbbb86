//! Who calls: the credential scope of a signed request, and what an access key may do.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::ApiError;

/// The account of every access key that no AssumeRole handed out.
pub const ACCOUNT: &str = "123456789012";

/// The credential scope of a request's signature. The signature itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Access key id.
    pub access_key_id: String,
    /// The Region that the request was signed for.
    pub region: String,
    /// The service that the request was signed for, such as `cognito-idp`.
    pub service: String,
}

/// What a caller meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Everything is allowed.
    #[default]
    Allowed,
    /// AccessDeniedException.
    Denied,
    /// ExpiredTokenException.
    Expired,
}

/// The access keys that are not simply allowed, and those that AssumeRole handed out.
#[derive(Debug, Default)]
pub struct Callers {
    verdicts: BTreeMap<String, Verdict>,
    sessions: BTreeMap<String, String>,
    trusts: BTreeMap<String, String>,
}

impl Callers {
    /// Says what an access key meets from now on.
    pub fn judge(&mut self, access_key_id: &str, verdict: Verdict) {
        self.verdicts.insert(access_key_id.into(), verdict);
    }

    /// Says which external id a role's trust policy asks for from now on. A role without one asks for none.
    pub fn trust(&mut self, role_arn: &str, external_id: &str) {
        self.trusts.insert(role_arn.into(), external_id.into());
    }

    /// Whether a role lets this external id in.
    pub(crate) fn is_trusted(&self, role_arn: &str, external_id: Option<&str>) -> bool {
        self.trusts.get(role_arn).is_none_or(|asked| Some(asked.as_str()) == external_id)
    }

    /// A new access key that acts as this ARN.
    pub(crate) fn open_session(&mut self, arn: &str) -> String {
        let key = format!("ASIAEMULATOR{:08}", self.sessions.len() + 1);
        self.sessions.insert(key.clone(), arn.into());
        key
    }

    /// The ARN behind an access key.
    #[must_use]
    pub fn arn(&self, access_key_id: &str) -> String {
        let user = || format!("arn:aws:iam::{ACCOUNT}:user/{access_key_id}");
        self.sessions.get(access_key_id).cloned().unwrap_or_else(user)
    }

    /// The account behind an access key.
    #[must_use]
    pub fn account(&self, access_key_id: &str) -> String {
        self.arn(access_key_id).split(':').nth(4).unwrap_or(ACCOUNT).to_owned()
    }

    /// Refuses keys that are denied or expired.
    ///
    /// # Errors
    /// AccessDeniedException or ExpiredTokenException.
    pub fn authorize(&self, scope: &Scope, operation: &str, pool: Option<&str>) -> Result<(), ApiError> {
        match self.verdicts.get(&scope.access_key_id).copied().unwrap_or_default() {
            Verdict::Allowed => Ok(()),
            Verdict::Denied => Err(self.denial(scope, operation, pool)),
            Verdict::Expired => Err(ApiError::new(
                "ExpiredTokenException",
                "The security token included in the request is expired",
            )),
        }
    }

    fn denial(&self, scope: &Scope, operation: &str, pool: Option<&str>) -> ApiError {
        let Scope { access_key_id, region, service } = scope;
        let resource = match pool {
            Some(pool) => {
                format!("arn:aws:{service}:{region}:{}:userpool/{pool}", self.account(access_key_id))
            }
            None => "*".to_owned(),
        };
        let who = self.arn(access_key_id);
        let what = format!(
            "User: {who} is not authorized to perform: {service}:{operation} on resource: {resource}"
        );
        let why = format!("because no identity-based policy allows the {service}:{operation} action");
        ApiError::new("AccessDeniedException", format!("{what} {why}"))
    }
}

/// Refuses a request without a signature, or signed for another service or another Region than the pool's.
///
/// # Errors
/// MissingAuthenticationTokenException or InvalidSignatureException.
pub fn signed<'a>(
    scope: Option<&'a Scope>,
    service: &str,
    pool_region: Option<&str>,
) -> Result<&'a Scope, ApiError> {
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
