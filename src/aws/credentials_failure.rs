//! Why credentials could not be loaded, and whether that passes by itself.
//!
//! An answer that says no is about rights. A source that cannot be reached, is at fault or is throttled has an outage:
//! nobody has to change anything.

use std::{error::Error, io};

use aws_config::{imds::client::error::ImdsError, meta::ProviderChainError};
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cognitoidentityprovider::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::{
    assume_role::AssumeRoleError, assume_role_with_web_identity::AssumeRoleWithWebIdentityError,
};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::ConnectorError};
use cognito_mfa_core::calls::failure::{Failure, FailureClass, Operation};

use super::{
    credential_sources::CredentialSources,
    error_causes::{causes, causes_in_order, find},
    error_codes::class,
};

/// The error code where no source has credentials.
const NOT_FOUND: &str = "CredentialsNotFound";
/// The error code where a source refuses to give credentials, or is configured wrongly.
pub(super) const NOT_LOADED: &str = "CredentialsNotLoaded";
/// The error code where a source of credentials has an outage.
pub(super) const UNREACHABLE: &str = "CredentialsUnreachable";

/// How the SDK's text about an answer of a container's endpoint begins: its status has no type.
const CONTAINER_STATUS: &str = "Non-success status from HTTP credential provider: StatusCode(";
/// The type of the credential cache's timeout is private to the SDK.
const CACHE_TIMEOUT: &str = "identity resolver timed out";

const LATE: &str = "AWS credentials could not be loaded in time: STS, the node's metadata or a credential process does \
    not answer; outside AWS, give credentials by environment or profile";
const NONE: &str = "no AWS credentials: the environment, the profile, a web identity token (IRSA), the container's \
    credentials (Pod Identity) and the instance metadata have none";

/// What kept credentials from being loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obstacle {
    /// No source has any.
    Missing,
    /// No source has any, and the node's metadata service could not be asked.
    MetadataUnreachable,
    /// A source said no, or is configured wrongly.
    Refused,
    /// A source could not be reached, was at fault or was throttled.
    Unreachable,
    /// No source answered in time.
    Late,
}

/// A failure to load credentials, which the SDK reports as a request that could not be dispatched.
pub(super) fn credentials_failure<E: Error + 'static>(
    operation: Operation,
    error: &SdkError<E>,
    sources: &CredentialSources,
) -> Option<Failure> {
    let obstacle = obstacle(error)?;
    let text = || find::<CredentialsError>(error).map_or_else(String::new, |error| causes_in_order(error));
    let unreachable =
        || format!("AWS credentials could not be loaded, their source cannot be reached: {}", text());
    let (code, message) = match obstacle {
        Obstacle::MetadataUnreachable if sources.has_metadata() => (UNREACHABLE, unreachable()),
        Obstacle::Missing | Obstacle::MetadataUnreachable => (NOT_FOUND, missing_credentials(&text())),
        Obstacle::Refused => {
            let remedy = remedy(error, sources);
            (NOT_LOADED, format!("AWS credentials could not be loaded: {}{remedy}", text()))
        }
        Obstacle::Unreachable => (UNREACHABLE, unreachable()),
        Obstacle::Late if sources.has_any() => (UNREACHABLE, LATE.to_owned()),
        Obstacle::Late => (NOT_LOADED, LATE.to_owned()),
    };
    Some(Failure::new(class(Some(code), 0), operation, code, &message))
}

/// How to sign in again, as the end of a message. Where STS has answered, somebody is signed in.
fn remedy(error: &(dyn Error + 'static), sources: &CredentialSources) -> String {
    let is_answer = find::<SdkError<AssumeRoleError, HttpResponse>>(error).is_some()
        || find::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>(error).is_some();
    let sign_in = sources.sign_in.as_ref().filter(|_| !is_answer);
    sign_in.map_or_else(String::new, |sign_in| format!(". {}", sign_in.remedy()))
}

/// Why there are no credentials. The SDK's text about an undefined profile is reworded: its advice is for programmers.
fn missing_credentials(causes: &str) -> String {
    let profile = causes.split_once("profile `").and_then(|(_, rest)| rest.split_once("` was not defined"));
    profile.map_or_else(
        || NONE.to_owned(),
        |(profile, _)| format!("no AWS credentials: the profile {profile:?} is in neither ~/.aws/config nor ~/.aws/credentials, or the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name"),
    )
}

/// What kept credentials from being loaded. None when the error is not about credentials.
///
/// A source may need credentials of another source: the innermost obstacle is the reason for all others.
fn obstacle(error: &(dyn Error + 'static)) -> Option<Obstacle> {
    if causes_in_order(error).contains(CACHE_TIMEOUT) {
        return Some(Obstacle::Late);
    }
    find::<CredentialsError>(error)?;
    causes(error).filter_map(obstacle_of_cause).last()
}

fn obstacle_of_cause(cause: &(dyn Error + 'static)) -> Option<Obstacle> {
    if let Some(error) = cause.downcast_ref() {
        return Some(obstacle_of_source(error));
    }
    if let Some(error) = cause.downcast_ref() {
        return obstacle_of_metadata(error);
    }
    if let Some(error) = cause.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>() {
        return obstacle_of_sts(error);
    }
    if let Some(error) = cause.downcast_ref::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>() {
        return obstacle_of_sts(error);
    }
    cause.is::<ConnectorError>().then_some(Obstacle::Unreachable)
}

fn obstacle_of_source(error: &CredentialsError) -> Obstacle {
    match error {
        CredentialsError::CredentialsNotLoaded(_) if is_metadata_unreachable(error) => {
            Obstacle::MetadataUnreachable
        }
        CredentialsError::CredentialsNotLoaded(_) => Obstacle::Missing,
        CredentialsError::ProviderTimedOut(_) => Obstacle::Late,
        CredentialsError::ProviderError(_) => match container_status(&causes_in_order(error)) {
            Some(status) => obstacle_of_local_answer(status),
            None => Obstacle::Refused,
        },
        CredentialsError::Unhandled(_) if is_about_a_cached_login(error) => Obstacle::Refused,
        // An answer that cannot be read, mostly.
        CredentialsError::Unhandled(_) => Obstacle::Unreachable,
        // InvalidConfiguration, and what a later SDK adds.
        _ => Obstacle::Refused,
    }
}

/// Whether the login that `aws login` has cached is missing or has ended. The type of this error is private to the SDK.
fn is_about_a_cached_login(error: &CredentialsError) -> bool {
    let is_missing = find::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::NotFound);
    is_missing || causes_in_order(error).contains("cached Login token")
}

/// Whether the node's metadata service could not be asked. It is the only source that then counts as having none.
fn is_metadata_unreachable(error: &CredentialsError) -> bool {
    let chain = find::<ProviderChainError<CredentialsError>>(error);
    let attempts = chain.into_iter().flat_map(ProviderChainError::attempts);
    attempts.into_iter().any(|attempt| {
        find::<ConnectorError>(attempt.error()).is_some() || is_metadata_unreachable(attempt.error())
    })
}

fn obstacle_of_metadata(error: &ImdsError) -> Option<Obstacle> {
    match error {
        ImdsError::ErrorResponse(answer) => {
            Some(obstacle_of_local_answer(answer.response().status().as_u16()))
        }
        // The type of the refusal is private to the SDK.
        ImdsError::FailedToLoadToken(_) if causes_in_order(error).contains("request forbidden") => {
            Some(Obstacle::Refused)
        }
        ImdsError::FailedToLoadToken(_) | ImdsError::IoError(_) | ImdsError::Unexpected(_) => {
            Some(Obstacle::Unreachable)
        }
        _ => None,
    }
}

fn obstacle_of_sts<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<Obstacle> {
    match error {
        SdkError::ServiceError(answer) => {
            Some(obstacle_of_answer(answer.err().code(), answer.raw().status().as_u16()))
        }
        SdkError::ResponseError(answer) => Some(obstacle_of_answer(None, answer.raw().status().as_u16())),
        SdkError::TimeoutError(_) => Some(Obstacle::Unreachable),
        // The cause says more.
        _ => None,
    }
}

/// What an answer of STS means, other than a success that can be read.
fn obstacle_of_answer(code: Option<&str>, status: u16) -> Obstacle {
    // STS could not ask the identity provider that issued the token (AssumeRoleWithWebIdentity, "Errors").
    if code == Some("IDPCommunicationError") {
        return Obstacle::Unreachable;
    }
    match class(code, status) {
        FailureClass::Transient | FailureClass::Throttled => Obstacle::Unreachable,
        FailureClass::Concurrent
        | FailureClass::SmsRoleNotUsable
        | FailureClass::InvalidParameter
        | FailureClass::FeatureUnavailableInTier
        | FailureClass::OperationNotEnabled
        | FailureClass::AccessDenied
        | FailureClass::Credentials
        | FailureClass::PoolNotFound
        | FailureClass::UnknownSetting => Obstacle::Refused,
    }
}

/// What an answer of the container's endpoint or of the node's metadata service means. They say no with these statuses
/// and without a code; STS's answer without a code comes from a proxy.
fn obstacle_of_local_answer(status: u16) -> Obstacle {
    match status {
        400..=404 => Obstacle::Refused,
        _ => obstacle_of_answer(None, status),
    }
}

fn container_status(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once(CONTAINER_STATUS)?;
    rest.split_once(')')?.0.parse().ok()
}
