//! The rules for passkeys.

use super::MfaRequest;
use crate::error::ApiError;

/// A few entries of the public suffix list, enough for tests.
const PUBLIC_SUFFIXES: &[&str] =
    &["com", "net", "org", "co.uk", "cloudfront.net", "github.io", "auth.us-east-1.amazoncognito.com"];

/// A relying party id is a host name without a scheme or a path. [measured] It must not be a public suffix. [docs]
pub fn relying_party(request: &MfaRequest) -> Result<(), ApiError> {
    match request.web_authn("RelyingPartyId") {
        Some(id) if id.contains(|c: char| !(c.is_ascii_alphanumeric() || "-._".contains(c))) => {
            Err(ApiError::invalid("RelyingPartyId contains invalid characters"))
        }
        // The words are not AWS's.
        Some(id) if PUBLIC_SUFFIXES.contains(&id.to_ascii_lowercase().as_str()) => Err(ApiError::invalid(
            format!("Invalid RelyingPartyId {id}: it must not be on the public suffix list."),
        )),
        _ => Ok(()),
    }
}
