//! Every error of the two operations, and the class it is treated as.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cognitoidentityprovider::{
    error::{ProvideErrorMetadata, SdkError},
    types::error::InvalidParameterException,
};
use cognito_mfa_core::calls::{
    decode::CANNOT_BE_READ,
    failure::{Class, Failure, NOT_SENT, Operation, UNREADABLE},
};

/// The codes by class: first those that the API's model names, then the errors common to all of AWS
/// (API Reference, "Common Errors"; the SDK's retry classifiers), then the operator's own.
const CODES: &[(&str, Class)] = &[
    ("ConcurrentModificationException", Class::Concurrent),
    ("FeatureUnavailableInTierException", Class::TierTooLow),
    ("InternalErrorException", Class::Transient),
    ("InvalidParameterException", Class::InvalidParameter),
    ("InvalidSmsRoleAccessPolicyException", Class::SmsRole),
    ("InvalidSmsRoleTrustRelationshipException", Class::SmsRole),
    ("NotAuthorizedException", Class::AccessDenied),
    ("OperationNotEnabledException", Class::NotEnabled),
    ("ResourceNotFoundException", Class::PoolNotFound),
    ("TooManyRequestsException", Class::Throttled),
    // Fewer calls.
    ("RequestLimitExceeded", Class::Throttled),
    ("RequestThrottled", Class::Throttled),
    ("RequestThrottledException", Class::Throttled),
    ("SlowDown", Class::Throttled),
    ("ThrottledException", Class::Throttled),
    ("Throttling", Class::Throttled),
    ("ThrottlingException", Class::Throttled),
    // AWS itself.
    ("InternalFailure", Class::Transient),
    ("InternalServerError", Class::Transient),
    ("InternalServerException", Class::Transient),
    ("RequestTimeout", Class::Transient),
    ("RequestTimeoutException", Class::Transient),
    ("ServiceUnavailable", Class::Transient),
    ("ServiceUnavailableException", Class::Transient),
    // The request.
    ("InvalidAction", Class::InvalidParameter),
    ("InvalidParameterCombination", Class::InvalidParameter),
    ("InvalidParameterValue", Class::InvalidParameter),
    ("MalformedInputException", Class::InvalidParameter),
    ("SerializationException", Class::InvalidParameter),
    ("UnknownOperationException", Class::InvalidParameter),
    ("ValidationError", Class::InvalidParameter),
    ("ValidationException", Class::InvalidParameter),
    // Rights.
    ("AccessDenied", Class::AccessDenied),
    ("AccessDeniedException", Class::AccessDenied),
    ("NotAuthorized", Class::AccessDenied),
    ("NotSignedUp", Class::AccessDenied),
    ("OptInRequired", Class::AccessDenied),
    ("SubscriptionRequiredException", Class::AccessDenied),
    // Credentials, and clocks that are wrong: signatures live for minutes.
    ("AuthFailure", Class::Credentials),
    ("ExpiredToken", Class::Credentials),
    ("ExpiredTokenException", Class::Credentials),
    ("IncompleteSignature", Class::Credentials),
    ("IncompleteSignatureException", Class::Credentials),
    ("InvalidAccessKeyId", Class::Credentials),
    ("InvalidClientTokenId", Class::Credentials),
    ("InvalidSignatureException", Class::Credentials),
    ("InvalidToken", Class::Credentials),
    ("MissingAuthenticationToken", Class::Credentials),
    ("MissingAuthenticationTokenException", Class::Credentials),
    ("RequestExpired", Class::Credentials),
    ("RequestInTheFuture", Class::Credentials),
    ("RequestTimeTooSkewed", Class::Credentials),
    ("SignatureDoesNotMatch", Class::Credentials),
    ("UnrecognizedClientException", Class::Credentials),
    // The operator's own.
    ("ConnectionFailed", Class::Transient),
    ("CredentialsNotFound", Class::Credentials),
    ("CredentialsNotLoaded", Class::Credentials),
    ("HttpError", Class::Transient),
    ("InvalidUserPoolId", Class::InvalidParameter),
    (NOT_SENT, Class::Concurrent),
    ("RequestNotBuilt", Class::InvalidParameter),
    ("Timeout", Class::Transient),
    ("UnknownSetting", Class::UnknownSetting),
    (UNREADABLE, Class::Transient),
];

/// A code for metrics: one that the operator knows, or "Other". The set is bounded, whatever AWS answers.
#[must_use]
pub fn label(code: &str) -> &'static str {
    CODES.iter().find(|(known, _)| *known == code).map_or("Other", |(known, _)| known)
}

/// The class of AWS's answer. A status is asked only about a code that nobody knows: Cognito sends
/// TooManyRequestsException with 400 and with 429.
fn class(code: Option<&str>, status: u16) -> Class {
    let known = code.and_then(|code| CODES.iter().find(|(known, _)| *known == code));
    match (known, status) {
        (Some((_, class)), _) => *class,
        (None, 429) => Class::Throttled,
        (None, 401 | 403) => Class::AccessDenied,
        // AWS refused for a reason of its own; without a code something between has answered.
        (None, 400..500) if code.is_some() => Class::InvalidParameter,
        (None, _) => Class::Transient,
    }
}

/// What an error of the SDK means, in AWS's own words where there are any. Debug texts, which hold whole requests,
/// are not used.
pub(super) fn failure<E>(operation: Operation, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let own = |class, code, message: &str| Failure::new(class, operation, code, message);
    match error {
        SdkError::ServiceError(answer) => {
            let reason =
                find::<InvalidParameterException>(error).and_then(InvalidParameterException::reason_code);
            answered(operation, answer.err().code(), answer.err().message(), answer.raw().status().as_u16())
                .with_reason_code(reason)
        }
        SdkError::ResponseError(answer) if !answer.raw().status().is_success() => {
            answered(operation, None, None, answer.raw().status().as_u16())
        }
        SdkError::ResponseError(_) => {
            own(Class::Transient, UNREADABLE, &format!("{CANNOT_BE_READ}{}", behind(error)))
        }
        _ if let Some(missing) = credentials(operation, error) => missing,
        SdkError::TimeoutError(_) => own(Class::Transient, "Timeout", "AWS did not answer in time"),
        SdkError::DispatchFailure(dispatch) if dispatch.is_timeout() => {
            own(Class::Transient, "Timeout", &format!("AWS did not answer in time: {}", behind(error)))
        }
        SdkError::DispatchFailure(_) => {
            own(Class::Transient, "ConnectionFailed", &format!("AWS could not be reached: {}", behind(error)))
        }
        _ => own(Class::InvalidParameter, "RequestNotBuilt", &behind(error)),
    }
}

fn answered(operation: Operation, code: Option<&str>, message: Option<&str>, status: u16) -> Failure {
    let class = class(code, status);
    let Some(code) = code else {
        let message =
            format!("HTTP status {status} without an AWS error code: a proxy or gateway may have answered");
        return Failure::new(class, operation, "HttpError", &message);
    };
    Failure::new(class, operation, code, message.unwrap_or("AWS gave no message"))
}

/// A failure to load credentials, which the SDK reports as a request that could not be dispatched.
fn credentials<E: Error + 'static>(operation: Operation, error: &SdkError<E>) -> Option<Failure> {
    let (code, message) = match find::<CredentialsError>(error) {
        Some(none @ CredentialsError::CredentialsNotLoaded(_)) => {
            ("CredentialsNotFound", nowhere(&story(none)))
        }
        Some(other) => {
            ("CredentialsNotLoaded", format!("AWS credentials could not be loaded: {}", story(other)))
        }
        // The type of the credential cache's timeout is private to the SDK.
        None if story(error).contains(CREDENTIALS_TIMEOUT) => {
            ("CredentialsNotLoaded", CREDENTIALS_LATE.to_owned())
        }
        None => return None,
    };
    Some(Failure::new(Class::Credentials, operation, code, &message))
}

/// That there are none. A profile that is in no file is named as the SDK names it, and without its advice.
fn nowhere(story: &str) -> String {
    let named = story.split_once("profile `").and_then(|(_, rest)| rest.split_once("` was not defined"));
    named.map_or_else(
        || NO_CREDENTIALS.to_owned(),
        |(profile, _)| format!("no AWS credentials: the profile {profile:?} is in neither ~/.aws/config nor ~/.aws/credentials, or the files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name"),
    )
}

const CREDENTIALS_TIMEOUT: &str = "identity resolver timed out";
const CREDENTIALS_LATE: &str = "AWS credentials could not be loaded in time: STS, the node's metadata or a credential \
    process does not answer; outside AWS, give credentials by environment or profile";
const NO_CREDENTIALS: &str = "no AWS credentials: the environment, the profile, a web identity token (IRSA), the \
    container's credentials (Pod Identity) and the instance metadata have none";

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The causes of an SDK error, without its own word for its kind and the connector's.
fn behind<E: Error + 'static>(error: &SdkError<E>) -> String {
    let cause = match error {
        SdkError::DispatchFailure(dispatch) => dispatch.as_connector_error().and_then(Error::source),
        other => other.source(),
    };
    cause.map_or_else(|| error.to_string(), story)
}

/// The causes from the outside in. An outer one often ends with the text of its cause.
fn story(error: &(dyn Error + 'static)) -> String {
    let mut told = String::new();
    for cause in causes(error).map(ToString::to_string).filter(|cause| !cause.is_empty()) {
        if told.is_empty() {
            told = cause;
        } else if !told.contains(&cause) {
            told = format!("{told}: {cause}");
        }
    }
    told
}

#[cfg(test)]
#[path = "error_codes_tests.rs"]
mod tests;
